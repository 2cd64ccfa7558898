package rules

import (
	"cmp"
	"fmt"

	security "istio.io/api/security/v1beta1"

	"github.com/meshscenario/scenario/traffic"
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
			}
			if caller := withoutMeshTLS(p, a.ID.Namespace, root); caller != "" {
				f.Fix = fmt.Sprintf("set mode STRICT once %s, and whoever else has none, has a sidecar; let single workloads or ports be exceptions, by a selector or portLevelMtls", caller)
			} else {
				f.Fix = "set mode STRICT, if the callers that the files do not hold have sidecars too; let single workloads or ports be exceptions, by a selector or portLevelMtls"
				f.Edits = []validate.Edit{{Object: f.Object, Field: "spec.mtls.mode", Value: "STRICT"}}
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

// withoutMeshTLS is who calls a workload of a namespace, or of the mesh where that is the root namespace, and could not
// make the mesh's TLS, or is told not to.
func withoutMeshTLS(p *validate.Pass, namespace, root string) string {
	for _, path := range p.Paths {
		for i := 1; i < len(path.Hops); i++ {
			sender, to := &path.Hops[i-1], &path.Hops[i]
			pod, ok := p.Index.Pod(to.Workload)
			if !ok || pod.Gateway || pod.Namespace != namespace && namespace != root || sender.Workload == to.Workload {
				continue
			}
			caller, ok := p.Index.Pod(sender.Workload)
			if !ok || !caller.Sidecar && !caller.Gateway || sender.Wire.Mode == traffic.Plaintext && said(sender) {
				return cmp.Or(sender.Workload, "the "+sender.Proxy)
			}
		}
	}
	return ""
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
