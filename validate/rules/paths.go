package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// originates tells whether the proxy of a hop puts a TLS of its own around what it sends on.
func originates(hops []traffic.Hop, i int) bool {
	if i == 0 {
		return false
	}
	h, came := &hops[i], hops[i-1].Wire.Layers
	if h.Terminates != nil {
		came--
	}
	return h.Wire.Layers > came && (h.Proxy == traffic.Sidecar || h.Proxy == traffic.Gateway)
}

// originator is the last hop whose proxy puts a TLS of its own around what it sends on, with its number.
func originator(b *validate.Break) (*traffic.Hop, int) {
	for i := len(b.Hops) - 1; i > 0; i-- {
		if originates(b.Hops, i) {
			return &b.Hops[i], i + 1
		}
	}
	return nil, 0
}

// lastProxy is the last hop of a proxy, with its number.
func lastProxy(hops []traffic.Hop) (*traffic.Hop, int) {
	for i := len(hops) - 1; i >= 0; i-- {
		if h := &hops[i]; h.Proxy == traffic.Sidecar || h.Proxy == traffic.Gateway {
			return h, i + 1
		}
	}
	return nil, 0
}

// firstDecision is the first object of a kind that had a say, on whichever hop.
func firstDecision(hops []traffic.Hop, kind string) (traffic.Decision, bool) {
	for i := range hops {
		if d, ok := validate.Decided(&hops[i], kind); ok {
			return d, true
		}
	}
	return traffic.Decision{}, false
}

// serves tells whether a ServiceEntry is for a host too.
func serves(p *validate.Pass, entry traffic.Decision, host string) bool {
	return slices.ContainsFunc(entriesFor(p, host), func(e traffic.Of[*networking.ServiceEntry]) bool {
		return e.ID.Namespace == entry.Namespace && e.ID.Name == entry.Name
	})
}

// exit is the last hop of a proxy, the one that sends to the service at the end, with its number.
func exit(b *validate.Break) (*traffic.Hop, int) { return lastProxy(b.Hops) }

// related are the places of those objects of some kinds that had a say in a hop.
func related(p *validate.Pass, h *traffic.Hop, kinds ...string) []validate.Place {
	var places []validate.Place
	for _, kind := range kinds {
		if d, ok := validate.Decided(h, kind); ok {
			places = append(places, p.Of(d))
		}
	}
	return places
}

// byAny names who sends, the application included.
func byAny(h *traffic.Hop) string {
	if h.Proxy == traffic.Application {
		if h.Workload == "" {
			return "the client outside"
		}
		return h.Workload
	}
	return by(h)
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// after is what follows a mark in a text, or all of it.
func after(text, mark string) string {
	if _, rest, ok := strings.Cut(text, mark); ok {
		return rest
	}
	return text
}

func wildcard(host string) bool { return strings.HasPrefix(host, "*") }

// wildcardRule tells whether a decision is of a DestinationRule for more than one host.
func wildcardRule(p *validate.Pass, d traffic.Decision) bool {
	return slices.ContainsFunc(p.Objects.DestinationRules, func(r traffic.Of[*networking.DestinationRule]) bool {
		return r.ID.Namespace == d.Namespace && r.ID.Name == d.Name && wildcard(r.Spec.Host)
	})
}

// declared is the ServiceEntry of a host and port, with the field of the port.
func declared(p *validate.Pass, host string, port int) (traffic.Of[*networking.ServiceEntry], string, bool) {
	for _, e := range entriesFor(p, host) {
		for i, one := range e.Spec.Ports {
			if int(one.Number) == port {
				return e, fmt.Sprintf("spec.ports[%d]", i), true
			}
		}
	}
	return traffic.Of[*networking.ServiceEntry]{}, "", false
}

// serverFor is the first server of a Gateway at the listener of a hop, with its field. The Service's port of a server is
// what Gateways name, so a listener on 8443 is looked for by its decision first.
func serverFor(p *validate.Pass, h *traffic.Hop) (traffic.Of[*networking.Gateway], string) {
	if d, ok := validate.Decided(h, "Gateway"); ok {
		if g, ok := gatewayNamed(p, d.Namespace+"/"+d.Name); ok {
			field, _, _ := strings.Cut(d.Field, "]")
			if strings.HasPrefix(field, "spec.servers[") {
				return g, field + "]"
			}
			return g, "spec.servers[0]"
		}
	}
	_, listens, _ := strings.Cut(h.Listener, "_")
	pod, ok := p.Index.Pod(h.Workload)
	for _, g := range p.Objects.Gateways {
		for i, s := range g.Spec.Servers {
			number := s.GetPort().GetNumber()
			at := fmt.Sprint(number)
			if (at == listens || number == 443 && listens == "8443" || number == 80 && listens == "8080") && ok && within(g.Spec.Selector, pod.Labels) {
				return g, fmt.Sprintf("spec.servers[%d]", i)
			}
		}
	}
	return traffic.Of[*networking.Gateway]{}, ""
}

// atIndex is the number in the brackets of a field.
func atIndex(field string) int {
	_, rest, _ := strings.Cut(field, "[")
	text, _, _ := strings.Cut(rest, "]")
	n, _ := strconv.Atoi(text)
	return n
}

func within(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return true
}

// entryField is where a rule has settings for a cluster's port.
func entryField(spec *networking.DestinationRule, c cluster) string {
	find := func(field string, p *networking.TrafficPolicy) string {
		for i, l := range p.GetPortLevelSettings() {
			if int(l.GetPort().GetNumber()) == c.port {
				return fmt.Sprintf("%s.portLevelSettings[%d]", field, i)
			}
		}
		return ""
	}
	for i, s := range spec.Subsets {
		if s.Name == c.subset && c.subset != "" {
			if f := find(fmt.Sprintf("spec.subsets[%d].trafficPolicy", i), s.TrafficPolicy); f != "" {
				return f
			}
		}
	}
	return find("spec.trafficPolicy", spec.TrafficPolicy)
}
