package judge

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// An openshiftRoute holds the fields of route.openshift.io/v1 Route that decide where a request goes.
type openshiftRoute struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Host string `json:"host"`
		Path string `json:"path"`
		Port *struct {
			TargetPort intstr.IntOrString `json:"targetPort"`
		} `json:"port"`
		To                struct{ Kind, Name string } `json:"to"`
		AlternateBackends []struct{ Name string }     `json:"alternateBackends"`
		WildcardPolicy    string                      `json:"wildcardPolicy"`
		TLS               *struct {
			Termination                   string `json:"termination"`
			InsecureEdgeTerminationPolicy string `json:"insecureEdgeTerminationPolicy"`
			DestinationCACertificate      string `json:"destinationCACertificate"`
		} `json:"tls"`
	} `json:"spec"`
}

// fromOutside comes in as a client outside the cluster does: through the Route of the host, or, where the bundle has
// none at all, straight to the Service of the ingress gateway.
func (k *walk) fromOutside(first Hop, c *connection, host string) (Path, error) {
	k.hops = []Hop{first}
	if len(k.world.routes) == 0 {
		s := k.world.entrance(strings.ToLower(host))
		if s == nil {
			return k.end(NoRoute, "no Route, and no Service of an ingress gateway"), nil
		}
		to := k.world.servicePort(s, func(p corev1.ServicePort) bool { return int(p.Port) == c.port })
		if to == nil {
			return k.end(NoRoute, "Service %s/%s has no port %d", s.Namespace, s.Name, c.port), nil
		}
		c.ip, c.port = to.ip, to.port
		return k.arriveAt(c)
	}
	if r := k.world.routeFor(host, k.message.path); r != nil {
		return k.route(r, c)
	}
	return k.end(NoRoute, "no Route for %s: 503", host), nil
}

