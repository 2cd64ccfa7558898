package rules

import (
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// byHosts are the edits that leave a server to the hosts of one VirtualService, and give those of the other one of their own.
func byHosts(p *validate.Pass, first, c claim) []validate.Edit {
	s := c.server
	of := func(r routesOf, h string) bool {
		return slices.ContainsFunc(r.Spec.Hosts, func(own string) bool { return strings.EqualFold(fullName(own, r.ID.Namespace), h) })
	}
	var own, rest []string
	for _, h := range s.Hosts {
		switch {
		case of(c.of, h) && !of(first.of, h):
			own = append(own, h)
		case of(first.of, h) || !wildcard(h):
			rest = append(rest, h)
		default:
			return nil
		}
	}
	server, _ := rawList(s.of.Object, "servers")[atIndex(s.field)].(map[string]any)
	port, _ := server["port"].(map[string]any)
	if len(own) == 0 || len(rest) == 0 || port == nil {
		return nil
	}
	server["hosts"], port["name"] = jsonList(own), s.unnamed()
	return []validate.Edit{
		{Object: p.At(s.of.Object, "").Object, Field: s.field + ".hosts", Value: jsonList(rest)},
		atEnd(p, s.of.Object, "servers", server),
	}
}

// spare is the one port for bytes of a gateway's Service that no server has, or 0.
func spare(p *validate.Pass, pod traffic.Pod) uint32 {
	var found uint32
	for _, s := range servicesOf(p, pod) {
		for _, port := range s.Spec.Spec.Ports {
			number := uint32(port.Port)
			if !isBytes(namedProtocol(port)) || slices.ContainsFunc(serversOf(p, pod), func(s placed) bool { return s.GetPort().GetNumber() == number }) {
				continue
			}
			if found != 0 {
				return 0
			}
			found = number
		}
	}
	return found
}

// ownServer are the edits by which a claim has a server of its own on another port.
func ownServer(p *validate.Pass, c claim, number uint32) []validate.Edit {
	s := c.server
	server, _ := rawList(s.of.Object, "servers")[atIndex(s.field)].(map[string]any)
	port, _ := server["port"].(map[string]any)
	all := slices.DeleteFunc(gatewayMatches(c.of), func(m gatewayMatch) bool { return m.rule != c.field })
	if port == nil || leadsToGateway(p, c.of) || slices.ContainsFunc(all, func(m gatewayMatch) bool {
		return slices.ContainsFunc(orBound(c.of, m), func(g string) bool { return !names(g, c.of.ID.Namespace, s.of) })
	}) {
		return nil // who calls it there has to be led to the other port too
	}
	port["number"], port["name"] = int(number), s.unnamed()
	edits := []validate.Edit{atEnd(p, s.of.Object, "servers", server)}
	for _, m := range all {
		e := validate.Edit{Object: p.At(c.of.Object, "").Object, Field: strings.TrimSuffix(m.field, "gateways") + "port", Value: int(number)}
		if m.field == "" {
			e.Field, e.Value = m.rule+".match", []any{map[string]any{"port": int(number)}}
		}
		edits = append(edits, e)
	}
	return edits
}
