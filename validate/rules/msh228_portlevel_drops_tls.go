package rules

import (
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh228 = validate.Rule{
	ID: "MSH228", Name: "portlevel-drops-tls", Category: validate.PlaintextToTLS, Severity: validate.Error,
	Title:   "an entry for a port replaces the rule's tls, and has none",
	Of:      bareCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := bare(b)
		if h == nil {
			return false
		}
		m, ok := nearest(p, h, byPortLevel)
		if !ok {
			return false
		}
		f := dropped(p, h, m, refusedPlaintext(b))
		if data, err := protojson.Marshal(m.tls); err == nil {
			var value any
			if json.Unmarshal(data, &value) == nil {
				f.Safe = true
				f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field + ".tls", Value: value}}
			}
		}
		return p.Broken(b, n, f)
	},
	// What is sent in the clear may be meant to be: then it is better said.
	Check: func(p *validate.Pass) {
		inTheClear(p, byPortLevel, func(path *traffic.Path, h *traffic.Hop, n int, m miss) {
			f := dropped(p, h, m, "it leaves in the clear, which may or may not be what the entry is for")
			f.Severity = validate.Info
			f.Fix += "; or write mode DISABLE there, if it is to have none"
			p.Report(validate.Shown(path, n, f))
		})
	},
}

func dropped(p *validate.Pass, h *traffic.Hop, m miss, consequence string) validate.Finding {
	c := clusterOf(h)
	return validate.Finding{
		Place:       p.At(m.rule.Object, entryField(m.rule.Spec, c)),
		Message:     fmt.Sprintf("the settings for port %d take the place of all that %s sets above them, its tls (%s) too", c.port, m.rule.ID, m.tls.Mode),
		Consequence: consequence,
		Fix:         fmt.Sprintf("write the tls of %s again within the settings for port %d", m.field, c.port),
		Related:     []validate.Place{p.At(m.rule.Object, m.field)},
	}
}
