package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh615 = validate.Rule{
	ID: "MSH615", Name: "ossm3-removed-feature", Category: validate.Schema, Severity: validate.Error,
	Title: "an object of OpenShift Service Mesh 2, for a mesh that does not know it",
	Check: func(p *validate.Pass) {
		if p.Target.ControlPlane == mesh.SMCP {
			return
		}
		for _, o := range p.Objects.All {
			if !removed(p, o.Kind) {
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(o, "kind"),
				Message:     fmt.Sprintf("%s is of OpenShift Service Mesh 2, and %s has no such kind", o.ID, p.Target.Product),
				Consequence: "the API server refuses it; or, where the old operator is still there, nothing of this mesh reads it",
				Fix:         successor(p, o.Kind),
			})
		}
		for _, g := range p.Objects.Gateways {
			if key := "maistra.io/manageRoute"; annotation(g.Object, key) != "" {
				p.Report(validate.Finding{
					Place: p.At(g.Object, fmt.Sprintf("metadata.annotations[%q]", key)), Severity: validate.Info, Category: validate.Other,
					Message: fmt.Sprintf("%s has the annotation %s, which nobody reads on %s: there Routes are written by hand", g.ID, key, p.Target.Name),
					Fix:     "take it out",
					Safe:    true,
					Edits:   []validate.Edit{{Object: p.At(g.Object, "").Object, Field: fmt.Sprintf("metadata.annotations[%q]", key)}},
				})
			}
		}
	},
}

// onlyServiceMesh2 are the kinds that no other mesh has.
var onlyServiceMesh2 = map[string]bool{
	"ServiceMeshControlPlane": true, "ServiceMeshMemberRoll": true, "ServiceMeshMember": true, "ServiceMeshExtension": true,
	"ServiceMeshPeer": true, "ExportedServiceSet": true, "ImportedServiceSet": true,
}

// removed tells whether the target is a mesh that a kind is gone from.
func removed(p *validate.Pass, kind string) bool {
	return p.Target.ControlPlane != mesh.SMCP && onlyServiceMesh2[kind]
}

// successor says what has taken the place of a kind.
func successor(p *validate.Pass, kind string) string {
	switch kind {
	case "ServiceMeshControlPlane":
		if p.Target.ControlPlane == mesh.Sail {
			return "write an Istio (sailoperator.io/v1) and an IstioCNI, and install the gateways by themselves; write a Route for each host that the old operator made one for"
		}
		return "install istiod and the gateways by their charts"
	case "ServiceMeshMemberRoll", "ServiceMeshMember":
		return "drop it: label the namespaces istio-injection: enabled, and let meshConfig.discoverySelectors choose those that istiod looks into"
	case "ServiceMeshPeer", "ExportedServiceSet", "ImportedServiceSet":
		return "join the meshes as multi-cluster meshes of Istio, or reach the other mesh as an outside service, by a ServiceEntry and its ingress gateway"
	}
	return "drop it, or write what takes its place in this mesh"
}
