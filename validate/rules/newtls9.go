package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// meshTLSToGateway has a sidecar's hop to a gateway make the mesh's TLS, and the gateway take it, where one server on that
// port takes plain HTTP. The settings for the way there are beside the gateway, where all its clients find them.
func meshTLSToGateway(p *validate.Pass, path *traffic.Path, at int) []validate.Edit {
	sender, gateway := &path.Hops[at], &path.Hops[at+1]
	pod, ok := p.Index.Pod(gateway.Workload)
	if !ok || sender.Proxy != traffic.Sidecar || gateway.Proxy != traffic.Gateway || sender.Wire.Mode != traffic.Plaintext || said(sender) {
		return nil
	}
	servers := serversAt(p, pod, gateway.Listener)
	if len(servers) != 1 || servers[0].Tls != nil || !slices.Contains([]string{"HTTP", "HTTP2", "GRPC"}, strings.ToUpper(servers[0].GetPort().GetProtocol())) {
		return nil
	}
	s, tls := servers[0], map[string]any{"mode": "ISTIO_MUTUAL"}
	switch host := withoutNamespace(s.Hosts[0]); {
	case len(s.Hosts) == 1 && !wildcard(host):
		tls["sni"] = host
	case !slices.ContainsFunc(s.Hosts, func(h string) bool { return withoutNamespace(h) == "*" }):
		return nil // which of the hosts is meant, settings for a port cannot tell
	}
	to := p.At(s.of.Object, "").Object
	edits := []validate.Edit{
		{Object: to, Field: s.field + ".port.protocol", Value: "HTTPS"},
		{Object: to, Field: s.field + ".tls", Value: map[string]any{"mode": "ISTIO_MUTUAL"}},
	}
	rule := forPort(p, s.of, clusterOf(sender), tls)
	if rule == nil {
		return nil
	}
	return append(edits, rule...)
}

// forPort makes TLS for a port of a gateway's Service: in the one rule that there is for it, or in one beside a Gateway.
func forPort(p *validate.Pass, g gatewayOf, c cluster, tls map[string]any) []validate.Edit {
	name, namespace, _ := strings.Cut(strings.TrimSuffix(c.host, ".svc.cluster.local"), ".")
	level := map[string]any{"port": map[string]any{"number": c.port}, "tls": tls}
	rules := rulesFor(p, c.host)
	if len(rules) == 0 && c.subset == "" && namespace == g.ID.Namespace {
		o := validate.Object{Kind: "DestinationRule", Namespace: namespace, Name: name}
		return documentBeside(p, g.Object, "networking.istio.io/"+p.Target.IstioAPI(), o, map[string]any{
			"host": c.host, "trafficPolicy": map[string]any{"portLevelSettings": []any{level}},
		})
	}
	if len(rules) != 1 || wildcard(rules[0].Spec.Host) {
		return nil
	}
	r := rules[0]
	field, policy := "spec.trafficPolicy", r.Spec.TrafficPolicy
	if c.subset != "" {
		i := slices.IndexFunc(r.Spec.Subsets, func(s *networking.Subset) bool { return s.Name == c.subset })
		if i < 0 {
			return nil
		}
		field, policy = fmt.Sprintf("spec.subsets[%d].trafficPolicy", i), r.Spec.Subsets[i].TrafficPolicy
	}
	o := p.At(r.Object, "").Object
	for i, l := range policy.GetPortLevelSettings() {
		if int(l.GetPort().GetNumber()) == c.port {
			return []validate.Edit{{Object: o, Field: fmt.Sprintf("%s.portLevelSettings[%d].tls", field, i), Value: tls}}
		}
	}
	return []validate.Edit{{Object: o, Field: fmt.Sprintf("%s.portLevelSettings[%d]", field, len(policy.GetPortLevelSettings())), Value: level}}
}

// madeThere leads from a gateway to the TLS port of a host, and has the gateway make the TLS: port 443 is declared, where
// no other is.
func madeThere(p *validate.Pass, route validate.Place, gateway *traffic.Hop) []validate.Edit {
	c := clusterOf(gateway)
	entries := entriesFor(p, c.host)
	namespace, _, _ := strings.Cut(gateway.Workload, "/")
	if len(entries) != 1 || route.Object.Kind != "VirtualService" || wildcard(c.host) || isPrivate(c.host) || len(rulesFor(p, c.host)) > 0 || entries[0].Spec.Resolution == networking.ServiceEntry_NONE {
		return nil
	}
	e := entries[0]
	var edits []validate.Edit
	i := slices.IndexFunc(e.Spec.Ports, func(port *networking.ServicePort) bool {
		return slices.Contains([]string{"HTTPS", "TLS"}, strings.ToUpper(port.Protocol))
	})
	number := 443
	switch {
	case i >= 0:
		number = int(e.Spec.Ports[i].Number)
	case slices.ContainsFunc(e.Spec.Ports, func(port *networking.ServicePort) bool { return port.Number == 443 }) || len(e.Spec.Endpoints) > 0:
		return nil
	default:
		edits = append(edits, validate.Edit{Object: p.At(e.Object, "").Object, Field: fmt.Sprintf("spec.ports[%d]", len(e.Spec.Ports)), Value: map[string]any{"number": 443, "name": "https", "protocol": "HTTPS"}})
	}
	tls := map[string]any{"mode": "SIMPLE", "sni": c.host, "subjectAltNames": []any{c.host}, "caCertificates": "system"}
	if !p.Target.Has(mesh.SystemCA) {
		tls["caCertificates"] = "/etc/ssl/certs/ca-certificates.crt"
	}
	name := strings.ReplaceAll(c.host, ".", "-")
	rule := documentBeside(p, p.Object(traffic.Decision{Kind: route.Object.Kind, Namespace: route.Object.Namespace, Name: route.Object.Name}),
		"networking.istio.io/"+p.Target.IstioAPI(), validate.Object{Kind: "DestinationRule", Namespace: namespace, Name: "tls-to-" + name},
		map[string]any{"host": c.host, "exportTo": []any{"."}, "trafficPolicy": map[string]any{
			"portLevelSettings": []any{map[string]any{"port": map[string]any{"number": number}, "tls": tls}},
		}})
	if rule == nil {
		return nil
	}
	return append(append(edits, validate.Edit{Object: route.Object, Field: route.Field + ".port.number", Value: number}), rule...)
}
