package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var routerCauses = []traffic.Cause{
	traffic.RouteService, traffic.RoutePort, traffic.RouteTakesTLS, traffic.RouteTakesPlaintext, traffic.RouteNeedsSNI,
	traffic.HTTPExpected, traffic.TLSExpected, traffic.NoFilterChain, traffic.NoVirtualHost, traffic.Redirected, traffic.StrictRefuses,
	traffic.ClientCertificate, traffic.UntrustedServer, traffic.NoListener,
}

// routerMiss says why what comes by a Route of OpenShift does not get on: the Route leads nowhere, or brings to the
// gateway's server what that does not take.
func routerMiss(p *validate.Pass, b *validate.Break) verdict {
	at := -1
	for i, h := range b.Hops {
		if h.Proxy == traffic.Router {
			at = i
		}
	}
	if at < 0 {
		return verdict{}
	}
	router := &b.Hops[at]
	d, ok := validate.Decided(router, "Route")
	if !ok {
		return verdict{}
	}
	v := verdict{hop: at + 1, finding: validate.Finding{Place: p.Of(d), Category: validate.Termination}}
	f := &v.finding
	var route routeOf
	for _, r := range p.Objects.Routes {
		if r.ID.Namespace == d.Namespace && r.ID.Name == d.Name {
			route = routeOf(r)
		}
	}
	if route.Object == nil {
		return verdict{}
	}
	termination := "without tls"
	if t := route.Spec.Spec.TLS; t != nil {
		termination = string(t.Termination)
	}
	last, n := b.Last()
	switch b.Outcome.Cause {
	case traffic.RouteService, traffic.RoutePort:
		v.rule = "MSH602"
		f.Category = validate.Dangling
		f.Place = p.At(route.Object, "spec.to.name")
		if b.Outcome.Cause == traffic.RoutePort {
			f.Place = p.At(route.Object, "spec.port.targetPort")
		}
		f.Message = fmt.Sprintf("%s leads to Service %s/%s, which is not there", route.ID, route.ID.Namespace, route.Spec.Spec.To.Name)
		f.Consequence = "the router has nobody behind the Route: it answers 503"
		f.Fix = "name a Service of the Route's own namespace; a Route for a gateway stands in the gateway's namespace"
		if b.Outcome.Cause == traffic.RoutePort {
			names := portNames(p, route)
			f.Message = fmt.Sprintf("%s leads to port %s of Service %s, which has no such port, or no pods: it has %s", route.ID, targetPort(route), route.Spec.Spec.To.Name, names)
			f.Fix = fmt.Sprintf("set spec.port.targetPort to the name of a port (%s), or to the number that the pods listen on", names)
			if port := meantPort(p, route); port != nil {
				f.Fix = fmt.Sprintf("set spec.port.targetPort: %v", port)
				f.Edits, f.Safe = route.toPort(port), true // it led nowhere
			}
		}
	case traffic.RouteNeedsSNI:
		v.rule = "MSH603"
		f.Message = fmt.Sprintf("%s passes TLS through by its SNI, and the client sends another than the Route's host, or none", route.ID)
		f.Consequence = "the router cannot tell the Route: 503, or its default certificate"
		f.Fix = "have clients send the Route's host as SNI; or use a load balancer for what sends none"
	case traffic.RouteTakesTLS:
		v.rule = "MSH601"
		f.Message = fmt.Sprintf("%s (%s) takes TLS only, and the client sends plain HTTP", route.ID, termination)
		f.Consequence = "the router answers 503, as if there were no such application"
		f.Fix = "set insecureEdgeTerminationPolicy: Redirect in spec.tls, which sends browsers on to https://; or call https:// at once, as programs should"
		f.Edits = []validate.Edit{{Object: f.Object, Field: "spec.tls.insecureEdgeTerminationPolicy", Value: "Redirect"}}
		if termination == "passthrough" && !strings.HasPrefix(b.Request.To, "http://") {
			f.Edits = nil
			v.rule = "MSH603"
			f.Message = fmt.Sprintf("%s passes TLS through by its SNI, and the client begins without TLS", route.ID)
			f.Consequence = "the router cannot tell the Route: it answers 503, or closes the connection"
			f.Fix = "have clients begin with TLS and send the Route's host as SNI; or use a load balancer for what begins without"
		}
	case traffic.RouteTakesPlaintext:
		v.rule = "MSH601"
		f.Place = p.At(route.Object, "spec.tls")
		f.Message = fmt.Sprintf("%s has no tls, so it takes plain HTTP only, and the client sends TLS", route.ID)
		f.Consequence = "the router has no Route for the host on its TLS port: 503, or its default certificate"
		f.Fix = "set spec.tls.termination: passthrough where the gateway's server takes TLS, edge where it takes HTTP"
		if to := fittingTermination(p, route); to != "" {
			f.Fix = fmt.Sprintf("set spec.tls.termination: %s, which fits what is behind the Route", to)
			f.Edits = route.withTermination(to, b.TLS)
		}
	case traffic.NoListener:
		return closedPort(p, b, v, route, termination)
	default:
		if last.Proxy != traffic.Gateway && b.Outcome.Cause != traffic.StrictRefuses {
			return verdict{}
		}
		server, field := serverFor(p, last)
		if server.Object != nil {
			f.Related = []validate.Place{p.At(server.Object, field)}
		}
		v.rule = "MSH601"
		f.Place = p.At(route.Object, "spec.tls.termination")
		switch b.Outcome.Cause {
		case traffic.StrictRefuses:
			v.rule = "MSH610"
			f.Place = p.At(route.Object, "spec.to.name")
			f.Category = validate.GatewayTLS
			f.Message = fmt.Sprintf("%s leads straight to %s, which takes the mesh's mutual TLS only, and the router has no certificate of the mesh", route.ID, last.Workload)
			f.Consequence = "the sidecar resets the connection: the router answers 503"
			f.Fix = "lead the Route to the ingress gateway; or let a PeerAuthentication make that port PERMISSIVE"
		case traffic.HTTPExpected:
			f.Message = fmt.Sprintf("%s (%s) brings TLS to the gateway, whose server there takes plain HTTP", route.ID, termination)
			f.Consequence = "the gateway's HTTP filter gets a ClientHello: the router answers 503, or the client sees a TLS error"
			f.Fix = "set termination edge, so that the router takes the TLS off; or lead the Route to a server of the gateway that takes TLS"
			f.Edits = route.withTermination("edge", b.TLS)
			if port := tlsPort(p, route); port != nil && termination == "passthrough" {
				f.Fix = fmt.Sprintf("set spec.port.targetPort: %v, where the gateway takes TLS for %s; or set termination edge", port, route.Spec.Spec.Host)
				f.Edits = route.toPort(port)
			}
		case traffic.TLSExpected:
			f.Message = fmt.Sprintf("%s (%s) brings plaintext to the gateway, whose server there takes TLS", route.ID, termination)
			f.Consequence = "the gateway resets the connection: the router answers 503"
			f.Fix = "set termination passthrough (or reencrypt); or lead the Route to a server of the gateway that takes HTTP"
			if f.Edits = route.withTermination("passthrough", b.TLS); f.Edits == nil {
				f.Fix = "lead the Route to a server of the gateway that takes HTTP; or set termination reencrypt (passthrough knows no path and no headers)"
			}
		case traffic.ClientCertificate:
			if termination != "reencrypt" {
				return verdict{}
			}
			f.Message = fmt.Sprintf("%s (reencrypt) makes the router's own TLS to the gateway, whose server there asks for a client certificate: the router has none", route.ID)
			f.Consequence = "the gateway ends the handshake (certificate required): the router answers 503"
			f.Fix = "set termination passthrough, so that the client's own certificate reaches the gateway; or mode SIMPLE in the server"
			f.Edits = route.withTermination("passthrough", b.TLS)
		case traffic.UntrustedServer:
			if termination != "reencrypt" {
				return verdict{}
			}
			v.rule = "MSH604"
			f.Place = p.At(route.Object, "spec.tls.destinationCACertificate")
			f.Category = validate.CA
			f.Message = fmt.Sprintf("%s (reencrypt) leads to a server that shows the mesh's own certificate, which the router does not trust", route.ID)
			f.Consequence = "the router refuses the certificate: 503"
			f.Fix = "give the gateway's server a certificate of its own (mode SIMPLE and credentialName), and its CA to destinationCACertificate"
		case traffic.NoFilterChain:
			if termination == "reencrypt" {
				f.Message = fmt.Sprintf("%s (reencrypt) makes the router's own TLS to the gateway, without SNI, and the gateway's server is chosen by SNI", route.ID)
				f.Consequence = "no filter chain matches: the connection is reset, and the router answers 503"
				f.Fix = fmt.Sprintf(`set hosts: ["*"] in that server, and leave it to the VirtualService to name %s; or set termination passthrough`, route.Spec.Spec.Host)
				f.Edits = anyHostIn(p, last)
				break
			}
			if len(router.Wire.SNI) > 0 || router.Wire.Layers > 0 {
				v.rule = "MSH617"
				f.Place = p.At(route.Object, "spec.host")
				f.Category = validate.SNI
				f.Message = fmt.Sprintf("host %s of %s is not among the hosts of the gateway's server", route.Spec.Spec.Host, route.ID)
				f.Consequence = "no filter chain matches the SNI: the connection is reset"
				oneName(p, f, last, route)
				break
			}
			f.Message = fmt.Sprintf("%s (%s) brings plaintext to the gateway, whose server there takes TLS", route.ID, termination)
			f.Consequence = "the gateway resets the connection: the router answers 503"
			f.Fix = "set termination passthrough (or reencrypt); or lead the Route to a server of the gateway that takes HTTP"
			if f.Edits = route.withTermination("passthrough", b.TLS); f.Edits == nil {
				f.Fix = "lead the Route to a server of the gateway that takes HTTP; or set termination reencrypt (passthrough knows no path and no headers)"
			}
		case traffic.NoVirtualHost:
			v.rule = "MSH617"
			f.Place = p.At(route.Object, "spec.host")
			f.Category = validate.Dangling
			f.Message = fmt.Sprintf("nothing behind the gateway answers to %s, the host of %s", route.Spec.Spec.Host, route.ID)
			f.Consequence = "the gateway answers 404"
			oneName(p, f, last, route)
		case traffic.Redirected:
			if termination != "edge" || len(b.Hops[0].Wire.Mode) == 0 || b.Hops[0].Wire.Layers == 0 {
				return verdict{}
			}
			v.rule = "MSH616"
			v.hop = n
			f.Category = validate.Termination
			f.Message = fmt.Sprintf("%s takes the TLS off (edge), and the gateway's server sends all plain HTTP to https again", route.ID)
			f.Consequence = "the browser goes round: too many redirects"
			f.Fix = "take httpsRedirect out of the server, and set insecureEdgeTerminationPolicy: Redirect in the Route"
			if server.Object != nil && server.Object.Has(field+".tls.httpsRedirect") {
				f.Edits = []validate.Edit{
					{Object: p.At(route.Object, "").Object, Field: "spec.tls.insecureEdgeTerminationPolicy", Value: "Redirect"},
					{Object: p.At(server.Object, "").Object, Field: field + ".tls.httpsRedirect", Value: false},
				}
			}
		default:
			return verdict{}
		}
	}
	return v
}

