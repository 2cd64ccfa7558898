package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// tlsFiles are the files that a workload's proxy is to read for a TLS.
type tlsFiles struct {
	workload           string
	side               pki.Purpose
	cert, key, ca, crl fileNamed
}

// A fileNamed is a file with the field that names it; without a name it is none.
type fileNamed struct {
	name string
	by   validate.Place
}

// inline tells whether the text of a file stands where its name belongs.
func (f fileNamed) inline() bool { return strings.Contains(f.name, "-----BEGIN ") }

// String is the name for people: of an inline text nothing is told.
func (f fileNamed) String() string {
	if f.inline() {
		return "(PEM text)"
	}
	return f.name
}

// all are those that are named.
func (f tlsFiles) all() []fileNamed {
	return slices.DeleteFunc([]fileNamed{f.cert, f.key, f.ca, f.crl}, func(one fileNamed) bool { return one.name == "" })
}

type tlsFilesKey struct{}

// tlsFilesOf are those of the servers of Gateways, at each pod that has them, and of DestinationRules on paths.
func tlsFilesOf(p *validate.Pass) []tlsFiles {
	return validate.Once(p, tlsFilesKey{}, func() []tlsFiles {
		var all []tlsFiles
		for _, pod := range gatewayPods(p) {
			for _, s := range serversOf(p, pod) {
				all = append(all, filesOfServer(p, pod, s)...)
			}
		}
		seen := map[tlsFiles]bool{}
		for _, path := range p.Paths {
			for i := range path.Hops {
				f, ok := filesOfClient(p, path.Hops, i)
				if ok && !seen[f] {
					seen[f] = true
					all = append(all, f)
				}
			}
		}
		return all
	})
}

func filesOfServer(p *validate.Pass, pod traffic.Pod, s placed) []tlsFiles {
	asks := s.GetTls().GetMode() == networking.ServerTLSSettings_MUTUAL || s.GetTls().GetMode() == networking.ServerTLSSettings_OPTIONAL_MUTUAL
	if !asks && s.GetTls().GetMode() != networking.ServerTLSSettings_SIMPLE || s.Tls.CredentialName != "" || len(s.Tls.CredentialNames) > 0 {
		return nil
	}
	at := func(name, field string) fileNamed {
		return fileNamed{name, p.At(s.of.Object, s.field+".tls."+field)}
	}
	first := tlsFiles{workload: podName(pod), side: pki.Server}
	if asks {
		first.ca, first.crl = at(s.Tls.CaCertificates, "caCertificates"), at(s.Tls.CaCrl, "caCrl")
	}
	if len(s.Tls.TlsCertificates) == 0 {
		first.cert, first.key = at(s.Tls.ServerCertificate, "serverCertificate"), at(s.Tls.PrivateKey, "privateKey")
		return []tlsFiles{first}
	}
	var all []tlsFiles
	for i, c := range s.Tls.TlsCertificates {
		one := tlsFiles{workload: first.workload, side: pki.Server}
		if i == 0 {
			one = first
		}
		field := fmt.Sprintf("tlsCertificates[%d].", i)
		one.cert, one.key = at(c.ServerCertificate, field+"serverCertificate"), at(c.PrivateKey, field+"privateKey")
		all = append(all, one)
	}
	return all
}

// filesOfClient are those by which a hop makes a TLS, if a DestinationRule names any.
func filesOfClient(p *validate.Pass, hops []traffic.Hop, i int) (tlsFiles, bool) {
	h := &hops[i]
	rule, ok := validate.Decided(h, "DestinationRule")
	if !ok || !originates(hops, i) || h.Wire.Mode == traffic.IstioMutual {
		return tlsFiles{}, false
	}
	tls, ok := blockOf(p, rule)
	if !ok || tls.CredentialName != "" {
		return tlsFiles{}, false
	}
	at := func(name, field string) fileNamed {
		if name == "" {
			return fileNamed{}
		}
		return fileNamed{name, p.At(tls.of.Object, rule.Field+"."+field)}
	}
	f := tlsFiles{workload: h.Workload, side: pki.Client}
	if h.Verify.Server.CA == "file "+tls.CaCertificates {
		f.ca, f.crl = at(tls.CaCertificates, "caCertificates"), at(tls.CaCrl, "caCrl")
	}
	if tls.Mode == networking.ClientTLSSettings_MUTUAL {
		f.cert, f.key = at(tls.ClientCertificate, "clientCertificate"), at(tls.PrivateKey, "privateKey")
	}
	return f, true
}

// read reads what the files of the bundle hold of them.
func (f tlsFiles) read(p *validate.Pass) []shown {
	var all []shown
	find := func(one fileNamed) (fileAt, pki.File) {
		if one.name == "" {
			return fileAt{}, pki.File{}
		}
		at := fileIn(p, f.workload, one.name)
		return at, pki.File{Name: one.name, Data: at.value}
	}
	add := func(first, second fileNamed, read func(a, b pki.File) (pki.Material, []pki.Fault)) {
		a, data := find(first)
		if a.value == nil {
			return
		}
		b, more := find(second)
		one := shown{object: a.object, id: a.id, by: first.by, workload: f.workload, files: map[string]fileAt{first.name: a}}
		if b.value != nil {
			one.files[second.name] = b
		}
		one.material, one.faults = read(data, more)
		one.faults = slices.DeleteFunc(one.faults, func(f pki.Fault) bool {
			of, ok := one.files[f.Key]
			return ok && withheld(of.object, one.material, f)
		})
		faults := one.material.Server()
		if f.side == pki.Client {
			faults = one.material.Client()
		}
		one.faults = append(one.faults, sideOf(one, faults)...)
		all = append(all, one)
	}
	add(f.cert, f.key, reader(p).PairFiles)
	add(f.ca, f.crl, reader(p).CAFile)
	return all
}
