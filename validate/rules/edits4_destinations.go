package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// rehost is the host that was called, where a route leads to one that nobody knows: at a gateway it is what is led on to,
// elsewhere only if the two differ by a slip of the pen.
func rehost(p *validate.Pass, b *validate.Break, h *traffic.Hop, c cluster, proxy string) string {
	called := strings.ToLower(b.Hops[0].Destination.Host)
	if e, _, ok := declared(p, called, c.port); !ok || !seen(p, e, proxy) || h.Proxy != traffic.Gateway && !alike(called, c.host) {
		return ""
	}
	return called
}

// portMeant is the one port of a host that a route may have meant: the only one that there is, or the one that was called.
func portMeant(p *validate.Pass, c cluster, called int) int {
	var ports []int
	for _, e := range entriesFor(p, c.host) {
		for _, one := range e.Spec.Ports {
			ports = append(ports, int(one.Number))
		}
	}
	if s, ok := serviceOf(p, c.host); ok {
		for _, one := range s.Spec.Spec.Ports {
			ports = append(ports, int(one.Port))
		}
	}
	switch {
	case slices.Contains(ports, called):
		return called
	case len(ports) == 1:
		return ports[0]
	}
	return 0
}

// noSubset says how a route and the subset that it names, and that no rule for the host has, come together: by the only rule
// for the host, which has it then too, or by none. What labels it has must be known of a workload of the mesh, and a
// subset of others mostly has none.
func noSubset(p *validate.Pass, f *validate.Finding, c cluster, proxy string, route traffic.Decision, routed bool) {
	rules := rulesFor(p, c.host)
	switch {
	case len(rules) == 1:
		r := rules[0]
		f.Fix = fmt.Sprintf("add subset %s to %s, or take it out of the route", c.subset, r.ID)
		root, _, _ := p.Index.Mesh()
		counts := slices.Contains([]string{proxy, ownerOf(p, c.host), root}, r.ID.Namespace) && !wildcard(r.Spec.Host) &&
			p.Index.Exported("DestinationRule", r.Spec.ExportTo, r.ID.Namespace, proxy)
		if counts && (isGateway(p, c.host) || len(entriesFor(p, c.host)) > 0) {
			f.Edits = []validate.Edit{atEnd(p, r.Object, "subsets", map[string]any{"name": c.subset})}
		}
	case len(rules) == 0 && routed:
		f.Fix = fmt.Sprintf("take subset %s out of the route, or write a DestinationRule for %s that has it", c.subset, c.host)
		if o := p.Object(route); o != nil && o.Has(route.Field+".subset") {
			f.Edits = []validate.Edit{{Object: f.Object, Field: route.Field + ".subset"}}
		}
	}
}

// halfName tells whether a host is NAME.NAMESPACE of a namespace of the files.
func halfName(p *validate.Pass, host string) bool {
	_, namespace, _ := strings.Cut(host, ".")
	return !strings.Contains(namespace, ".") && slices.ContainsFunc(p.Objects.All, func(o *bundle.Object) bool { return o.Namespace == namespace && namespace != "" })
}
