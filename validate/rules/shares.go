package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// mixedShares reports routes of which one share leaves the mesh by TLS, and another in the clear.
func mixedShares(p *validate.Pass) {
	type request struct{ from, to string }
	type leaves struct {
		path *traffic.Path
		hop  *traffic.Hop
		n    int
	}
	first := map[request]leaves{}
	for _, path := range p.Paths {
		if path.Outcome.Code != traffic.Arrives {
			continue
		}
		h, n := lastProxy(path.Hops)
		if h == nil || len(entriesFor(p, clusterOf(h).host)) == 0 {
			continue
		}
		key := request{path.Request.From, path.Request.To}
		other, known := first[key]
		if !known {
			first[key] = leaves{path, h, n}
			continue
		}
		one, two := other.hop, h
		if (one.Wire.Layers == 0) == (two.Wire.Layers == 0) {
			continue
		}
		d, ok := parting(other.path.Hops, path.Hops)
		if !ok {
			continue
		}
		if one.Wire.Layers > 0 {
			one, two = two, one
		}
		p.Report(validate.Shown(path, n, validate.Finding{
			Place:       p.At(p.Object(d), d.Field),
			Message:     fmt.Sprintf("of one route of %s a share leaves in the clear (%s) and a share by TLS (%s)", d, one.Destination, two.Destination),
			Consequence: "part of the same requests can be read on the way",
			Fix:         "lead all destinations of the route through TLS, or none",
		}))
	}
}

// parting is the route by which two ways of a request part: the last that both have, without what follows the rule.
func parting(a, b []traffic.Hop) (traffic.Decision, bool) {
	for i := range min(len(a), len(b)) {
		one, ok1 := validate.Decided(&a[i], "VirtualService")
		two, ok2 := validate.Decided(&b[i], "VirtualService")
		if !ok1 || !ok2 || one.Namespace != two.Namespace || one.Name != two.Name || a[i].Cluster == b[i].Cluster {
			continue
		}
		rule, _, _ := strings.Cut(one.Field, "]")
		other, _, _ := strings.Cut(two.Field, "]")
		if rule == other {
			one.Field = rule + "].route"
			return one, true
		}
	}
	return traffic.Decision{}, false
}
