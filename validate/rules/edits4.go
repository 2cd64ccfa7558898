package rules

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
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

// secondHop are the edits by which a VirtualService that leads sidecars to a gateway leads on from a server of it, to the
// port that was called of the host outside. The rules that lead there no longer count at the gateway.
func secondHop(p *validate.Pass, r routesOf, s placed, host string, port int) []validate.Edit {
	host = strings.ToLower(host)
	if _, _, ok := declared(p, host, port); !ok || len(r.Spec.Hosts) != 1 || !strings.EqualFold(r.Spec.Hosts[0], host) {
		return nil // where it goes from there is not known, or not the same for all of its hosts
	}
	full := s.of.ID.Namespace + "/" + s.of.ID.Name
	var edits []validate.Edit
	if !listed(r, full) {
		edits = append(edits, alsoFor(p, r, full))
	}
	onward := false
	o := p.At(r.Object, "").Object
	for _, m := range gatewayMatches(r) {
		gateways := orBound(r, m)
		if len(m.gateways) == 0 {
			gateways = append(slices.Clone(gateways), full)
		}
		if !slices.ContainsFunc(gateways, func(g string) bool { return names(g, r.ID.Namespace, s.of) }) {
			continue
		}
		if !leadsToGateway(p, m.only(r)) {
			onward = onward || m.kind == s.kindTaken()
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(gateways), func(g string) bool { return names(g, r.ID.Namespace, s.of) })
		if len(rest) == 0 {
			return nil
		}
		if m.field == "" {
			edits = append(edits, validate.Edit{Object: o, Field: m.rule + ".match", Value: []any{map[string]any{"gateways": jsonList(rest)}}})
		} else {
			edits = append(edits, validate.Edit{Object: o, Field: m.field, Value: jsonList(rest)})
		}
	}
	if !onward {
		edits = append(edits, atEnd(p, r.Object, s.kindTaken(), s.rule(full, host, destined(host, port))))
	}
	return edits
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

// untangled are the edits for a VirtualService whose rule for sidecars counts at the gateway too.
func untangled(p *validate.Pass, b *validate.Break, route traffic.Decision) []validate.Edit {
	i := slices.IndexFunc(b.Hops, func(h traffic.Hop) bool { return h.Proxy == traffic.Gateway })
	j := slices.IndexFunc(p.Objects.VirtualServices, func(r routesOf) bool { return r.ID.Namespace == route.Namespace && r.ID.Name == route.Name })
	if i < 0 || j < 0 {
		return nil
	}
	to := b.Hops[0].Destination
	pod, _ := p.Index.Pod(b.Hops[i].Workload)
	for _, s := range serversAt(p, pod, b.Hops[i].Listener) {
		if !s.dropped && s.takes(to.Host) && listed(p.Objects.VirtualServices[j], s.of.ID.Namespace+"/"+s.of.ID.Name) {
			return secondHop(p, p.Objects.VirtualServices[j], s, to.Host, to.Port)
		}
	}
	return nil
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

// firstHop is the edit that writes the VirtualService by which sidecars of a namespace send to the gateway of a plan.
func firstHop(p *validate.Pass, pl *plan, c cluster, client string, tls bool) []validate.Edit {
	kind := "http"
	if tls {
		kind = "tls"
	}
	if slices.ContainsFunc(routesFor(p, c.host), takenBySidecars) || wildcard(c.host) {
		return nil // MSH420
	}
	name := validate.Object{Kind: "VirtualService", Namespace: client, Name: pl.onward.ID.Name + "-to-gateway"}
	for _, pod := range gatewayPods(p) {
		for _, s := range serversOf(p, pod) {
			if s.of.ID != pl.gateway.ID || s.dropped || !s.takes(c.host) || s.kindTaken() != kind || s.terminates() {
				continue // one that terminates has to be called by TLS, which a DestinationRule says
			}
			service := fullName(pod.Name, pod.Namespace)
			if services := servicesOf(p, pod); len(services) > 0 {
				if !slices.ContainsFunc(services[0].Spec.Spec.Ports, func(port corev1.ServicePort) bool { return port.Port == int32(s.GetPort().GetNumber()) }) {
					continue
				}
				service = fullName(services[0].ID.Name, services[0].ID.Namespace)
			}
			match := map[string]any{"port": c.port}
			if tls {
				match["sniHosts"] = []any{c.host}
			}
			beside := p.At(pl.onward.Object, "").Object
			return []validate.Edit{{Object: name, Beside: &beside, Value: map[string]any{
				"apiVersion": pl.onward.Object.APIVersion, "kind": name.Kind,
				"metadata": map[string]any{"name": name.Name, "namespace": client},
				"spec": map[string]any{
					"hosts": []any{c.host},
					kind:    []any{map[string]any{"match": []any{match}, "route": destined(service, int(s.GetPort().GetNumber()))}},
				},
			}}}
		}
	}
	return nil
}
