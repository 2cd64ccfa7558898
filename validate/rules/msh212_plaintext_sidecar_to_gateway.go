package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh212 = validate.Rule{
	ID: "MSH212", Name: "plaintext-sidecar-to-gateway", Category: validate.PlaintextToTLS, Severity: validate.Warning,
	Title: "requests go from the sidecar to the gateway in plaintext",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			if path.Outcome.Code != traffic.Arrives {
				continue
			}
			for i := range len(path.Hops) - 1 {
				h, next := &path.Hops[i], &path.Hops[i+1]
				if h.Proxy != traffic.Sidecar || next.Proxy != traffic.Gateway || h.Wire.Mode != traffic.Plaintext {
					continue
				}
				client, _, _ := strings.Cut(h.Workload, "/")
				why := "automatic mutual TLS takes gateways for workloads without a sidecar"
				if said(h) {
					why = "that is what the DestinationRule says"
				}
				f := validate.Finding{
					Severity:    validate.Info,
					Message:     fmt.Sprintf("%s sends plaintext to gateway %s: %s", by(h), next.Workload, why),
					Consequence: "whoever is on the cluster's network reads and changes the requests, and policies at the gateway cannot tell who sends them",
					Fix: fmt.Sprintf("let the gateway's server take HTTPS with tls.mode ISTIO_MUTUAL, and set tls {mode: ISTIO_MUTUAL, sni: %s} for it in a DestinationRule for %s",
						bareHost(h.Destination.Authority), h.Destination.Host),
					Related: related(p, next, "Gateway"),
					Edits:   mutualHop(p, path, i+1),
				}
				for _, kind := range []string{"DestinationRule", "VirtualService", "Service"} {
					if d, ok := validate.Decided(h, kind); ok {
						f.Place = p.Of(d)
						break
					}
				}
				if strict(p, client) && !said(h) { // who writes DISABLE means it
					f.Severity = validate.Warning
				}
				p.Report(validate.Shown(path, i+1, f))
			}
		}
	},
}
