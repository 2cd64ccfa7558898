package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var destinationCauses = []traffic.Cause{
	traffic.UnknownService, traffic.UnknownPort, traffic.UnknownSubset, traffic.AliasOnly, traffic.NothingToResolve, traffic.NobodyBehind,
	traffic.TooManyHops,
}

// destinationMiss says why a proxy has nobody to send to where a route leads.
func destinationMiss(p *validate.Pass, b *validate.Break) verdict {
	h, n := b.Last()
	c := clusterOf(h)
	proxy, _, _ := strings.Cut(h.Workload, "/")
	v := verdict{hop: n, finding: validate.Finding{Consequence: "the proxy answers 503 (NC, cluster_not_found)"}}
	f := &v.finding
	route, routed := validate.Decided(h, "VirtualService")
	if routed {
		f.Place = p.Of(route)
	}
	entries := entriesFor(p, c.host)
	if own, ok := validate.Decided(h, "ServiceEntry"); ok {
		slices.SortStableFunc(entries, func(a, b traffic.Of[*networking.ServiceEntry]) int {
			is := func(e traffic.Of[*networking.ServiceEntry]) int {
				if e.ID.Namespace == own.Namespace && e.ID.Name == own.Name {
					return 0
				}
				return 1
			}
			return is(a) - is(b)
		})
	}
	switch b.Outcome.Cause {
	case traffic.UnknownService:
		v.rule = "MSH427"
		f.Category = validate.Dangling
		f.Message = fmt.Sprintf("%s knows no service %s, to which %s leads", by(h), c.host, orRoute(route, routed))
		f.Fix = fmt.Sprintf("correct the host, or declare it with a ServiceEntry that namespace %s sees", proxy)
		if full := c.host + ".svc.cluster.local"; strings.Count(c.host, ".") == 1 && isService(p, full) {
			f.Message += "; Istio takes a name with a dot for a full one"
			f.Fix = "write " + full
			if object := p.Object(route); routed && object != nil && object.Has(route.Field+".host") {
				f.Edits, f.Safe = []validate.Edit{{Object: f.Object, Field: route.Field + ".host", Value: full}}, true
			}
		}
		if host := rehost(p, b, h, c, proxy); routed && host != "" && p.Object(route).Has(route.Field+".host") {
			f.Fix = fmt.Sprintf("write %s, or declare %s with a ServiceEntry that namespace %s sees", host, c.host, proxy)
			f.Edits = []validate.Edit{{Object: f.Object, Field: route.Field + ".host", Value: host}}
		}
		if full := c.host + ".svc.cluster.local"; f.Edits == nil && routed && halfName(p, c.host) && p.Object(route).Has(route.Field+".host") {
			f.Message += "; Istio takes a name with a dot for a full one"
			f.Fix = fmt.Sprintf("write %s, if it is a Service of that namespace", full)
			f.Edits = []validate.Edit{{Object: f.Object, Field: route.Field + ".host", Value: full}}
		}
		for _, e := range entries {
			if p.Index.Exported("ServiceEntry", e.Spec.ExportTo, e.ID.Namespace, proxy) && p.Index.Member(e.ID.Namespace) {
				continue
			}
			v.rule = "MSH305"
			if h.Proxy == traffic.Sidecar {
				v.rule = "MSH304"
			}
			f.Category = validate.Scope
			f.Related = []validate.Place{f.Place}
			f.Place = p.At(e.Object, "spec.exportTo")
			f.Message = fmt.Sprintf("%s declares %s, but is not exported to namespace %s, where %s runs", e.ID, c.host, proxy, by(h))
			f.Fix = fmt.Sprintf("add %s to exportTo of %s", proxy, e.ID)
			f.Edits = exportEdit(f.Place, e.Spec.ExportTo, proxy)
			f.Safe = v.rule == "MSH305" && f.Edits != nil
		}
	case traffic.UnknownPort:
		v.rule = "MSH427"
		f.Category = validate.Dangling
		f.Message = fmt.Sprintf("%s leads to port %d of %s, which has no such port", orRoute(route, routed), c.port, c.host)
		f.Fix = "name a port that the service declares, or declare this one"
		if object := p.Object(route); routed && object != nil && !object.Has(destinationField(route)+".port") {
			v.rule = "MSH423"
			f.Message = fmt.Sprintf("%s names no port of %s, so the one that was called counts, %d, and %s has none such", route, c.host, c.port, c.host)
			f.Fix = "set destination.port.number"
			if port := takenBy(p, c.host, b.Hops[0].Destination.Host); port != 0 {
				f.Fix = fmt.Sprintf("set destination.port.number: %d", port)
				f.Edits, f.Safe = []validate.Edit{{Object: f.Object, Field: destinationField(route) + ".port", Value: map[string]any{"number": port}}}, true
			}
		}
		if len(entries) > 0 {
			f.Related = []validate.Place{p.At(entries[0].Object, "spec.ports")}
		}
		if own, at, ok := declaredIn(entries, c.port); ok && seen(p, own, proxy) {
			return apart(p, v, own, at, entries, c, h)
		}
		if port := portMeant(p, c, b.Hops[0].Destination.Port); v.rule == "MSH427" && port != 0 && routed {
			f.Fix = fmt.Sprintf("write port %d, which it has, or declare port %d", port, c.port)
			f.Edits = []validate.Edit{{Object: f.Object, Field: destinationField(route) + ".port.number", Value: port}}
		}
		if !routed && len(entries) > 0 {
			f.Place, f.Related = f.Related[0], nil
		}
	case traffic.UnknownSubset:
		v.rule = "MSH419"
		f.Category = validate.Dangling
		f.Message = fmt.Sprintf("%s names subset %s of %s, which no DestinationRule that counts for %s has", orRoute(route, routed), c.subset, c.host, by(h))
		f.Fix = fmt.Sprintf("add subset %s to the DestinationRule of %s, or take it out of the route", c.subset, c.host)
		if !hiddenSubset(p, &v, c, by(h), proxy, orRoute(route, routed)) {
			noSubset(p, f, c, proxy, route, routed)
		}
	case traffic.AliasOnly:
		v.rule = "MSH326"
		f.Category = validate.Dangling
		f.Message = fmt.Sprintf("%s leads to %s, a Service of type ExternalName, which is only another name and has no cluster of its own", orRoute(route, routed), c.host)
		f.Fix = "name the host that the Service stands for, and declare it with a ServiceEntry"
		aliased(p, b, f, c, route, routed)
	case traffic.NothingToResolve:
		v.rule = "MSH103"
		f.Category = validate.WildcardDNS
		f.Consequence = "the proxy has no address to send to: 503"
		f.Message = fmt.Sprintf("%s is to be resolved by DNS, and is a wildcard without endpoints: there is nothing to resolve", c.host)
		f.Fix = "set resolution NONE, if sidecars call it directly; or give one endpoint that serves all the names"
		if len(entries) > 0 {
			f.Place = p.At(entries[0].Object, "spec.resolution")
		}
	case traffic.NobodyBehind:
		v.rule = "MSH318"
		f.Category = validate.Other
		f.Consequence = "the proxy answers 503 (UH, no healthy upstream)"
		f.Message = fmt.Sprintf("nobody is behind %s", orSubset(c))
		f.Fix = "add endpoints, make the selector fit, or resolve the host by DNS"
		if labelledSubset(p, &v, h, c) {
			return v
		}
		if len(entries) > 0 {
			e := entries[0]
			f.Place = p.At(e.Object, "spec.endpoints")
			if m, ok := namedMachine(p, e); ok {
				f.Place, f.Related = p.At(e.Object, "spec.resolution"), []validate.Place{p.At(m.Object, "spec.address")}
				f.Message = fmt.Sprintf("%s has resolution STATIC, which takes addresses only, and %s, which it selects, has a name: %s", e.ID, m.ID, m.Spec.Address)
				f.Fix = "set resolution DNS; or write the machine's IP address"
				f.Edits = []validate.Edit{{Object: f.Place.Object, Field: "spec.resolution", Value: "DNS"}}
			} else if e.Spec.Resolution == networking.ServiceEntry_STATIC && len(e.Spec.Endpoints) == 0 && e.Spec.WorkloadSelector == nil &&
				!invented(c.host) && !slices.ContainsFunc(e.Spec.Hosts, wildcard) {
				f.Message = fmt.Sprintf("%s has resolution STATIC and no endpoints: nobody is behind %s", e.ID, c.host)
				f.Fix = "set resolution DNS, if a name server knows the host; or add its endpoints"
				f.Edits = []validate.Edit{{Object: f.Place.Object, Field: "spec.resolution", Value: "DNS"}}
			}
			if e.Spec.Resolution == networking.ServiceEntry_NONE && h.Proxy == traffic.Gateway {
				v.rule = "MSH315"
				if wildcard(c.host) {
					v.rule = "MSH316"
				}
				f.Place = p.At(e.Object, "spec.resolution")
				f.Message = fmt.Sprintf("%s has resolution NONE, which means the address that the client dialled: behind gateway %s that is the gateway's own, so it has no endpoint", e.ID, h.Workload)
				f.Fix = "set resolution DNS for what goes through a gateway"
				if !slices.ContainsFunc(e.Spec.Hosts, wildcard) {
					f.Edits = []validate.Edit{{Object: f.Place.Object, Field: "spec.resolution", Value: "DNS"}}
				}
				if wildcard(c.host) {
					f.Category = validate.WildcardDNS
					f.Fix = "name the hosts, or give one endpoint that serves them all: a gateway cannot resolve a wildcard"
				}
			}
		} else if d, ok := validate.Decided(h, "Service"); ok {
			f.Place = p.Of(d)
			if at := matched(p, c.host, 0); at.Object.Kind != "" && !routed {
				f.Place = at
				f.Message += fmt.Sprintf(", and %s, which would lead elsewhere, does not fit the request", at.Object)
			}
		}
	case traffic.TooManyHops:
		v.rule = "MSH414"
		f.Category = validate.Other
		f.Consequence = "the request goes round until it is refused: 503, or the gateway runs hot"
		f.Message = fmt.Sprintf("the route on %s leads back to where it came from", by(h))
		f.Fix = "give the rule for sidecars match.gateways [mesh], and the gateway a rule of its own that leads outside"
		f.Place = p.Of(firstRoute(b, route))
		f.Edits = untangled(p, b, route)
	}
	return v
}

