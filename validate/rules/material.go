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
	object *bundle.Object // what holds it, or, of a request, what asks for it
	id     string         // the same for people: "Secret shop/partner"
	by     validate.Place // what names it
	// values is where the object has its values, "" where a fault's key is the field.
	values   string
	material pki.Material
	faults   []pki.Fault
	// workload is whose proxy reads it as files, and files are those, by the names that faults have for keys.
	workload string
	files    map[string]fileAt
	// request says that it is the leaf alone, as a certificate is asked for, without a key or signature.
	request bool
}

// at is where a fault is written.
func (s shown) at(p *validate.Pass, f pki.Fault) validate.Place {
	if file, ok := s.files[f.Key]; ok {
		return p.At(file.object, file.field)
	}
	return p.At(s.object, s.field(f))
}

func (s shown) field(f pki.Fault) string {
	if s.request {
		return requestField(f)
	}
	if s.values == "" {
		return f.Key
	}
	if f.Kind == pki.Unserved || f.Kind == pki.Admission {
		return "type"
	}
	if field := fieldOf(s.object, f.Key, "stringData", s.values); f.Key != "" && s.object.Has(field) {
		return field
	}
	if s.object.Has("stringData") {
		return "stringData"
	}
	return s.values
}

// A named is a Secret of a namespace, or a ConfigMap with a CA, and what for it is named.
type named struct {
	namespace, name string
	configMap       bool
	pair, ca        bool // what is asked of it
	side            pki.Purpose
	by              validate.Place
}

type (
	secretsKey    struct{}
	configMapsKey struct{}
	readerKey     struct{}
	materialKey   struct{}
)

type (
	secretOf    = traffic.Of[*corev1.Secret]
	configMapOf = traffic.Of[*corev1.ConfigMap]
)

// secretsOf are the Secrets of the files, by NAMESPACE/NAME.
func secretsOf(p *validate.Pass) map[string]secretOf {
	return validate.Once(p, secretsKey{}, func() map[string]secretOf { return byFullName(p.Objects.Secrets) })
}

// configMapsOf are the ConfigMaps of the files, in the same way.
func configMapsOf(p *validate.Pass) map[string]configMapOf {
	return validate.Once(p, configMapsKey{}, func() map[string]configMapOf { return byFullName(p.Objects.ConfigMaps) })
}

func byFullName[T any](objects []traffic.Of[T]) map[string]traffic.Of[T] {
	all := map[string]traffic.Of[T]{}
	for _, o := range objects {
		all[o.ID.Namespace+"/"+o.ID.Name] = o
	}
	return all
}

func reader(p *validate.Pass) *pki.Reader {
	return validate.Once(p, readerKey{}, func() *pki.Reader { return new(pki.Reader) })
}

// inFile tells whether an object is of a file, and not of a cluster.
func inFile(o *bundle.Object) bool { return o.At("").Line > 0 }

// formOf stands in the place of what is empty in a file: whoever applies it fills it in. In a cluster, empty is empty.
const formOf = "<empty>"

func valuesOf(s secretOf) pki.Secret {
	data := map[string][]byte{}
	for key, value := range s.Spec.Data {
		data[key] = value
	}
	for key, value := range s.Spec.StringData {
		data[key] = []byte(value)
	}
	for key, value := range data {
		if len(value) == 0 && inFile(s.Object) {
			data[key] = []byte(formOf)
		}
	}
	return pki.Secret{Type: string(s.Spec.Type), Data: data}
}

