// Package scenarios is the catalogue of ways for a workload to reach, or be reached by, something outside its mesh:
// typed definitions, their defaults and their check.
//
// It knows what is wanted and refuses what cannot work. It makes no objects and knows no YAML of Kubernetes.
package scenarios

import (
	"slices"

	"github.com/meshscenario/scenario/mesh"
)

// The ways to encrypt.
const (
	None        = "none"        // plain
	Simple      = "simple"      // TLS, the server is verified
	Mutual      = "mutual"      // TLS, both are verified
	Passthrough = "passthrough" // the application does its own TLS
)

// Encryptions lists the ways to encrypt, in the order people read them.
var Encryptions = []string{None, Simple, Mutual, Passthrough}

// A Part is a piece of a bundle that can be asked for by itself.
type Part string

// The parts of bundles.
const (
	Namespaces    Part = "namespaces"
	ControlPlane  Part = "control-plane"
	Federation    Part = "federation"
	Members       Part = "members"
	Workload      Part = "workload"
	ServiceSide   Part = "service"
	Traffic       Part = "traffic"
	NetworkPolicy Part = "network-policy"
)

// Parts lists all parts.
var Parts = []Part{Namespaces, ControlPlane, Federation, Members, Workload, ServiceSide, Traffic, NetworkPolicy}

// A Scenario is one entry of the catalogue.
type Scenario struct {
	ID    string
	Title string // one line
	// Family is the meshes it is for; "" is Istio. On another family a scenario of the same ID is another one.
	Family mesh.Family
	// Encryption is what is meant when none is named.
	Encryption string
	// Parts are those it has; Default are those rendered unless others are asked for.
	Parts, Default []Part
	// Uses names the sections of spec, besides scenario, target, encryption and mesh, that mean something here.
	Uses []string
	// egress and ingress say which gateways it stands on. With an egress gateway, that adds the TLS to the outside, and
	// else the sidecar does.
	egress, ingress bool
	// Impossible gives, for encryptions that this scenario cannot have on any target, the reason and the nearest
	// thing that works.
	Impossible map[string]Refusal
	// fill completes what has another default here than elsewhere.
	fill func(p *Plan)
	// check reports the contradictions of a complete plan.
	check func(p *Plan, report *report)
	// names lists the namespaces in which the plan makes objects that are named after it.
	names func(p *Plan) []string
	// claims says which names the plan takes for itself, so that two definitions cannot fight over one.
	claims func(p *Plan) []claim
	// needs says what the mesh must already have.
	needs func(p *Plan, has func(Part) bool) []Need
}

// All lists the scenarios.
var All = []Scenario{direct, egressGateway, federated, federatedEgress, expose, redirect, enroll, controlPlane}

// IDs lists the names of the scenarios.
func IDs() []string {
	ids := make([]string, len(All))
	for i, s := range All {
		ids[i] = s.ID
	}
	return ids
}

// Lookup finds a scenario by its name.
func Lookup(id string) (Scenario, bool) {
	for _, s := range All {
		if s.ID == id {
			return s, true
		}
	}
	return Scenario{}, false
}

// Template is the name of the template that renders it.
func (s Scenario) Template() string {
	if s.Family == "" {
		return s.ID
	}
	return string(s.Family) + "-" + s.ID
}

// Has tells whether the scenario has the part.
func (s Scenario) Has(p Part) bool { return slices.Contains(s.Parts, p) }

// uses tells whether a section of spec means something in this scenario.
func (s Scenario) uses(section string) bool { return slices.Contains(s.Uses, section) }

// originator is who adds TLS on the way outside, for people.
func (s Scenario) originator() string {
	if s.egress {
		return "the egress gateway"
	}
	return "the sidecar"
}

// A Cell is one combination of scenario, encryption and target, with the answer.
type Cell struct {
	Scenario   string `json:"scenario"`
	Encryption string `json:"encryption"`
	Target     string `json:"target"`
	Supported  bool   `json:"supported"`
	Reason     string `json:"reason"` // why not, and what comes nearest; empty when supported
	// Meshes are those that are rendered one at a time, because each has a cluster of its own; none where one stream of
	// manifests holds all.
	Meshes []string `json:"meshes,omitempty"`
}

// Matrix lists every cell, by scenario, encryption and target. A cell is supported when the definition that names
// nothing else can be rendered: the answer comes from the same check that rendering makes.
func Matrix() []Cell {
	var cells []Cell
	for _, s := range All {
		for _, e := range Encryptions {
			for _, t := range mesh.All {
				cell := Cell{Scenario: s.ID, Encryption: e, Target: t.Name, Supported: true}
				d := New(s.ID)
				d.Definition.Spec.Encryption = e
				plans, err := Resolve([]*Draft{d}, t.Name)
				if err != nil {
					cell.Supported, cell.Reason = false, Reason(err)
				}
				for _, p := range plans {
					if p.Own != nil && !p.Together() {
						cell.Meshes = append(cell.Meshes, p.Own.Name)
					}
				}
				cells = append(cells, cell)
			}
		}
	}
	return cells
}
