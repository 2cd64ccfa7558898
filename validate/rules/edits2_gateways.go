package rules

import (
	"cmp"
	"maps"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// arrivals are who comes to a gateway's listener, and for which hosts.
type arrivals struct {
	others bool // than sidecars
	hosts  map[string]bool
}

type arrivalsKey struct{}

func arrivalsAt(p *validate.Pass, gateway *traffic.Hop) arrivals {
	return validate.Once(p, arrivalsKey{}, func() map[string]arrivals {
		all := map[string]arrivals{}
		for _, path := range p.Paths {
			for i := 1; i < len(path.Hops); i++ {
				h := &path.Hops[i]
				if h.Proxy != traffic.Gateway {
					continue
				}
				a := all[h.Workload+" "+h.Listener]
				a.others = a.others || path.Hops[i-1].Proxy != traffic.Sidecar
				if a.hosts == nil {
					a.hosts = map[string]bool{}
				}
				a.hosts[hostBehind(path.Hops[:i])] = true
				all[h.Workload+" "+h.Listener] = a
			}
		}
		return all
	})[gateway.Workload+" "+gateway.Listener]
}

// hostBehind is the host that comes to the one after some hops.
func hostBehind(hops []traffic.Hop) string {
	return bareHost(cmp.Or(hops[len(hops)-1].Destination.Authority, hops[0].Destination.Host))
}

// serverAlone is the server of a gateway's listener, where there is one, for no other gateway, and only sidecars come to it.
func serverAlone(p *validate.Pass, gateway *traffic.Hop) (placed, bool) {
	pod, _ := p.Index.Pod(gateway.Workload)
	var servers []placed
	for _, s := range serversAt(p, pod, gateway.Listener) {
		if !s.dropped {
			servers = append(servers, s)
		}
		if len(servers) > 1 {
			return placed{}, false
		}
	}
	if len(servers) == 0 || arrivalsAt(p, gateway).others {
		return placed{}, false
	}
	for _, other := range gatewayPods(p) { // that have it too
		if podName(other) != podName(pod) && slices.ContainsFunc(serversOf(p, other), func(s placed) bool { return s.of.Object == servers[0].of.Object }) {
			return placed{}, false
		}
	}
	return servers[0], true
}

// mutualHop are the edits by which a sidecar and a gateway speak the mesh's mutual TLS with one another: at the server, and
// in the sender's DestinationRule. There are none where others than sidecars come to the server, or others beside it.
func mutualHop(p *validate.Pass, path *traffic.Path, n int) []validate.Edit {
	sender, gateway := &path.Hops[n-1], &path.Hops[n]
	s, ok := serverAlone(p, gateway)
	if sender.Proxy != traffic.Sidecar || !ok || s.Tls != nil && !s.terminates() || s.GetTls().GetHttpsRedirect() {
		return nil
	}
	client := mutualSender(p, sender, gateway, s, hostBehind(path.Hops[:n]))
	if len(client) == 0 {
		return nil
	}
	object := p.At(s.of.Object, "").Object
	var edits []validate.Edit
	if to := map[bool]string{true: "HTTPS", false: "TLS"}[isHTTP(s.Port.Protocol)]; !isTLS(s.Port.Protocol) {
		edits = append(edits, validate.Edit{Object: object, Field: s.field + ".port.protocol", Value: to})
	}
	if s.GetTls().GetMode() != networking.ServerTLSSettings_ISTIO_MUTUAL {
		edits = append(edits, validate.Edit{Object: object, Field: s.field + ".tls", Value: map[string]any{"mode": "ISTIO_MUTUAL"}})
	}
	return append(edits, client...)
}

// mutualSender are the edits by which a sidecar sends the mesh's mutual TLS to a gateway's server, with a host as SNI; not
// where it sends what is for other servers by the same settings.
func mutualSender(p *validate.Pass, h, gateway *traffic.Hop, s placed, host string) []validate.Edit {
	c := clusterOf(h)
	strange := func(host string) bool { return !s.takes(host) }
	if strange(host) || c.subset == "" && slices.ContainsFunc(slices.Collect(maps.Keys(arrivalsAt(p, gateway).hosts)), strange) {
		return nil
	}
	return towards(p, h, map[string]any{"mode": "ISTIO_MUTUAL", "sni": host})
}

// towards are the edits by which a sidecar makes the TLS of some settings to the port of a gateway that it calls.
func towards(p *validate.Pass, h *traffic.Hop, settings map[string]any) []validate.Edit {
	c := clusterOf(h)
	rule, ruled := ruleBehind(p, h)
	d, _ := validate.Decided(h, "DestinationRule")
	switch tls, said := blockOf(p, d); {
	case !ruled || wildcard(rule.Spec.Host):
		return freshRule(p, h, onPort(c.port, settings))
	case said && settings["mode"] != "DISABLE": // which is for the port alone
		return inPlace(p, tls, c, settings)
	}
	return tlsFor(p, rule, c, settings)
}
