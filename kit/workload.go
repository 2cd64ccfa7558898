package kit

import (
	"maps"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/scenarios"
)

// hasReady tells whether an operator says of the object, by its condition Ready, when it is what it should be.
func hasReady(m manifest) bool {
	return slices.Contains([]string{"ServiceMeshControlPlane", "IstioCNI", "Istio", "ServiceMeshMember", "ServiceMeshMemberRoll"}, m.Kind)
}

// resource is the kind with its group, as the scripts' commands take it.
func resource(m manifest) string {
	group, _, _ := strings.Cut(m.APIVersion, "/")
	return strings.ToLower(m.Kind) + "." + group
}

// inMesh tells whether a Deployment is a workload of the mesh, and no gateway and nothing outside.
func (k Kit) inMesh(m manifest) bool {
	return slices.ContainsFunc(k.Plans, func(p *scenarios.Plan) bool {
		exposed := p.Spec.Expose.Namespace == m.Namespace && p.Spec.Expose.Name == m.Name
		return exposed || slices.ContainsFunc(p.Clients, func(c scenarios.ClientPlan) bool { return c.Namespace == m.Namespace && c.Name == m.Name })
	})
}

// selector is how a Deployment finds its pods, as -l takes it.
func selector(m manifest) string {
	spec, _ := m.Tree()["spec"].(map[string]any)
	chosen, _ := spec["selector"].(map[string]any)
	labels, _ := chosen["matchLabels"].(map[string]any)
	return pairs(labels)
}

func pairs[V any](labels map[string]V) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		value, _ := any(labels[key]).(string)
		all = append(all, key+"="+value)
	}
	return strings.Join(all, ",")
}

// istiod is the Deployment that the chart of a control plane makes, and the command that installs it.
func (k Kit) istiod(namespace string) (deployment, command string) {
	for _, need := range scenarios.Needs(k.Plans, k.PartsOf) {
		if place, name, _ := strings.Cut(need.Installs, "/"); place == namespace && need.Installs != "" {
			return name, need.Command
		}
	}
	return "istiod", ""
}
