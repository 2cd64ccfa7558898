package rules

import (
	"fmt"

	routev1 "github.com/openshift/api/route/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh872 = validate.Rule{
	ID: "MSH872", Name: "contrast-route", Category: validate.Termination, Severity: validate.Error, Anywhere: true,
	Title: "OpenShift's router calls a port of Contrast's mesh without what its sidecar asks for",
	Check: func(p *validate.Pass) {
		if len(meshedPods(p)) > 0 {
			for _, r := range p.Objects.Routes {
				routedInTheClear(p, r)
			}
		}
	},
}

// routedInTheClear reports Routes by which OpenShift's router speaks to a pod in the clear that takes TLS alone, or without
// a certificate where it asks for one.
func routedInTheClear(p *validate.Pass, r traffic.Of[*routev1.Route]) {
	s, ok := serviceNamed(p, fullName(r.Spec.Spec.To.Name, r.ID.Namespace))
	if !ok || r.Spec.Spec.TLS != nil && r.Spec.Spec.TLS.Termination == routev1.TLSTerminationPassthrough {
		return
	}
	reencrypts := r.Spec.Spec.TLS != nil && r.Spec.Spec.TLS.Termination == routev1.TLSTerminationReencrypt
	for _, port := range s.Spec.Spec.Ports {
		if at := r.Spec.Spec.Port; at != nil && at.TargetPort.String() != port.Name && at.TargetPort.String() != port.TargetPort.String() {
			continue
		}
		refuses := []contrast.TLS{contrast.MutualTLS, contrast.ServerTLS}
		if reencrypts {
			refuses = refuses[:1]
		}
		to, ok := asksFor(p, s, port, refuses...)
		if !ok {
			continue
		}
		f := validate.Finding{
			Place:       p.At(r.Object, "spec.tls"),
			Message:     fmt.Sprintf("the router calls port %d of %s in the clear, and its sidecar takes TLS alone", to.target, to.object.ID),
			Consequence: "the sidecar closes each connection: clients get 503 from the router",
			Fix:         "set termination: passthrough, so that clients verify the workload themselves; or reencrypt with mesh-ca.pem as destinationCACertificate, to a port that asks for no client certificate (NAME#PORT#false)",
			Related:     []validate.Place{to.where(p, to.source().Ingress), p.At(s.Object, "spec.ports")},
		}
		if to.tls(to.target) == contrast.MutualTLS {
			f.Message = fmt.Sprintf("the router calls port %d of %s, whose sidecar asks for a certificate of the mesh, and the router has none", to.target, to.object.ID)
		}
		if to.tls(to.target) == contrast.ServerTLS && r.Spec.Spec.Path == "" { // a Route with a path cannot pass TLS through
			f.Edits = []validate.Edit{{Object: f.Object, Field: "spec.tls", Value: map[string]any{"termination": "passthrough"}}}
		}
		p.Report(f)
		return
	}
}
