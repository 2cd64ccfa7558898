package scenarios

import (
	"fmt"

	"github.com/meshscenario/scenario/mesh"
)

// variants are the scenarios of [All] as the meshes have them that are no Istio.
var variants = []Scenario{contrastDirect, contrastEnroll, tykEnroll}

// absent says why a mesh that is no Istio has no such scenario, and what comes nearest there: by family and scenario.
var absent = map[mesh.Family]map[string]Refusal{mesh.ContrastFamily: absentContrast, mesh.TykFamily: absentTyk}

// Variants lists the scenario as the meshes have it that are no Istio.
func (s Scenario) Variants() []Scenario {
	var all []Scenario
	for _, v := range variants {
		if v.ID == s.ID {
			all = append(all, v)
		}
	}
	return all
}

// On is the scenario as meshes of a family have it, or why they cannot.
func (s Scenario) On(family mesh.Family) (Scenario, *Refusal) {
	if family == mesh.IstioFamily {
		return s, nil
	}
	for _, v := range s.Variants() {
		if v.Family == family {
			return v, nil
		}
	}
	if r, ok := absent[family][s.ID]; ok {
		return s, &r
	}
	return s, &Refusal{Reason: fmt.Sprintf("%s has no %s", family, s.ID), Hint: "`scenario list --target " + string(family) + "` shows what there is"}
}
