package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh403 = validate.Rule{
	ID: "MSH403", Name: "vs-host-vs-server", Category: validate.Dangling, Severity: validate.Error,
	Title: "no server of the gateway takes the host",
	Check: func(p *validate.Pass) {
		for _, b := range unplaced(p) {
			if b.field != "" || b.shown(p) {
				continue
			}
			var hosts []string
			for _, s := range b.gateway.Spec.Servers {
				hosts = append(hosts, s.Hosts...)
			}
			f := validate.Finding{
				Severity:    validate.Warning,
				Place:       p.At(b.of.Object, fmt.Sprintf("spec.hosts[%d]", b.at)),
				Message:     fmt.Sprintf("%s is for %s at %s, of which no server takes that host: they have %s", b.of.ID, b.host, b.gateway.ID, orNone(hosts)),
				Consequence: "the gateway has no route for the host: 404 (NR) by HTTP, a reset by TLS",
				Fix:         fmt.Sprintf("add %s to hosts of a server of %s, or correct it in the VirtualService", b.host, b.gateway.ID),
				Related:     []validate.Place{p.At(b.gateway.Object, "spec.servers")},
			}
			if !strings.Contains(written(b.of, "hosts", b.at), ".") {
				f.Message += "; a name without a dot is a Service of the VirtualService's own namespace"
			}
			p.Report(f)
		}
	},
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH403", gatewayMiss(p, b)) },
}
