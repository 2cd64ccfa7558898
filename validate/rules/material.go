package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A shown is certificate material of the files that something names.
type shown struct {
	object *bundle.Object // what holds it
	id     string         // the same for people: "Secret shop/partner"
	by     validate.Place // what names it
	// values is where the object has its values, "" where a fault's key is the field.
	values   string
	material pki.Material
	faults   []pki.Fault
}

// field is where a fault is written.
func (s shown) field(f pki.Fault) string {
	if s.values == "" {
		return f.Key
	}
	if f.Kind == pki.Unserved || f.Kind == pki.Admission {
		return "type"
	}
	for _, values := range []string{"stringData", s.values} {
		if field := fmt.Sprintf("%s[%q]", values, f.Key); f.Key != "" && s.object.Has(field) {
			return field
		}
	}
	if s.object.Has("stringData") {
		return "stringData"
	}
	return s.values
}

// A named is a Secret of a namespace, and what for it is named.
type named struct {
	namespace, name string
	pair, ca        bool // what is asked of it
	side            pki.Purpose
	by              validate.Place
}

type (
	secretsKey  struct{}
	readerKey   struct{}
	materialKey struct{}
)

// secretsOf are the Secrets of the files, by NAMESPACE/NAME.
func secretsOf(p *validate.Pass) map[string]traffic.Of[*corev1.Secret] {
	return validate.Once(p, secretsKey{}, func() map[string]traffic.Of[*corev1.Secret] {
		all := map[string]traffic.Of[*corev1.Secret]{}
		for _, s := range p.Objects.Secrets {
			all[s.ID.Namespace+"/"+s.ID.Name] = s
		}
		return all
	})
}

func reader(p *validate.Pass) *pki.Reader {
	return validate.Once(p, readerKey{}, func() *pki.Reader { return new(pki.Reader) })
}

func valuesOf(s *corev1.Secret) pki.Secret {
	data := map[string][]byte{}
	for key, value := range s.Data {
		data[key] = value
	}
	for key, value := range s.StringData {
		data[key] = []byte(value)
	}
	return pki.Secret{Type: string(s.Type), Data: data}
}

// materials is what the files hold of certificates and something names: a Gateway, a DestinationRule on a path, a Route.
func materials(p *validate.Pass) []shown {
	return validate.Once(p, materialKey{}, func() []shown {
		var all []shown
		for _, n := range append(namedByGateways(p), namedOnPaths(p)...) {
			all = append(all, n.read(p)...)
		}
		for _, r := range p.Objects.Routes {
			tls := r.Spec.Spec.TLS
			if tls == nil {
				continue
			}
			if tls.ExternalCertificate != nil {
				n := named{r.ID.Namespace, tls.ExternalCertificate.Name, true, false, pki.Server, p.At(r.Object, "spec.tls.externalCertificate")}
				all = append(all, n.read(p)...)
			}
			s := shown{object: r.Object, id: r.ID.String(), by: p.At(r.Object, "spec.tls")}
			s.material, s.faults = reader(p).Route(pki.RouteTLS{
				Certificate: tls.Certificate, Key: tls.Key, CACertificate: tls.CACertificate,
				DestinationCACertificate: tls.DestinationCACertificate,
			})
			s.faults = append(s.faults, sideOf(s, s.material.Server())...)
			all = append(all, s)
		}
		for i := range all {
			all[i].faults = append(all[i].faults, datesOf(p, all[i])...)
		}
		return all
	})
}

// namedByGateways are the Secrets that servers of Gateways name, in the namespaces of the pods that serve them.
func namedByGateways(p *validate.Pass) []named {
	var all []named
	for _, g := range p.Objects.Gateways {
		namespaces := map[string]bool{}
		for _, pod := range p.Index.Pods() {
			if pod.Gateway && within(g.Spec.Selector, pod.Labels) {
				namespaces[pod.Namespace] = true
			}
		}
		for i, s := range g.Spec.Servers {
			asks := s.GetTls().GetMode() == networking.ServerTLSSettings_MUTUAL || s.GetTls().GetMode() == networking.ServerTLSSettings_OPTIONAL_MUTUAL
			if !asks && s.GetTls().GetMode() != networking.ServerTLSSettings_SIMPLE {
				continue
			}
			field := fmt.Sprintf("spec.servers[%d].tls.", i)
			add := func(credential, at string, pair, ca bool) {
				for _, namespace := range slices.Sorted(maps.Keys(namespaces)) {
					if name, ok := secretName(credential, namespace); ok {
						all = append(all, named{namespace, name, pair, ca, pki.Server, p.At(g.Object, field+at)})
					}
				}
			}
			apart := s.Tls.CaCertCredentialName != ""
			if len(s.Tls.CredentialNames) == 0 {
				add(s.Tls.CredentialName, "credentialName", true, asks && !apart)
			}
			for j, name := range s.Tls.CredentialNames {
				add(name, fmt.Sprintf("credentialNames[%d]", j), true, asks && !apart && j == 0)
			}
			if asks && apart {
				add(s.Tls.CaCertCredentialName, "caCertCredentialName", false, true)
			}
		}
	}
	return all
}

