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

// asksPort tells whether a place is a match for a port.
func asksPort(route validate.Place) bool { return strings.HasSuffix(route.Field, ".port") }

// ignoredRoute is about routes for a host and port that nothing declares. Who asks for the port by number counts on them.
func ignoredRoute(v verdict, at validate.Place, b *validate.Break, fix string, related ...validate.Place) verdict {
	route := at
	if len(related) > 0 {
		route = related[0]
	}
	dialled := b.Hops[0].Destination
	v.rule = "MSH321"
	f := &v.finding
	f.Place, f.Related = at, related
	declared := len(related) > 0
	f.Message = fmt.Sprintf("%s routes %s, which no ServiceEntry declares on port %d: a sidecar reads over such a route", route.Object, dialled.Host, dialled.Port)
	f.Fix = fix
	switch {
	case !declared && b.Request.Guess:
		f.Severity = validate.Info // the files may not hold the ServiceEntry
	case asksPort(route):
		f.Severity = validate.Error
		f.Consequence = "the request does not go where the route leads; " + f.Consequence
	}
	return v
}

// entrance tells whether a VirtualService is for who comes in by a gateway, and lists sidecars besides.
func entrance(p *validate.Pass, o validate.Object) bool {
	r, ok := validate.Once(p, routesNamedKey{}, func() map[string]routesOf { return byFullName(p.Objects.VirtualServices) })[o.Namespace+"/"+o.Name]
	return ok && slices.ContainsFunc(r.Spec.Gateways, func(g string) bool { return g != "mesh" }) && !leadsToGateway(p, r)
}

type routesNamedKey struct{}

// lockedOut is about a Sidecar that imports the host for other ports only, or listens where nobody calls.
func lockedOut(p *validate.Pass, s traffic.Of[*networking.Sidecar], client string, e entryOf, dialled traffic.Destination, v verdict) (verdict, bool) {
	at := -1
	for i, l := range s.Spec.Egress {
		own := traffic.Of[*networking.Sidecar]{Spec: &networking.Sidecar{Egress: []*networking.IstioEgressListener{l}}}
		if !imports(own, client, e, dialled.Host) {
			continue
		}
		if n := l.GetPort().GetNumber(); (n == 0 || int(n) == dialled.Port) && l.Bind == "" && l.CaptureMode != networking.CaptureMode_NONE {
			return v, false
		}
		at = i
	}
	if at < 0 {
		return v, false
	}
	l := s.Spec.Egress[at]
	v.rule = "MSH324"
	f := &v.finding
	f.Related = []validate.Place{p.At(e.Object, "spec.hosts")}
	f.Place = p.At(s.Object, fmt.Sprintf("spec.egress[%d].port", at))
	f.Message = fmt.Sprintf("%s imports %s by a listener for port %d alone, and the application calls port %d", s.ID, dialled.Host, l.GetPort().GetNumber(), dialled.Port)
	f.Fix = fmt.Sprintf("add a listener without a port to spec.egress of %s, with hosts [%q]", s.ID, importOf(e, dialled.Host))
	f.Edits = importEdit(p, s, dialled.Port, importOf(e, dialled.Host))
	if n := l.GetPort().GetNumber(); n == 0 || int(n) == dialled.Port {
		f.Place = p.At(s.Object, fmt.Sprintf("spec.egress[%d]", at))
		f.Message = fmt.Sprintf("%s imports %s by a listener that captures nothing (bind %q, captureMode %s), and the application calls the host itself", s.ID, dialled.Host, l.Bind, l.CaptureMode)
		f.Fix = fmt.Sprintf("take bind and captureMode out of the listener in %s; or have the application call the address that it binds", s.ID)
		f.Edits = nil
		for _, field := range []string{f.Field + ".bind", f.Field + ".captureMode"} {
			if s.Object.Has(field) {
				f.Edits = append(f.Edits, validate.Edit{Object: f.Object, Field: field})
			}
		}
	}
	return v, true
}