// closedPort says why nothing listens where a Route leads: the gateway opens another port for the host.
func closedPort(p *validate.Pass, b *validate.Break, v verdict, route routeOf, termination string) verdict {
	router, _ := b.Last()
	if router.Proxy != traffic.Router {
		return verdict{}
	}
	for _, g := range p.Objects.Gateways {
		if _, _, unread := outside(p, g.ID.Namespace); unread {
			continue // MSH607
		}
		for i, s := range g.Spec.Servers {
			if !(placed{Server: s}).takes(route.Spec.Spec.Host) || !selectsAny(p, g.Spec.Selector) {
				continue
			}
			f := &v.finding
			number := s.GetPort().GetNumber()
			f.Related = []validate.Place{p.At(g.Object, fmt.Sprintf("spec.servers[%d]", i))}
			f.Consequence = "nothing listens on that port of the gateway: the router answers 503"
			brings, takes := router.Wire.Layers > 0, s.Tls != nil && !s.Tls.HttpsRedirect
			port, how := askedFor(p, route, int(number)), fmt.Sprintf("give the gateway's Service port %d, and set spec.port.targetPort to its name", number)
			if port != nil {
				how = fmt.Sprintf("set spec.port.targetPort: %v", port)
			}
			switch {
			case brings == takes:
				v.rule = "MSH602"
				f.Category = validate.Dangling
				f.Place = p.At(route.Object, "spec.port.targetPort")
				f.Message = fmt.Sprintf("%s leads to port %d of the gateway, and %s takes %s on port %d", route.ID, router.Destination.Port, g.ID, route.Spec.Spec.Host, number)
				f.Fix = how
			case takes:
				v.rule = "MSH601"
				f.Message = fmt.Sprintf("%s (%s) brings plaintext to port %d of the gateway, and %s takes %s with TLS, on port %d", route.ID, termination, router.Destination.Port, g.ID, route.Spec.Spec.Host, number)
				f.Fix = "set termination passthrough, and " + how
				f.Edits = route.withTermination("passthrough", b.TLS)
			default:
				v.rule = "MSH601"
				f.Message = fmt.Sprintf("%s (%s) brings TLS to port %d of the gateway, and %s takes %s as plain HTTP, on port %d", route.ID, termination, router.Destination.Port, g.ID, route.Spec.Spec.Host, number)
				f.Fix = "set termination edge, and " + how
				f.Edits = route.withTermination("edge", b.TLS)
			}
			if port == nil || v.rule == "MSH601" && f.Edits == nil {
				f.Edits = nil
			} else {
				f.Edits = append(f.Edits, route.toPort(port)...)
			}
			return v
		}
	}
	return verdict{}
}