// entrance is the Service that DNS leads a client outside to: of those that lead to gateways, labelled istio=ingressgateway or
// reached by a load balancer or a port of the nodes, the first whose gateway has a server for the host, or else the first.
func (w *World) entrance(host string) *corev1.Service {
	var first, others []*corev1.Service
	for _, s := range w.services {
		switch label := s.Spec.Selector["istio"]; {
		case label == "ingressgateway":
			first = append(first, s)
		case label == "egressgateway" || label == "eastwestgateway":
		case s.Spec.Type == corev1.ServiceTypeLoadBalancer || s.Spec.Type == corev1.ServiceTypeNodePort:
			if slices.ContainsFunc(w.pods, func(p *pod) bool { return p.gateway && behindService(s, p) }) {
				others = append(others, s)
			}
		}
	}
	all := append(first, others...)
	for _, s := range all {
		for _, p := range w.pods {
			if behindService(s, p) && p.gateway && w.proxyOf(p).serves(host) {
				return s
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

func behindService(s *corev1.Service, p *pod) bool {
	return p.namespace == s.Namespace && len(s.Spec.Selector) > 0 && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.labels))
}

// serves tells whether a gateway has a server for a host.
func (p *proxy) serves(host string) bool {
	if p.model.MergedGateway == nil {
		return false
	}
	for _, merged := range p.model.MergedGateway.MergedServers {
		for _, server := range merged.Servers {
			for _, h := range server.Hosts {
				if _, name, found := strings.Cut(h, "/"); found {
					h = name
				}
				suffix, wildcard := strings.CutPrefix(strings.ToLower(h), "*")
				if h == "*" || strings.EqualFold(h, host) || wildcard && strings.HasSuffix(host, suffix) {
					return true
				}
			}
		}
	}
	return false
}

// routeFor is the Route of a host, exact or by wildcard, with the longest path that leads to the request's.
func (w *World) routeFor(host, path string) *openshiftRoute {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	path, _, _ = strings.Cut(path, "?")
	var best *openshiftRoute
	bestRank := 0
	for _, r := range w.routes {
		own := strings.ToLower(r.Spec.Host)
		_, domain, _ := strings.Cut(own, ".")
		_, of, _ := strings.Cut(host, ".")
		rank := 0
		switch {
		case own == host:
			rank = 1 << 20
		case r.Spec.WildcardPolicy == "Subdomain" && domain == of:
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
func (k *walk) route(r *openshiftRoute, c *connection) (Path, error) {
	name := r.Namespace + "/" + r.Name
	hop := Hop{Proxy: "router", DecidedBy: []string{"Route " + name}}
	stop := func(code Code, format string, args ...any) (Path, error) {
		k.hops = append(k.hops, hop)
		return k.end(code, "Route "+name+": "+format, args...), nil
	}
	if len(r.Spec.AlternateBackends) > 0 {
		hop.NotRead = []string{"alternateBackends"}
	}
	var service *corev1.Service
	for _, s := range k.world.services {
		if s.Namespace == r.Namespace && s.Name == r.Spec.To.Name {
			service = s
		}
	}
	if service == nil {
		return stop(NoEndpoints, "Service %s/%s is not there: 503", r.Namespace, r.Spec.To.Name)
	}
	to := k.world.servicePort(service, func(p corev1.ServicePort) bool {
		if r.Spec.Port == nil {
			return true
		}
		want := r.Spec.Port.TargetPort
		if want.Type == intstr.String {
			return p.Name == want.StrVal
		}
		return p.TargetPort.IntVal == want.IntVal || p.TargetPort == intstr.IntOrString{} && p.Port == want.IntVal
	})
	if to == nil {
		return stop(NoEndpoints, "Service %s/%s has no such port, or no pods: 503", r.Namespace, r.Spec.To.Name)
	}
	termination := ""
	if r.Spec.TLS != nil {
		termination = r.Spec.TLS.Termination
	}
	top := c.top()
	if top == nil && termination != "" {
		switch r.Spec.TLS.InsecureEdgeTerminationPolicy {
		case "Redirect":
			return stop(Response, "redirected to https")
		case "Allow":
			if termination == "passthrough" {
				return stop(NoRoute, "passthrough takes TLS only, and plain HTTP comes: 503")
			}
		default:
			return stop(NoRoute, "takes TLS only, and plain HTTP comes: 503")
		}
	}
	switch {
	case termination == "" && top != nil:
		return stop(NoRoute, "takes plain HTTP only, and TLS comes: 503")
	case termination == "passthrough" && !strings.EqualFold(top.wire.SNI, k.hops[0].Destination.Host):
		return stop(NoRoute, "passthrough goes by SNI, and %q comes: 503", top.wire.SNI)
	case termination == "edge":
		hop.takesOff(c, name)
	case termination == "reencrypt":
		// With a CA of its own the Route is content with any name; the cluster's service CA must have signed for the
		// Service's. No SNI is sent. (openshift/router, pkg/router/template/router.go, VerifyServiceHostname)
		own := layer{wire: Wire{Mode: Simple}}
		if r.Spec.TLS.DestinationCACertificate != "" {
			own.verify.Server.CA = "destinationCACertificate of Route " + name
		} else {
			own.verify.Server.CA = "service CA"
			own.verify.Server.Names = []string{fmt.Sprintf("%s.%s.svc", service.Name, service.Namespace)}
		}
		hop.takesOff(c, name)
		c.layers = []layer{own}
	}
	c.ip, c.port = to.ip, to.port
	hop.Destination = Destination{Host: r.Spec.To.Name + "." + r.Namespace, Address: to.ip, Port: to.port}
	hop.Wire = onWire(c)
	if top := c.top(); top != nil {
		hop.Verify = top.verify
	}
	k.hops = append(k.hops, hop)
	return k.arriveAt(c)
}

// takesOff ends a client's TLS at the router, with the Route's certificate or the router's own.
func (h *Hop) takesOff(c *connection, route string) {
	if c.top() != nil {
		h.Terminates = &Termination{Credential: "Route " + route}
	}
	c.layers = nil
}

// An address is where a pod listens.
type address struct {
	ip   string
	port int
}

// servicePort is the first pod behind the first port of a Service that fits.
func (w *World) servicePort(s *corev1.Service, fits func(corev1.ServicePort) bool) *address {
	for _, port := range s.Spec.Ports {
		if !fits(port) {
			continue
		}
		for _, p := range w.pods {
			if behindService(s, p) {
				return &address{p.ip, targetPort(port, p)}
			}
		}
	}
	return nil
}

// behind is where kube-proxy leads a connection to the address of a Service.
func (w *World) behind(ip string, port int) *address {
	for _, s := range w.services {
		if s.Spec.ClusterIP == ip && ip != corev1.ClusterIPNone {
			return w.servicePort(s, func(p corev1.ServicePort) bool { return int(p.Port) == port })
		}
	}
	return nil
}