// labelledSubset blames the labels of a subset, where the service has somebody behind it without them.
func labelledSubset(p *validate.Pass, v *verdict, h *traffic.Hop, c cluster) bool {
	d, ok := validate.Decided(h, "DestinationRule")
	if c.subset == "" || !ok || !peopled(p, c.host) {
		return false
	}
	for _, r := range rulesFor(p, c.host) {
		for i, s := range r.Spec.Subsets {
			if r.ID.Namespace != d.Namespace || r.ID.Name != d.Name || s.Name != c.subset || len(s.Labels) == 0 {
				continue
			}
			v.rule = "MSH419"
			f := &v.finding
			f.Category = validate.Dangling
			f.Related = []validate.Place{f.Place}
			f.Place = p.At(r.Object, fmt.Sprintf("spec.subsets[%d].labels", i))
			f.Message = fmt.Sprintf("subset %s of %s is for %s, and nobody behind %s has these labels", c.subset, r.ID, labelText(s.Labels), c.host)
			f.Fix = "take labels out of the subset, if it is only for its trafficPolicy; or name labels that the pods have"
			return true
		}
	}
	return false
}

// namedMachine is a WorkloadEntry that a ServiceEntry of resolution STATIC selects, and that has a name for an address.
func namedMachine(p *validate.Pass, e traffic.Of[*networking.ServiceEntry]) (traffic.Of[*networking.WorkloadEntry], bool) {
	for _, m := range p.Objects.WorkloadEntries {
		_, err := netip.ParseAddr(m.Spec.Address)
		if e.Spec.Resolution == networking.ServiceEntry_STATIC && e.Spec.WorkloadSelector != nil && m.ID.Namespace == e.ID.Namespace && err != nil &&
			!strings.HasPrefix(m.Spec.Address, "unix://") && m.Spec.Address != "" && within(e.Spec.WorkloadSelector.Labels, m.Spec.Labels) {
			return m, true
		}
	}
	return traffic.Of[*networking.WorkloadEntry]{}, false
}

