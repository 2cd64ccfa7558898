package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A plan is a way out by an egress gateway that the files hold the second half of: a Gateway takes the host, and a
// VirtualService leads it on from there.
type plan struct {
	gateway gatewayOf
	onward  routesOf
	// first is a VirtualService of the host for sidecars, if there is one at all.
	first routesOf
}

// egress tells whether the plan's gateway is one for what leaves: sidecars are led to it, or it is called so.
func (pl *plan) egress(p *validate.Pass) bool {
	return pl.first.Object != nil || slices.ContainsFunc(gatewayPods(p), func(pod traffic.Pod) bool {
		return within(pl.gateway.Spec.Selector, pod.Labels) && strings.Contains(pod.Labels["istio"]+pod.Name, "egress")
	})
}

// A leak is a request that arrives, and goes past the egress gateway that is ready for its host.
type leak struct {
	path    *traffic.Path
	hop     *traffic.Hop
	n       int
	plan    *plan
	byPort  bool // a VirtualService leads the client's requests for the host there, but not those of the port
	nobody  bool // no request of the bundle gets there for the host
	limited bool // the rules that lead there are for some clients only
	why     verdict
}

type leaksKey struct{}

// leaks are the requests that go past a gateway.
func leaks(p *validate.Pass) []leak {
	return validate.Once(p, leaksKey{}, func() []leak { return findLeaks(p) })
}

func findLeaks(p *validate.Pass) []leak {
	through := map[string]bool{}
	for _, path := range p.Paths {
		if slices.ContainsFunc(path.Hops, func(h traffic.Hop) bool { return h.Proxy == traffic.Gateway }) {
			through[path.Hops[0].Destination.Host] = true
		}
	}
	var all []leak
	for _, path := range p.Paths {
		h, n := lastProxy(path.Hops)
		if path.Outcome.Code != traffic.Arrives || h == nil || h.Proxy != traffic.Sidecar || n != 2 || len(entriesFor(p, clusterOf(h).host)) == 0 {
			continue
		}
		pl := planned(p, h)
		if pl == nil || !pl.egress(p) {
			continue
		}
		client, _, _ := strings.Cut(h.Workload, "/")
		l := leak{path: path, hop: h, n: n, plan: pl, nobody: !through[path.Hops[0].Destination.Host]}
		if f := pl.first; f.Object != nil {
			l.byPort = (len(f.Spec.Gateways) == 0 || slices.Contains(f.Spec.Gateways, "mesh")) &&
				p.Index.Exported("VirtualService", f.Spec.ExportTo, f.ID.Namespace, client)
			l.limited = bySource(f)
		}
		l.why = bypassAt(p, h, n, l.tls(), "no rule, policy or log of the gateway's sees the request, and it works only as long as the network lets it out")
		if l.why.rule == "MSH416" { // MSH322 tells of routes of another kind
			all = append(all, l)
		}
	}
	return all
}

// bySource tells whether some rule of a VirtualService is for some clients only.
func bySource(r routesOf) bool {
	return slices.ContainsFunc(r.Spec.Http, func(h *networking.HTTPRoute) bool {
		return slices.ContainsFunc(h.Match, func(m *networking.HTTPMatchRequest) bool { return len(m.SourceLabels) > 0 || m.SourceNamespace != "" })
	}) || slices.ContainsFunc(r.Spec.Tls, func(h *networking.TLSRoute) bool {
		return slices.ContainsFunc(h.Match, func(m *networking.TLSMatchAttributes) bool { return len(m.SourceLabels) > 0 || m.SourceNamespace != "" })
	}) || slices.ContainsFunc(r.Spec.Tcp, func(h *networking.TCPRoute) bool {
		return slices.ContainsFunc(h.Match, func(m *networking.L4MatchAttributes) bool { return len(m.SourceLabels) > 0 || m.SourceNamespace != "" })
	})
}

// asks tells whether a VirtualService has rules of a kind for sidecars that a port may fit.
func asks(r routesOf, kind string, port int) bool {
	return slices.ContainsFunc(gatewayMatches(r), func(m gatewayMatch) bool {
		return m.kind == kind && (len(m.gateways) == 0 || slices.Contains(m.gateways, "mesh")) && (m.port == 0 || int(m.port) == port)
	})
}

// planned is the plan for what a sidecar sends straight out instead, or nil.
func planned(p *validate.Pass, h *traffic.Hop) *plan {
	if h.Proxy != traffic.Sidecar {
		return nil
	}
	host := clusterOf(h).host
	plans := validate.Once(p, plansKey{}, func() map[string]*plan { return map[string]*plan{} })
	found, known := plans[host]
	if !known {
		found = planFor(p, host)
		plans[host] = found
	}
	return found
}

type plansKey struct{}

func planFor(p *validate.Pass, host string) *plan {
	var found *plan
	var first routesOf
	for _, r := range routesFor(p, host) {
		if leadsToGateway(p, r) {
			first = r
		}
		for _, name := range r.Spec.Gateways {
			g, ok := gatewayNamed(p, fullGateway(name, r.ID.Namespace))
			if ok && found == nil && leads(r, host) &&
				slices.ContainsFunc(g.Spec.Servers, func(s *networking.Server) bool { return placed{Server: s}.takes(host) }) {
				found = &plan{gateway: g, onward: r}
			}
		}
	}
	if found != nil {
		found.first = first
	}
	return found
}

