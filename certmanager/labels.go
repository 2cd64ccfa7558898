package certmanager

import "github.com/meshscenario/scenario/scenarios"

// The labels that every rendered object carries.
const (
	managedByLabel = "app.kubernetes.io/managed-by"
	managedBy      = "scenario"
	scenarioLabel  = "meshscenario.io/scenario"
	nameLabel      = "meshscenario.io/name"
)

// labelsOf are the labels of what makes each Secret: those of the first plan that reads it.
func labelsOf(plans []*scenarios.Plan, partsOf func(*scenarios.Plan) []scenarios.Part) map[string]map[string]any {
	of := map[string]map[string]any{}
	for _, p := range plans {
		for _, s := range p.Secrets(partsOf(p)) {
			if key := s.Namespace + "/" + s.Name; of[key] == nil {
				of[key] = map[string]any{managedByLabel: managedBy, scenarioLabel: p.Scenario.ID, nameLabel: p.Metadata.Name}
			}
		}
	}
	return of
}

// tree is an object as plain values; without labels it belongs to no plan.
func tree(apiVersion, kind, namespace, name string, labels, spec map[string]any) map[string]any {
	if labels == nil {
		labels = map[string]any{managedByLabel: managedBy}
	}
	metadata := map[string]any{"labels": labels, "name": name}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	t := map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
	if spec != nil {
		t["spec"] = spec
	}
	return t
}
