package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh209 = validate.Rule{
	ID: "MSH209", Name: "plaintext-to-strict", Category: validate.GatewayTLS, Severity: validate.Error,
	Title: "plaintext comes to a workload that takes the mesh's mutual TLS only",
	Of:    []traffic.Cause{traffic.StrictRefuses},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, _ := b.Last()
		h, n := b.Sender()
		place, related := validate.Place{}, []validate.Place{}
		policy, written := validate.Decided(last, "PeerAuthentication")
		if !written {
			policy, written = validate.Decided(last, "ServiceMeshControlPlane")
		}
		if written {
			place = p.Of(policy)
		}
		port, ok := listened(last)
		if !ok {
			port = h.Destination.Port
		}
		permissive := fmt.Sprintf("let a PeerAuthentication for %s make port %d PERMISSIVE", last.Workload, port)
		who, fix := byAny(h), "give the client a sidecar; or "+permissive
		mutual := map[string]any{"mode": "ISTIO_MUTUAL"}
		var edits []validate.Edit
		rule, ruled := validate.Decided(h, "DestinationRule")
		_, _, automatic := p.Index.Mesh()
		switch {
		case h.Proxy == traffic.Application:
			who += ", which has no sidecar on the way,"
			edits = withSidecar(p, h.Workload)
		case ruled && said(h):
			tls, ok := blockOf(p, rule)
			fix = fmt.Sprintf("set tls.mode in %s to ISTIO_MUTUAL", rule)
			if automatic {
				fix = fmt.Sprintf("take tls out of %s, so that automatic mutual TLS counts; or set its mode to ISTIO_MUTUAL", rule)
			}
			switch {
			case ok && automatic:
				edits = cleared(p, tls.of.Object, rule.Field)
			case ok:
				edits = inPlace(p, tls, clusterOf(h), mutual)
			}
		case ruled && !automatic:
			fix = fmt.Sprintf("set trafficPolicy.tls.mode ISTIO_MUTUAL in %s: automatic mutual TLS is off, and a rule for one host takes the place of one for all of the mesh", rule)
			edits = []validate.Edit{{Object: p.Of(rule).Object, Field: rule.Field + ".trafficPolicy.tls", Value: mutual}}
			if own, ok := ruleBehind(p, h); ok && entryField(own.Spec, clusterOf(h)) != "" {
				edits[0].Field = entryField(own.Spec, clusterOf(h)) + ".tls"
			}
		case !automatic:
			fix = fmt.Sprintf("write a DestinationRule for %s with trafficPolicy.tls.mode ISTIO_MUTUAL; or switch automatic mutual TLS on", h.Destination.Host)
			edits = freshRule(p, h, map[string]any{"tls": mutual})
		default:
			fix = "call the workload by its Service, so that the sidecar knows that it takes mutual TLS; or " + permissive
		}
		if h.Proxy != traffic.Application && ruled && (said(h) || !automatic) {
			if written {
				related = append(related, place)
			}
			place = p.Of(rule)
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s sends plaintext to %s, which takes the mesh's mutual TLS only", who, last.Workload),
			Consequence: "the connection is reset: 503 UC, upstream connect error or disconnect",
			Fix:         fix,
			Related:     related,
			Edits:       edits,
		})
	},
}
