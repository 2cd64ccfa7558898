package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh914 = validate.Rule{
	ID: "MSH914", Name: "domain-fronting", Category: validate.SNI, Severity: validate.Info,
	Title: "who goes out is told by the SNI alone",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			gateway := egress(path)
			if gateway == nil {
				continue
			}
			g, field := serverFor(p, gateway)
			if g.Object == nil {
				continue
			}
			s := g.Spec.Servers[atIndex(field)]
			if s.GetTls().GetMode() != networking.ServerTLSSettings_PASSTHROUGH {
				continue
			}
			for i, h := range s.Hosts {
				if wildcard(withoutNamespace(h)) {
					fronting(p, path, g, p.At(g.Object, fmt.Sprintf("%s.hosts[%d]", field, i)), h)
				}
			}
			// A server for single hosts takes what routes by a wildcard take, all the same.
			for _, r := range boundTo(p, g.ID.Namespace+"/"+g.ID.Name) {
				for _, at := range sniFor(r, g) {
					if !slices.ContainsFunc(s.Hosts, func(h string) bool { return covers(withoutNamespace(h), at.name) }) {
						fronting(p, path, g, p.At(r.Object, at.field), at.name)
					}
				}
			}
		}
	},
}

func fronting(p *validate.Pass, path *traffic.Path, g gatewayOf, at validate.Place, wild string) {
	p.Report(validate.Shown(path, len(path.Hops), validate.Finding{
		Place:       at,
		Message:     fmt.Sprintf("%s passes TLS for %s through unopened: it sees the SNI, and not whom the request inside is for", g.ID, wild),
		Consequence: "a workload may send an SNI that is let out, and in the TLS ask a host behind the same servers that is not",
		Fix:         "name the hosts, in the ServiceEntry, the Gateway and the sniHosts of routes; or end the TLS at the gateway and make it anew, where the rule is to be a barrier",
	}))
}

// A sniHost is a wildcard by which a VirtualService leads on what comes to a gateway.
type sniHost struct{ field, name string }

func sniFor(r routesOf, g gatewayOf) []sniHost {
	var all []sniHost
	for i, t := range r.Spec.Tls {
		for j, m := range t.Match {
			of := m.Gateways
			if len(of) == 0 {
				of = r.Spec.Gateways
			}
			if !slices.ContainsFunc(of, func(name string) bool { return names(name, r.ID.Namespace, g) }) {
				continue
			}
			for k, h := range m.SniHosts {
				if wildcard(h) {
					all = append(all, sniHost{fmt.Sprintf("spec.tls[%d].match[%d].sniHosts[%d]", i, j, k), h})
				}
			}
		}
	}
	return all
}
