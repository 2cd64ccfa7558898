package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/certs/lint"
	"github.com/meshscenario/scenario/validate"
)

var msh822 = validate.Rule{
	ID: "MSH822", Name: "cfssl-config", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "CFSSL signs for whoever asks, or refuses its configuration",
	Check: func(p *validate.Pass) {
		for _, h := range heldTexts(p) {
			config := strings.Contains(h.text, `"signing"`) || strings.Contains(h.text, `"auth_keys"`)
			request := strings.Contains(h.text, `"CN"`) && strings.Contains(h.text, `"algo"`)
			if !config && !request || !strings.HasPrefix(strings.TrimSpace(h.text), "{") {
				continue
			}
			result, err := lint.File(h.key, []byte(h.text), p.Now)
			if err != nil {
				continue // of JSON that is of another program nothing is known
			}
			for _, f := range result.Findings {
				severity := validate.Severity(f.Severity)
				switch {
				case f.Check == "clear-key" && h.secret():
					continue // where it is to be
				case f.Check == "clear-key", f.Check == "unauthenticated":
					severity = validate.Error // a ConfigMap is read by many, and what is in a cluster is for a server
				}
				p.Report(validate.Finding{
					Place: h.at(p, f.Field, f.Line), Severity: severity,
					Message:     fmt.Sprintf("file %s: %s", h.key, f.Message),
					Consequence: lowered(f.Consequence),
					Fix:         lowered(f.Fix),
				})
			}
		}
	},
}

// lowered is a sentence as a clause.
func lowered(sentence string) string {
	if len(sentence) < 2 || sentence[1] >= 'A' && sentence[1] <= 'Z' { // CA, CFSSL
		return sentence
	}
	return strings.ToLower(sentence[:1]) + sentence[1:]
}
