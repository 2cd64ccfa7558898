package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A named is a Secret of a namespace, or a ConfigMap with a CA, and what for it is named.
type named struct {
	namespace, name string
	configMap       bool
	pair, ca        bool // what is asked of it
	side            pki.Purpose
	by              validate.Place
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
