package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh404 = validate.Rule{
	ID: "MSH404", Name: "namespace-scoped-server-hosts", Category: validate.Scope, Severity: validate.Error,
	Title: "the server takes the host of other namespaces only",
	Check: func(p *validate.Pass) {
		for _, b := range unplaced(p) {
			if b.field == "" || b.kind.rule != "" || b.shown(p) {
				continue
			}
			at := p.At(b.gateway.Object, b.field+".hosts")
			p.Report(validate.Finding{
				Severity:    validate.Warning,
				Place:       at,
				Message:     fmt.Sprintf("%s takes hosts of VirtualServices of some namespaces only (%s), and %s with %s is in another", b.gateway.ID, strings.Join(b.server.Hosts, ", "), b.of.ID, b.host),
				Consequence: "the VirtualService does not count there: 404 (NR) by HTTP, a reset by TLS",
				Fix:         fmt.Sprintf("write %s/%s among its hosts, or move the VirtualService", b.of.ID.Namespace, b.host),
				Related:     []validate.Place{p.At(b.of.Object, "spec.gateways")},
				Edits:       []validate.Edit{{Object: at.Object, Field: at.Field, Value: appended(b.server.Hosts, b.of.ID.Namespace+"/"+b.host)}},
			})
		}
	},
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH404", gatewayMiss(p, b)) },
}
