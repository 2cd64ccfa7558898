package rules

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A claim is a match of a tls route, or a tcp route, for a server of a gateway that nothing but the SNI, or nothing at all,
// tells apart from others.
type claim struct {
	server placed
	of     routesOf
	field  string // of the match, or of the rule
	snis   []string
	to     []*networking.RouteDestination
}

// claims are those for a pod's servers that pass TLS through (of tls routes) or take bytes (of tcp routes).
func claims(p *validate.Pass, pod traffic.Pod, tls bool) []claim {
	var all []claim
	for _, s := range serversOf(p, pod) {
		protocol := strings.ToUpper(s.GetPort().GetProtocol())
		passes := s.Tls.GetMode() == networking.ServerTLSSettings_PASSTHROUGH && s.Tls != nil && !plainHTTP[protocol]
		bytes := !passes && !plainHTTP[protocol] && protocol != "HTTPS" && (s.Tls == nil || s.terminates())
		if s.dropped || tls && !passes || !tls && !bytes {
			continue
		}
		for _, r := range boundTo(p, s.of.ID.Namespace+"/"+s.of.ID.Name) {
			if p.Index.Exported("VirtualService", r.Spec.ExportTo, r.ID.Namespace, pod.Namespace) && p.Index.Member(r.ID.Namespace) &&
				slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return s.meets(fullName(h, r.ID.Namespace), r.ID.Namespace) }) {
				all = append(all, claimsOf(s, r, tls)...)
			}
		}
	}
	return all
}

func claimsOf(s placed, r routesOf, tls bool) []claim {
	var all []claim
	for _, m := range gatewayMatches(r) {
		if m.kind == "http" || (m.kind == "tls") != tls || !m.isFor(r, s.of) || m.port != 0 && m.port != s.GetPort().GetNumber() {
			continue
		}
		if tls {
			h := r.Spec.Tls[atIndex(m.rule)]
			field := strings.TrimSuffix(m.field, ".gateways")
			all = append(all, claim{s, r, field, h.Match[atIndex(strings.TrimPrefix(field, m.rule))].SniHosts, h.Route})
		} else if last := len(all) - 1; last < 0 || all[last].field != m.rule {
			h := r.Spec.Tcp[atIndex(m.rule)]
			to := make([]*networking.RouteDestination, len(h.Route))
			for i, d := range h.Route {
				to[i] = &networking.RouteDestination{Destination: d.Destination, Weight: d.Weight}
			}
			all = append(all, claim{server: s, of: r, field: m.rule, to: to})
		}
	}
	return all
}

// alike tells whether two claims lead to the same.
func (c claim) alike(other claim) bool {
	full := func(c claim, i int) *networking.RouteDestination {
		d := proto.Clone(c.to[i]).(*networking.RouteDestination)
		if d.Destination != nil {
			d.Destination.Host = fullName(d.Destination.Host, c.of.ID.Namespace)
		}
		return d
	}
	if len(c.to) != len(other.to) {
		return false
	}
	for i := range c.to {
		if !proto.Equal(full(c, i), full(other, i)) {
			return false
		}
	}
	return true
}

func (c claim) String() string {
	var all []string
	for _, d := range c.to {
		all = append(all, fmt.Sprintf("%s:%d", d.GetDestination().GetHost(), d.GetDestination().GetPort().GetNumber()))
	}
	return strings.Join(all, " and ")
}

// A clash is two matches of one listener that have an SNI in common.
type clash struct {
	pod         traffic.Pod
	first, left claim
	sni         string
	lost        []string // those that only the one left out has
}

type twiceKey struct{}

func twice(p *validate.Pass) []clash {
	return validate.Once(p, twiceKey{}, func() []clash {
		type name struct {
			listens   int
			bind, sni string
		}
		var found []clash
		for _, pod := range gatewayPods(p) {
			taken := map[name]claim{}
			for _, c := range claims(p, pod, true) {
				at := func(sni string) name { return name{c.server.listens, c.server.Bind, sni} }
				i := slices.IndexFunc(c.snis, func(h string) bool { _, there := taken[at(h)]; return there })
				if i < 0 {
					for _, h := range c.snis {
						taken[at(h)] = c
					}
					continue
				}
				first := taken[at(c.snis[i])]
				lost := slices.DeleteFunc(slices.Clone(c.snis), func(h string) bool { _, there := taken[at(h)]; return there })
				found = append(found, clash{pod, first, c, c.snis[i], lost})
			}
		}
		return found
	})
}

// breaks tells whether a way does not arrive because the match for it is left out.
func (t clash) breaks(path *traffic.Path) bool {
	last := &path.Hops[len(path.Hops)-1]
	sender, _ := (&validate.Break{Path: path}).Sender()
	return path.Outcome.Cause == traffic.NoFilterChain && last.Workload == podName(t.pod) &&
		slices.ContainsFunc(t.lost, func(h string) bool { return covers(h, sender.Wire.SNI) })
}
