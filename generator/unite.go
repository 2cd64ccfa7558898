package generator

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/meshscenario/scenario/bundle"
)

// unite makes one object of two that name the same: equal ones become one, namespaces get the labels of both, member
// rolls the members of both. Everything else is a contradiction between two definitions.
func unite(a, b rendered) error {
	x, y := a.Tree(), b.Tree()
	switch a.Kind {
	case "ServiceMeshMemberRoll":
		spec, other := x["spec"].(map[string]any), y["spec"].(map[string]any)
		members := map[string]bool{}
		for _, m := range append(spec["members"].([]any), other["members"].([]any)...) {
			members[m.(string)] = true
		}
		united := make([]any, 0, len(members))
		for _, m := range slices.Sorted(maps.Keys(members)) {
			united = append(united, m)
		}
		spec["members"] = united
	case "Namespace":
		mine := labelsOf(x)
		for key, value := range labelsOf(y) {
			if own, there := mine[key]; there && own != value && !ownLabel(key) {
				return contradiction(a, b, "label "+key)
			} else if !there {
				mine[key] = value
			}
		}
	default:
		removeOwnLabels(x)
		removeOwnLabels(y)
		fields := maps.Clone(x)
		maps.Copy(fields, y)
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			if !reflect.DeepEqual(x[key], y[key]) {
				return contradiction(a, b, key)
			}
		}
		return nil
	}
	united, err := bundle.NewObject(x)
	if err == nil {
		a.JSON = united.JSON
	}
	return err
}

func ownLabel(key string) bool {
	return key == managedByLabel || key == scenarioLabel || key == nameLabel
}

func labelsOf(tree map[string]any) map[string]any {
	return tree["metadata"].(map[string]any)["labels"].(map[string]any)
}

func removeOwnLabels(tree map[string]any) {
	maps.DeleteFunc(labelsOf(tree), func(key string, _ any) bool { return ownLabel(key) })
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
