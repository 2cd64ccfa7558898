package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh716 = validate.Rule{
	ID: "MSH716", Name: "double-egress", Category: validate.Peer, Severity: validate.Warning, Border: true,
	Title: "an imported service is led, declared or given TLS as if it were outside",
	Check: func(p *validate.Pass) {
		if len(federated(p)) == 0 {
			return
		}
		for _, i := range importedHosts(p) {
			for _, e := range p.Objects.ServiceEntries {
				if at := slices.IndexFunc(e.Spec.Hosts, func(h string) bool { return takes(h, i.Host) }); at >= 0 {
					p.Report(offItsWay(p, i, p.At(e.Object, fmt.Sprintf("spec.hosts[%d]", at)),
						fmt.Sprintf("%s declares %s, which %s makes known already", e.ID, i.Host, i.Set), "take the host out: federation declares it"))
				}
			}
			for _, d := range p.Objects.DestinationRules {
				mode := d.Spec.GetTrafficPolicy().GetTls()
				if !takes(d.Spec.Host, i.Host) || mode == nil || mode.Mode == networking.ClientTLSSettings_ISTIO_MUTUAL {
					continue
				}
				f := offItsWay(p, i, p.At(d.Object, "spec.trafficPolicy.tls.mode"),
					fmt.Sprintf("%s gives %s tls mode %s, and the egress gateway takes the mesh's mutual TLS only", d.ID, i.Host, mode.Mode), "set mode: ISTIO_MUTUAL")
				f.Edits = set(p, d.Object, "spec.trafficPolicy.tls", map[string]any{"mode": "ISTIO_MUTUAL"})
				p.Report(f)
			}
			for _, v := range p.Objects.VirtualServices {
				at := slices.IndexFunc(v.Spec.Hosts, func(h string) bool { return takes(h, i.Host) })
				if at < 0 || !leadsAway(v, i) {
					continue
				}
				p.Report(offItsWay(p, i, p.At(v.Object, fmt.Sprintf("spec.hosts[%d]", at)),
					fmt.Sprintf("%s leads %s to something else than the imported service", v.ID, i.Host), "take the host out: federation has an egress gateway of its own"))
			}
		}
	},
}

func offItsWay(p *validate.Pass, i traffic.Import, at validate.Place, message, fix string) validate.Finding {
	f := validate.Finding{
		Place: at, Message: message, Fix: fix,
		Consequence: "calls leave federation's way, where the TLS and the SNI are those that its gateways expect: they break, or another service answers",
	}
	if o := p.Object(traffic.Decision{Kind: i.Set.Kind, Namespace: i.Set.Namespace, Name: i.Set.Name}); o != nil {
		f.Related = []validate.Place{p.At(o, i.Field)}
	}
	return f
}

// leadsAway tells whether a VirtualService of an imported host has a destination that is not the host.
func leadsAway(v routesOf, i traffic.Import) bool {
	return slices.ContainsFunc(routeHosts(v), func(d destinationAt) bool { return d.host != i.Host })
}
