package rules

import (
	"fmt"
	"slices"

	security "istio.io/api/security/v1beta1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh908 = validate.Rule{
	ID: "MSH908", Name: "deny-with-http-attributes-on-tcp", Category: validate.Protocol, Severity: validate.Error,
	Title: "a policy asks for what only HTTP has, of bytes that the proxy does not open",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			received(p, path, func(i int, pod traffic.Pod) {
				h := &path.Hops[i]
				if h.Route != "" {
					return // it is read as HTTP
				}
				port := portOf(h.Listener)
				policies := authorizations(p, pod)
				for _, a := range policies {
					for n, r := range a.Spec.Rules {
						field, ok := ofHTTP(r)
						if !ok || !atPort(r, port) {
							continue
						}
						f := validate.Finding{
							Place:   p.At(a.Object, fmt.Sprintf("spec.rules[%d].%s", n, field)),
							Message: fmt.Sprintf("%s asks for %s, and %s %s does not read port %s as HTTP", a.ID, lastStep(field), h.Proxy, h.Workload, port),
							Fix:     "ask for what TCP has: source.principals, source.namespaces, operation.ports, or a condition on connection.sni; or let the proxy terminate the TLS and read HTTP",
						}
						switch {
						case a.Spec.Action == security.AuthorizationPolicy_DENY && len(r.From) == 0:
							f.Consequence = "without that field the rule fits everything: all connections to the port are refused"
						case a.Spec.Action == security.AuthorizationPolicy_ALLOW && !slices.ContainsFunc(policies, func(a authorization) bool { return allowsTCP(a, port) }):
							f.Consequence = "the rule is left out, and no other lets anybody in: all connections to the port are refused"
						default:
							continue
						}
						p.Report(validate.Shown(path, i+1, f))
					}
				}
			})
		}
	},
}

// allowsTCP tells whether a policy has a rule that may let bytes in at a port.
func allowsTCP(a authorization, port string) bool {
	return a.Spec.Action == security.AuthorizationPolicy_ALLOW && slices.ContainsFunc(a.Spec.Rules, func(r *security.Rule) bool {
		_, http := ofHTTP(r)
		return !http && atPort(r, port)
	})
}