// peopled tells whether somebody is behind a host, whatever their labels.
func peopled(p *validate.Pass, host string) bool {
	if s, ok := serviceOf(p, host); ok && len(s.Spec.Spec.Selector) > 0 {
		return selectsSome(p, s.ID.Namespace, s.Spec.Spec.Selector)
	}
	return slices.ContainsFunc(entriesFor(p, host), func(e traffic.Of[*networking.ServiceEntry]) bool { return len(e.Spec.Endpoints) > 0 })
}

// takenBy is the one port by which a gateway, given by its Service, takes a host, or 0.
func takenBy(p *validate.Pass, service, host string) int {
	found := 0
	for _, pod := range gatewayPods(p) {
		if !strings.HasPrefix(service, pod.Name+"."+pod.Namespace+".") {
			continue
		}
		for _, s := range serversOf(p, pod) {
			number := int(s.GetPort().GetNumber())
			if s.dropped || !s.takes(host) || number == found {
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

// ownerOf is the namespace of a host's Service or ServiceEntry.
func ownerOf(p *validate.Pass, host string) string {
	if name, ok := strings.CutSuffix(host, ".svc.cluster.local"); ok {
		_, owner, _ := strings.Cut(name, ".")
		return owner
	}
	if entries := entriesFor(p, host); len(entries) > 0 {
		return entries[0].ID.Namespace
	}
	return ""
}

// hiddenSubset says which DestinationRule has the subset that a route names, and why it does not count for a proxy, if
// there is such a rule.
func hiddenSubset(p *validate.Pass, v *verdict, c cluster, who, proxy, route string) bool {
	f := &v.finding
	root, _, _ := p.Index.Mesh()
	owner := ownerOf(p, c.host)
	for _, r := range rulesFor(p, c.host) {
		i := slices.IndexFunc(r.Spec.Subsets, func(s *networking.Subset) bool { return s.Name == c.subset })
		if i < 0 {
			f.Related = append(f.Related, p.At(r.Object, "spec.host"))
			continue
		}
		f.Category = validate.Scope
		f.Related = []validate.Place{f.Place, p.At(r.Object, fmt.Sprintf("spec.subsets[%d]", i))}
		if winner, ok := inPlaceOf(p, r, c, proxy); ok {
			v.rule = "MSH308"
			f.Place = p.At(winner.Object, "spec.subsets")
			f.Message = fmt.Sprintf("%s has no subset %s, and is in the place of %s, which has it, for %s: of rules for one host only that of the nearest namespace counts", winner.ID, c.subset, r.ID, who)
			f.Fix = fmt.Sprintf("add subset %s to %s too", c.subset, winner.ID)
			f.Edits = subsetEdit(p, r, winner, i)
			f.Related = slices.DeleteFunc(f.Related, func(at validate.Place) bool { return at.Object == f.Place.Object })
			return true
		}
		why := ""
		switch {
		case !p.Index.Exported("DestinationRule", r.Spec.ExportTo, r.ID.Namespace, proxy):
			f.Place = p.At(r.Object, "spec.exportTo")
			why = "is not exported to namespace " + proxy
			f.Fix = fmt.Sprintf("add %s to exportTo of %s", proxy, r.ID)
			if r.ID.Namespace == proxy || r.ID.Namespace == owner || r.ID.Namespace == root {
				f.Edits = exportEdit(f.Place, r.Spec.ExportTo, proxy)
				f.Safe = f.Edits != nil
			}
		case r.ID.Namespace != proxy && r.ID.Namespace != owner && r.ID.Namespace != root:
			f.Place = p.At(r.Object, "metadata.namespace")
			why = fmt.Sprintf("is in a namespace that proxies of %s do not look into for this host", proxy)
			f.Fix = fmt.Sprintf("move %s into namespace %s, that of the service", r.ID, owner)
			if p.Index.Exported("DestinationRule", r.Spec.ExportTo, owner, proxy) && len(rulesFor(p, c.host)) == 1 {
				f.Edits = []validate.Edit{{Object: f.Place.Object, Field: "metadata.namespace", Value: owner}}
			}
		default:
			f.Place = p.At(r.Object, "spec.host")
			why = "gives way to another DestinationRule for the host, which is nearer to the proxy or selects it"
			f.Fix = fmt.Sprintf("add subset %s to that rule too, or leave the host to %s", c.subset, r.ID)
		}
		f.Message = fmt.Sprintf("%s names subset %s of %s; %s has it, but does not count for %s: it %s", route, c.subset, c.host, r.ID, who, why)
		return true
	}
	return false
}

// firstRoute is the VirtualService of a loop, wherever on it that is.
func firstRoute(b *validate.Break, route traffic.Decision) traffic.Decision {
	for i := range b.Hops {
		if d, ok := validate.Decided(&b.Hops[i], "VirtualService"); ok {
			return d
		}
	}
	return route
}

func orRoute(d traffic.Decision, ok bool) string {
	if !ok {
		return "the request"
	}
	return d.String()
}

func orSubset(c cluster) string {
	if c.subset != "" {
		return fmt.Sprintf("subset %s of %s", c.subset, c.host)
	}
	return c.host
}

// destinationField is the destination that a decision of a VirtualService speaks of.
func destinationField(d traffic.Decision) string { return d.Field }
