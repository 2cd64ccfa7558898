package rules

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

// mend says how routes of a kind that a server does not take, and the server, come together, and by which edits; it leaves
// the fix as it is where it cannot know.
func (k kindMiss) mend(p *validate.Pass, r routesOf, s placed, host string) (fix string, edits []validate.Edit) {
	server := p.At(s.of.Object, "").Object
	tls, plain := ends(p, r, s, k.has)
	pass := k.has == "tls" && tls && !plain && s.Tls.GetMode() == networking.ServerTLSSettings_SIMPLE && !s.usedBy(p, r)
	switch k.rule {
	case "MSH405", "MSH407":
		switch {
		case pass:
			other := map[string]string{"MSH405": "http routes to a port for HTTP", "MSH407": "tcp routes"}[k.rule]
			return fmt.Sprintf("set tls.mode PASSTHROUGH in the server of %s, as what the routes lead to takes TLS itself; or write %s", s.of.ID, other),
				[]validate.Edit{{Object: server, Field: s.field + ".tls", Value: map[string]any{"mode": "PASSTHROUGH"}}}
		case k.rule == "MSH405" && plain:
			return k.fix, retold(p, r, s, k.has, "http", host)
		case k.rule == "MSH407" && k.has == "tls":
			return k.fix, retold(p, r, s, k.has, "tcp", host)
		case k.rule == "MSH407" && !s.usedBy(p, r):
			return fmt.Sprintf("set protocol HTTPS in the server of %s, so that http routes count; or write them as tcp routes", s.of.ID),
				[]validate.Edit{{Object: server, Field: s.field + ".port.protocol", Value: "HTTPS"}}
		}
	case "MSH406":
		if plain {
			return "let the server terminate, with tls.mode SIMPLE and a credentialName, as what the routes lead to takes plain HTTP", nil
		}
		return k.fix, retold(p, r, s, k.has, "tls", host)
	case "MSH408":
		return k.fix, retold(p, r, s, k.has, s.kindTaken(), host)
	}
	return k.fix, nil
}

// usedBy tells whether another VirtualService has routes that a server takes as it is.
func (s placed) usedBy(p *validate.Pass, but routesOf) bool {
	return slices.ContainsFunc(boundTo(p, s.of.ID.Namespace+"/"+s.of.ID.Name), func(r routesOf) bool {
		return r.ID != but.ID && kindsFor([]routesOf{r}, s.of)[s.kindTaken()]
	})
}

// ends tells whether routes of a VirtualService for a server lead to ports that are declared for TLS, and to ones that are
// declared for plain HTTP.
func ends(p *validate.Pass, r routesOf, s placed, kind string) (tls, plain bool) {
	for _, m := range gatewayMatches(r) {
		if m.kind != kind || !m.isFor(r, s.of) {
			continue
		}
		for _, d := range destinations(m.only(r)) {
			protocol := protocolAt(p, strings.ToLower(fullName(d.GetHost(), r.ID.Namespace)), int(d.GetPort().GetNumber()))
			tls, plain = tls || isTLS(protocol), plain || isHTTP(protocol)
		}
	}
	return tls, plain
}

// protocolAt is what is declared of a port of a host.
func protocolAt(p *validate.Pass, host string, port int) string {
	if e, field, ok := declared(p, host, port); ok {
		return e.Spec.Ports[atIndex(field)].Protocol
	}
	if s, ok := serviceOf(p, host); ok {
		for _, one := range s.Spec.Spec.Ports {
			if int(one.Port) == port {
				return namedProtocol(one)
			}
		}
	}
	return ""
}

// retold are the edits that write the one rule for a server as one of another kind. There are none where it would not say
// the same: it looks into requests, or other servers and gateways take it as it is.
func retold(p *validate.Pass, r routesOf, s placed, from, to, host string) []validate.Edit {
	for i, other := range s.of.Spec.Servers {
		one := placed{of: s.of, field: fmt.Sprintf("spec.servers[%d]", i), Server: other}
		if one.field != s.field && one.meetsAny(host) && one.kindTaken() == from {
			return nil
		}
	}
	if to == "tcp" && s.usedBy(p, r) {
		return nil // MSH431
	}
	var stay []any
	var moved map[string]any
	for i, raw := range rawList(r.Object, from) {
		rule, _ := raw.(map[string]any)
		its := slices.DeleteFunc(gatewayMatches(r), func(m gatewayMatch) bool { return m.rule != fmt.Sprintf("spec.%s[%d]", from, i) })
		at := slices.DeleteFunc(slices.Clone(its), func(m gatewayMatch) bool {
			return !m.isFor(r, s.of) || m.port != 0 && m.port != s.GetPort().GetNumber()
		})
		if len(at) == 0 {
			stay = append(stay, raw)
			continue
		}
		if len(at) != len(its) || moved != nil || !onlyKeys(rule, "name", "match", "route") {
			return nil
		}
		moved = map[string]any{"route": rule["route"]}
		if match := rematched(r, s, rule, at, to); match == nil {
			return nil
		} else if len(match) > 0 {
			moved["match"] = []any{match}
		}
	}
	if moved == nil {
		return nil
	}
	o := p.At(r.Object, "").Object
	edit := validate.Edit{Object: o, Field: "spec." + from}
	if len(stay) > 0 {
		edit.Value = stay
	}
	return []validate.Edit{edit, atEnd(p, r.Object, to, moved)}
}

// rematched is the match of a rule as one of another kind has it; nil where it says more than that kind can.
func rematched(r routesOf, s placed, rule map[string]any, at []gatewayMatch, to string) map[string]any {
	var match map[string]any
	all, _ := rule["match"].([]any)
	if len(all) == 0 {
		all = []any{map[string]any{}}
	}
	for i, raw := range all {
		one, _ := raw.(map[string]any)
		others := slices.ContainsFunc(orBound(r, at[i]), func(g string) bool { return !names(g, r.ID.Namespace, s.of) })
		snis, _ := one["sniHosts"].([]any)
		if others || !onlyKeys(one, "gateways", "port", "sniHosts") || len(snis) > 0 && to == "http" && len(snis) < len(r.Spec.Hosts) {
			return nil
		}
		next := map[string]any{}
		for _, key := range []string{"gateways", "port"} {
			if v, ok := one[key]; ok {
				next[key] = v
			}
		}
		switch to {
		case "tls":
			next["sniHosts"] = jsonList(r.Spec.Hosts)
		case "tcp":
			next["port"] = int64(s.GetPort().GetNumber())
		}
		if match != nil && !reflect.DeepEqual(match, next) {
			return nil
		}
		match = next
	}
	return match
}

func orBound(r routesOf, m gatewayMatch) []string {
	if len(m.gateways) == 0 {
		return boundGateways(r)
	}
	return m.gateways
}

func onlyKeys(m map[string]any, keys ...string) bool {
	for k := range m {
		if !slices.Contains(keys, k) {
			return false
		}
	}
	return true
}

// only is a VirtualService with no rule but that of a match.
func (m gatewayMatch) only(r routesOf) routesOf {
	one := routesOf{Object: r.Object, ID: r.ID, Spec: &networking.VirtualService{Hosts: r.Spec.Hosts, Gateways: r.Spec.Gateways}}
	switch i := atIndex(m.rule); m.kind {
	case "http":
		one.Spec.Http = r.Spec.Http[i : i+1]
	case "tls":
		one.Spec.Tls = r.Spec.Tls[i : i+1]
	default:
		one.Spec.Tcp = r.Spec.Tcp[i : i+1]
	}
	return one
}
