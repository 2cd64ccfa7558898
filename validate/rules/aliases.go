package rules

import (
	"fmt"

	networking "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// aliased is how to lead to what a Service of type ExternalName stands for: to the port of the ServiceEntry that takes what
// the application sends, where there is one such.
func aliased(p *validate.Pass, b *validate.Break, f *validate.Finding, c cluster, route traffic.Decision, routed bool) {
	s, ok := serviceOf(p, c.host)
	object := p.Object(route)
	if !ok || !routed || object == nil || !object.Has(route.Field+".host") {
		return
	}
	host := s.Spec.Spec.ExternalName
	f.Fix = fmt.Sprintf("set destination.host to %s, and declare that with a ServiceEntry", host)
	edits := []validate.Edit{{Object: f.Object, Field: route.Field + ".host", Value: host}}
	for _, e := range entriesFor(p, host) {
		if !seen(p, e, clientOf(&b.Hops[len(b.Hops)-1])) {
			continue
		}
		port := portFor(e, c.port, protocolOf(b.Request.To))
		if port == 0 {
			return
		}
		f.Fix = fmt.Sprintf("set destination.host to %s", host)
		if port != c.port {
			f.Fix += fmt.Sprintf(" and its port.number to %d, as %s has them", port, e.ID)
			edits = append(edits, validate.Edit{Object: f.Object, Field: route.Field + ".port", Value: map[string]any{"number": port}})
		}
		f.Edits = edits
		return
	}
}

// portFor is the port of an entry for what is sent: the one that was asked for, or else the only one of that kind, or 0.
func portFor(e entryOf, port int, protocol string) int {
	fits := func(one *networking.ServicePort) bool {
		return isHTTP(one.Protocol) && isHTTP(protocol) || isTLS(one.Protocol) && isTLS(protocol)
	}
	found := 0
	for _, one := range e.Spec.Ports {
		switch {
		case !fits(one):
		case int(one.Number) == port:
			return port
		case found != 0:
			return 0
		default:
			found = int(one.Number)
		}
	}
	return found
}

// portNamed is how to have the port of a Service say what it speaks, by its number.
func portNamed(o validate.Object, field string, one corev1.ServicePort) (fix string, edits []validate.Edit) {
	protocol := map[int32]string{80: "http", 443: "https"}[one.Port]
	if protocol == "" {
		return "call the port after what it speaks, such as tls or http; or write a ServiceEntry in place of the Service", nil
	}
	edit := validate.Edit{Object: o, Field: field + ".name", Value: protocol}
	fix = fmt.Sprintf("call the port %s, if that is what it speaks; or write a ServiceEntry in place of the Service", protocol)
	if one.Name != "" { // others may use the name
		edit.Field = field + ".appProtocol"
		fix = fmt.Sprintf("set appProtocol: %s for the port, if that is what it speaks; or write a ServiceEntry in place of the Service", protocol)
	}
	return fix, []validate.Edit{edit}
}

// unaliased is how to have a rule count for the host that a Service stands for.
func unaliased(p *validate.Pass, r traffic.Of[*networking.DestinationRule], host string) (fix string, edits []validate.Edit) {
	for _, o := range rulesFor(p, host) {
		if o.ID.Namespace == r.ID.Namespace && !wildcard(o.Spec.Host) {
			return fmt.Sprintf("move its settings to %s, which is for %s, and delete it", o.ID, host), nil
		}
	}
	if len(entriesFor(p, host)) == 0 {
		return fmt.Sprintf("set spec.host to %s, and declare that with a ServiceEntry", host), nil
	}
	return "set spec.host to " + host, []validate.Edit{{Object: p.At(r.Object, "").Object, Field: "spec.host", Value: host}}
}
