package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh420 = validate.Rule{
	ID: "MSH420", Name: "mesh-vs-duplicate-host", Category: validate.Duplicate, Severity: validate.Error,
	Title: "two VirtualServices for sidecars have the same host",
	Check: func(p *validate.Pass) {
		for _, r := range rivals(p) {
			if !slices.ContainsFunc(p.Paths, r.breaks) {
				f := r.finding(p)
				f.Severity = validate.Warning
				if r.same {
					f.Severity = validate.Info
				}
				p.Report(f)
			}
		}
	},
	Of:      []traffic.Cause{traffic.NoRouteFits},
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		_, n := b.Last()
		for _, r := range rivals(p) {
			if r.breaks(b.Path) {
				return p.Broken(b, n, r.finding(p))
			}
		}
		return false
	},
}

// breaks tells whether a sidecar has no route for a request that the other VirtualService may have one for.
func (r rivalry) breaks(path *traffic.Path) bool {
	last := &path.Hops[len(path.Hops)-1]
	return path.Outcome.Cause == traffic.NoRouteFits && last.Proxy == traffic.Sidecar && covers(r.host, path.Hops[0].Destination.Host)
}

func (r rivalry) finding(p *validate.Pass) validate.Finding {
	f := validate.Finding{
		Place:       p.At(r.other.Object, fmt.Sprintf("spec.hosts[%d]", r.at)),
		Message:     fmt.Sprintf("%s and %s both have http rules of sidecars for %s: a sidecar takes one of the two, the older object", r.first.ID, r.other.ID, r.host),
		Consequence: "no rule of the younger one counts, and what only it has a route for gets a 404 (NR); made anew in another order, it is the other way round",
		Fix:         "put the rules of both into one VirtualService; or limit each by exportTo to namespaces of its own, or by gateways to a gateway",
		Related:     []validate.Place{p.At(r.first.Object, "spec.hosts")},
	}
	if r.byAge {
		f.Message = fmt.Sprintf("%s and %s both have http rules of sidecars for %s, one by a wildcard: on %s the older object wins, not the more specific host", r.first.ID, r.other.ID, r.host, p.Target.Name)
	}
	return f
}
