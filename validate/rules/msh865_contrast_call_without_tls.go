package rules

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh865 = validate.Rule{
	ID: "MSH865", Name: "contrast-call-without-tls", Category: validate.PlaintextToTLS, Severity: validate.Error, Anywhere: true,
	Title: "a workload calls a port of Contrast's mesh without what its sidecar asks for",
	Check: func(p *validate.Pass) {
		if len(meshedPods(p)) == 0 {
			return
		}
		for _, s := range p.Objects.Services {
			for _, port := range s.Spec.Spec.Ports {
				if isTCP(port.Protocol) {
					callsWithout(p, s, port)
				}
			}
		}
	},
}

// callsWithout reports who calls a port of a Service without its TLS.
func callsWithout(p *validate.Pass, s traffic.Of[*corev1.Service], port corev1.ServicePort) {
	to, ok := asksFor(p, s, port, contrast.MutualTLS, contrast.ServerTLS)
	if !ok {
		return
	}
	for _, t := range templates(p) {
		if within(s.Spec.Spec.Selector, t.Metadata.Labels) && t.namespace == s.ID.Namespace {
			continue // it speaks of itself
		}
		c := contrastOf(p, t)
		if c.mesh != nil && (!c.sure() || c.leadsTo(p, s, int(port.Port))) {
			continue // MSH814
		}
		for _, m := range mentions(c.told(p), serviceNames(fullName(s.ID.Name, s.ID.Namespace), t.namespace), int(port.Port)) {
			if f, ok := unmet(p, c, to, m, s, port); ok {
				p.Report(f)
				break
			}
		}
	}
}

// leadsTo tells whether the pod has an egress entry for a port of a Service.
func (c contrastPod) leadsTo(p *validate.Pass, s traffic.Of[*corev1.Service], port int) bool {
	type way struct {
		from *bundle.Object
		host string
		port int
	}
	type key struct{}
	ways := validate.Once(p, key{}, func() map[way]bool {
		ways := map[way]bool{}
		for _, o := range outgoings(p) {
			ways[way{o.object, o.to.full, o.to.port}] = true
		}
		return ways
	})
	return ways[way{c.object, fullName(s.ID.Name, s.ID.Namespace), port}]
}

// unmet is what there is to say of a call, if it lacks what the port asks for.
func unmet(p *validate.Pass, c contrastPod, to callee, m mention, s traffic.Of[*corev1.Service], port corev1.ServicePort) (validate.Finding, bool) {
	tls := to.tls(to.target)
	plain := map[string]bool{"http": true, "ws": true, "grpc": true, "h2c": true}[m.scheme]
	address := m.value[m.from:m.to]
	f := validate.Finding{
		Place:       p.At(m.object, m.field),
		Message:     fmt.Sprintf("%s calls %s in the clear, and port %d of %s takes TLS alone", c.object.ID, address, to.target, to.object.ID),
		Consequence: "the callee's sidecar closes the connection; what was sent until then could be read on the way",
		Related:     []validate.Place{to.where(p, to.source().Ingress), p.At(s.Object, "spec.ports")},
	}
	if tls == contrast.ServerTLS {
		f.Fix = "call it by https, and verify its certificate by the mesh CA (mesh-ca.pem); or, from a workload of the mesh, by an egress entry"
	}
	switch {
	case plain && tls == contrast.ServerTLS && m.scheme == "http":
		edit := m.edit(p, address)
		edit.Value = m.value[:m.from-len("http://")] + "https://" + m.value[m.from:]
		f.Edits = []validate.Edit{edit}
	case plain && tls == contrast.ServerTLS:
	case m.bare || tls == contrast.ServerTLS:
		return f, false // nobody knows what it sends
	case c.confidential() && (!plain && m.scheme != "" || c.ownTLS(p)):
		return f, false // it may use the certificate that its pod has
	case !plain:
		f.Message = fmt.Sprintf("%s calls %s, and port %d of %s asks for a certificate of the mesh, which it does not show", c.object.ID, address, to.target, to.object.ID)
		if c.confidential() {
			f.Severity = validate.Warning
		}
	}
	if f.Fix == "" {
		f.Fix = fmt.Sprintf("run %s by Contrast too, and lead the call by an egress entry of its pod; or ask for no certificate at the port: NAME#%d#false", c.object.ID, to.target)
	}
	if c.mesh != nil {
		f.Fix = fmt.Sprintf("add an egress entry for %s, and have the application call its address of 127.0.0.0/8", address)
		f.Edits = c.enrolled(p, m, fmt.Sprintf("%s:%d", s.ID.Name+nameIn(s.ID.Namespace, c.namespace), port.Port), s.ID.Name)
	}
	return f, true
}
