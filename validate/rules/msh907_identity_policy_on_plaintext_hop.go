package rules

import (
	"fmt"
	"slices"

	security "istio.io/api/security/v1beta1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh907 = validate.Rule{
	ID: "MSH907", Name: "identity-policy-on-plaintext-hop", Category: validate.Other, Severity: validate.Error,
	Title: "a policy asks who the caller is, and the caller comes without a certificate of the mesh",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			received(p, path, func(i int, pod traffic.Pod) {
				sender, h := &path.Hops[i-1], &path.Hops[i]
				caller, ok := p.Index.Pod(sender.Workload)
				if !ok || sender.Wire.Mode == traffic.IstioMutual && h.Terminates != nil {
					return
				}
				policies := authorizations(p, pod)
				for _, a := range policies {
					rule, at := aboutCaller(a, caller, portOf(h.Listener))
					spares := rule == nil
					if spares {
						rule, at = exempting(a, caller, portOf(h.Listener))
					}
					if rule == nil || a.Spec.Action == security.AuthorizationPolicy_ALLOW && admitted(policies, portOf(h.Listener)) {
						continue
					}
					f := validate.Finding{
						Place:   p.At(a.Object, at),
						Message: fmt.Sprintf("%s would know %s by its certificate of the mesh, but what comes from there to %s is %s: no certificate is shown", a.ID, sender.Workload, h.Workload, onWire(sender)),
						Fix:     fmt.Sprintf("let a DestinationRule with tls.mode ISTIO_MUTUAL lead to %s, and let that take the mesh's TLS (ISTIO_MUTUAL in a Gateway's server)", h.Workload),
					}
					if f.Edits = meshTLSToGateway(p, path, i-1); f.Edits != nil {
						f.Fix = fmt.Sprintf("let %s take the mesh's TLS (protocol HTTPS and tls.mode ISTIO_MUTUAL in the Gateway's server), and a DestinationRule with ISTIO_MUTUAL lead there", h.Workload)
					}
					switch a.Spec.Action {
					case security.AuthorizationPolicy_ALLOW:
						f.Consequence = "nobody is recognised, so everybody is refused: 403 RBAC: access denied, or a reset"
					case security.AuthorizationPolicy_DENY:
						f.Consequence = "nobody is recognised, so who is to be refused is let in"
						if spares {
							f.Consequence = "nobody is recognised, so all are refused, those too that the rule spares: 403 RBAC: access denied, or a reset"
						}
					default:
						continue
					}
					p.Report(validate.Shown(path, i+1, f))
				}
			})
		}
	},
}

// aboutCaller is the rule of a policy that would recognise a caller if it showed its certificate, and its field.
func aboutCaller(a authorization, caller traffic.Pod, port string) (*security.Rule, string) {
	for i, r := range a.Spec.Rules {
		for j, from := range r.From {
			if s := from.GetSource(); byIdentity(s) && means(s, caller) && atPort(r, port) {
				return r, fmt.Sprintf("spec.rules[%d].from[%d].source", i, j)
			}
		}
	}
	return nil, ""
}

// admitted tells whether a policy may let callers in whoever they are.
func admitted(policies []authorization, port string) bool {
	return slices.ContainsFunc(policies, func(a authorization) bool {
		return a.Spec.Action == security.AuthorizationPolicy_ALLOW && slices.ContainsFunc(a.Spec.Rules, func(r *security.Rule) bool {
			anybody := len(r.From) == 0 || slices.ContainsFunc(r.From, func(from *security.Rule_From) bool { return !byIdentity(from.GetSource()) })
			return anybody && atPort(r, port)
		})
	})
}

// exempting is the rule of a policy that denies all but some, of whom a caller would be one if it showed its certificate.
func exempting(a authorization, caller traffic.Pod, port string) (*security.Rule, string) {
	if a.Spec.Action != security.AuthorizationPolicy_DENY {
		return nil, ""
	}
	for i, r := range a.Spec.Rules {
		if _, http := ofHTTP(r); http || len(r.When) > 0 || !atPort(r, port) {
			continue
		}
		for j, from := range r.From {
			s := from.GetSource()
			others := len(s.GetIpBlocks())+len(s.GetNotIpBlocks())+len(s.GetRemoteIpBlocks())+len(s.GetNotRemoteIpBlocks()) > 0
			spared := len(s.GetNotPrincipals()) > 0 && means(&security.Source{Principals: s.NotPrincipals}, caller) ||
				len(s.GetNotNamespaces()) > 0 && means(&security.Source{Namespaces: s.NotNamespaces}, caller)
			if spared && !others && !byIdentity(s) {
				return r, fmt.Sprintf("spec.rules[%d].from[%d].source", i, j)
			}
		}
	}
	return nil, ""
}
