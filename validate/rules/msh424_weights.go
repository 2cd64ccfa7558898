package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh424 = validate.Rule{
	ID: "MSH424", Name: "weights", Category: validate.NoRoute, Severity: validate.Error,
	Title: "the weights of a route lead nowhere, or its shares end differently",
	Check: func(p *validate.Pass) {
		for _, r := range p.Objects.VirtualServices {
			check := func(field string, weights []int32) {
				sum := 0
				for _, w := range weights {
					sum += int(w)
				}
				f := validate.Finding{Place: p.At(r.Object, field)}
				switch {
				case len(weights) < 2:
					return
				case sum == 0:
					f.Message = fmt.Sprintf("every destination of a route of %s has weight 0", r.ID)
					f.Consequence = "the route leads nowhere: 404; or Istio refuses to store it"
					f.Fix = "give at least one destination a weight"
				case sum != 100 && !p.Target.Has(mesh.RelativeWeights):
					f.Message = fmt.Sprintf("the weights of a route of %s add up to %d, and %s wants 100", r.ID, sum, p.Target.Name)
					f.Consequence = "Istio refuses to store the VirtualService, or what was there before stays"
					f.Fix = "make the weights add up to 100"
				default:
					return
				}
				p.Report(f)
			}
			for i, h := range r.Spec.Http {
				check(fmt.Sprintf("spec.http[%d].route", i), weightsOf(h.Route))
			}
			for i, h := range r.Spec.Tls {
				check(fmt.Sprintf("spec.tls[%d].route", i), weightsOf(h.Route))
			}
			for i, h := range r.Spec.Tcp {
				check(fmt.Sprintf("spec.tcp[%d].route", i), weightsOf(h.Route))
			}
		}
		mixedShares(p)
	},
}

func weightsOf[D interface{ GetWeight() int32 }](all []D) []int32 {
	weights := make([]int32, len(all))
	for i, d := range all {
		weights[i] = d.GetWeight()
	}
	return weights
}
