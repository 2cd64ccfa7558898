package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh828 = validate.Rule{
	ID: "MSH828", Name: "tyk-service-port", Category: validate.NoRoute, Severity: validate.Error, Anywhere: true,
	Title: "something calls a port of a Service that Tyk's mesh has taken away",
	Check: func(p *validate.Pass) {
		for _, t := range templates(p) {
			for _, c := range tykCalls(p, t) {
				if tyk.Meshed(t.namespace, t.Metadata.Annotations) && c.captured() {
					continue // MSH827
				}
				if s, ok := tykCalled(p, t.namespace, c); ok && takenIn(s) && c.Port != tyk.SidecarPort {
					scheme := c.Scheme
					if on, known := tykTLS(p); known {
						scheme = map[bool]string{true: "https", false: "http"}[on]
					}
					with := fmt.Sprintf("%s://%s:%d", scheme, c.Host, tyk.SidecarPort)
					p.Report(validate.Finding{
						Place:       c.at,
						Message:     fmt.Sprintf("%s calls %s, and %s has port %d alone, since it is taken into Tyk's mesh", t.object.ID, c, s.ID, tyk.SidecarPort),
						Consequence: "the call times out: nothing takes connections to the other port of the Service's address",
						Fix:         "call " + with,
						Related:     []validate.Place{p.At(s.Object, injectField)},
						Edits:       c.instead(with),
					})
				}
			}
		}
		for _, b := range backends(p) {
			s, ok := serviceNamed(p, fullName(b.service, b.namespace))
			if !ok || !takenIn(s) || b.port == "" || b.port == fmt.Sprint(tyk.SidecarPort) || b.port == tyk.SidecarPortName {
				continue
			}
			f := validate.Finding{
				Place:       p.At(b.object, b.field),
				Message:     fmt.Sprintf("%s leads to port %s of %s, which has %s %d alone, since it is taken into Tyk's mesh", b.object.ID, b.port, s.ID, tyk.SidecarPortName, tyk.SidecarPort),
				Consequence: "the ingress finds no endpoint: its clients get 503",
				Fix:         fmt.Sprintf("lead to port %d; with last-mile TLS that port speaks it, for the host %s.%s", tyk.SidecarPort, s.ID.Name, s.ID.Namespace),
				Related:     []validate.Place{p.At(s.Object, injectField)},
			}
			var with any = tyk.SidecarPort
			if strings.HasSuffix(b.field, ".name") {
				with = tyk.SidecarPortName
			}
			f.Edits = []validate.Edit{{Object: f.Object, Field: b.field, Value: with}}
			p.Report(f)
		}
	},
}

// takenIn tells whether a Service has the port of the sidecars and no other, now or once it is applied.
func takenIn(s tykService) bool {
	return rewritten(s) || tyk.Meshed(s.ID.Namespace, s.Spec.Annotations)
}
