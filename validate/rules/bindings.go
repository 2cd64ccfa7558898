package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A binding is a host of a VirtualService that is for gateways only and finds no place at any of them, as far as requests
// of the bundle do not show that anyway.
type binding struct {
	of      routesOf
	at      int // of the host in spec.hosts
	host    string
	gateway gatewayOf // one that it names
	field   string    // of a server that takes the host, but not of this namespace, or not with routes of this kind
	server  placed
	kind    kindMiss
}

// unplaced are the hosts of VirtualServices that no server of the Gateways that they name takes. Where one of the Gateways
// is not in the files, nobody can tell.
func unplaced(p *validate.Pass) []binding {
	return validate.Once(p, unplacedKey{}, func() []binding { return findUnplaced(p) })
}

type unplacedKey struct{}

func findUnplaced(p *validate.Pass) []binding {
	var all []binding
	for _, r := range p.Objects.VirtualServices {
		gateways, ok := gatewaysNamed(p, r)
		if !ok {
			continue
		}
		for at, h := range r.Spec.Hosts {
			b := binding{of: r, at: at, host: fullName(h, r.ID.Namespace), gateway: gateways[0]}
			if !b.placed(gateways) {
				all = append(all, b)
			}
		}
	}
	return all
}

// placed tells whether some server takes the host and the routes that there are; if not, the binding says what is in the
// way.
func (b *binding) placed(gateways []gatewayOf) bool {
	for _, g := range gateways {
		kinds := kindsFor([]routesOf{b.of}, g)
		for i, s := range g.Spec.Servers {
			one := placed{of: g, field: fmt.Sprintf("spec.servers[%d]", i), Server: s}
			switch {
			case !one.meetsAny(b.host):
			case !one.meets(b.host, b.of.ID.Namespace):
				if b.field == "" {
					b.gateway, b.field, b.server = g, one.field, one
				}
			default:
				k := wrongKind(kinds, one, b.host)
				if k.rule == "" {
					return true
				}
				b.gateway, b.field, b.server, b.kind = g, one.field, one, k
			}
		}
	}
	return false
}

// gatewaysNamed are the Gateways that a VirtualService names, if it is for gateways only and all of them are in the files.
func gatewaysNamed(p *validate.Pass, r routesOf) ([]gatewayOf, bool) {
	var all []gatewayOf
	for _, name := range r.Spec.Gateways {
		g, ok := gatewayNamed(p, fullGateway(name, r.ID.Namespace))
		if name == "mesh" || !ok {
			return nil, false
		}
		all = append(all, g)
	}
	return all, len(all) > 0 && len(r.Spec.Hosts) > 0
}

// meetsAny tells whether a server has a name in common with a host, for VirtualServices of whichever namespace.
func (s placed) meetsAny(host string) bool {
	return slices.ContainsFunc(s.Hosts, func(h string) bool {
		_, name, found := strings.Cut(h, "/")
		if !found {
			name = h
		}
		return name == "*" || host == "*" || covers(name, host) || covers(host, name)
	})
}

// shown tells whether a request of the bundle for the host does not arrive, which says more.
func (b binding) shown(p *validate.Pass) bool {
	return slices.ContainsFunc(p.Paths, func(path *traffic.Path) bool {
		return slices.Contains(gatewayCauses, path.Outcome.Cause) && covers(b.host, strings.ToLower(path.Hops[0].Destination.Host))
	})
}

// wrongKinds reports the hosts of VirtualServices that a server takes, though not with routes of the kind that there are.
func wrongKinds(p *validate.Pass, id string) {
	for _, b := range unplaced(p) {
		if b.kind.rule != id || b.shown(p) {
			continue
		}
		fix, edits := b.kind.mend(p, b.of, b.server, b.host)
		p.Report(validate.Finding{
			Severity:    validate.Warning,
			Place:       p.At(b.of.Object, "spec."+b.kind.has),
			Category:    validate.NoRoute,
			Message:     fmt.Sprintf("%s has %s routes for %s, and %s", b.of.ID, b.kind.has, b.gateway.ID, b.kind.why),
			Consequence: "the VirtualService does nothing there: what comes for " + b.host + " finds no route",
			Fix:         fix,
			Edits:       edits,
			Related:     []validate.Place{p.At(b.gateway.Object, b.field)},
		})
	}
}
