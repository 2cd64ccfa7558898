package scenarios

import (
	"net/netip"

	"github.com/meshscenario/scenario/contrast"
)

// A ContrastWiring is what of a plan the names of a generation and the sidecar's strings make: all that its template writes
// and does not read in the definition.
type ContrastWiring struct {
	Strings ContrastTexts `json:"strings"`
	Names   ContrastNames `json:"names"`
	// Variables are those that the application is given, and Remotes the Services that it calls.
	Variables []ContrastVariable `json:"variables"`
	Remotes   []Remote           `json:"remotes"`
	// Whole says that the mesh's containers are written into pods.
	Whole bool `json:"whole"`
}

// ContrastTexts are the strings of a sidecar.
type ContrastTexts struct {
	Ingress   string `json:"ingress"`
	Egress    string `json:"egress"`
	AdminPort string `json:"adminPort"`
}

// ContrastNames are what a generation calls the parts of a pod.
type ContrastNames struct {
	IngressAnnotation   string `json:"ingressAnnotation"`
	EgressAnnotation    string `json:"egressAnnotation"`
	AdminPortAnnotation string `json:"adminPortAnnotation"`
	IngressEnv          string `json:"ingressEnv"`
	EgressEnv           string `json:"egressEnv"`
	AdminPortEnv        string `json:"adminPortEnv"`
	Volume              string `json:"volume"`
	Mount               string `json:"mount"`
	Initializer         string `json:"initializer"`
	Sidecar             string `json:"sidecar"`
}

// A ContrastVariable is one of the application's.
type ContrastVariable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ContrastWiring is the plan's.
func (p *Plan) ContrastWiring() ContrastWiring {
	k := p.Spec.Contrast
	n := contrast.Generation(k.Generation).Names()
	w := ContrastWiring{
		Strings: ContrastTexts(p.ContrastConfig().Strings()),
		Names: ContrastNames{
			contrast.IngressAnnotation, contrast.EgressAnnotation, contrast.AdminPortAnnotation,
			n.IngressEnv, n.EgressEnv, n.AdminPortEnv, n.Volume, n.Mount, n.Initializer, n.Sidecar,
		},
		Remotes: p.Remotes(),
		Whole:   p.WritesPods(),
	}
	for _, out := range k.Egress {
		if out.Env == "" {
			continue
		}
		value := netip.MustParseAddrPort(out.Listen).String()
		if out.Scheme != "" {
			value = out.Scheme + "://" + value
		}
		w.Variables = append(w.Variables, ContrastVariable{out.Env, value})
	}
	return w
}
