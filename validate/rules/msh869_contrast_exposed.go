package rules

import (
	"fmt"

	routev1 "github.com/openshift/api/route/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// exposeService is the annotation by which `contrast generate` makes a Service one of type LoadBalancer.
const exposeService = "contrast.edgeless.systems/expose-service"

var msh869 = validate.Rule{
	ID: "MSH869", Name: "contrast-exposed", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "clients outside the cluster are led to a port that they cannot speak to",
	Check: func(p *validate.Pass) {
		if len(meshedPods(p)) == 0 {
			return
		}
		for _, s := range p.Objects.Services {
			field := "spec.type"
			if annotation(s.Object, exposeService) == "true" {
				field = fmt.Sprintf("metadata.annotations[%q]", exposeService)
			} else if s.Spec.Spec.Type != corev1.ServiceTypeLoadBalancer && s.Spec.Spec.Type != corev1.ServiceTypeNodePort {
				continue
			}
			for _, port := range s.Spec.Spec.Ports {
				to, ok := asksFor(p, s, port, contrast.MutualTLS)
				if !isTCP(port.Protocol) || !ok {
					continue
				}
				p.Report(validate.Finding{
					Place:       p.At(s.Object, field),
					Message:     fmt.Sprintf("%s leads clients from outside to port %d of %s, which asks for a certificate of the mesh, and only its workloads have one", s.ID, to.target, to.object.ID),
					Consequence: "their TLS handshake fails, unless they are workloads of the same Coordinator in another cluster",
					Fix:         fmt.Sprintf("let the port ask for none, by the ingress entry NAME#%d#false: clients then verify the workload by mesh-ca.pem; or take the port out of the Service", to.target),
					Related:     []validate.Place{to.where(p, to.source().Ingress)},
					Edits:       to.opened(p, port),
				})
			}
		}
		for _, r := range p.Objects.Routes {
			routedInTheClear(p, r)
		}
	},
}

// asksFor is a pod of the files behind a Service's port that asks its clients for some TLS.
func asksFor(p *validate.Pass, s traffic.Of[*corev1.Service], port corev1.ServicePort, any ...contrast.TLS) (callee, bool) {
	pods, _ := behind(p, s, int(port.Port))
	for _, to := range pods {
		if to.mesh == nil || !to.sure() || !to.mesh.Injected && to.mesh.Sidecar < 0 || to.target == 0 {
			continue
		}
		for _, tls := range any {
			if to.tls(to.target) == tls {
				return to, true
			}
		}
	}
	return callee{}, false
}

// opened adds an ingress entry that asks clients of the port for no certificate.
func (c callee) opened(p *validate.Pass, port corev1.ServicePort) []validate.Edit {
	text := c.source().Ingress.Text
	name := port.Name
	if name == "" {
		name = fmt.Sprintf("port-%d", c.target)
	}
	if text != "" {
		text += "##"
	}
	text += fmt.Sprintf("%s#%d#false", name, c.target)
	s := c.source()
	if !s.Ingress.Set && s.Place != contrast.InEnvironment {
		return []validate.Edit{{Object: p.At(c.object, "").Object, Field: s.Ingress.Field, Value: text}}
	}
	return c.rewritten(p, contrast.InIngress, text)
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
		any := []contrast.TLS{contrast.MutualTLS, contrast.ServerTLS}
		if reencrypts {
			any = any[:1]
		}
		to, ok := asksFor(p, s, port, any...)
		if !ok {
			continue
		}
		f := validate.Finding{
			Severity:    validate.Error,
			Place:       p.At(r.Object, "spec.tls"),
			Message:     fmt.Sprintf("the router calls port %d of %s in the clear, and its sidecar takes TLS alone", to.target, to.object.ID),
			Consequence: "the sidecar closes each connection: clients get 503 from the router",
			Fix:         "set termination: passthrough, so that clients verify the workload themselves; or reencrypt with mesh-ca.pem as destinationCACertificate, to a port that asks for no client certificate (NAME#PORT#false)",
			Related:     []validate.Place{to.where(p, to.source().Ingress), p.At(s.Object, "spec.ports")},
		}
		if to.tls(to.target) == contrast.MutualTLS {
			f.Message = fmt.Sprintf("the router calls port %d of %s, whose sidecar asks for a certificate of the mesh, and the router has none", to.target, to.object.ID)
		}
		p.Report(f)
		return
	}
}
