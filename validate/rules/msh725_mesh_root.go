package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh725 = validate.Rule{
	ID: "MSH725", Name: "mesh-root", Category: validate.CA, Severity: validate.Error, Border: true,
	Title: "two clusters that call each other by the mesh's TLS have no root in common",
	Check: func(p *validate.Pass) {
		if p.Peer == nil || p.Back || p.Target.ControlPlane == mesh.SMCP || !oneMesh(p) && !byHand(p) {
			return
		}
		root, _, _ := p.Index.Mesh()
		other, _, _ := p.Peer.Index.Mesh()
		own, theirs := ownRoots(p, root), ownRoots(p.Peer, other)
		if len(own) == 0 || len(theirs) == 0 || common(own, theirs) {
			return
		}
		f := validate.Finding{
			Message:     fmt.Sprintf("the workloads of this mesh verify against %s, and those of %s against %s", own[0], nameOf(p), theirs[0]),
			Consequence: "every call between the two ends in a failed handshake (CERTIFICATE_VERIFY_FAILED): 503 (UF)",
			Fix:         "give each istiod a Secret cacerts with an intermediate of its own under one root, then start istiod and the workloads anew",
			Related:     []validate.Place{rootAt(p.Peer, other)},
		}
		f.Place = rootAt(p, root)
		p.Report(f)
	},
}

// rootAt is where the files tell what a mesh's own verify against.
func rootAt(p *validate.Pass, namespace string) validate.Place {
	for _, s := range p.Objects.Secrets {
		if s.ID.Namespace == namespace && s.ID.Name == "cacerts" {
			return p.At(s.Object, fieldOf(s.Object, rootKey, "stringData", "data"))
		}
	}
	c, _ := configMapAt(p, namespace, "istio-ca-root-cert")
	return p.At(c.Object, fmt.Sprintf("data[%q]", rootKey))
}
