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
		for _, c := range meshedPods(p) {
			if !c.sure() {
				continue
			}
			for _, e := range c.source().Config.Egress {
				r, ok := remoteOf(p, e.Remote, c.namespace)
				s, held := serviceNamed(p, r.full)
				if !ok || !held {
					continue
				}
				pods, _ := behind(p, s, r.port)
				for _, to := range pods {
					if to.mesh == nil || !to.sure() || to.target == 0 || to.tls(to.target) != contrast.NoTLS {
						continue
					}
					f := validate.Finding{
						Place:       to.where(p, to.source().Ingress),
						Message:     fmt.Sprintf("%s leaves port %d to its application, without TLS, and egress %q of %s makes TLS to it, by %s", to.object.ID, to.target, e.Name, c.object.ID, s.ID),
						Consequence: "the application gets a handshake for a request: each call ends there",
						Fix:         fmt.Sprintf("take the ingress entry for port %d out, so that it asks for the mesh's TLS; or have %s call it past the sidecar, in the clear", to.target, c.object.ID),
						Related:     []validate.Place{c.where(p, c.source().Egress), p.At(s.Object, "spec.ports")},
						Edits:       to.rewritten(p, contrast.InIngress, ""),
					}
					if i := slices.IndexFunc(to.source().Config.Ingress, func(i contrast.Ingress) bool { return i.Port == to.target }); i >= 0 {
						f.Edits = to.rewritten(p, contrast.InIngress, without(to.source().Ingress.Text, i))
					}
					if to.ownTLS(p) {
						f.Severity = validate.Info
						f.Message = fmt.Sprintf("%s leaves port %d to its application, and egress %q of %s makes TLS to it: the application must end it, as its settings let one hope", to.object.ID, to.target, e.Name, c.object.ID)
						f.Edits = nil
					}
					p.Report(f)
				}
			}
		}
	},
}
