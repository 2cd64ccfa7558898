package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh913 = validate.Rule{
	ID: "MSH913", Name: "mutual-host-behind-simple-wildcard", Category: validate.GatewayTLS, Severity: validate.Warning,
	Title: "a host that asks for client certificates is served without one too",
	Check: func(p *validate.Pass) {
		var all []placed
		for _, g := range p.Objects.Gateways {
			for i, s := range g.Spec.Servers {
				all = append(all, placed{of: g, field: fmt.Sprintf("spec.servers[%d]", i), Server: s})
			}
		}
		for _, strict := range all {
			if strict.GetTls().GetMode() != networking.ServerTLSSettings_MUTUAL {
				continue
			}
			for _, loose := range all {
				mode := loose.GetTls().GetMode()
				if mode != networking.ServerTLSSettings_SIMPLE && mode != networking.ServerTLSSettings_OPTIONAL_MUTUAL || loose.Tls == nil || !onePort(strict, loose) {
					continue
				}
				for i, h := range strict.Hosts {
					host := withoutNamespace(h)
					if wildcard(host) || !loose.takes(host) || slices.Contains(loose.Hosts, h) {
						continue
					}
					j := slices.IndexFunc(p.Objects.VirtualServices, func(r routesOf) bool {
						// One for a wildcard that the strict server does not know leads elsewhere.
						ours := binds(r, strict.of) || slices.Contains(r.Spec.Hosts, host)
						return ours && slices.ContainsFunc(r.Spec.Hosts, func(name string) bool { return covers(name, host) }) &&
							binds(r, loose.of) && loose.allows(host, r.ID.Namespace)
					})
					if j < 0 {
						continue
					}
					f := validate.Finding{
						Place:       p.At(strict.of.Object, fmt.Sprintf("%s.hosts[%d]", strict.field, i)),
						Message:     fmt.Sprintf("%s asks for a client certificate (MUTUAL) for %s, and %s leads that host on behind %s too, whose %v asks for none", strict.of.ID, host, p.Objects.VirtualServices[j].ID, loose.of.ID, loose.Hosts),
						Consequence: fmt.Sprintf("a client whose SNI is another name of the wildcard and whose Host header is %s gets through without a certificate", host),
						Fix:         fmt.Sprintf("ask for a certificate in both servers; or put %s into a Gateway of its own, with its own port or address, and bind its VirtualService to that one only", host),
						Related:     []validate.Place{p.At(loose.of.Object, loose.field+".tls.mode"), p.At(p.Objects.VirtualServices[j].Object, "spec.gateways")},
					}
					if r := p.Objects.VirtualServices[j]; strict.of.Object != loose.of.Object && binds(r, strict.of) {
						f.Fix = fmt.Sprintf("take %s/%s out of spec.gateways of %s; or ask for a certificate in both servers", loose.of.ID.Namespace, loose.of.ID.Name, r.ID)
						f.Edits = taken(p, r, strict, loose.of)
					}
					p.Report(f)
				}
			}
		}
	},
}

// taken takes a VirtualService from a Gateway, where a server of another takes all of its hosts.
func taken(p *validate.Pass, r routesOf, keeps placed, from gatewayOf) []validate.Edit {
	elsewhere := func(name string) bool { return names(name, r.ID.Namespace, from) }
	if slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return !keeps.takes(h) }) ||
		slices.ContainsFunc(gatewayMatches(r), func(m gatewayMatch) bool { return slices.ContainsFunc(m.gateways, elsewhere) }) {
		return nil
	}
	var edits []validate.Edit
	for i, name := range r.Spec.Gateways {
		if elsewhere(name) {
			edits = append(edits, validate.Edit{Object: p.At(r.Object, "").Object, Field: fmt.Sprintf("spec.gateways[%d]", i)})
		}
	}
	return edits
}

// onePort tells whether two servers are on one port of one gateway.
func onePort(a, b placed) bool {
	same := len(a.of.Spec.Selector) == len(b.of.Spec.Selector) && within(a.of.Spec.Selector, b.of.Spec.Selector)
	return same && a.GetPort().GetNumber() == b.GetPort().GetNumber() && a.Bind == b.Bind
}

// binds tells whether a VirtualService names a Gateway.
func binds(r routesOf, g gatewayOf) bool {
	return slices.ContainsFunc(r.Spec.Gateways, func(n string) bool { return names(n, r.ID.Namespace, g) })
}
