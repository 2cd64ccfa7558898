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

// withoutMatch is the edit that takes a match away, or its rule, if the VirtualService has others.
func withoutMatch(p *validate.Pass, c claim) []validate.Edit {
	rule, _, _ := strings.Cut(c.field, ".match")
	e := validate.Edit{Object: p.At(c.of.Object, "").Object, Field: c.field}
	switch {
	case len(c.of.Spec.Tls[atIndex(rule)].Match) > 1:
	case len(c.of.Spec.Tls)+len(c.of.Spec.Http)+len(c.of.Spec.Tcp) > 1:
		e.Field = rule
	default:
		return nil
	}
	return []validate.Edit{e}
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
		f.Fix = fmt.Sprintf("take %s out of %s of %s, which leaves it to %s", t.sni, f.Field, c.of.ID, first.of.ID)
		f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: jsonList(t.lost)}}
	case first.alike(c):
		f.Severity = validate.Info
		f.Message = fmt.Sprintf("matches of %s and %s at %s both have SNI %s and lead to the same", first.of.ID, c.of.ID, c.server.of.ID, t.sni)
		f.Edits = withoutMatch(p, c)
	}
	return f
}
