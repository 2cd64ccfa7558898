package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// neighbours tells whether two names are of one domain, so that a wildcard certificate may have both.
func neighbours(a, b string) bool {
	_, above, _ := strings.Cut(a, ".")
	_, beside, _ := strings.Cut(b, ".")
	return above == beside && strings.Contains(above, ".")
}

var msh218 = validate.Rule{
	ID: "MSH218", Name: "sni-mismatch", Category: validate.SNI, Severity: validate.Error,
	Title: "the SNI is not a name of the service that it is sent to",
	Check: func(p *validate.Pass) {
		originating(p, func(path *traffic.Path, i int, h *traffic.Hop, tls block) {
			entry, ok := entryBehind(p, h)
			host, sni := h.Destination.Host, h.Wire.SNI
			if !ok || i+1 < len(path.Hops) || sni == "" || covers(host, sni) || slices.ContainsFunc(entry.Spec.Hosts, func(n string) bool { return covers(n, sni) }) {
				return
			}
			f := validate.Finding{
				Place:       p.Of(tls.by),
				Message:     fmt.Sprintf("%s makes TLS to %s and asks for %s by SNI", by(h), h.Destination, sni),
				Consequence: wrongNameSent(h),
				Fix:         fmt.Sprintf("set sni: %s in %s", host, tls.by),
			}
			if tls.Sni == "" { // it is the Host that the client called
				route, routed := validate.Decided(h, "VirtualService")
				if sni != bareHost(h.Destination.Authority) || !routed {
					return
				}
				f.Place, f.Related = p.Of(route), []validate.Place{f.Place}
				f.Fix = fmt.Sprintf("set rewrite.authority: %s in the route of %s", host, route)
				if field, ok := onlyDestination(p, route); ok && !wildcard(host) {
					f.Safe, f.Edits = true, []validate.Edit{{Object: f.Object, Field: field + ".rewrite.authority", Value: host}}
				}
				if h.Verify.Server.CA == "" || !slices.Contains(h.Verify.Server.Names, sni) || neighbours(sni, host) {
					return // the name is not compared, or one certificate may well have both: MSH220 tells of the Host
				}
				if !local(sni) || h.Verify.Server.CA != "system" {
					f.Severity = validate.Warning // its owner may have given the server a certificate for this name too
				}
				p.Report(validate.Shown(path, i+1, f))
				return
			}
			known := slices.Contains(tls.SubjectAltNames, sni) || sni == bareHost(h.Destination.Authority) || len(entriesFor(p, sni)) > 0 ||
				slices.ContainsFunc(entry.Spec.Endpoints, func(e *networking.WorkloadEntry) bool { return e.Address == sni })
			if known || local(host) {
				return // one server may have many names
			}
			if !wildcard(host) && !wildcard(tls.of.Spec.Host) {
				f.Edits = []validate.Edit{{Object: f.Object, Field: tls.by.Field + ".sni", Value: host}}
			}
			f.Severity = validate.Info
			if alike(sni, host) && len(tls.SubjectAltNames) > 0 {
				f.Severity = validate.Warning
			}
			p.Report(validate.Shown(path, i+1, f))
		})
	},
}
