package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/scenarios"
)

// bothMeshes is what --mesh says for each of the two.
const bothMeshes = "both"

// A side is the plans of one mesh, or of all that have one mesh alone.
type side struct {
	mesh  string // "" where a scenario is of one mesh
	plans []*scenarios.Plan
}

// sides are the plans of each mesh, in the order of the definitions.
func sides(plans []*scenarios.Plan) []side {
	var all []side
	for _, p := range plans {
		mesh := ""
		if p.Own != nil {
			mesh = p.Own.Name
		}
		i := slices.IndexFunc(all, func(s side) bool { return s.mesh == mesh })
		if i < 0 {
			i = len(all)
			all = append(all, side{mesh: mesh})
		}
		all[i].plans = append(all[i].plans, p)
	}
	return all
}

// chooseMesh keeps the plans of the mesh that --mesh names. Both go to one stream only where one cluster has both: whoever
// applies it would else give each cluster what is the other's.
func chooseMesh(plans []*scenarios.Plan, mesh string, stream bool) ([]*scenarios.Plan, error) {
	var names []string
	joined := false
	for _, s := range sides(plans) {
		joined = joined || s.mesh != ""
		names = append(names, s.mesh)
	}
	switch {
	case !joined && mesh != bothMeshes:
		return nil, usage("leave it out, or render 2a or 2b", "--mesh %s: scenario %s is of one mesh", mesh, plans[0].Scenario.ID)
	case !joined:
		return plans, nil
	case slices.Contains(names, ""):
		return nil, usage("render 2a and 2b by themselves", "some of these definitions join two meshes, and others are of one")
	case mesh != bothMeshes:
		if !slices.Contains(names, mesh) {
			return nil, usage("the meshes are "+strings.Join(names, ", ")+"; or both", "--mesh: no mesh %q", mesh)
		}
		return slices.DeleteFunc(slices.Clone(plans), func(p *scenarios.Plan) bool { return p.Own.Name != mesh }), nil
	}
	for _, p := range plans {
		if stream && !p.Together() {
			return nil, usage(fmt.Sprintf("--mesh %s or --mesh %s renders one, --to DIR a folder for each", p.Own.Name, p.Other.Name), "meshes %s and %s are in two clusters, and one stream of manifests is for one", p.Own.Name, p.Other.Name)
		}
	}
	return plans, nil
}

// nothingYet is why a mesh has no objects: what it needs is not known.
func nothingYet(plans []*scenarios.Plan) error {
	for _, p := range plans {
		if need := p.AddressNeed(); need != nil {
			return usage(need.Command, "nothing can be rendered for mesh %s yet: needed is %s", p.Own.Name, need.Text)
		}
	}
	return nil
}

// files adds to files those of the side's bundle, and for the owner of the other mesh what must be told.
func (s side) files(all []file, b *bundle.Bundle, annotate bool) ([]file, error) {
	more, err := filesOf(b, s.mesh, annotate)
	all = append(all, more...)
	for _, p := range s.plans {
		if p.Own != nil {
			name := fmt.Sprintf("%s-for-the-owner-of-%s.md", p.Metadata.Name, p.Other.Name)
			all = append(all, file{path.Join(s.mesh, name), 0o666, []byte(factSheet(p))})
		}
	}
	return all, err
}

// factSheet is what the owner of the other mesh must be told, as Markdown.
func factSheet(p *scenarios.Plan) string {
	var text strings.Builder
	fmt.Fprintf(&text, "# Mesh %s, for the owner of mesh %s\n\nNothing here is secret.\n\n", p.Own.Name, p.Other.Name)
	for _, f := range p.Facts() {
		switch {
		case f.Command != "":
			fmt.Fprintf(&text, "- %s: what this prints, run in the cluster of mesh %s:\n\n      %s\n\n", f.Name, p.Own.Name, f.Command)
		case strings.Contains(f.Value, "\n"):
			fmt.Fprintf(&text, "- %s:\n\n      %s\n\n", f.Name, strings.ReplaceAll(f.Value, "\n", "\n      "))
		default:
			fmt.Fprintf(&text, "- %s: %s\n", f.Name, f.Value)
		}
	}
	return text.String()
}

// tellFacts says what the owner of the other mesh must know of each plan's own.
func tellFacts(s streams, plans []*scenarios.Plan) {
	for _, p := range plans {
		if p.Own == nil || p.Together() {
			continue
		}
		for _, f := range p.Facts() {
			text := f.Value
			if f.Command != "" {
				text = f.Command
			}
			fmt.Fprintf(s.err, "hint: tell the owner of mesh %s: %s: %s\n", p.Other.Name, f.Name, oneLine(text))
		}
	}
}
