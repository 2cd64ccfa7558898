package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// gatewayAt is the Gateway that a finding is about.
func gatewayAt(p *validate.Pass, o validate.Object) (gatewayOf, bool) {
	for _, g := range p.Objects.Gateways {
		if o.Kind == "Gateway" && g.ID.Namespace == o.Namespace && g.ID.Name == o.Name {
			return g, true
		}
	}
	return gatewayOf{}, false
}

// passedThrough lets a server without tls hand it on, where its VirtualServices route by the name in the handshake.
func passedThrough(p *validate.Pass, f *validate.Finding) {
	g, ok := gatewayAt(p, f.Object)
	if !ok {
		return
	}
	for i, s := range g.Spec.Servers {
		if field := fmt.Sprintf("spec.servers[%d]", i); !strings.HasPrefix(f.Field, field) || s.Tls != nil {
			continue
		}
		var by routesOf
		for _, r := range boundTo(p, g.ID.Namespace+"/"+g.ID.Name) {
			if !slices.ContainsFunc(r.Spec.Hosts, func(host string) bool { return slices.Contains(s.Hosts, host) || slices.Contains(s.Hosts, "*") }) {
				continue
			}
			if len(r.Spec.Tls) == 0 || len(r.Spec.Http) > 0 {
				return
			}
			by = r
		}
		if by.Object != nil {
			f.Fix = fmt.Sprintf("add tls with mode PASSTHROUGH, as %s routes by the name in the handshake; or SIMPLE or MUTUAL to terminate, and http routes", by.ID)
			f.Edits = []validate.Edit{{Object: f.Object, Field: fmt.Sprintf("spec.servers[%d].tls.mode", i), Value: "PASSTHROUGH"}}
		}
	}
}

// fullyNamed completes a host of a Gateway by the Service of that name, and takes the dots out of the name of a
// Gateway, there and in the VirtualServices for it.
func fullyNamed(p *validate.Pass, f *validate.Finding) {
	g, ok := gatewayAt(p, f.Object)
	if !ok {
		return
	}
	if f.Field == "metadata.name" {
		name := strings.ReplaceAll(g.ID.Name, ".", "-")
		if _, taken := gatewayAt(p, validate.Object{Kind: "Gateway", Namespace: g.ID.Namespace, Name: name}); taken || len(name) > 63 {
			return
		}
		f.Fix = fmt.Sprintf("rename it, for example to %s, here and in gateways of the VirtualServices that name it", name)
		f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: name}}
		for _, r := range p.Objects.VirtualServices {
			o := p.At(r.Object, "").Object
			f.Edits = append(f.Edits, renamed(o, r, g.ID.Namespace+"/"+g.ID.Name, g.ID.Namespace+"/"+name)...)
		}
		return
	}
	for i, s := range g.Spec.Servers {
		for j, host := range s.Hosts {
			if f.Field != fmt.Sprintf("spec.servers[%d].hosts[%d]", i, j) || strings.ContainsAny(host, "./*") {
				continue
			}
			if full := fullName(host, g.ID.Namespace); isService(p, full) {
				f.Fix = fmt.Sprintf("write the full name: %s for the Service, or that by which clients call", full)
				f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: full}}
			}
		}
	}
}

// byPlacement keeps the certificates of a DestinationRule that the proxies which go by it can have: gateways fetch Secrets, and
// sidecars do so only where a workloadSelector says for whom.
func byPlacement(p *validate.Pass, f *validate.Finding) {
	tls, ok := strings.CutSuffix(f.Field, ".credentialName")
	if !ok || f.Object.Kind != "DestinationRule" {
		return
	}
	proxies := map[string]bool{}
	var object *bundle.Object
	for _, way := range p.Paths {
		for i := range way.Hops {
			h := &way.Hops[i]
			if d, ok := validate.Decided(h, "DestinationRule"); ok && d.Namespace == f.Object.Namespace && d.Name == f.Object.Name && d.Field == tls {
				proxies[h.Proxy], object = true, p.Object(d)
			}
		}
	}
	if object == nil || len(proxies) != 1 {
		return
	}
	remove := func(fields ...string) (names []string) {
		for _, name := range fields {
			if object.Has(tls + "." + name) {
				f.Edits, names = append(f.Edits, validate.Edit{Object: f.Object, Field: tls + "." + name}), append(names, name)
			}
		}
		return names
	}
	switch {
	case proxies[traffic.Gateway]:
		names := remove("clientCertificate", "privateKey", "caCertificates")
		f.Fix = fmt.Sprintf("remove %s: a gateway goes by this rule, and fetches the Secret that credentialName names", strings.Join(names, ", "))
	case proxies[traffic.Sidecar] && !object.Has("spec.workloadSelector"):
		remove("credentialName")
		f.Fix = "remove credentialName, which sidecars do not read without a workloadSelector, and mount the files into them"
	}
}

// modeOf is MUTUAL where the Secret of tls without a mode has a certificate and its key, and SIMPLE where it has a CA alone.
func modeOf(p *validate.Pass, f *validate.Finding) {
	for _, r := range p.Objects.DestinationRules {
		if f.Object.Kind != "DestinationRule" || r.ID.Namespace != f.Object.Namespace || r.ID.Name != f.Object.Name {
			continue
		}
		for _, s := range settingsWhere(r, func(t *networking.ClientTLSSettings) bool { return t != nil }) {
			if s.field != f.Field || s.tls.GetCredentialName() == "" {
				continue
			}
			modes := map[string]bool{}
			for _, secret := range p.Objects.Secrets {
				data := valuesOf(secret).Data
				switch {
				case secret.ID.Name != s.tls.GetCredentialName():
				case len(data["tls.key"]) > 0 || len(data["key"]) > 0:
					modes["MUTUAL"] = true
				case len(data["ca.crt"]) > 0 || len(data["cacert"]) > 0:
					modes["SIMPLE"] = true
				}
			}
			for mode := range modes {
				if len(modes) == 1 {
					f.Fix = fmt.Sprintf("set mode to %s, for which the Secret %s has what is needed", mode, s.tls.GetCredentialName())
					f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field + ".mode", Value: mode}}
				}
			}
		}
	}
}
