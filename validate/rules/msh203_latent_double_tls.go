package rules

import (
	"fmt"
	"strings"

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
		fix := "limit it to those that send plaintext, by exportTo or workloadSelector, or to the gateway by its namespace and exportTo: [\".\"]"
		if !strings.Contains(rule.Field, "portLevelSettings") {
			fix = "set tls in portLevelSettings, for the ports that take plaintext only; or " + fix
		}
		return p.Broken(b, n, validate.Finding{
			Severity:    validate.Info,
			Place:       p.Of(rule),
			Message:     fmt.Sprintf("whoever calls %s with TLS of its own gets TLS within TLS: %s puts its own around it", h.Destination, by(h)),
			Consequence: "such a call fails with a TLS error; others, which leave the TLS to the mesh, are not touched",
			Fix:         fmt.Sprintf("if such clients may come, change %s: %s", rule, fix),
		})
	},
}
