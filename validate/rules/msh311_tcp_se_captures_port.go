package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh311 = validate.Rule{
	ID: "MSH311", Name: "tcp-se-captures-port", Category: validate.Other, Severity: validate.Error,
	Title:   "a TCP port without an address takes in what is meant for others, or loses to HTTP",
	Of:      []traffic.Cause{traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH311", unregistered(p, b)) },
	Check: func(p *validate.Pass) {
		collides := map[string]bool{}
		for _, s := range strayed(p) {
			own, at, declared := declaredIn(entriesFor(p, s.dialled.Host), s.dialled.Port)
			if s.entry.Object == nil || declared && isBytes(own.Spec.Ports[atIndex(at)].Protocol) {
				collides[s.entry.ID.String()] = true
				continue
			}
			fix, edits := tellApart(p, s.entry, s.field, s.dialled.Port)
			p.Report(validate.Shown(s.path, 2, validate.Finding{
				Place:       p.At(s.entry.Object, s.field+".protocol"),
				Message:     fmt.Sprintf("port %d of %s is TCP without an address, so its listener takes all of what goes to port %d and is not told apart otherwise", s.dialled.Port, s.entry.ID, s.dialled.Port),
				Consequence: fmt.Sprintf("what is sent to %s ends up at %s", s.dialled, s.reached),
				Fix:         fix,
				Edits:       edits,
			}))
			collides[s.entry.ID.String()] = true
		}
		for _, e := range p.Objects.ServiceEntries {
			if !takesAll(e) || collides[e.ID.String()] || answersDNS(p, e.ID.Namespace) || !p.Index.Member(e.ID.Namespace) {
				continue
			}
			for i, one := range e.Spec.Ports {
				if !isBytes(one.Protocol) {
					continue
				}
				fix, edits := tellApart(p, e, fmt.Sprintf("spec.ports[%d]", i), int(one.Number))
				f := validate.Finding{
					Severity:    validate.Warning,
					Place:       p.At(e.Object, fmt.Sprintf("spec.ports[%d].protocol", i)),
					Message:     fmt.Sprintf("port %d of %s is %s without an address, so its listener takes all of what goes to port %d and is not told apart otherwise", one.Number, e.ID, one.Protocol, one.Number),
					Consequence: fmt.Sprintf("calls to hosts at port %d that nothing declares end up at %s", one.Number, e.Spec.Hosts[0]),
					Fix:         fix,
					Edits:       edits,
				}
				if one.Number != 80 && one.Number != 443 { // what everybody calls
					f.Severity = validate.Info
				}
				p.Report(f)
			}
		}
	},
}