// secretName is the Secret that a credential names for proxies of a namespace, if it is one of theirs.
func secretName(credential, namespace string) (string, bool) {
	if rest, ok := strings.CutPrefix(credential, "kubernetes://"); ok {
		in, name, apart := strings.Cut(rest, "/")
		if !apart {
			return rest, true
		}
		return name, in == namespace
	}
	return credential, credential != "" && !strings.Contains(credential, "://")
}

// namedOnPaths are the Secrets that proxies on the way use as clients.
func namedOnPaths(p *validate.Pass) []named {
	var all []named
	seen := map[named]bool{}
	for _, path := range p.Paths {
		for i := range path.Hops {
			h := &path.Hops[i]
			rule, ok := validate.Decided(h, "DestinationRule")
			if !ok || h.Wire.Mode != traffic.Simple && h.Wire.Mode != traffic.Mutual {
				continue
			}
			pair, isPair := strings.CutPrefix(h.Verify.Client.Credential, "secret ")
			ca, isCA := strings.CutPrefix(h.Verify.Server.CA, "secret ")
			if !isPair && !isCA {
				continue
			}
			namespace, name, _ := strings.Cut(cmp.Or(pair, ca), "/")
			n := named{namespace, name, isPair, isCA, pki.Client, credentialAt(p, rule)}
			if !seen[n] {
				seen[n] = true
				all = append(all, n)
			}
		}
	}
	return all
}

// credentialAt is where a DestinationRule names a credential.
func credentialAt(p *validate.Pass, rule traffic.Decision) validate.Place {
	if o := p.Object(rule); o != nil && o.Has(rule.Field+".credentialName") {
		return p.At(o, rule.Field+".credentialName")
	}
	return p.Of(rule)
}

// told are what the way of a request tells of, because a proxy gets nothing at all (MSH501, MSH504, MSH512, MSH519).
func told(f pki.Fault) bool {
	switch f.Kind {
	case pki.Missing, pki.NoPair, pki.NoCA, pki.SuffixName, pki.HalfPair, pki.UnknownKeys:
		return true
	}
	return f.Kind == pki.Empty && f.Key == ""
}

// read reads what the files hold of it: the pair and its CA, which may be two Secrets.
func (n named) read(p *validate.Pass) []shown {
	secrets := secretsOf(p)
	find := func(name string) (pki.Secret, bool) {
		s, ok := secrets[n.namespace+"/"+name]
		if !ok {
			return pki.Secret{}, false
		}
		return valuesOf(s.Spec), true
	}
	var all []shown
	add := func(name string, use pki.Use) {
		s, ok := secrets[n.namespace+"/"+name]
		if !ok {
			return
		}
		one := shown{object: s.Object, id: s.ID.String(), by: n.by, values: "data"}
		one.material, one.faults = reader(p).Credential(n.name, use, find)
		one.faults = slices.DeleteFunc(one.faults, func(f pki.Fault) bool { return told(f) || withheld(s.Object, one.material, f) })
		if use == pki.GatewaySimple && n.side == pki.Client {
			one.faults = append(one.faults, sideOf(one, one.material.Client())...)
		} else {
			one.faults = append(one.faults, sideOf(one, one.material.Server())...)
		}
		all = append(all, one)
	}
	if n.pair {
		add(n.name, pki.GatewaySimple)
	}
	if n.ca {
		apart := n.name + "-cacert"
		if _, there := secrets[n.namespace+"/"+apart]; there {
			add(apart, pki.ClientSimple)
		} else {
			add(n.name, pki.ClientSimple)
		}
	}
	return all
}

// sideOf are the faults of a leaf, if what comes first is the leaf.
func sideOf(s shown, faults []pki.Fault) []pki.Fault {
	if slices.ContainsFunc(s.faults, func(f pki.Fault) bool { return f.Kind == pki.LeafNotFirst }) {
		return nil
	}
	return faults
}

// withheld tells whether a fault is of a private key that was left in the cluster.
func withheld(o *bundle.Object, m pki.Material, f pki.Fault) bool {
	return o.At("").Line == 0 && f.Key == m.Served.Key && f.Key != "" && f.Kind != pki.KeyMismatch
}

// datesOf holds material against the clock. What a controller renews by itself is not said to expire soon, and nothing is
// in the first two thirds of its life.
func datesOf(p *validate.Pass, s shown) []pki.Fault {
	if p.Now.IsZero() {
		return nil
	}
	renewed := s.object.Has(`metadata.annotations["cert-manager.io/certificate-name"]`)
	return slices.DeleteFunc(s.material.Dates(p.Now, p.CertMinDays), func(f pki.Fault) bool {
		if f.Kind != pki.Expiring {
			return false
		}
		in := s.material.Chain
		if f.Key == s.material.Served.CA {
			in = s.material.CA
		}
		return renewed || slices.ContainsFunc(in, func(c pki.Certificate) bool {
			return c.Index == f.Index && c.NotAfter.Sub(p.Now) > c.NotAfter.Sub(c.NotBefore)/3
		})
	})
}
