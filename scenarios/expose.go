package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// expose: the other side, a service of a mesh that is called from outside.
var expose = Scenario{
	ID:         "expose",
	Title:      "make a service of the mesh reachable from outside",
	Encryption: Simple,
	Parts:      []Part{Namespaces, ControlPlane, Members, Workload, Traffic},
	Default:    []Part{Traffic},
	Uses:       []string{"service.host", "expose"},
	ingress:    true,
	check:      checkExposed,
	names: func(p *Plan) []string {
		return []string{p.Spec.Expose.Gateway.Namespace, p.Spec.Expose.Namespace}
	},
	claims: func(p *Plan) []claim {
		s := p.Spec
		gateway := "at ingress gateway " + s.Expose.Gateway.Namespace + "/" + s.Expose.Gateway.Service
		claims := []claim{{place: gateway, what: s.Service.Host, path: "spec.service.host"}}
		if p.Target.Routes {
			claims = append(claims, claim{place: "at the router", what: s.Service.Host, path: "spec.service.host"})
		}
		if s.Expose.Route.Termination == "reencrypt" {
			claims = append(claims, claim{place: gateway, what: "every name on port 443", path: "spec.expose.route.termination"})
		}
		return claims
	},
	needs: func(p *Plan, has func(Part) bool) []Need {
		s := p.Spec
		x := s.Expose
		var needs []Need
		if !has(ControlPlane) {
			needs = append(needs, Need{Text: fmt.Sprintf("a mesh in namespace %s (%s); --include control-plane renders it", s.Mesh.Namespace, p.Target.Product)})
		}
		if !has(ControlPlane) || !p.bringsIngress() {
			needs = append(needs, gatewayNeed("ingress", x.Gateway.Namespace, x.Gateway.Service, x.Gateway.Selector, p.bringsIngress()))
		}
		if !has(Members) {
			needs = append(needs, p.memberNeed(x.Namespace))
		}
		if !has(Workload) {
			port := "http-web"
			if s.Encryption == Passthrough {
				port = "tls-web"
			}
			needs = append(needs, Need{Text: fmt.Sprintf("Service %s/%s with port %d named so that the mesh knows its protocol, such as %s; --include workload renders a sample", x.Namespace, x.Name, x.Port, port)})
			if p.Target.PodInjection {
				needs = append(needs, Need{Text: fmt.Sprintf("its pods asking for a sidecar (here those of Deployment %s)", x.Name), Command: p.injectCommand(x.Namespace, x.Name)})
			}
		}
		needs = append(needs, p.exposeNeeds(has(Workload))...)
		return append(needs, Need{Text: fmt.Sprintf("%s resolving to %s for its callers (DNS, or curl --resolve)", s.Service.Host, p.front())})
	},
}

// checkExposed holds what the ingress gateway does against the Route in front of it, and both against the target. It is
// the check of scenario expose, and of the service part of the scenarios that call out.
func checkExposed(p *Plan, r *report) {
	s, route := p.Spec, p.Spec.Expose.Route
	if isWildcard(s.Service.Host) {
		r.problem("spec.service.host", "name each host in a definition of its own", "a Route and a certificate for every name of %s need settings of the router that a bundle cannot make", s.Service.Host)
	}
	if len(s.Expose.ClientNames) > 0 && s.Encryption != Mutual {
		r.problem("spec.expose.clientNames", "leave it out, or use encryption mutual", "with encryption %s callers show no certificate to the gateway", s.Encryption)
	}
	if p.draft.Written("spec.expose.pathPrefix") && s.Encryption == Passthrough {
		r.problem("spec.expose.pathPrefix", "leave it out", "paths are inside the application's TLS, where the gateway cannot see them")
	}
	if !p.Target.Routes {
		for _, field := range []string{"termination", "insecure", "destinationCACertificate"} {
			if p.draft.Written("spec.expose.route." + field) {
				r.refuse(fmt.Sprintf("%s has no Routes in front of its gateways", p.Target.Product), "leave expose.route out: the gateway's own load balancer leads to it")
				return
			}
		}
		return
	}
	if refusal, ok := routeMatrix[[2]string{route.Termination, s.Encryption}]; ok {
		r.refuse(refusal.Reason, refusal.Hint)
		return
	}
	if route.Termination == "reencrypt" && route.DestinationCACertificate == "" {
		r.refuse("reencrypt without expose.route.destinationCACertificate: the router trusts only the cluster's service CA and would refuse the gateway's certificate", "give the PEM of the CA that signed the certificate in Secret "+s.Expose.Secret+" (--set-file expose.route.destinationCACertificate=ca.crt)")
	}
	if route.Termination != "reencrypt" && route.DestinationCACertificate != "" {
		r.problem("spec.expose.route.destinationCACertificate", "leave it out", "only reencrypt verifies the gateway")
	}
	if route.Insecure == "allow" && route.Termination == "passthrough" {
		r.problem("spec.expose.route.insecure", "use none or redirect", "a passthrough Route cannot carry plain HTTP")
	}
	if route.Termination == "none" && route.Insecure != "none" {
		r.problem("spec.expose.route.insecure", "leave it out", "a Route without TLS is plain HTTP already")
	}
	if p.Metadata.Name == p.Target.OwnsIngressRouteName {
		r.problem("metadata.name", "choose another name", "the operator owns the Route %s and would revert it", p.Metadata.Name)
	}
}

