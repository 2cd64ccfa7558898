package rules

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh814 = validate.Rule{
	ID: "MSH814", Name: "contrast-bypass", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "the application calls a service past the egress entry that is for it",
	Check: func(p *validate.Pass) {
		for _, o := range outgoings(p) {
			if m, ok := o.past(p); ok {
				p.Report(pastTheSidecar(p, o, m))
			}
		}
	},
}

// past is where the pod is told to call the remote of an entry, if nothing tells it of the entry's socket.
func (o outgoing) past(p *validate.Pass) (mention, bool) {
	told := o.told(p)
	names, port := socketNames(o.Listen)
	if len(names) == 0 || len(mentions(told, names, port)) > 0 || o.aliased(names[0]) {
		return mention{}, false
	}
	found := mentions(told, o.to.names(o.namespace), o.to.port)
	if i := slices.IndexFunc(found, func(m mention) bool { return !m.bare }); i >= 0 { // a whole address says more than a host
		return found[i], true
	}
	if len(found) == 0 {
		return mention{}, false
	}
	return found[0], true
}

// aliased tells whether the pod's /etc/hosts has the address for the remote's name.
func (o outgoing) aliased(address string) bool {
	for _, a := range o.Spec.HostAliases {
		if a.IP == address && slices.Contains(a.Hostnames, o.to.host) {
			return true
		}
	}
	return false
}

func pastTheSidecar(p *validate.Pass, o outgoing, m mention) validate.Finding {
	listens, address := o.Listen, o.Listen
	if m.bare {
		address, _, _ = net.SplitHostPort(o.Listen)
	}
	f := validate.Finding{
		Place:       p.At(m.object, m.field),
		Message:     fmt.Sprintf("%s is told to call %s itself, and not %s, where the sidecar waits to do so with the mesh's TLS", o.object.ID, m.value[m.from:m.to], listens),
		Consequence: "the request leaves the pod as the application sends it, in the clear: whoever is on the way can read it, and a server that asks for the mesh's TLS closes the connection",
		Fix:         fmt.Sprintf("have the application call %s", listens),
		Related:     []validate.Place{o.written(p)},
		Edits:       []validate.Edit{m.edit(p, address)},
	}
	if tlsSchemes[m.scheme] {
		f.Consequence = "the request leaves the pod with TLS of the application's own, which shows no certificate of the workload: a server that asks for one closes the connection"
		f.Fix = fmt.Sprintf("have the application call %s, without TLS: the sidecar makes it", listens)
		f.Edits = []validate.Edit{m.plain(p, address)}
	}
	if m.bare { // its port may stand anywhere
		f.Severity = validate.Warning
		if _, remotePort, _ := net.SplitHostPort(o.Remote); !strings.HasSuffix(o.Listen, ":"+remotePort) {
			f.Edits = nil
		}
	}
	return f
}
