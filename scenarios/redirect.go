package scenarios

import (
	"fmt"
	"strings"
)

// redirect: callers keep using an in-mesh name, and the mesh leads them outside.
var redirect = Scenario{
	ID:         "redirect",
	Title:      "lead an in-mesh name to a service outside the mesh",
	Encryption: None,
	Parts:      []Part{Namespaces, ControlPlane, Members, Workload, Traffic},
	Default:    []Part{Traffic},
	Uses:       []string{"client", "service", "redirect", "credentials"},
	Impossible: map[string]Refusal{
		Passthrough: {Reason: "inside the application's own TLS the mesh sees neither path nor share to redirect, and the outside certificate is not for the in-mesh name", Hint: "let callers speak http and use --encryption simple or mutual, or call the outside host itself with 1a passthrough"},
	},
	check: func(p *Plan, r *report) {
		checkService(p, r)
		checkCredentials(p, r)
		s := p.Spec
		if isWildcard(s.Service.Host) {
			r.problem("spec.service.host", "name one host; 1a with encryption passthrough carries wildcards", "one name cannot be led to all of %s", s.Service.Host)
		}
		if s.Service.Host == s.Redirect.Host {
			r.problem("spec.redirect.host", "name the in-mesh Service that callers use", "%s would be led to itself", s.Redirect.Host)
		}
		if s.Service.Protocol == "tcp" {
			r.problem("spec.service.protocol", "use http, http2 or grpc", "routes by name need requests, and plain tcp has none")
		}
		p.checkClusterHost(r)
	},
	names: func(p *Plan) []string { return []string{p.Spec.Client.Namespace} },
	claims: func(p *Plan) []claim {
		s := p.Spec
		return append(p.mountClaims(), []claim{
			{place: "in namespace " + s.Client.Namespace, what: s.Service.Host, path: "spec.service.host"},
			{place: "in namespace " + s.Client.Namespace, what: s.Redirect.Host, path: "spec.redirect.host"},
		}...)
	},
	needs: func(p *Plan, has func(Part) bool) []Need {
		needs := append(p.meshNeeds(has), p.clusterHostNeeds()...)
		s := p.Spec
		name := s.Redirect.Host
		ns := clusterNamespace(name)
		name = ns + "/" + strings.TrimSuffix(name, "."+ns+clusterSuffix)
		what := "it may have no pods"
		if *s.Redirect.Percent < 100 || s.Redirect.Prefix != "" {
			what = "its pods answer what is not led outside"
		}
		needs = append(needs, Need{Text: fmt.Sprintf("Service %s with a cluster IP and port %d, named for %s: callers find its address by DNS; %s", name, s.Redirect.Port, s.Service.Protocol, what)})
		needs = append(needs, p.sidecarNeeds(has, s.Redirect.Host)...)
		return append(needs, p.failoverNeeds()...)
	},
}
