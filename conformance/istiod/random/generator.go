package random

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// A generator is a case in the making.
type generator struct {
	dice
	mesh     object
	objects  []object
	requests []judge.Request
	// asked are the requests that a template is written for.
	asked []judge.Request
	taken map[string]bool // identities
}

func newGenerator(seed int64) *generator {
	return &generator{
		dice:  dice{rand.New(rand.NewPCG(uint64(seed), 0x6d657368))},
		mesh:  object{},
		taken: map[string]bool{},
	}
}

// What Istio's objects say that they are.
const (
	networkingV1 = "networking.istio.io/v1"
	securityV1   = "security.istio.io/v1"
)

// istio is an object of Istio's networking kinds.
func istio(kind, namespace, name string, spec object) object {
	return object{"apiVersion": networkingV1, "kind": kind, "metadata": object{"namespace": namespace, "name": name}, "spec": spec}
}

// kubernetes is an object of another kind, with the fields that it has beside its metadata.
func kubernetes(apiVersion, kind, namespace, name string, fields object) object {
	o := object{"apiVersion": apiVersion, "kind": kind, "metadata": object{"name": name}}
	if namespace != "" {
		metaOf(o)["namespace"] = namespace
	}
	for key, value := range fields {
		o[key] = value
	}
	return o
}

func identity(o object) string { return kindOf(o) + " " + namespaceOf(o) + "/" + nameOf(o) }

// put adds an object, under another name where its own is taken, unless Istio refuses it.
func (g *generator) put(o object) bool {
	if refused(o) {
		return false
	}
	name := nameOf(o)
	for n := 2; g.taken[identity(o)]; n++ {
		metaOf(o)["name"] = fmt.Sprintf("%s-%d", name, n)
	}
	g.taken[identity(o)] = true
	g.objects = append(g.objects, copied(o))
	return true
}

// once adds an object unless one of its identity is there.
func (g *generator) once(o object) {
	if !g.taken[identity(o)] {
		g.put(o)
	}
}

// draw puts one of what is made, made again as long as Istio refuses it.
func (g *generator) draw(made func() object) {
	for range 12 {
		if g.put(made()) {
			return
		}
	}
}

func (g *generator) ask(from, to string) {
	g.asked = append(g.asked, judge.Request{From: from, To: to})
}

// of are the objects of some kinds.
func (g *generator) of(kinds ...string) []object {
	var found []object
	for _, o := range g.objects {
		if slices.Contains(kinds, kindOf(o)) {
			found = append(found, o)
		}
	}
	return found
}

func (g *generator) meshYAML() string {
	if len(g.mesh) == 0 {
		return ""
	}
	text, err := yaml.Marshal(g.mesh)
	if err != nil {
		panic(err) // a tree of strings, bools, lists and maps
	}
	return string(text)
}

// settings draws the mesh config.
func (g *generator) settings() object {
	mesh := object{}
	switch g.odds(50, 25, 25) {
	case 0:
		mesh["outboundTrafficPolicy"] = object{"mode": "REGISTRY_ONLY"}
	case 1:
		mesh["outboundTrafficPolicy"] = object{"mode": "ALLOW_ANY"}
	}
	if g.chance(3) {
		mesh["enableAutoMtls"] = false
	}
	for _, key := range []string{"defaultServiceExportTo", "defaultVirtualServiceExportTo", "defaultDestinationRuleExportTo"} {
		if g.chance(2) {
			mesh[key] = list{pick(g.dice, ".", ".", "*", "shop")}
		}
	}
	if g.chance(3) {
		mesh["trustDomain"] = "mesh.example"
	}
	return mesh
}
