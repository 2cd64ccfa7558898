package generator

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/scenarios"
)

// unite makes one object of two that name the same: equal ones become one, namespaces get the labels of both, member
// rolls the members of both, control planes the settings of both. Everything else is a contradiction between two
// definitions.
func unite(a, b rendered) error {
	x, y := a.Tree(), b.Tree()
	switch {
	case a.APIVersion == "v1" && a.Kind == "Namespace":
		mine, theirs := labelsOf(x), labelsOf(y)
		for _, key := range slices.Sorted(maps.Keys(theirs)) {
			if own, there := mine[key]; there && own != theirs[key] && !ownLabel(key) {
				return contradiction(a, b, "label "+key)
			} else if !there {
				mine[key] = theirs[key]
			}
		}
		y["metadata"].(map[string]any)["labels"] = mine
	case a.Kind == "ServiceMeshControlPlane" || a.Kind == "Istio" && a.Namespace == "":
		settings, at := settingsOf(x["spec"], y["spec"], "spec")
		if at != "" {
			return contradiction(a, b, at)
		}
		x["spec"], y["spec"] = settings, settings
	case a.APIVersion == "maistra.io/v1" && a.Kind == "ServiceMeshMemberRoll":
		members := append(membersOf(x), membersOf(y)...)
		slices.Sort(members)
		united := []any{}
		for _, m := range slices.Compact(members) {
			united = append(united, m)
		}
		for _, tree := range []map[string]any{x, y} {
			if spec, ok := tree["spec"].(map[string]any); ok {
				spec["members"] = united
			}
		}
	}
	united, err := bundle.NewObject(x)
	if err != nil {
		return err
	}
	removeOwnLabels(x)
	removeOwnLabels(y)
	fields := maps.Clone(x)
	maps.Copy(fields, y)
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !reflect.DeepEqual(x[key], y[key]) {
			return contradiction(a, b, key)
		}
	}
	a.JSON = united.JSON
	return nil
}

// settingsOf are the fields of both, and the path of the first that both have with another value.
func settingsOf(x, y any, at string) (any, string) {
	mine, ok := x.(map[string]any)
	theirs, both := y.(map[string]any)
	if !ok || !both {
		if !reflect.DeepEqual(x, y) {
			return nil, at
		}
		return x, ""
	}
	united := maps.Clone(theirs)
	for _, key := range slices.Sorted(maps.Keys(mine)) {
		united[key] = mine[key]
		if value, there := theirs[key]; there {
			var clash string
			if united[key], clash = settingsOf(mine[key], value, at+"."+key); clash != "" {
				return nil, clash
			}
		}
	}
	return united, ""
}

// membersOf are the members of a roll, which was decoded strictly before.
func membersOf(tree map[string]any) []string {
	spec, _ := tree["spec"].(map[string]any)
	list, _ := spec["members"].([]any)
	var members []string
	for _, m := range list {
		name, _ := m.(string)
		members = append(members, name)
	}
	return members
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

// contradiction is a mistake of the two definitions, so it is told like one.
func contradiction(a, b rendered, what string) error {
	if a.plan == b.plan {
		return fmt.Errorf("%s is made twice, with another %s", a.ID, what)
	}
	if a.plan.Own != nil && a.plan.Place() == b.plan.Place() && a.plan.Metadata.Name == b.plan.Metadata.Name {
		return &scenarios.Problem{
			At:   b.plan.Place(),
			Text: fmt.Sprintf("mesh %s needs %s with another %s than mesh %s, and both are meant for one cluster", b.plan.Own.Name, a.ID, what, a.plan.Own.Name),
			Hint: "give one another name or namespace, or render one mesh at a time (--mesh)",
		}
	}
	return &scenarios.Problem{
		At:   b.plan.Place(),
		Text: fmt.Sprintf("definition %s makes %s with another %s than definition %s at %s", b.plan.Metadata.Name, a.ID, what, a.plan.Metadata.Name, a.plan.Place()),
		Hint: "make them agree, give one another name or namespace, leave the part out (--include), or render them one by one",
	}
}
