package rules

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
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
	},
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
