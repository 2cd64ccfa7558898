package rules

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
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
						case a.Spec.Action == security.AuthorizationPolicy_DENY && aimedAt(p, r, &path.Hops[i-1], h):
							f.Severity = validate.Warning // where the caller is, the files may not tell
							f.Consequence = "without that field the rule fits whatever its sources send: all their connections to the port are refused"
						case a.Spec.Action == security.AuthorizationPolicy_ALLOW && !slices.ContainsFunc(policies, func(a authorization) bool { return allowsTCP(a, port) }):
							f.Consequence = "the rule is left out, and no other lets anybody in: all connections to the port are refused"
						default:
							continue
						}
						if h.Proxy == traffic.Gateway && h.Terminates == nil && path.Hops[i-1].Wire.Layers > 0 {
							f.Edits = bySNI(p, a, n)
						}
						if f.Edits != nil {
							f.Fix = "ask for the name by a condition on connection.sni, which fits what clients of these hosts send; or let the proxy terminate the TLS and read HTTP"
						}
						p.Report(validate.Shown(path, i+1, f))
					}
				}
			})
		}
	},
}

// aimedAt tells whether a rule may be for who sent a hop: by address, or by the certificate of the mesh that it shows.
func aimedAt(p *validate.Pass, r *security.Rule, sender, h *traffic.Hop) bool {
	caller, known := p.Index.Pod(sender.Workload)
	shown := known && sender.Wire.Mode == traffic.IstioMutual && h.Terminates != nil
	return len(r.When) == 0 && slices.ContainsFunc(r.From, func(from *security.Rule_From) bool {
		s := from.GetSource()
		if byIdentity(s) {
			return shown && means(s, caller)
		}
		return len(s.GetIpBlocks())+len(s.GetNotIpBlocks())+len(s.GetRemoteIpBlocks())+len(s.GetNotRemoteIpBlocks()) > 0
	})
}

// bySNI lets a rule ask for the SNI instead of the HTTP host, where that is all it asks of HTTP.
func bySNI(p *validate.Pass, a authorization, n int) []validate.Edit {
	r := a.Spec.Rules[n]
	if len(r.To) != 1 {
		return nil
	}
	hosts := r.To[0].GetOperation().GetHosts()
	rest := proto.Clone(r).(*security.Rule)
	rest.To[0].Operation.Hosts = nil
	if _, more := ofHTTP(rest); more || slices.ContainsFunc(hosts, func(h string) bool { return strings.Contains(h, ":") }) {
		return nil
	}
	o, field := p.At(a.Object, "").Object, fmt.Sprintf("spec.rules[%d]", n)
	gone := field + ".to"
	if len(rest.To[0].Operation.Ports)+len(rest.To[0].Operation.NotPorts) > 0 {
		gone += "[0].operation.hosts"
	}
	return []validate.Edit{
		{Object: o, Field: gone},
		{Object: o, Field: fmt.Sprintf("%s.when[%d]", field, len(r.When)), Value: map[string]any{"key": "connection.sni", "values": slices.Clone(hosts)}},
	}
}

// allowsTCP tells whether a policy has a rule that may let bytes in at a port.
func allowsTCP(a authorization, port string) bool {
	return a.Spec.Action == security.AuthorizationPolicy_ALLOW && slices.ContainsFunc(a.Spec.Rules, func(r *security.Rule) bool {
		_, http := ofHTTP(r)
		return !http && atPort(r, port)
	})
}
