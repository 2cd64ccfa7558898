package rules

import (
	"fmt"

	security "istio.io/api/security/v1beta1"

	"github.com/meshscenario/scenario/validate"
)

var msh909 = validate.Rule{
	ID: "MSH909", Name: "peer-auth-weak", Category: validate.Other, Severity: validate.Info,
	Title: "workloads take plaintext",
	Check: func(p *validate.Pass) {
		strict, by := strictMesh(p)
		root, _, _ := p.Index.Mesh()
		for _, a := range p.Objects.PeerAuthentications {
			wide := len(a.Spec.GetSelector().GetMatchLabels()) == 0
			mode := a.Spec.GetMtls().GetMode()
			if !wide || mode != security.PeerAuthentication_MutualTLS_DISABLE && mode != security.PeerAuthentication_MutualTLS_PERMISSIVE {
				continue
			}
			whom := "namespace " + a.ID.Namespace
			if a.ID.Namespace == root {
				whom = "the mesh"
			}
			f := validate.Finding{
				Place:       p.At(a.Object, "spec.mtls.mode"),
				Message:     fmt.Sprintf("%s lets the workloads of %s take plaintext beside the mesh's TLS", a.ID, whom),
				Consequence: "who sends plaintext is served, unencrypted and unknown",
				Fix:         "set mode STRICT once every caller has a sidecar; let single workloads or ports be exceptions, by a selector or portLevelMtls",
			}
			if mode == security.PeerAuthentication_MutualTLS_DISABLE {
				f.Message = fmt.Sprintf("%s turns the mesh's TLS off for the workloads of %s", a.ID, whom)
				f.Consequence = "all that comes to them is plaintext, also from sidecars"
			}
			if strict && a.ID.Namespace != root {
				f.Related = []validate.Place{by}
				f.Message += fmt.Sprintf(", where %s asks for it", by.Object)
				if mode == security.PeerAuthentication_MutualTLS_DISABLE {
					f.Severity = validate.Warning
				}
			}
			p.Report(f)
		}
	},
}

// strictMesh tells whether the files have all workloads of the mesh refuse plaintext, and where.
func strictMesh(p *validate.Pass) (bool, validate.Place) {
	root, _, _ := p.Index.Mesh()
	for _, a := range p.Objects.PeerAuthentications {
		if a.ID.Namespace == root && len(a.Spec.GetSelector().GetMatchLabels()) == 0 && a.Spec.GetMtls().GetMode() == security.PeerAuthentication_MutualTLS_STRICT {
			return true, p.At(a.Object, "spec.mtls.mode")
		}
	}
	for _, c := range planes(p) {
		if m := c.Spec.Security.DataPlane.MTLS; m != nil && *m {
			return true, p.At(c.object, "spec.security.dataPlane.mtls")
		}
	}
	return false, validate.Place{}
}
