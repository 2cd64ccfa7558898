package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh230 = validate.Rule{
	ID: "MSH230", Name: "origination-bypassed-by-port", Category: validate.PlaintextToTLS, Severity: validate.Error,
	Title:   "the rule makes TLS for a port that the request does not go to",
	Of:      bareCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := bare(b)
		if h == nil {
			return false
		}
		m, ok := nearest(p, h, byPort)
		return ok && p.Broken(b, n, pastThePort(p, h, m, refusedPlaintext(b)))
	},
	// What leaves in the clear may well arrive: at a port that takes plaintext.
	Check: func(p *validate.Pass) {
		inTheClear(p, byPort, func(path *traffic.Path, h *traffic.Hop, n int, m miss) {
			f := pastThePort(p, h, m, "it leaves in the clear, although the rule asks for TLS: whoever is on the way reads and changes it")
			switch _, routed := validate.Decided(h, "VirtualService"); {
			case routed && (h.Proxy == traffic.Gateway || !path.Request.Guess):
			case path.Request.Guess:
				f.Severity = validate.Info
			default: // the TLS may be for clients that the files do not hold
				f.Severity = validate.Warning
			}
			p.Report(validate.Shown(path, n, f))
		})
	},
}

func pastThePort(p *validate.Pass, h *traffic.Hop, m miss, consequence string) validate.Finding {
	c := clusterOf(h)
	f := validate.Finding{
		Place:       p.At(m.rule.Object, m.field),
		Message:     fmt.Sprintf("the request goes to port %d of %s, and %s sets tls (%s) for port %d only", c.port, c.host, m.rule.ID, m.tls.Mode, m.port),
		Consequence: consequence,
		Fix:         fmt.Sprintf("set tls for port %d in %s, if that is one that takes TLS", c.port, m.rule.ID),
	}
	if tls, ok := fieldValue(m.rule.Object, m.field).(map[string]any); ok && asksTLS(p, h) {
		f.Edits = tlsFor(p, m.rule, c, tls)
	}
	if route, ok := validate.Decided(h, "VirtualService"); ok {
		f.Related, f.Edits = []validate.Place{f.Place}, nil
		f.Place = p.Of(route)
		f.Fix = fmt.Sprintf("lead the request to port %d in %s; or %s", m.port, route, f.Fix)
		if object := p.Object(route); object != nil && object.Has(route.Field+".port.number") {
			f.Place = p.At(object, route.Field+".port.number")
			if entry, at, ok := declared(p, c.host, m.port); ok && isTLS(entry.Spec.Ports[atIndex(at)].Protocol) {
				f.Safe = true
				f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: m.port}}
			}
		}
	}
	return f
}
