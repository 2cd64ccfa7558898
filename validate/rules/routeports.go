package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	routev1 "github.com/openshift/api/route/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A routeOf is a Route of OpenShift in the files.
type routeOf traffic.Of[*routev1.Route]

// targetPort is the port that a Route asks for.
func targetPort(route routeOf) string {
	if route.Spec.Spec.Port == nil {
		return "0 (any)"
	}
	return route.Spec.Spec.Port.TargetPort.String()
}

// A routePort is a port of a Route's Service, as far as a Route can ask for it.
type routePort struct {
	name         string
	number, pods int
}

// asked is how a Route asks for the port.
func (one routePort) asked() any {
	if one.name != "" {
		return one.name
	}
	return cmp.Or(one.pods, one.number)
}

// routePorts are the ports of a Route's Service; where the files do not hold it, those of the ingress gateway that every
// installation brings.
func routePorts(p *validate.Pass, route routeOf) []routePort {
	for _, s := range p.Objects.Services {
		if s.ID.Namespace == route.ID.Namespace && s.ID.Name == route.Spec.Spec.To.Name {
			var all []routePort
			for _, one := range s.Spec.Spec.Ports {
				all = append(all, routePort{one.Name, int(one.Port), one.TargetPort.IntValue()})
			}
			return all
		}
	}
	return []routePort{{"http2", 80, 8080}, {"https", 443, 8443}}
}

func portNames(p *validate.Pass, route routeOf) string {
	var all []string
	for _, one := range routePorts(p, route) {
		all = append(all, cmp.Or(one.name, fmt.Sprint(one.number)))
	}
	return strings.Join(all, ", ")
}

// askedFor is how a Route asks for the port by which one gets to a server of the gateway, or nil where there is none.
func askedFor(p *validate.Pass, route routeOf, server int) any {
	for _, one := range routePorts(p, route) {
		if one.number == server || one.pods == server {
			return one.asked()
		}
	}
	return nil
}

// tlsPort is how a Route asks for a server of a gateway that takes TLS for its host, or nil.
func tlsPort(p *validate.Pass, route routeOf) any {
	for _, s := range serversBehind(p, route) {
		if s.Tls != nil && !s.Tls.HttpsRedirect {
			return askedFor(p, route, int(s.GetPort().GetNumber()))
		}
	}
	return nil
}

// meantPort is the port that a Route means which asks for one that its Service does not have: that of the number, the only
// one there is, or that of the one server of a gateway which takes for its host what the Route brings. It is nil where
// none stands out.
func meantPort(p *validate.Pass, route routeOf) any {
	ports := routePorts(p, route)
	if slices.ContainsFunc(ports, func(one routePort) bool { return fmt.Sprint(one.asked()) == targetPort(route) }) {
		return nil // it is the pods that are missing
	}
	if len(ports) == 1 {
		return ports[0].asked()
	}
	for _, one := range ports {
		if fmt.Sprint(one.number) == targetPort(route) {
			return one.asked()
		}
	}
	var found []any
	for _, s := range serversBehind(p, route) {
		brings := route.Spec.Spec.TLS != nil && route.Spec.Spec.TLS.Termination != routev1.TLSTerminationEdge
		if port := askedFor(p, route, int(s.GetPort().GetNumber())); port != nil && brings == (s.Tls != nil && !s.Tls.HttpsRedirect) {
			found = append(found, port)
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// serversBehind are the servers of gateways that take the host of a Route.
func serversBehind(p *validate.Pass, route routeOf) []placed {
	var all []placed
	for _, g := range p.Objects.Gateways {
		if _, _, unread := outside(p, g.ID.Namespace); unread || !selectsAny(p, g.Spec.Selector) {
			continue
		}
		for i, s := range g.Spec.Servers {
			if one := (placed{of: g, field: fmt.Sprintf("spec.servers[%d]", i), Server: s}); one.takes(route.Spec.Spec.Host) {
				all = append(all, one)
			}
		}
	}
	return all
}

// fittingTermination is the termination for a Route without one that brings to what is behind it what that takes, or
// nothing where the files do not tell.
func fittingTermination(p *validate.Pass, route routeOf) string {
	for _, s := range serversBehind(p, route) {
		port := askedFor(p, route, int(s.GetPort().GetNumber()))
		if port == nil || fmt.Sprint(port) != targetPort(route) && fmt.Sprint(s.GetPort().GetNumber()) != targetPort(route) {
			continue
		}
		if s.Tls != nil && !s.Tls.HttpsRedirect {
			return string(routev1.TLSTerminationPassthrough)
		}
		return string(routev1.TLSTerminationEdge)
	}
	return ""
}
