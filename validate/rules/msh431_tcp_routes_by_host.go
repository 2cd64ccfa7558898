package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh431 = validate.Rule{
	ID: "MSH431", Name: "tcp-routes-by-host", Category: validate.Duplicate, Severity: validate.Error,
	Title: "tcp routes of one gateway's server that only hosts tell apart",
	Check: func(p *validate.Pass) {
		for _, pod := range gatewayPods(p) {
			firsts := map[string]claim{}
			for _, c := range claims(p, pod, false) {
				at := c.server.of.ID.String() + " " + c.server.field
				if first, known := firsts[at]; !known {
					firsts[at] = c
				} else if !first.alike(c) {
					reportTCP(p, pod, first, c)
				}
			}
		}
	},
}

func reportTCP(p *validate.Pass, pod traffic.Pod, first, c claim) {
	s := c.server
	number := s.GetPort().GetNumber()
	f := validate.Finding{
		Place:       p.At(c.of.Object, c.field),
		Message:     fmt.Sprintf("%s and %s lead port %d of %s to %s and to %s: bytes have no host, so the first takes all", first.of.ID, c.of.ID, number, s.of.ID, first, c),
		Consequence: fmt.Sprintf("every connection goes to %s, or to %s, whichever is older, and none to the other", first, c),
		Fix:         "give each of the services a port and a server of its own; or have clients send TLS, and choose by SNI with tls.mode PASSTHROUGH and tls routes",
		Related:     []validate.Place{p.At(first.of.Object, first.field), p.At(s.of.Object, s.field)},
	}
	if first.of.ID == c.of.ID {
		f.Message = fmt.Sprintf("two tcp rules of %s lead port %d of %s to %s and to %s: gateways look at nothing else in their matches, so the first takes all", c.of.ID, number, s.of.ID, first, c)
		f.Consequence = fmt.Sprintf("every connection goes to %s, and none to %s", first, c)
	}
	if s.Tls != nil {
		f.Fix = fmt.Sprintf("write a server of %s for each host, so that the SNI chooses the server; and one VirtualService for the host of each", s.of.ID)
		f.Edits = byHosts(p, first, c)
	} else if number := spare(p, pod); number != 0 {
		f.Fix = fmt.Sprintf("give %s a server and a port of its own, such as %d; or have clients send TLS, and choose by SNI with tls.mode PASSTHROUGH and tls routes", c, number)
		f.Edits = ownServer(p, c, number)
	}
	p.Report(f)
}
