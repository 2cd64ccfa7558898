package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh310 = validate.Rule{
	ID: "MSH310", Name: "se-duplicate-conflict", Category: validate.Duplicate, Severity: validate.Error,
	Title: "several ServiceEntries for one host contradict each other",
	Of:    []traffic.Cause{traffic.Unregistered, traffic.UnknownPort},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		if b.Outcome.Cause == traffic.UnknownPort {
			return report(p, b, "MSH310", destinationMiss(p, b))
		}
		return report(p, b, "MSH310", unregistered(p, b))
	},
	Check: func(p *validate.Pass) {
		older := map[string][]entryOf{} // by host
		for _, e := range p.Objects.ServiceEntries {
			told := false
			for _, host := range e.Spec.Hosts {
				for _, o := range older[host] {
					field, what := contradict(o, e)
					if told || what == "" {
						continue
					}
					path, met := metBy(p, o, e)
					if !met {
						continue
					}
					told = true
					p.Report(validate.Shown(path, 1, validate.Finding{
						Severity:    validate.Warning,
						Place:       p.At(e.Object, field),
						Message:     fmt.Sprintf("%s and %s both declare %s for the same clients, and contradict each other: %s", e.ID, o.ID, host, what),
						Consequence: "which of them counts is a matter of age, or of what is in the client's own namespace: the same files act in different ways from one cluster to another",
						Fix:         "keep one ServiceEntry of the host; or limit each with exportTo, so that every client sees exactly one",
						Related:     []validate.Place{p.At(o.Object, field)},
					}))
				}
				older[host] = append(older[host], e)
			}
		}
	},
}
