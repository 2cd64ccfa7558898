package random

import (
	_ "embed"
	"maps"
	"slices"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
)

//go:embed rare.yaml
var rareYAML []byte

// A setting is an item of rare.yaml, which says what it means.
type setting struct {
	At     []string
	Weight int
	Value  object
}

var rareSettings = func() (all []setting) {
	if err := yamlv3.Unmarshal(rareYAML, &all); err != nil {
		panic(err) // embedded, and every test reads it
	}
	return all
}()

// rarities adds, in so many of a hundred cases, some settings of rare.yaml: together, so that most cases have none.
func (g *generator) rarities(percent int) {
	if !g.chance(percent) {
		return
	}
	for range 1 + g.below(5) {
		g.rare()
	}
}

// rare adds a setting of rare.yaml to an object that may have it.
func (g *generator) rare() {
	type target struct {
		object, setting int
		at              place
	}
	targets := map[string][]target{}
	weights := map[string][]int{}
	for s, setting := range rareSettings {
		for _, where := range setting.At {
			kind, path, _ := strings.Cut(where, " ")
			for i, o := range g.objects {
				if kindOf(o) != kind {
					continue
				}
				for _, at := range found(o, strings.Split(path, ".")) {
					targets[where] = append(targets[where], target{i, s, at})
					weights[where] = append(weights[where], setting.Weight)
				}
			}
		}
	}
	if len(targets) == 0 {
		return
	}
	// By where first, or nearly all would be in what most objects have.
	where := pick(g.dice, slices.Sorted(maps.Keys(targets))...)
	for range 12 {
		t := targets[where][g.odds(weights[where]...)]
		o := copied(g.objects[t.object])
		maps.Copy(t.at.get(o).(object), g.thin(copied(rareSettings[t.setting].Value)).(object))
		if !refused(o) {
			g.objects[t.object] = o
			return
		}
	}
}

// found are the places of a path in an object, "[]" being every item of a list.
func found(o object, path []string) []place {
	all := []place{{}}
	for _, step := range path {
		key, many := strings.CutSuffix(step, "[]")
		var next []place
		for _, at := range all {
			above, ok := at.get(o).(object)
			if !ok {
				continue
			}
			inner, there := above[key]
			at = append(slices.Clone(at), key)
			switch {
			case many:
				items, _ := inner.(list)
				for i := range items {
					next = append(next, append(slices.Clone(at), i))
				}
			case there:
				next = append(next, at)
			}
		}
		all = next
	}
	return all
}

// thin leaves some of a tree as rare.yaml says, at least one field of every map.
func (g *generator) thin(tree any) any {
	switch tree := tree.(type) {
	case object:
		if choice, ok := tree["oneOf"].(list); ok {
			return g.thin(pick(g.dice, choice...))
		}
		whole, all := tree["all"].(object)
		if all {
			tree = whole
		}
		keys := slices.Sorted(maps.Keys(tree))
		must := pick(g.dice, keys...)
		for _, key := range keys {
			if all || key == must || g.chance(65) {
				tree[key] = g.thin(tree[key])
			} else {
				delete(tree, key)
			}
		}
		return tree
	case list:
		for i := range tree {
			tree[i] = g.thin(tree[i])
		}
		return tree
	}
	return tree
}
