package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh321 = validate.Rule{
	ID: "MSH321", Name: "port80-special-case", Category: validate.NoServiceEntry, Severity: validate.Error,
	Title:   "routes for a host and port that nothing declares count by luck, or not at all",
	Of:      []traffic.Cause{traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH321", unregistered(p, b)) },
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			if len(path.Hops) < 2 || path.Hops[1].Proxy != traffic.Sidecar || path.Outcome.Cause == traffic.Unregistered {
				continue
			}
			h, dialled := &path.Hops[1], path.Hops[0].Destination
			route, ok := validate.Decided(h, "VirtualService")
			client := clientOf(h)
			if !ok || !strings.HasPrefix(route.Field, "spec.http") || strings.HasSuffix(serviceName(dialled.Host, client), ".svc.cluster.local") && isService(p, serviceName(dialled.Host, client)) ||
				strings.HasSuffix(dialled.Host, ".svc.cluster.local") || path.Request.Guess && entrance(p, p.Of(route).Object) {
				continue
			}
			entries, severity := entriesCalled(p, dialled.Host), validate.Warning
			if len(entries) == 0 && path.Request.Guess {
				severity = validate.Info // the files may not hold the ServiceEntry
			}
			entries = slices.DeleteFunc(slices.Clone(entries), func(e entryOf) bool { return !seen(p, e, client) })
			if _, _, ok := declaredIn(entries, dialled.Port); ok {
				continue
			}
			d := declaration{client, client, dialled.Host, dialled.Port, protocolOf(path.Request.To)}
			fix, edits := fmt.Sprintf("write a ServiceEntry with host %s and port %d (HTTP)", dialled.Host, dialled.Port), d.entryEdit(p, p.Of(route).Object)
			if len(entries) > 0 {
				fix, edits = fmt.Sprintf("add port %d (HTTP) to spec.ports of %s", dialled.Port, entries[0].ID), d.portEdit(p, entries[0])
			}
			p.Report(validate.Shown(path, 2, validate.Finding{
				Severity:    severity,
				Place:       p.Of(route),
				Message:     fmt.Sprintf("%s is for %s, which no ServiceEntry declares on port %d for namespace %s", route, dialled.Host, dialled.Port, client),
				Consequence: "such a route counts on port 80 only, and only while something else that is declared is HTTP on port 80: else the request leaves past it, or is refused",
				Fix:         fix,
				Edits:       edits,
			}))
		}
	},
}
