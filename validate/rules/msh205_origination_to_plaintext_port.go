package rules

import (
	"fmt"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh205 = validate.Rule{
	ID: "MSH205", Name: "origination-to-plaintext-port", Category: validate.TLSToPlaintext, Severity: validate.Error,
	Title: "the proxy makes TLS to a port that takes plaintext",
	Of:    []traffic.Cause{traffic.TLSToPlaintext},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := originator(b)
		f := validate.Finding{Consequence: "the server answers the ClientHello in plaintext: WRONG_VERSION_NUMBER, 503"}
		if h == nil {
			if h, n = exit(b); h == nil {
				return false
			}
			if entry, ok := validate.Decided(h, "ServiceEntry"); ok {
				f.Place = p.Of(entry)
			}
			f.Message = fmt.Sprintf("the application makes TLS to %s, and services take plaintext at port %d", h.Destination, h.Destination.Port)
			f.Fix = fmt.Sprintf("have the application call https://%s, and declare port 443", h.Destination.Host)
			return p.Broken(b, n, f)
		}
		if called, ok := dialledAsCalled(p, h); ok {
			return p.Broken(b, n, called)
		}
		rule, _ := validate.Decided(h, "DestinationRule")
		f.Place = p.Of(rule)
		f.Message = fmt.Sprintf("%s makes TLS to %s, and services take plaintext at port %d", by(h), h.Destination, h.Destination.Port)
		f.Related = related(p, h, "ServiceEntry")
		f.Fix = fmt.Sprintf("lead it to port 443 of %s by a VirtualService, and set tls for that port", h.Destination.Host)
		c := clusterOf(h)
		entry, field, ok := declared(p, c.host, c.port)
		if ok && p.Target.Has(mesh.SETargetPort) && (entry.Spec.Resolution != networking.ServiceEntry_NONE || p.Target.Has(mesh.SETargetPortWithNone)) {
			f.Fix = fmt.Sprintf("set targetPort: 443 at %s of %s, so that what comes to port %d is dialled at 443; or %s", field, entry.ID, c.port, f.Fix)
			// Who else sees the port must get the same TLS.
			own := p.Object(rule)
			together := rule.Namespace == entry.ID.Namespace && own != nil && !own.Has("spec.exportTo") && !own.Has("spec.workloadSelector")
			if together && len(entry.Spec.Endpoints) == 0 && !entry.Object.Has(field+".targetPort") {
				f.Safe = true
				f.Edits = []validate.Edit{{Object: p.At(entry.Object, "").Object, Field: field + ".targetPort", Value: 443}}
			}
		}
		return p.Broken(b, n, f)
	},
	Check: func(p *validate.Pass) {
		originating(p, func(path *traffic.Path, i int, h *traffic.Hop, _ block) {
			if f, ok := dialledAsCalled(p, h); ok {
				p.Report(validate.Shown(path, i+1, f))
			}
		})
	},
}

// dialledAsCalled is for TLS that is set for the port to which a route leads, where resolution NONE has the proxy dial the
// port that the application called.
func dialledAsCalled(p *validate.Pass, h *traffic.Hop) (validate.Finding, bool) {
	c := clusterOf(h)
	entry, field, ok := declared(p, c.host, c.port)
	if !ok || entry.Spec.Resolution != networking.ServiceEntry_NONE || c.port == h.Destination.Port || entry.Object.Has(field+".targetPort") {
		return validate.Finding{}, false
	}
	rule, _ := validate.Decided(h, "DestinationRule")
	f := validate.Finding{
		Place:       p.At(entry.Object, field),
		Message:     fmt.Sprintf("%s makes TLS for port %d of %s, to which a route leads, and by resolution NONE of %s it dials the port that was called, %d", by(h), c.port, c.host, entry.ID, h.Destination.Port),
		Consequence: "the server answers the ClientHello in plaintext: WRONG_VERSION_NUMBER, 503, or a reset",
		Fix:         "set resolution DNS, or STATIC with endpoints: the route's port is dialled then",
		Related:     []validate.Place{p.Of(rule)},
	}
	if p.Target.Has(mesh.SETargetPortWithNone) {
		f.Fix = fmt.Sprintf("set targetPort: %d at %s of %s; or %s", c.port, field, entry.ID, f.Fix)
		f.Edits = []validate.Edit{{Object: p.At(entry.Object, "").Object, Field: field + ".targetPort", Value: c.port}}
	}
	return f, true
}
