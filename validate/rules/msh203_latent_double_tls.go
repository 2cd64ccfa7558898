package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh203 = validate.Rule{
	ID: "MSH203", Name: "latent-double-tls", Category: validate.DoubleTLS, Severity: validate.Info,
	Title:   "a client that makes TLS itself would get TLS within TLS",
	Of:      []traffic.Cause{traffic.DoubleTLS},
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := originator(b)
		if h == nil {
			return false
		}
		rule, _ := validate.Decided(h, "DestinationRule")
		others := b.Request.Guess && settingsInUse(p)[rule.Namespace+"/"+rule.Name+" "+rule.Field]
		if b.Severity != validate.Info && !others {
			return false
		}
		edits, how := leftAlone(p, h)
		fix := how + "; or limit it to those that send plaintext, by exportTo or workloadSelector"
		if len(edits) == 0 {
			fix = fmt.Sprintf("limit %s to those that send plaintext, by workloadSelector, or by exportTo in the gateway's namespace", rule)
			if edits = keptHome(p, h, rule); len(edits) > 0 {
				fix = fmt.Sprintf("set exportTo: [\".\"] in %s, as only proxies of namespace %s need it", rule, rule.Namespace)
			}
		}
		return p.Broken(b, n, validate.Finding{
			Severity:    validate.Info,
			Place:       p.Of(rule),
			Message:     fmt.Sprintf("whoever calls %s with TLS of its own gets TLS within TLS: %s puts its own around it", h.Destination, by(h)),
			Consequence: "such a call fails with a TLS error; others, which leave the TLS to the mesh, are not touched",
			Fix:         "if such clients may come, " + fix,
			Edits:       edits,
		})
	},
}

// keptHome are the edits that keep a rule to proxies of its own namespace, where nobody else needs its TLS.
func keptHome(p *validate.Pass, h *traffic.Hop, rule traffic.Decision) []validate.Edit {
	o := p.Object(rule)
	if o == nil || o.Has("spec.exportTo") || o.Has("spec.workloadSelector") || clientOf(h) == rule.Namespace {
		return nil
	}
	for _, use := range tlsUses(p, rule) {
		if use.arrives && use.proxy != rule.Namespace {
			return nil
		}
	}
	return []validate.Edit{{Object: p.Of(rule).Object, Field: "spec.exportTo", Value: []any{"."}}}
}