// lostBytes is about a port of TCP that is declared and does not take the request: another entry of the host has the
// address, or the port is taken.
func lostBytes(p *validate.Pass, b *validate.Break, v verdict, visible []entryOf, entry entryOf, at, protocol string) verdict {
	dialled := b.Hops[0].Destination
	f := &v.finding
	number := entry.Spec.Ports[atIndex(at)].Number
	for _, other := range visible {
		if len(entry.Spec.Addresses) > 0 && len(other.Spec.Addresses) > 0 && other.ID != entry.ID && other.Spec.Addresses[0] != entry.Spec.Addresses[0] {
			v.rule = "MSH310"
			f.Category = validate.Duplicate
			f.Place = p.At(entry.Object, "spec.hosts[0]")
			f.Related = []validate.Place{p.At(other.Object, "spec.hosts[0]")}
			f.Message = fmt.Sprintf("%s and %s each declare %s, with an address of its own (%s, %s): the name stands for both, and each takes its own ports only", entry.ID, other.ID, dialled.Host, entry.Spec.Addresses[0], other.Spec.Addresses[0])
			f.Consequence = fmt.Sprintf("a client that gets the other address finds port %d closed: connections fail now and then; ", dialled.Port) + f.Consequence
			f.Fix = fmt.Sprintf("write one ServiceEntry of %s with the ports of both", dialled.Host)
			if resolvesAlike(entry, other) {
				f.Fix = fmt.Sprintf("give %s the address of %s, %s, in place of its own; or write one ServiceEntry of %s with the ports of both", entry.ID, other.ID, other.Spec.Addresses[0], dialled.Host)
				f.Edits = []validate.Edit{{Object: f.Place.Object, Field: "spec.addresses", Value: list(other.Spec.Addresses)}}
			}
			return v
		}
	}
	f.Category = validate.Protocol
	if place, what := httpOn(p, clientOf(&b.Hops[0]), int(number), entry.ID.String()); len(entry.Spec.Addresses) == 0 && what != "" {
		v.rule = "MSH311"
		f.Related = []validate.Place{place}
		f.Message = fmt.Sprintf("port %d of %s is %s without an address, and %s is HTTP on port %d: what is HTTP there goes to HTTP routes, and none is for %s", number, entry.ID, protocol, what, number, dialled.Host)
		f.Fix = fmt.Sprintf("declare port %d of %s as HTTP, if HTTP is spoken there; or give the host an address in spec.addresses", number, entry.ID)
		if protocolOf(b.Request.To) == "HTTP" && !b.Request.Guess {
			f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: "HTTP"}}
		}
		return v
	}
	v.rule = "MSH303"
	f.Message = fmt.Sprintf("port %d of %s is declared to take %s, which is not what the application sends", number, entry.ID, protocol)
	f.Fix = "declare the port with the protocol that is spoken there"
	return v
}

// httpOn is a Service or a ServiceEntry that is HTTP on a port and that a namespace sees.
func httpOn(p *validate.Pass, client string, port int, but string) (validate.Place, string) {
	for _, s := range p.Objects.Services {
		for i, one := range s.Spec.Spec.Ports {
			if int(one.Port) == port && isHTTP(namedProtocol(one)) && p.Index.Member(s.ID.Namespace) {
				return p.At(s.Object, fmt.Sprintf("spec.ports[%d]", i)), s.ID.String()
			}
		}
	}
	for _, e := range p.Objects.ServiceEntries {
		for i, one := range e.Spec.Ports {
			if int(one.Number) == port && isHTTP(one.Protocol) && seen(p, e, client) && e.ID.String() != but {
				return p.At(e.Object, fmt.Sprintf("spec.ports[%d]", i)), e.ID.String()
			}
		}
	}
	return validate.Place{}, ""
}

