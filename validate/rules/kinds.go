package rules

import (
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

// passesThrough tells whether each Gateway among some lets the TLS of a host pass as it is, at a port or, where that is 0,
// at any.
func passesThrough(p *validate.Pass, r routesOf, gateways []string, host string, port int) bool {
	return !slices.ContainsFunc(gateways, func(name string) bool {
		g, ok := gatewayNamed(p, fullGateway(name, r.ID.Namespace))
		return name != "mesh" && (!ok || !slices.ContainsFunc(g.Spec.Servers, func(s *networking.Server) bool {
			return placed{Server: s}.takes(host) && (port == 0 || int(s.GetPort().GetNumber()) == port) &&
				s.Tls != nil && s.Tls.Mode == networking.ServerTLSSettings_PASSTHROUGH
		}))
	})
}

// tlsEdits make tls routes of the http routes that TLS for a port is to take, where those lead somewhere and do nothing
// else.
func tlsEdits(p *validate.Pass, r routesOf, c cluster) []validate.Edit {
	written, _ := valueAt(r.Object, "spec.http")
	rules, _ := written.([]any)
	if len(rules) != len(r.Spec.Http) || len(r.Spec.Tls) > 0 {
		return nil
	}
	var stay, made []any
	for i, h := range r.Spec.Http {
		through := 0
		for _, m := range h.Match {
			gateways := m.Gateways
			if len(gateways) == 0 {
				gateways = r.Spec.Gateways
			}
			if (!forSidecars(gateways) || int(m.Port) == c.port) && passesThrough(p, r, gateways, c.host, int(m.Port)) {
				through++
			}
		}
		if through == 0 && len(h.Match) > 0 {
			stay = append(stay, rules[i])
			continue
		}
		rule, ok := tlsRule(h, rules[i], r.Spec.Hosts)
		if !ok || through != len(h.Match) {
			return nil
		}
		made = append(made, rule)
	}
	if len(made) == 0 {
		return nil
	}
	at := p.At(r.Object, "").Object
	edits := []validate.Edit{{Object: at, Field: "spec.http"}, {Object: at, Field: "spec.tls", Value: made}}
	if len(stay) > 0 {
		edits[0].Value = stay
	}
	return edits
}

// tlsRule is an http route as one for TLS to some hosts; it is not ok where it has what tls routes lack.
func tlsRule(h *networking.HTTPRoute, written any, hosts []string) (made map[string]any, ok bool) {
	fields, _ := written.(map[string]any)
	matches, _ := fields["match"].([]any)
	if len(h.Route) == 0 || len(matches) == 0 || slices.ContainsFunc(h.Route, func(d *networking.HTTPRouteDestination) bool { return d.Headers != nil }) {
		return nil, false
	}
	for key := range fields {
		if key != "match" && key != "route" && key != "name" {
			return nil, false
		}
	}
	var all []any
	for _, m := range matches {
		match, ok := tlsMatch(m, hosts)
		if !ok {
			return nil, false
		}
		all = append(all, match)
	}
	return map[string]any{"match": all, "route": fields["route"]}, true
}

// tlsMatch is a match for TLS to some hosts; it is not ok where it asks for what only http routes know.
func tlsMatch(match any, hosts []string) (made map[string]any, ok bool) {
	fields, _ := match.(map[string]any)
	made = map[string]any{"sniHosts": list(hosts)}
	for key, value := range fields {
		switch key {
		case "port", "gateways", "sourceLabels", "sourceNamespace":
			made[key] = value
		default:
			return nil, false
		}
	}
	return made, true
}