// destinations are those of all routes of a VirtualService.
func destinations(r routesOf) []*networking.Destination {
	var all []*networking.Destination
	for _, h := range r.Spec.Http {
		for _, d := range h.Route {
			all = append(all, d.Destination)
		}
	}
	for _, h := range r.Spec.Tls {
		for _, d := range h.Route {
			all = append(all, d.Destination)
		}
	}
	for _, h := range r.Spec.Tcp {
		for _, d := range h.Route {
			all = append(all, d.Destination)
		}
	}
	return all
}

// leads tells whether a VirtualService leads to a host.
func leads(r routesOf, host string) bool {
	return slices.ContainsFunc(destinations(r), func(d *networking.Destination) bool { return covers(d.GetHost(), host) })
}

// leadsToGateway tells whether a VirtualService leads to the Service of a gateway.
func leadsToGateway(p *validate.Pass, r routesOf) bool {
	return slices.ContainsFunc(destinations(r), func(d *networking.Destination) bool { return isGateway(p, fullName(d.GetHost(), r.ID.Namespace)) })
}

// isGateway tells whether a host is the Service of a gateway.
func isGateway(p *validate.Pass, host string) bool {
	return slices.ContainsFunc(gatewayPods(p), func(pod traffic.Pod) bool { return strings.HasPrefix(host, pod.Name+"."+pod.Namespace+".") })
}

// bypass says why a request goes straight out although a gateway is ready for it.
func bypass(p *validate.Pass, b *validate.Break) verdict {
	h, n := bare(b)
	if h == nil {
		return verdict{}
	}
	return bypassAt(p, h, n, b.TLS, refusedPlaintext(b))
}

func bypassAt(p *validate.Pass, h *traffic.Hop, n int, tls bool, consequence string) verdict {
	plan := planned(p, h)
	if plan == nil {
		return verdict{}
	}
	c := clusterOf(h)
	client, _, _ := strings.Cut(h.Workload, "/")
	v := verdict{rule: "MSH416", hop: n, finding: validate.Finding{
		Place:       p.At(plan.onward.Object, "spec.gateways"),
		Category:    validate.NoRoute,
		Message:     fmt.Sprintf("%s is ready to take %s out, but nothing leads %s to it", plan.gateway.ID, c.host, h.Workload),
		Consequence: "the sidecar sends straight out, past the gateway; " + consequence,
		Fix:         fmt.Sprintf("write a VirtualService for %s with gateways: [mesh] that leads to the gateway's Service", c.host),
		Related:     []validate.Place{p.At(plan.gateway.Object, "spec.servers")},
	}}
	f := &v.finding
	first := plan.first
	if first.Object == nil {
		f.Edits = firstHop(p, plan, c, client, tls)
		return v
	}
	mesh := len(first.Spec.Gateways) == 0 || slices.Contains(first.Spec.Gateways, "mesh")
	switch {
	case !mesh:
		f.Place = p.At(first.Object, "spec.gateways")
		f.Message = fmt.Sprintf("%s leads %s to the gateway, but is not for sidecars: mesh is not among its gateways", first.ID, c.host)
		f.Fix = fmt.Sprintf("add mesh to spec.gateways of %s", first.ID)
		f.Edits = []validate.Edit{alsoFor(p, first, "mesh")}
	case !p.Index.Exported("VirtualService", first.Spec.ExportTo, first.ID.Namespace, client):
		f.Place = p.At(first.Object, "spec.exportTo")
		f.Message = fmt.Sprintf("%s leads %s to the gateway, but is not exported to namespace %s", first.ID, c.host, client)
		f.Fix = fmt.Sprintf("add %s to exportTo of %s", client, first.ID)
		f.Edits = exportEdit(f.Place, first.Spec.ExportTo, client)
	case !tls && len(first.Spec.Http) == 0 && asks(first, "tls", c.port), tls && len(first.Spec.Tls) == 0 && asks(first, "http", c.port):
		has, sends, want := "tls", "plain HTTP", "http"
		if tls {
			has, sends, want = "http", "TLS", "tls"
		}
		v.rule = "MSH322"
		f.Place = p.At(first.Object, "spec."+has)
		f.Message = fmt.Sprintf("%s has %s routes, and the application sends %s to %s: they do not count for it", first.ID, has, sends, c.host)
		f.Fix = fmt.Sprintf("write %s routes, or have the application send what the routes are for", want)
		if tls && passesThrough(p, first, first.Spec.Gateways, c.host, 0) {
			f.Fix = fmt.Sprintf("write them as tls routes with match.sniHosts [%s]; or have the application call http://, and let the mesh make the TLS", strings.Join(first.Spec.Hosts, ", "))
			f.Edits = tlsEdits(p, first, c)
		}
	default:
		f.Place = p.At(first.Object, "spec."+kindIn(first, tls))
		f.Message = fmt.Sprintf("no rule of %s fits what %s sends to port %d of %s", first.ID, h.Workload, c.port, c.host)
		f.Fix = "correct match.port or match.sniHosts, or add a rule"
	}
	return v
}