// namedProtocol is what a Service's port says of its protocol by appProtocol, or by the first word of its name; "" is
// nothing that Istio knows.
func namedProtocol(one corev1.ServicePort) string {
	if one.Protocol == corev1.ProtocolUDP {
		return "UDP"
	}
	name := one.Name
	if one.AppProtocol != nil {
		name = *one.AppProtocol
		switch name {
		case "kubernetes.io/h2c":
			return "HTTP2"
		case "kubernetes.io/ws":
			return "HTTP"
		case "kubernetes.io/wss":
			return "HTTPS"
		}
	}
	if strings.HasPrefix(strings.ToLower(name), "grpc-web") {
		return "GRPC-WEB"
	}
	word, _, _ := strings.Cut(name, "-")
	if word = strings.ToUpper(word); isHTTP(word) || isTLS(word) || isBytes(word) {
		return word
	}
	return ""
}

// apart is about a port that one ServiceEntry of a host declares and another, which is not joined with it, stands for.
func apart(p *validate.Pass, v verdict, own entryOf, at string, entries []entryOf, c cluster, h *traffic.Hop) verdict {
	proxy, gateway := clientOf(h), h.Proxy == traffic.Gateway
	f := &v.finding
	for _, other := range entries {
		if other.ID == own.ID || !seen(p, other, proxy) {
			continue
		}
		if _, _, ok := declaredIn([]entryOf{other}, c.port); ok {
			continue
		}
		v.rule = "MSH310"
		f.Category = validate.Duplicate
		f.Place = p.At(own.Object, at)
		f.Related = []validate.Place{p.At(other.Object, "spec.hosts")}
		f.Fix = fmt.Sprintf("write one ServiceEntry of %s with the ports of both; or make both alike but for their ports, in one namespace", c.host)
		var why string
		switch {
		case own.Spec.Resolution != other.Spec.Resolution:
			f.Place = p.At(own.Object, "spec.resolution")
			if joins(own, other, gateway) {
				f.Fix = fmt.Sprintf("set resolution %s in %s too, so that the two are joined; or write one ServiceEntry of %s with the ports of both", other.Spec.Resolution, own.ID, c.host)
				f.Edits = []validate.Edit{{Object: f.Place.Object, Field: f.Place.Field, Value: other.Spec.Resolution.String()}}
			}
			why = fmt.Sprintf("entries of one host are joined only where they resolve alike, and these have %s and %s", own.Spec.Resolution, other.Spec.Resolution)
		case own.ID.Namespace != other.ID.Namespace:
			f.Place = p.At(own.Object, "spec.hosts")
			why = fmt.Sprintf("entries of two namespaces are never joined: for a client in %s, those of one count", proxy)
		default:
			why = "entries of one host are joined only where exportTo, labels and workloadSelector are alike"
		}
		f.Message = fmt.Sprintf("%s and %s both declare %s: %s, so port %d of %s has no cluster", own.ID, other.ID, c.host, why, c.port, own.ID)
		if port, ok := valueAt(own.Object, at); ok && f.Edits == nil && resolvesAlike(own, other) {
			f.Fix = fmt.Sprintf("add port %d to spec.ports of %s; or write one ServiceEntry of %s with the ports of both", c.port, other.ID, c.host)
			f.Edits = []validate.Edit{{Object: p.At(other.Object, "").Object, Field: fmt.Sprintf("spec.ports[%d]", len(other.Spec.Ports)), Value: port}}
		}
		return v
	}
	return v
}

// inPlaceOf is the rule of the proxy's own namespace that hides one that would count otherwise.
func inPlaceOf(p *validate.Pass, hidden traffic.Of[*networking.DestinationRule], c cluster, proxy string) (traffic.Of[*networking.DestinationRule], bool) {
	root, _, _ := p.Index.Mesh()
	if hidden.ID.Namespace == proxy || proxy == root || !p.Index.Exported("DestinationRule", hidden.Spec.ExportTo, hidden.ID.Namespace, proxy) {
		return traffic.Of[*networking.DestinationRule]{}, false
	}
	for _, r := range rulesFor(p, c.host) {
		if r.ID.Namespace == proxy && !slices.ContainsFunc(r.Spec.Subsets, func(s *networking.Subset) bool { return s.Name == c.subset }) {
			return r, true
		}
	}
	return traffic.Of[*networking.DestinationRule]{}, false
}
