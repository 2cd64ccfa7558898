package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh911 = validate.Rule{
	ID: "MSH911", Name: "encrypted-intent-plaintext-hop", Category: validate.Other, Severity: validate.Info,
	Title: "one hop of the way out is encrypted, and the other is not",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			behindRouter(p, path)
			gateway := egress(path)
			if gateway == nil {
				continue
			}
			sidecar := &path.Hops[1]
			switch in, out := sidecar.Wire.Layers > 0, gateway.Wire.Layers > 0; {
			case in && !out:
				f := validate.Finding{
					Place:       endOf(p, gateway),
					Message:     fmt.Sprintf("%s is sent to gateway %s with TLS, and on from there to %s in plaintext", path.Request.To, gateway.Workload, gateway.Destination),
					Consequence: "outside the mesh, where it matters most, everybody on the way reads along",
					Fix:         fmt.Sprintf("lead it to the port of %s that takes TLS, as a rule 443, with a DestinationRule for the gateway that makes the TLS", gateway.Destination.Host),
				}
				f.Edits = madeThere(p, f.Place, gateway)
				p.Report(validate.Shown(path, len(path.Hops), f))
			case out && !in && len(path.Hops) == 3:
				p.Report(validate.Shown(path, 2, validate.Finding{
					Place:       endOf(p, sidecar),
					Message:     fmt.Sprintf("%s is sent to gateway %s in plaintext; only from there on there is TLS", path.Request.To, gateway.Workload),
					Consequence: "inside the cluster it can be read, and the gateway does not know who sends it",
					Fix:         "let a DestinationRule for the gateway's Service say ISTIO_MUTUAL, and the Gateway's server too (protocol HTTPS, tls.mode ISTIO_MUTUAL)",
					Edits:       meshTLSToGateway(p, path, 1),
				}))
			}
		}
	},
}

// endOf is the place of what leads a hop on.
func endOf(p *validate.Pass, h *traffic.Hop) validate.Place {
	if d, ok := validate.Decided(h, "VirtualService"); ok {
		return p.Of(d)
	}
	if len(h.DecidedBy) > 0 {
		return p.Of(h.DecidedBy[len(h.DecidedBy)-1])
	}
	return validate.Place{}
}

// behindRouter tells of a Route that takes the client's TLS off and goes on in plaintext.
func behindRouter(p *validate.Pass, path *traffic.Path) {
	if len(path.Hops) < 3 || path.Hops[1].Proxy != traffic.Router || path.Hops[0].Wire.Layers == 0 || path.Hops[1].Wire.Mode != traffic.Plaintext {
		return
	}
	if d, ok := validate.Decided(&path.Hops[1], "Route"); ok && (path.Outcome.Code == traffic.Arrives || path.Outcome.Code == traffic.Unknown) {
		f := validate.Finding{
			Place:       p.Of(d),
			Message:     fmt.Sprintf("%s takes the TLS of %s off, and the router sends it on to %s in plaintext", d, path.Request.To, path.Hops[1].Destination),
			Consequence: "between the router and there it can be read in the cluster",
			Fix:         "set termination passthrough or reencrypt, and lead the Route to a server that takes TLS",
		}
		for _, r := range p.Objects.Routes {
			if route := routeOf(r); r.ID.Namespace == d.Namespace && r.ID.Name == d.Name {
				port, edits := tlsPort(p, route), route.withTermination("passthrough", true)
				if port != nil && edits != nil {
					f.Fix = fmt.Sprintf("set termination passthrough and spec.port.targetPort: %v, where the gateway takes TLS for %s", port, route.Spec.Spec.Host)
					f.Edits = append(edits, route.toPort(port)...)
				}
			}
		}
		p.Report(validate.Shown(path, 2, f))
	}
}
