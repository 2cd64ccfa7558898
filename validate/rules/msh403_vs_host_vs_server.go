package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh403 = validate.Rule{
	ID: "MSH403", Name: "vs-host-vs-server", Category: validate.Dangling, Severity: validate.Error,
	Title: "no server of the gateway takes the host",
	Check: func(p *validate.Pass) {
		for _, b := range unplaced(p) {
			if b.field != "" || b.shown(p) {
				continue
			}
			var hosts []string
			for _, s := range b.gateway.Spec.Servers {
				hosts = append(hosts, s.Hosts...)
			}
			f := validate.Finding{
				Severity:    validate.Warning,
				Place:       p.At(b.of.Object, fmt.Sprintf("spec.hosts[%d]", b.at)),
				Message:     fmt.Sprintf("%s is for %s at %s, of which no server takes that host: they have %s", b.of.ID, b.host, b.gateway.ID, orNone(hosts)),
				Consequence: "the gateway has no route for the host: 404 (NR) by HTTP, a reset by TLS",
				Fix:         fmt.Sprintf("add %s to hosts of a server of %s, or correct it in the VirtualService", b.host, b.gateway.ID),
				Related:     []validate.Place{p.At(b.gateway.Object, "spec.servers")},
			}
			f.Edits = b.moreHosts(p)
			if !strings.Contains(written(b.of, "hosts", b.at), ".") {
				f.Message += "; a name without a dot is a Service of the VirtualService's own namespace"
				f.Fix = "write the host that clients call, as the Gateway has it"
				f.Edits = nil
				if len(hosts) == 1 && !strings.ContainsAny(hosts[0], "*/") {
					f.Fix = fmt.Sprintf("write the host that clients call, %s, as the Gateway has it", hosts[0])
					f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: hosts[0]}}
				}
			}
			p.Report(f)
		}
	},
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH403", gatewayMiss(p, b)) },
}

// moreHosts are the edits by which the servers of the Gateway take the host of a binding. There are none where its servers
// differ in their hosts, and it is not known which is meant.
func (b binding) moreHosts(p *validate.Pass) []validate.Edit {
	var edits []validate.Edit
	var hosts []string
	kinds := kindsFor([]routesOf{b.of}, b.gateway)
	for i, s := range b.gateway.Spec.Servers {
		one := placed{of: b.gateway, field: fmt.Sprintf("spec.servers[%d]", i), Server: s}
		if wrongKind(kinds, one, b.host).rule != "" {
			continue
		}
		if hosts != nil && !slices.Equal(hosts, s.Hosts) {
			return nil
		}
		hosts = s.Hosts
		edits = append(edits, validate.Edit{Object: p.At(b.gateway.Object, "").Object, Field: one.field + ".hosts", Value: appended(s.Hosts, b.host)})
	}
	return edits
}

// serverMeant is the server of some that a host is meant for, and whether that is certain: it is the only one, or the only
// one whose Gateway a VirtualService for the host names.
func serverMeant(p *validate.Pass, servers []placed, host string) (placed, bool) {
	var named []placed
	for _, s := range servers {
		if slices.ContainsFunc(routesFor(p, host), func(r routesOf) bool { return listed(r, s.of.ID.Namespace+"/"+s.of.ID.Name) }) {
			named = append(named, s)
		}
	}
	switch {
	case len(servers) == 1 || len(named) == 0:
		return servers[0], len(servers) == 1
	}
	return named[0], len(named) == 1
}
