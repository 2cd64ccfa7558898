package generator

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/meshscenario/scenario/mesh"
)

// unite makes one object of two that name the same: equal ones become one, namespaces get the labels of both, member
// rolls the members of both. Everything else is a contradiction between two definitions.
func unite(a, b rendered) error {
	if x, isRoll := a.Typed.(*mesh.ServiceMeshMemberRoll); isRoll {
		y := b.Typed.(*mesh.ServiceMeshMemberRoll)
		members := slices.Compact(slices.Sorted(slices.Values(append(x.Spec.Members, y.Spec.Members...))))
		plain := make([]any, len(members))
		for i, m := range members {
			plain[i] = m
		}
		a.Tree["spec"].(map[string]any)["members"] = plain
		return decode(a.Object)
	}
	if a.Kind == "Namespace" {
		mine, theirs := labelsOf(a), labelsOf(b)
		for key, value := range theirs {
			if own, there := mine[key]; there && own != value && !ownLabel(key) {
				return contradiction(a, b, "label "+key)
			}
			if !ownLabel(key) {
				mine[key] = value
			}
		}
		return decode(a.Object)
	}
	for _, key := range slices.Sorted(maps.Keys(a.Tree)) {
		x, y := a.Tree[key], b.Tree[key]
		if key == "metadata" {
			x, y = withoutOwnLabels(x), withoutOwnLabels(y)
		}
		if !reflect.DeepEqual(x, y) {
			return contradiction(a, b, key)
		}
	}
	return nil
}

func ownLabel(key string) bool {
	return key == managedByLabel || key == scenarioLabel || key == nameLabel
}

func labelsOf(o rendered) map[string]any {
	return o.Tree["metadata"].(map[string]any)["labels"].(map[string]any)
}

func withoutOwnLabels(metadata any) any {
	m := maps.Clone(metadata.(map[string]any))
	labels := maps.Clone(m["labels"].(map[string]any))
	maps.DeleteFunc(labels, func(key string, _ any) bool { return ownLabel(key) })
	m["labels"] = labels
	return m
}

func contradiction(a, b rendered, what string) error {
	return fmt.Errorf("%s: definition %s wants another %s than definition %s%s does", a.ID, b.plan.Metadata.Name, what, a.plan.Metadata.Name, places(a, b))
}

func places(a, b rendered) string {
	if at := a.plan.Place().String(); at != "" && !a.plan.Place().IsFlag() {
		return fmt.Sprintf(" (%s and %s)", b.plan.Place(), at)
	}
	return ""
}
