package rules

import (
	"fmt"
	"net/netip"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh854 = validate.Rule{
	ID: "MSH854", Name: "contrast-socket-taken", Category: validate.Duplicate, Severity: validate.Error, Anywhere: true,
	Title: "two of a pod's listeners want one address and port",
	Check: func(p *validate.Pass) {
		contrastFaults(p, func(c contrastPod, f *contrast.Fault) validate.Finding {
			found := validate.Finding{Consequence: c.starts(f, "only one of the two listens: the other's connections go where they are not meant to, or nowhere")}
			if f.Kind == contrast.PortReserved && f.Field == contrast.InIngress {
				found.Severity = validate.Warning
				found.Consequence = "the port is the sidecar's own, and the application cannot listen there"
				found.Edits = c.rewritten(p, f.Field, without(c.source().Value(f.Field).Text, f.Entry))
			}
			return found
		}, contrast.ListenTaken, contrast.ListenReserved, contrast.PortReserved)
		for _, c := range meshedPods(p) {
			if c.sure() {
				listenedTwice(p, c)
			}
		}
	},
}

// listenedTwice reports sockets of the sidecar on ports that the application says it listens on: it mostly does so on all
// addresses, and the kernel lets nobody do that while another has the port on one of them.
func listenedTwice(p *validate.Pass, c contrastPod) {
	s := c.source()
	for _, e := range s.Config.Egress {
		socket, err := netip.ParseAddrPort(e.Listen)
		if err != nil {
			continue
		}
		for _, one := range c.own() {
			for i, port := range one.Ports {
				if port.ContainerPort != int32(socket.Port()) || !isTCP(port.Protocol) {
					continue
				}
				at := c.where(p, s.Egress)
				p.Report(validate.Finding{
					Place:       at,
					Severity:    validate.Warning,
					Message:     fmt.Sprintf("egress %q%s listens on %s, and container %s of the pod on port %d", e.Name, c.of(at), e.Listen, one.Name, port.ContainerPort),
					Consequence: "an application that listens on all addresses, as most do, stops with \"address already in use\", for the sidecar was first",
					Fix:         fmt.Sprintf("listen on another port of %s, and point the application there", socket.Addr()),
					Related:     []validate.Place{p.At(c.object, c.at(fmt.Sprintf("%s.ports[%d].containerPort", one.field, i)))},
				})
			}
		}
	}
}
