package random

import (
	"encoding/json"
	"fmt"

	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// A Case is a random bundle and the requests to follow in it.
type Case struct {
	Seed     int64
	Mesh     string           // YAML of MeshConfig, or ""
	Objects  []map[string]any // in order of creation
	Requests []judge.Request
}

// New makes the case of a seed: the same for the same seed on every machine, as long as Istio's validation is the same.
// Istio refuses none of its objects, no two have one identity, and it has at least three requests.
func New(seed int64) Case {
	g := newGenerator(seed)
	switch g.odds(45, 35, 20) {
	case 0:
		g.written()
	case 1:
		g.free()
	default:
		g.mutated()
	}
	if g.chance(4) {
		g.older()
	}
	return Case{Seed: seed, Mesh: g.meshYAML(), Objects: g.objects, Requests: g.requests}
}

// YAML is the bundle as documents, in order of creation. The Mesh is not in it.
func (c Case) YAML() []byte {
	var all []byte
	for i, o := range c.Objects {
		document, err := yaml.Marshal(o)
		if err != nil {
			panic(err) // trees of strings, numbers, lists and maps
		}
		if i > 0 {
			all = append(all, "---\n"...)
		}
		all = append(all, document...)
	}
	return all
}

// Bundle is the bundle as judge reads it. Its file is named after the seed.
func (c Case) Bundle() (*judge.Bundle, error) {
	return judge.Parse(fmt.Sprintf("seed-%d.yaml", c.Seed), c.YAML())
}

// refused tells whether Istio's validation refuses an object.
func refused(o object) bool {
	data, err := json.Marshal(o)
	if err != nil {
		return true
	}
	apiVersion, _ := o["apiVersion"].(string)
	b := &judge.Bundle{Objects: []judge.Object{{
		APIVersion: apiVersion, Kind: kindOf(o), Namespace: namespaceOf(o), Name: nameOf(o), JSON: data,
	}}}
	return len(judge.Refusals(judge.Validate(b))) > 0
}
