package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh864 = validate.Rule{
	ID: "MSH864", Name: "contrast-callee-in-the-clear", Category: validate.TLSToPlaintext, Severity: validate.Error, Anywhere: true,
	Title: "an egress entry makes TLS to a port that the callee has taken out of its mesh",
	Check: func(p *validate.Pass) {
		for _, o := range outgoings(p) {
			if !o.held {
				continue
			}
			pods, _ := behind(p, o.service, o.to.port)
			for _, to := range pods {
				if to.mesh != nil && to.sure() && to.target != 0 && to.tls(to.target) == contrast.NoTLS {
					p.Report(takenOut(p, o, to))
				}
			}
		}
	},
}

func takenOut(p *validate.Pass, o outgoing, to callee) validate.Finding {
	s := to.source()
	f := validate.Finding{
		Place:       to.where(p, s.Ingress),
		Message:     fmt.Sprintf("%s leaves port %d to its application, without TLS, and egress %q of %s makes TLS to it, by %s", to.object.ID, to.target, o.Egress.Name, o.object.ID, o.service.ID),
		Consequence: "the application gets a handshake for a request: each call ends there",
		Fix:         fmt.Sprintf("take the ingress entry for port %d out, so that it asks for the mesh's TLS; or have %s call it past the sidecar, in the clear", to.target, o.object.ID),
		Related:     []validate.Place{o.written(p), p.At(o.service.Object, "spec.ports")},
		Edits:       to.rewritten(p, contrast.InIngress, ""),
	}
	if i := slices.IndexFunc(s.Config.Ingress, func(i contrast.Ingress) bool { return i.Port == to.target }); i >= 0 {
		f.Edits = to.rewritten(p, contrast.InIngress, without(s.Ingress.Text, i))
	}
	if to.ownTLS(p) {
		f.Severity = validate.Info
		f.Message = fmt.Sprintf("%s leaves port %d to its application, and egress %q of %s makes TLS to it: the application must end it, as its settings let one hope", to.object.ID, to.target, o.Egress.Name, o.object.ID)
		f.Edits = nil
	}
	return f
}
