package scenarios

import "github.com/meshscenario/scenario/mesh"

// splitSides makes of each plan that joins two meshes one plan for each of them: whoever owns a mesh applies their own.
func splitSides(plans []*Plan) []*Plan {
	var all []*Plan
	for _, p := range plans {
		if !p.Scenario.uses("meshes") {
			all = append(all, p)
			continue
		}
		for i := range p.Spec.Meshes {
			side := *p
			side.Own, side.Other = &p.Spec.Meshes[i], &p.Spec.Meshes[1-i]
			side.Spec.Mesh.Namespace, side.Spec.Mesh.Name = side.Own.Namespace, side.Own.ControlPlane
			if !side.Calls() {
				side.Clients = nil
			}
			all = append(all, &side)
		}
	}
	return all
}

// Calls tells whether the client runs in the plan's own mesh.
func (p *Plan) Calls() bool { return &p.Spec.Meshes[p.caller()] == p.Own }

// Splits tells whether a share of the calls in the plan's own mesh is led to the other.
func (p *Plan) Splits() bool { return p.Calls() && p.Spec.Split.Percent != nil }

// Links are the services that the plan's own mesh uses of the other.
func (p *Plan) Links() []Link {
	if p.Own == &p.Spec.Meshes[0] {
		return links(p.Spec.Meshes, 0)
	}
	return links(p.Spec.Meshes, 1)
}

// Together tells whether one cluster has both meshes, so that the objects of both can go to one place.
func (p *Plan) Together() bool {
	return p.Own.Gateway.Service == "ClusterIP" && p.Other.Gateway.Service == "ClusterIP"
}

// Reached tells whether it is known where the other mesh is reached.
func (p *Plan) Reached() bool { return len(p.Other.Gateway.Addresses) > 0 }

// OneMesh tells whether the two are clusters of one mesh, where the same names mean the same services.
func (p *Plan) OneMesh() bool {
	return p.Scenario.uses("meshes") && !p.Scenario.uses("egress") && !p.Target.Has(mesh.FederationCRs)
}