// materials is what the files hold of certificates and something names: a Gateway, a DestinationRule on a path, a Route.
func materials(p *validate.Pass) []shown {
	return validate.Once(p, materialKey{}, func() []shown {
		var all []shown
		for _, n := range append(namedByGateways(p), namedOnPaths(p)...) {
			all = append(all, n.read(p)...)
		}
		for _, f := range tlsFilesOf(p) {
			all = append(all, f.read(p)...)
		}
		for _, r := range p.Objects.Routes {
			tls := r.Spec.Spec.TLS
			if tls == nil {
				continue
			}
			if tls.ExternalCertificate != nil {
				for _, s := range external(p, r).read(p) {
					s.faults = append(s.faults, externalFaults(s)...)
					all = append(all, s)
				}
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
						all = append(all, named{namespace, name, false, pair, ca, pki.Server, p.At(g.Object, field+at)})
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
			bundle, isMap := strings.CutPrefix(h.Verify.Server.CA, "configmap ")
			if !isPair && !isCA && !isMap {
				continue
			}
			namespace, name, _ := strings.Cut(cmp.Or(pair, ca, bundle), "/")
			n := named{namespace, name, isMap, isPair, isCA, pki.Client, credentialAt(p, rule)}
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
	if n.configMap {
		return n.readConfigMap(p)
	}
	secrets := secretsOf(p)
	find := func(name string) (pki.Secret, bool) {
		s, ok := secrets[n.namespace+"/"+name]
		if !ok {
			return pki.Secret{}, false
		}
		return valuesOf(s), true
	}
	var all []shown
	add := func(name string, use pki.Use) {
		s, ok := secrets[n.namespace+"/"+name]
		if !ok && use == pki.GatewaySimple {
			all = append(all, n.requested(p)...)
		}
		if !ok || empty(s.Object) {
			return
		}
		one := shown{object: s.Object, id: s.ID.String(), by: n.by, values: "data"}
		one.material, one.faults = reader(p).Credential(n.name, use, find)
		one.faults = slices.DeleteFunc(one.faults, func(f pki.Fault) bool { return told(f) || withheld(s.Object, one.material, f) })
		for i := range one.faults {
			revealed(s.Object, &one.faults[i])
		}
		one.faults = append(one.faults, sideOf(one, n.sideFaults(use, one.material))...)
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

// sideFaults are those of the certificate on the side where it is shown.
func (n named) sideFaults(use pki.Use, m pki.Material) []pki.Fault {
	if use == pki.GatewaySimple && n.side == pki.Client {
		return m.Client()
	}
	return m.Server()
}

func (n named) readConfigMap(p *validate.Pass) []shown {
	c, ok := configMapsOf(p)[n.namespace+"/"+strings.TrimSuffix(n.name, "-cacert")]
	if !ok {
		return nil
	}
	data := map[string]string{}
	for key, value := range c.Spec.Data {
		data[key] = value
		if value == "" && inFile(c.Object) {
			data[key] = formOf
		}
	}
	one := shown{object: c.Object, id: c.ID.String(), by: n.by, values: "data"}
	one.material, one.faults = reader(p).ConfigMap(data)
	one.faults = slices.DeleteFunc(one.faults, func(f pki.Fault) bool { return f.Kind == pki.NoCA }) // MSH517
	return []shown{one}
}

// sideOf are the faults of a leaf, if what comes first is the leaf.
func sideOf(s shown, faults []pki.Fault) []pki.Fault {
	if slices.ContainsFunc(s.faults, func(f pki.Fault) bool { return f.Kind == pki.LeafNotFirst }) {
		return nil
	}
	return faults
}

// withheld tells whether a fault is only that a private key was left in the cluster, and its public half read.
func withheld(o *bundle.Object, m pki.Material, f pki.Fault) bool {
	return !inFile(o) && f.Key != "" && f.Key == m.Served.Key && (f.Kind == pki.PublicKey || f.Kind == pki.NoPEM)
}

// revealed says of a public key in a cluster what it stands for.
func revealed(o *bundle.Object, f *pki.Fault) {
	if !inFile(o) && f.Kind == pki.PublicKey {
		f.Message = f.Key + " holds a private key beside the certificates"
		f.Consequence, f.Fix = "Proxies pass over it, but whoever shows the certificates shows the key", "Keep the key in tls.key only"
	}
}

// datesOf holds material against the clock. What a controller renews by itself is not said to expire soon, and nothing is
// in the first two thirds of its life.
func datesOf(p *validate.Pass, s shown) []pki.Fault {
	if p.Now.IsZero() || s.request {
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
