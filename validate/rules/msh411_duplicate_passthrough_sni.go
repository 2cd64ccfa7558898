package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh411 = validate.Rule{
	ID: "MSH411", Name: "duplicate-passthrough-sni", Category: validate.Duplicate, Severity: validate.Error,
	Title: "two tls routes of one gateway's port claim the same SNI",
	Check: func(p *validate.Pass) {
		for _, t := range twice(p) {
			if !slices.ContainsFunc(p.Paths, t.breaks) {
				p.Report(t.finding(p))
			}
		}
	},
	Of:      []traffic.Cause{traffic.NoFilterChain},
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		_, n := b.Last()
		for _, t := range twice(p) {
			if t.breaks(b.Path) {
				return p.Broken(b, n, t.finding(p))
			}
		}
		return false
	},
}

// A clash is two matches of one listener that have an SNI in common.
type clash struct {
	pod         traffic.Pod
	first, left claim
	sni         string
	lost        []string // those that only the one left out has
}

func twice(p *validate.Pass) []clash {
	var found []clash
	for _, pod := range gatewayPods(p) {
		all := claims(p, pod, true)
		for i, c := range all {
			for _, first := range all[:i] {
				if sni := sharedSNI(first, c); sni != "" {
					lost := slices.DeleteFunc(slices.Clone(c.snis), func(h string) bool { return slices.Contains(first.snis, h) })
					found = append(found, clash{pod, first, c, sni, lost})
					break
				}
			}
		}
	}
	return found
}

// breaks tells whether a way does not arrive because the match for it is left out.
func (t clash) breaks(path traffic.Path) bool {
	last := &path.Hops[len(path.Hops)-1]
	sender, _ := (&validate.Break{Path: path}).Sender()
	return path.Outcome.Cause == traffic.NoFilterChain && last.Workload == podName(t.pod) &&
		slices.ContainsFunc(t.lost, func(h string) bool { return covers(h, sender.Wire.SNI) })
}

// sharedSNI is a name that two matches of one listener have in the same words, or "".
func sharedSNI(a, b claim) string {
	if a.server.listens != b.server.listens || a.server.Bind != b.server.Bind {
		return ""
	}
	for _, h := range b.snis {
		if slices.Contains(a.snis, h) {
			return h
		}
	}
	return ""
}

func (t clash) finding(p *validate.Pass) validate.Finding {
	first, c := t.first, t.left
	f := validate.Finding{
		Place:       p.At(c.of.Object, c.field+".sniHosts"),
		Message:     fmt.Sprintf("%s leads SNI %s at %s to %s, and %s leads it to %s: only one can", c.of.ID, t.sni, c.server.of.ID, c, first.of.ID, first),
		Consequence: "istiod takes the older VirtualService and leaves out the whole match of the younger one",
		Fix:         fmt.Sprintf("leave %s to one of them", t.sni),
		Related:     []validate.Place{p.At(first.of.Object, first.field+".sniHosts")},
	}
	if first.of.ID == c.of.ID {
		f.Consequence = "istiod takes the first match and leaves out the other"
	}
	switch {
	case len(t.lost) > 0:
		f.Message = fmt.Sprintf("matches of %s and %s at %s both have SNI %s", first.of.ID, c.of.ID, c.server.of.ID, t.sni)
		f.Consequence += fmt.Sprintf(", with %s: the gateway resets such connections", strings.Join(t.lost, " and "))
	case first.alike(c):
		f.Severity = validate.Info
		f.Message = fmt.Sprintf("matches of %s and %s at %s both have SNI %s and lead to the same", first.of.ID, c.of.ID, c.server.of.ID, t.sni)
	}
	return f
}