// CheckParts reports what is wrong when these parts of the plans are rendered, beyond what [Resolve] finds: the service
// part of a scenario that calls out is an exposed service too.
func CheckParts(plans []*Plan, partsOf func(*Plan) []Part) error {
	var errs []error
	type key struct{ place, what string }
	first := map[key]*Plan{}
	for _, p := range plans {
		r := &report{plan: p}
		exposes := !p.Scenario.uses("client")
		if !exposes && p.Scenario.Has(ServiceSide) && p.Scenario.uses("expose") {
			exposes = p.checkOtherSide(partsOf(p), r)
		}
		if exposes {
			for _, c := range expose.claims(p) {
				k := key{c.place, c.what}
				if owner := first[k]; owner != nil {
					r.problem(c.path, "render the service part with one of them only", "%s %s is already exposed by the definition %s at %s", c.what, c.place, owner.Metadata.Name, owner.draft.At)
					break
				}
				first[k] = p
			}
		}
		errs = append(errs, r.errs...)
	}
	return errors.Join(errs...)
}

// checkOtherSide holds a scenario that calls out against its service part, and tells whether that exposes something.
func (p *Plan) checkOtherSide(parts []Part, r *report) bool {
	v, e := p.Spec.Service, p.Spec.Encryption
	if !slices.Contains(parts, ServiceSide) {
		if p.draft.Written("spec.expose") || p.draft.writtenBelow("spec.expose") {
			r.problem("spec.expose", "add --include service, or leave it out", "has no meaning without the part %s", ServiceSide)
		}
		return false
	}
	const hint = "leave the part service out"
	usual := 443
	if e == None {
		usual = 80
	}
	switch {
	case v.Protocol != "http" && v.Protocol != "tls":
		r.problem("spec.service.protocol", hint, "the sample service does not speak %s", v.Protocol)
	case clusterNamespace(v.Host) == "":
		if v.Port != usual {
			r.problem("spec.service.port", hint, "the sample service is exposed on port %d", usual)
		}
		if p.draft.Written("spec.service.sni") && v.SNI != v.Host {
			r.problem("spec.service.sni", hint, "the sample service is exposed as %s, and no router or gateway lets another server name through to it", v.Host)
		}
		p.checkMember(r, "spec.expose.namespace", p.Spec.Expose.Namespace)
		checkExposed(p, r)
		return true
	case e != None:
		r.problem("spec.service.host", hint+", or use encryption none", "the sample service that is a plain Service of the cluster answers without TLS")
	default:
		name := strings.TrimSuffix(v.Host, clusterSuffix)
		service, _, _ := strings.Cut(name, ".")
		if strings.Count(name, ".") != 1 || kinds["service"](reflect.ValueOf(service)) != "" {
			r.problem("spec.service.host", "leave the part out, or call <name>.<namespace>"+clusterSuffix, "no sample Service can have the name %s", v.Host)
		}
	}
	return false
}

// routeMatrix refuses the combinations of a Route's termination and what the gateway does (by encryption: none is a
// plain HTTP server, simple SIMPLE, mutual MUTUAL, passthrough PASSTHROUGH) that cannot work. All others do.
//
// https://docs.openshift.com/container-platform/latest/networking/routes/secured-routes.html
var routeMatrix = map[[2]string]Refusal{
	{"passthrough", None}: {Reason: "a passthrough Route sends TLS to a gateway that expects plain HTTP", Hint: "use --encryption simple, mutual or passthrough, or expose.route.termination edge or none"},
	{"edge", Simple}:      {Reason: "an edge Route ends the TLS and sends plain HTTP to a gateway that expects TLS", Hint: "use expose.route.termination passthrough or reencrypt, or --encryption none behind the edge Route"},
	{"edge", Mutual}:      {Reason: "an edge Route ends the TLS, so no client certificate reaches the gateway", Hint: "use expose.route.termination passthrough, the only one that lets mutual TLS through"},
	{"edge", Passthrough}: {Reason: "an edge Route ends the TLS that the application should end", Hint: "use expose.route.termination passthrough"},
	{"reencrypt", None}:   {Reason: "a reencrypt Route sends TLS to a gateway that expects plain HTTP", Hint: "use --encryption simple, or expose.route.termination edge"},
	{"reencrypt", Mutual}: {Reason: "the router has no client certificate to show the gateway when it re-encrypts", Hint: "use expose.route.termination passthrough, the only one that lets mutual TLS through, or --encryption simple"},
	{"reencrypt", Passthrough}: {Reason: "the router sends no server name when it re-encrypts, and a gateway that passes TLS through chooses by it",
		Hint: "use expose.route.termination passthrough, or --encryption simple"},
	{"none", Simple}:      {Reason: "a Route without TLS sends plain HTTP to a gateway that expects TLS", Hint: "use expose.route.termination passthrough or reencrypt, or --encryption none"},
	{"none", Mutual}:      {Reason: "a Route without TLS sends plain HTTP to a gateway that expects TLS", Hint: "use expose.route.termination passthrough, or --encryption none"},
	{"none", Passthrough}: {Reason: "a Route without TLS carries plain HTTP only", Hint: "use expose.route.termination passthrough"},
}
