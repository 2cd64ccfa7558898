package traffic

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	routev1 "github.com/openshift/api/route/v1"
	corev1 "k8s.io/api/core/v1"
)

// An openshiftRoute is a Route.
type openshiftRoute struct {
	*routev1.Route
	source *source
}

// fromOutside comes in as a client outside the cluster does: through the Route of the host, or, where the bundle has
// none at all, straight to the Service of the ingress gateway.
func (k *walk) fromOutside(first hop, c *connection) Path {
	k.hops = []hop{first}
	return k.enter(c)
}

// enter is where a connection from outside comes in.
func (k *walk) enter(c *connection) Path {
	if len(k.routes) == 0 {
		s := k.entrance(strings.ToLower(k.host))
		if s == nil {
			return k.end(NoRoute, NoOpenShiftRoute, "no Route, and no Service of an ingress gateway")
		}
		at, port := k.servicePort(s, func(p corev1.ServicePort) bool { return int(p.Port) == c.port })
		if !at.IsValid() {
			return k.end(NoRoute, RoutePort, "Service %s/%s has no port %d", s.Namespace, s.Name, c.port)
		}
		c.ip, c.port = at, port
		return k.arriveAt(c)
	}
	if r := k.routeFor(k.host, k.message.path); r != nil {
		return k.route(r, c)
	}
	return k.end(NoRoute, NoOpenShiftRoute, "no Route for %s: 503", k.host)
}

// routeFor is the Route of a host, exact or by wildcard, with the longest path that leads to the request's.
func (x *Index) routeFor(host, path string) *openshiftRoute {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	path, _, _ = strings.Cut(path, "?")
	var best *openshiftRoute
	bestRank := 0
	for _, r := range x.routes {
		own := strings.ToLower(r.Spec.Host)
		_, of, _ := strings.Cut(own, ".")
		_, asked, _ := strings.Cut(host, ".")
		rank := 0
		switch {
		case own == host:
			rank = 1 << 20
		case r.Spec.WildcardPolicy == routev1.WildcardPolicySubdomain && of == asked:
			rank = 1
		}
		prefix := strings.TrimSuffix(r.Spec.Path, "/")
		if rank == 0 || prefix != "" && path != prefix && !strings.HasPrefix(path, prefix+"/") {
			continue
		}
		if rank += len(prefix); rank > bestRank {
			best, bestRank = r, rank
		}
	}
	return best
}

