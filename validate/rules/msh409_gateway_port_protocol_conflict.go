package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh409 = validate.Rule{
	ID: "MSH409", Name: "gateway-port-protocol-conflict", Category: validate.GatewayTLS, Severity: validate.Error,
	Title: "servers of one gateway's port that cannot share it",
	Check: func(p *validate.Pass) {
		for _, c := range conflicts(p) {
			if c.host == "" && !slices.ContainsFunc(p.Paths, c.breaks) {
				p.Report(c.ofPort(p))
			}
		}
		for _, pod := range gatewayPods(p) {
			byAge(p, pod)
		}
	},
	Of:      conflictCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		c, ok := brokenBy(p, b.Path, false)
		_, n := b.Last()
		return ok && p.Broken(b, n, c.ofPort(p))
	},
}

func (c conflict) ofPort(p *validate.Pass) validate.Finding {
	number := c.left.GetPort().GetNumber()
	f := validate.Finding{
		Place:       p.At(c.left.of.Object, c.left.field+".port"),
		Message:     fmt.Sprintf("port %d of gateway %s is to be %s by %s and %s by %s, which cannot share it", number, podName(c.pod), c.kept.kind(), c.kept.of.ID, c.left.kind(), c.left.of.ID),
		Consequence: "istiod leaves out the younger of the two servers, and says so in its log only: its hosts are not served on the port",
		Fix:         fmt.Sprintf("give the server of %s a port of its own, such as 80 for HTTP and 443 for HTTPS", c.left.of.ID),
		Related:     []validate.Place{p.At(c.kept.of.Object, c.kept.field+".port")},
	}
	switch {
	case c.left.Tls != nil && c.kept.Tls != nil:
		f.Message = fmt.Sprintf("two servers of %s on port %d have the port name %s, by which their routes are told apart", c.left.of.ID, number, c.left.GetPort().GetName())
		f.Fix = "give each server a port name of its own"
	case c.left.Tls == nil && c.kept.Tls == nil && !plainHTTP[c.left.kind()]:
		f.Fix = fmt.Sprintf("give the server of %s a port of its own: nothing but the port tells TCP connections apart", c.left.of.ID)
	default:
		if s, number := portOfServer(p, c.pod, c.left, c.kept); number != 0 {
			f.Fix = fmt.Sprintf("give the server of %s port %d, the usual one for %s", s.of.ID, number, s.GetPort().GetProtocol())
			f.Edits = s.moved(p, number)
		}
	}
	return f
}

// byAge reports servers of plain HTTP or TCP beside TLS on one port that both stay only because the TLS is older.
func byAge(p *validate.Pass, pod traffic.Pod) {
	type port struct {
		listens int
		bind    string
	}
	tls := map[port]placed{}
	for _, s := range serversOf(p, pod) {
		at := port{s.listens, s.Bind}
		first, after := tls[at]
		switch {
		case s.dropped:
		case s.Tls != nil && !plainHTTP[s.kind()] && !after:
			tls[at] = s
		case s.Tls == nil && after:
			f := validate.Finding{
				Severity:    validate.Warning,
				Place:       p.At(s.of.Object, s.field+".port"),
				Message:     fmt.Sprintf("port %d is %s by %s and %s by %s: both are there only as long as the former is the older object", s.GetPort().GetNumber(), first.kind(), first.of.ID, s.kind(), s.of.ID),
				Consequence: "made anew in another order, istiod leaves the TLS server out",
				Fix:         fmt.Sprintf("give the server of %s a port of its own", s.of.ID),
				Related:     []validate.Place{p.At(first.of.Object, first.field+".port")},
			}
			if one, number := portOfServer(p, pod, s, first); number != 0 {
				f.Fix = fmt.Sprintf("give the server of %s port %d, the usual one for %s", one.of.ID, number, one.GetPort().GetProtocol())
				f.Edits = one.moved(p, number)
			}
			p.Report(f)
		}
	}
}
