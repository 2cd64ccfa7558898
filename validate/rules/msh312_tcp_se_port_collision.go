package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh312 = validate.Rule{
	ID: "MSH312", Name: "tcp-se-port-collision", Category: validate.Duplicate, Severity: validate.Error,
	Title: "two TCP hosts without addresses share a port, and one of them gets all of it",
	Check: func(p *validate.Pass) {
		for _, s := range strayed(p) {
			own, at, ok := declaredIn(entriesFor(p, s.dialled.Host), s.dialled.Port)
			if !ok || own.ID == s.entry.ID || s.entry.Object == nil || !isBytes(own.Spec.Ports[atIndex(at)].Protocol) || len(own.Spec.Addresses) > 0 {
				continue
			}
			f := validate.Finding{
				Place:       p.At(own.Object, "spec.addresses"),
				Message:     fmt.Sprintf("%s and %s both declare port %d as TCP without an address, so nothing tells %s from %s: the older one has the port", own.ID, s.entry.ID, s.dialled.Port, s.dialled.Host, s.reached),
				Consequence: fmt.Sprintf("what is sent to %s ends up at %s", s.dialled, s.reached),
				Fix:         fmt.Sprintf("give each host its address in spec.addresses, and call it by that or by a name that resolves to it; or use another port for %s", s.dialled.Host),
				Related:     []validate.Place{p.At(s.entry.Object, s.field)},
			}
			if scheme, _, _ := strings.Cut(s.path.Request.To, "://"); scheme == "tls" || scheme == "https" {
				f.Place = p.At(own.Object, at+".protocol")
				f.Fix = fmt.Sprintf("declare port %d as TLS in both: the SNI that clients send tells the hosts apart", s.dialled.Port)
				f.Edits = []validate.Edit{
					{Object: f.Place.Object, Field: f.Place.Field, Value: "TLS"},
					{Object: p.At(s.entry.Object, "").Object, Field: s.field + ".protocol", Value: "TLS"},
				}
			}
			p.Report(validate.Shown(s.path, 2, f))
		}
	},
}