// route is OpenShift's router, by its documented behaviour: passthrough chooses by SNI and leaves the TLS alone, edge
// takes it off, re-encrypt takes it off and makes its own without SNI, and a Route without TLS takes plain HTTP.
// https://docs.openshift.com/container-platform/4.16/networking/routes/secured-routes.html
func (k *walk) route(r *openshiftRoute, c *connection) Path {
	name := r.Namespace + "/" + r.Name
	h := hop{Hop: Hop{Proxy: Router}}
	stop := func(code Code, cause Cause, format string, args ...any) Path {
		k.hops = append(k.hops, h)
		return k.end(code, cause, "Route "+name+": "+format, args...)
	}
	termination, insecure := routev1.TLSTerminationType(""), routev1.InsecureEdgeTerminationPolicyType("")
	field := "spec"
	if t := r.Spec.TLS; t != nil {
		termination, insecure, field = t.Termination, t.InsecureEdgeTerminationPolicy, "spec.tls.termination"
	}
	h.by(r.source.decision(field))
	if len(r.Spec.AlternateBackends) > 0 {
		h.NotRead = []string{"alternateBackends"}
	}
	i := slices.IndexFunc(k.serviceObjects, func(s *corev1.Service) bool { return s.Namespace == r.Namespace && s.Name == r.Spec.To.Name })
	if i < 0 {
		if k.options.Assume {
			return stop(Unknown, NotInTheFiles, "the files do not hold the Service %s/%s", r.Namespace, r.Spec.To.Name)
		}
		return stop(NoEndpoints, RouteService, "Service %s/%s is not there: 503", r.Namespace, r.Spec.To.Name)
	}
	service := k.serviceObjects[i]
	at, port := k.servicePort(service, func(p corev1.ServicePort) bool {
		if r.Spec.Port == nil {
			return true
		}
		want := r.Spec.Port.TargetPort
		if want.StrVal != "" {
			return p.Name == want.StrVal
		}
		return p.TargetPort.IntVal == want.IntVal && p.TargetPort.StrVal == "" && want.IntVal != 0 && p.TargetPort.IntVal != 0 ||
			p.TargetPort.IntVal == 0 && p.TargetPort.StrVal == "" && p.Port == want.IntVal
	})
	if !at.IsValid() {
		return stop(NoEndpoints, RoutePort, "Service %s/%s has no such port, or no pods: 503", r.Namespace, r.Spec.To.Name)
	}
	top := c.top()
	if top == nil && termination != "" {
		switch insecure {
		case routev1.InsecureEdgeTerminationPolicyRedirect:
			return stop(Response, Redirected, "redirected to https")
		case routev1.InsecureEdgeTerminationPolicyAllow:
			if termination == routev1.TLSTerminationPassthrough {
				return stop(NoRoute, RouteTakesTLS, "passthrough takes TLS only, and plain HTTP comes: 503")
			}
		default:
			return stop(NoRoute, RouteTakesTLS, "takes TLS only, and plain HTTP comes: 503")
		}
	}
	takesOff := func() {
		if c.top() != nil {
			h.Terminates = &Termination{Credential: "Route " + name}
		}
		c.layers = nil
	}
	switch {
	case termination == "" && top != nil:
		return stop(NoRoute, RouteTakesPlaintext, "takes plain HTTP only, and TLS comes: 503")
	case termination == routev1.TLSTerminationPassthrough && !strings.EqualFold(top.wire.SNI, k.host):
		return stop(NoRoute, RouteNeedsSNI, "passthrough goes by SNI, and %q comes: 503", top.wire.SNI)
	case termination == routev1.TLSTerminationEdge:
		takesOff()
	case termination == routev1.TLSTerminationReencrypt:
		// With a CA of its own the Route is content with any name; the cluster's service CA must have signed for the
		// Service's. No SNI is sent. (openshift/router, pkg/router/template/router.go, VerifyServiceHostname)
		own := layer{wire: Wire{Mode: Simple}}
		if r.Spec.TLS.DestinationCACertificate != "" {
			own.verify.Server.CA = "destinationCACertificate of Route " + name
		} else {
			own.verify.Server.CA = "service CA"
			own.verify.Server.Names = []string{fmt.Sprintf("%s.%s.svc", service.Name, service.Namespace)}
		}
		takesOff()
		c.layers = []layer{own}
	}
	c.ip, c.port = at, port
	h.Destination = Destination{Host: r.Spec.To.Name + "." + r.Namespace, Address: k.shown(at), Port: port}
	h.Wire = onWire(c)
	if top := c.top(); top != nil {
		h.Verify = top.verify
	}
	k.hops = append(k.hops, h)
	return k.arriveAt(c)
}

// servicePort is the first pod behind the first port of a Service that fits.
func (x *Index) servicePort(s *corev1.Service, fits func(corev1.ServicePort) bool) (netip.Addr, int) {
	for _, p := range s.Spec.Ports {
		if !fits(p) {
			continue
		}
		for _, w := range x.workloads {
			if leads(s, w) {
				return w.ip, targetPort(p, w)
			}
		}
	}
	return netip.Addr{}, 0
}

// behind is where kube-proxy leads a connection to the address of a Service.
func (x *Index) behind(ip netip.Addr, port int) (netip.Addr, int) {
	i, ok := x.serviceByIP[ip]
	if !ok {
		return netip.Addr{}, 0
	}
	return x.servicePort(x.serviceObjects[i], func(p corev1.ServicePort) bool { return int(p.Port) == port })
}
