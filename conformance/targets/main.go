// Command targets prints what the judges must know of each target, as a JSON array: they are modules of their own, whose
// dependencies do not go together with this one's.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/meshscenario/scenario/mesh"
)

type target struct {
	Name   string `json:"name"`
	Istio  int    `json:"istio"`  // the minor
	Newest bool   `json:"newest"` // of its product line
	// ControlPlane is how the mesh is installed, and so whose kinds its cluster has: ServiceMeshControlPlane, Istio or Helm.
	ControlPlane mesh.ControlPlaneAPI `json:"controlPlane"`
	Routes       bool                 `json:"routes"` // its cluster has OpenShift's Routes
	// Gates are those that are not as on the newest Istio.
	Gates []mesh.Gate `json:"gates"`
}

func main() {
	newest := map[string]bool{}
	for _, t := range mesh.Newest() {
		newest[t.Name] = true
	}
	reference := mesh.Targets[len(mesh.Targets)-1]
	var all []target
	for _, t := range mesh.Targets {
		entry := target{Name: t.Name, Istio: t.IstioMinor(), Newest: newest[t.Name], ControlPlane: t.ControlPlane, Routes: t.Routes, Gates: []mesh.Gate{}}
		for _, row := range mesh.GateTable {
			if t.Has(row.Gate) != reference.Has(row.Gate) {
				entry.Gates = append(entry.Gates, row.Gate)
			}
		}
		all = append(all, entry)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(all); err != nil {
		fmt.Fprintln(os.Stderr, "targets:", err)
		os.Exit(1)
	}
}
