package rules

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh814 = validate.Rule{
	ID: "MSH814", Name: "contrast-bypass", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "the application calls a service past the egress entry that is for it",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			if !c.sure() {
				continue
			}
			told := texts(p, c.template, c.own())
			for _, e := range c.source().Config.Egress {
				if m, ok := c.past(p, e, told); ok {
					p.Report(pastTheSidecar(p, c, e, m))
				}
			}
		}
	},
}

// past is where the pod is told to call the remote of an entry, if nothing tells it of the entry's socket.
func (c contrastPod) past(p *validate.Pass, e contrast.Egress, told []variable) (mention, bool) {
	r, ok := remoteOf(p, e.Remote, c.namespace)
	names, port := socketNames(e.Listen)
	if !ok || len(names) == 0 || len(mentions(told, names, port)) > 0 || c.aliased(r, names[0]) {
		return mention{}, false
	}
	found := mentions(told, r.names(c.namespace), r.port)
	slices.SortStableFunc(found, func(a, b mention) int { // a whole address says more than a host
		switch {
		case a.bare == b.bare:
			return 0
		case a.bare:
			return 1
		}
		return -1
	})
	if len(found) == 0 {
		return mention{}, false
	}
	return found[0], true
}

// aliased tells whether the pod's /etc/hosts has the address for the remote's name.
func (c contrastPod) aliased(r remote, address string) bool {
	for _, a := range c.Spec.HostAliases {
		if a.IP == address && slices.Contains(a.Hostnames, r.host) {
			return true
		}
	}
	return false
}

func pastTheSidecar(p *validate.Pass, c contrastPod, e contrast.Egress, m mention) validate.Finding {
	listens, address := e.Listen, e.Listen
	if m.bare {
		address, _, _ = net.SplitHostPort(e.Listen)
	}
	f := validate.Finding{
		Place:       p.At(m.object, m.field),
		Message:     fmt.Sprintf("%s is told to call %s itself, and not %s, where the sidecar waits to do so with the mesh's TLS", c.object.ID, m.value[m.from:m.to], listens),
		Consequence: "the request leaves the pod as the application sends it, in the clear: whoever is on the way can read it, and a server that asks for the mesh's TLS closes the connection",
		Fix:         fmt.Sprintf("have the application call %s", listens),
		Related:     []validate.Place{c.where(p, c.source().Egress)},
		Edits:       []validate.Edit{m.edit(p, address)},
	}
	if tlsSchemes[m.scheme] {
		f.Consequence = "the request leaves the pod with TLS of the application's own, which shows no certificate of the workload: a server that asks for one closes the connection"
		f.Fix = fmt.Sprintf("have the application call %s, without TLS: the sidecar makes it", listens)
		f.Edits = []validate.Edit{m.plain(p, address)}
	}
	if m.bare { // its port may stand anywhere
		f.Severity = validate.Warning
		if _, remotePort, _ := net.SplitHostPort(e.Remote); !strings.HasSuffix(e.Listen, ":"+remotePort) {
			f.Edits = nil
		}
	}
	return f
}
