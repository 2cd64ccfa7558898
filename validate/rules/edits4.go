package rules

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// rawList is a list of an object's spec as the files have it.
func rawList(o *bundle.Object, name string) []any {
	spec, _ := o.Tree()["spec"].(map[string]any)
	items, _ := spec[name].([]any)
	return items
}

// atEnd adds an item to a list of an object's spec, which may not be there yet.
func atEnd(p *validate.Pass, o *bundle.Object, name string, item any) validate.Edit {
	e := validate.Edit{Object: p.At(o, "").Object, Field: fmt.Sprintf("spec.%s[%d]", name, len(rawList(o, name))), Value: item}
	if len(rawList(o, name)) == 0 {
		e.Field, e.Value = "spec."+name, []any{item}
	}
	return e
}

// alsoFor adds a gateway to those of a VirtualService, which is for sidecars where it names none.
func alsoFor(p *validate.Pass, r routesOf, gateway string) validate.Edit {
	return validate.Edit{Object: p.At(r.Object, "").Object, Field: "spec.gateways", Value: appended(boundGateways(r), gateway)}
}

// boundGateways are the gateways that a VirtualService is for.
func boundGateways(r routesOf) []string {
	if len(r.Spec.Gateways) == 0 {
		return []string{"mesh"}
	}
	return r.Spec.Gateways
}

// everyMatchNames tells whether no rule of a VirtualService counts at all the gateways that it is for, so that one more
// changes nothing but what the matches for it say.
func everyMatchNames(r routesOf) bool {
	return !slices.ContainsFunc(gatewayMatches(r), func(m gatewayMatch) bool { return len(m.gateways) == 0 })
}

// kindTaken is the kind of routes that a server takes.
func (s placed) kindTaken() string {
	protocol := strings.ToUpper(s.GetPort().GetProtocol())
	switch {
	case plainHTTP[protocol], protocol == "HTTPS" && s.terminates():
		return "http"
	case s.Tls.GetMode() == networking.ServerTLSSettings_PASSTHROUGH && s.Tls != nil:
		return "tls"
	}
	return "tcp"
}

// destined is a rule's only destination.
func destined(host string, port int) []any {
	return []any{map[string]any{"destination": map[string]any{"host": host, "port": map[string]any{"number": port}}}}
}

// rule is a route of a server's kind for a host.
func (s placed) rule(gateway, host string, route []any) map[string]any {
	match := map[string]any{"gateways": []any{gateway}, "port": int(s.GetPort().GetNumber())}
	if s.kindTaken() == "tls" {
		match["sniHosts"] = []any{host}
	}
	return map[string]any{"match": []any{match}, "route": route}
}

func jsonList(list []string) []any {
	all := make([]any, len(list))
	for i, one := range list {
		all[i] = one
	}
	return all
}

// restRule is the edit for one more rule at a server's gateway, for requests that fit none: they go where all others go.
func restRule(p *validate.Pass, r routesOf, s placed) []validate.Edit {
	kind := s.kindTaken()
	var route any
	for _, m := range gatewayMatches(r) {
		if m.kind != kind || !m.isFor(r, s.of) {
			continue
		}
		rule, _ := rawList(r.Object, kind)[atIndex(m.rule)].(map[string]any)
		if rule["route"] == nil || route != nil && !reflect.DeepEqual(rule["route"], route) {
			return nil
		}
		route = rule["route"]
	}
	if route == nil || kind != "http" {
		return nil
	}
	rule := map[string]any{"route": route}
	if len(r.Spec.Gateways) > 1 {
		rule["match"] = []any{map[string]any{"gateways": []any{s.of.ID.Namespace + "/" + s.of.ID.Name}}}
	}
	return []validate.Edit{atEnd(p, r.Object, kind, rule)}
}

// moreSNI is the edit for one more SNI in the only match of a VirtualService for a server's gateway.
func moreSNI(p *validate.Pass, r routesOf, s placed, sni string) []validate.Edit {
	all := claimsOf(s, r, true)
	if len(all) != 1 {
		return nil
	}
	return []validate.Edit{{Object: p.At(r.Object, "").Object, Field: all[0].field + ".sniHosts", Value: appended(all[0].snis, sni)}}
}

// split is the edit that leaves a match of a rule to sidecars, and gives gateways the same rule, for all clients.
func split(p *validate.Pass, r routesOf, field string, gateways []string) validate.Edit {
	rule, _, _ := strings.Cut(field, ".match")
	kind := strings.TrimPrefix(rule[:strings.Index(rule, "[")], "spec.")
	all := rawList(r.Object, kind)
	one := all[atIndex(rule)].(map[string]any)
	match := one["match"].([]any)[atIndex(strings.TrimPrefix(field, rule))].(map[string]any)
	own := maps.Clone(match)
	delete(own, "sourceLabels")
	delete(own, "sourceNamespace")
	match["gateways"], own["gateways"] = []any{"mesh"}, jsonList(gateways)
	more := map[string]any{"match": []any{own}, "route": one["route"]}
	return validate.Edit{Object: p.At(r.Object, "").Object, Field: "spec." + kind, Value: slices.Insert(all, atIndex(rule)+1, any(more))}
}
