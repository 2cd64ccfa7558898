package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

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
			return documentBeside(p, pl.onward.Object, pl.onward.Object.APIVersion, name, map[string]any{
				"hosts": []any{c.host},
				kind:    []any{map[string]any{"match": []any{match}, "route": destined(service, int(s.GetPort().GetNumber()))}},
			})
		}
	}
	return nil
}

// led are the edits by which a request that goes past the gateway goes through it, by the port that it has: a server, and
// the rules of both hops, before all others, as those may be for any port.
func (l leak) led(p *validate.Pass, kind string) []validate.Edit {
	c, first, onward := clusterOf(l.hop), l.plan.first, l.plan.onward
	to, pod := gatewayOnTheWay(p, l.plan)
	if to == "" || wildcard(c.host) || kind != "tls" && (len(first.Spec.Hosts) != 1 || len(onward.Spec.Hosts) != 1) {
		return nil
	}
	g := l.plan.gateway
	number := uint32(c.port)
	if pod.Assumed && c.port != 80 && c.port != 443 || !servicePortAt(p, pod, number) {
		return nil
	}
	if slices.ContainsFunc(rulesFor(p, to), func(r traffic.Of[*networking.DestinationRule]) bool { return len(settings(r)) > 0 }) {
		return nil // by which TLS the new server is to be called is another matter
	}
	if slices.ContainsFunc(serversOf(p, pod), func(s placed) bool {
		passes := s.GetTls().GetMode() == networking.ServerTLSSettings_PASSTHROUGH && s.Tls != nil
		return s.GetPort().GetNumber() == number && (kind != "tls" || !passes || s.takes(c.host))
	}) {
		return nil
	}
	protocol := strings.ToUpper(kind)
	server := map[string]any{"port": map[string]any{"number": c.port, "name": fmt.Sprintf("%s-%d", kind, c.port), "protocol": protocol}, "hosts": []any{c.host}}
	if kind == "tls" {
		server["tls"] = map[string]any{"mode": "PASSTHROUGH"}
	}
	s := placed{of: g, Server: &networking.Server{Port: &networking.Port{Number: number, Protocol: protocol}}}
	if kind == "tls" {
		s.Tls = &networking.ServerTLSSettings{Mode: networking.ServerTLSSettings_PASSTHROUGH}
	}
	hop := s.rule("mesh", c.host, destined(to, c.port))
	next := s.rule(g.ID.Namespace+"/"+g.ID.Name, c.host, destined(c.host, c.port))
	edits := []validate.Edit{atEnd(p, g.Object, "servers", server)}
	add := func(r routesOf, rules ...any) {
		edits = append(edits, validate.Edit{Object: p.At(r.Object, "").Object, Field: "spec." + kind, Value: append(rules, rawList(r.Object, kind)...)})
	}
	if first.ID == onward.ID {
		add(first, hop, next)
	} else {
		add(first, hop)
		add(onward, next)
	}
	return edits
}

// gatewayOnTheWay is the Service to which a plan leads sidecars, and its gateway.
func gatewayOnTheWay(p *validate.Pass, pl *plan) (string, traffic.Pod) {
	for _, d := range destinations(pl.first) {
		host := fullName(d.GetHost(), pl.first.ID.Namespace)
		for _, pod := range gatewayPods(p) {
			if strings.HasPrefix(host, pod.Name+"."+pod.Namespace+".") && within(pl.gateway.Spec.Selector, pod.Labels) {
				return host, pod
			}
		}
	}
	return "", traffic.Pod{}
}

// missingGateway is the edit that writes the one Gateway that the VirtualService of a sender names and that is not there,
// with a server for what is sent, and its NAMESPACE/NAME.
func missingGateway(p *validate.Pass, sender *traffic.Hop, pod traffic.Pod, host string, port int) (string, []validate.Edit) {
	d, _ := validate.Decided(sender, "VirtualService")
	i := slices.IndexFunc(p.Objects.VirtualServices, func(r routesOf) bool { return r.ID.Namespace == d.Namespace && r.ID.Name == d.Name })
	if i < 0 {
		return "", nil
	}
	r := p.Objects.VirtualServices[i]
	missing := slices.DeleteFunc(slices.Clone(r.Spec.Gateways), func(g string) bool { return g == "mesh" || exists(p, g, r.ID.Namespace) })
	if len(missing) != 1 {
		return "", nil
	}
	full := fullGateway(missing[0], r.ID.Namespace)
	namespace, name, _ := strings.Cut(full, "/")
	g := gatewayOf{}
	g.ID.Namespace, g.ID.Name = namespace, name
	kinds := kindsFor([]routesOf{r}, g)
	listens, tls := map[string]any{"number": port}, map[string]any{}
	switch mesh := sender.Wire.Mode == traffic.IstioMutual; {
	case kinds["http"] && sender.Wire.Layers == 0:
		listens["name"], listens["protocol"], tls = "http", "HTTP", nil
	case kinds["http"] && mesh:
		listens["name"], listens["protocol"], tls["mode"] = "https", "HTTPS", "ISTIO_MUTUAL"
	case kinds["tls"] && sender.Wire.Mode == traffic.Own:
		listens["name"], listens["protocol"], tls["mode"] = "tls", "TLS", "PASSTHROUGH"
	case kinds["tcp"] && mesh:
		listens["name"], listens["protocol"], tls["mode"] = "tls", "TLS", "ISTIO_MUTUAL"
	default:
		return "", nil
	}
	server := map[string]any{"port": listens, "hosts": []any{host}}
	if tls != nil {
		server["tls"] = tls
	}
	return full, documentBeside(p, r.Object, r.Object.APIVersion, validate.Object{Kind: "Gateway", Namespace: namespace, Name: name}, map[string]any{
		"selector": selecting(pod.Labels), "servers": []any{server},
	})
}
