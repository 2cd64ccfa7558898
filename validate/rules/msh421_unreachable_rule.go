package rules

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh421 = validate.Rule{
	ID: "MSH421", Name: "unreachable-rule", Category: validate.NoRoute, Severity: validate.Warning,
	Title: "an earlier rule takes all that a later one is for",
	Check: func(p *validate.Pass) {
		for _, r := range p.Objects.VirtualServices {
			for i, h := range r.Spec.Http {
				if by := shadow(r, i); by >= 0 && !proto.Equal(h, r.Spec.Http[by]) {
					field := fmt.Sprintf("spec.http[%d]", i)
					f := validate.Finding{
						Place:       p.At(r.Object, field),
						Message:     fmt.Sprintf("rule %d of spec.http of %s is never reached: rule %d takes all that it is for, and the first that fits wins", i+1, r.ID, by+1),
						Consequence: fmt.Sprintf("such requests go where rule %d leads", by+1),
						Fix:         fmt.Sprintf("put rule %d before rule %d, or make the match of rule %d narrower", i+1, by+1, by+1),
						Related:     []validate.Place{p.At(r.Object, fmt.Sprintf("spec.http[%d]", by))},
					}
					switch {
					case sameEnd(h, r.Spec.Http[by]):
						f.Severity = validate.Info
						f.Consequence = "nothing, as both lead to the same"
						f.Fix = fmt.Sprintf("take rule %d out", i+1)
						f.Edits = []validate.Edit{{Object: f.Object, Field: field}}
					case covered(r, by, i):
						f.Fix = "take out the one of the two rules that is not meant: both are for the same requests"
					default:
						rules := rawList(r.Object, "http")
						moved := slices.Insert(slices.Delete(slices.Clone(rules), i, i+1), by, rules[i])
						f.Edits = []validate.Edit{{Object: f.Object, Field: "spec.http", Value: moved}}
					}
					p.Report(f)
				}
			}
		}
	},
}

// sameEnd tells whether two rules send requests to the same destinations.
func sameEnd(a, b *networking.HTTPRoute) bool {
	return a.Delegate == nil && b.Delegate == nil && a.Redirect == nil && b.Redirect == nil && a.DirectResponse == nil && b.DirectResponse == nil &&
		slices.EqualFunc(a.Route, b.Route, func(x, y *networking.HTTPRouteDestination) bool { return proto.Equal(x, y) })
}

// shadow is the first earlier rule with matches that cover all of a rule's, or -1.
func shadow(r routesOf, at int) int {
	return slices.IndexFunc(r.Spec.Http[:at], func(h *networking.HTTPRoute) bool { return covered(r, at, slices.Index(r.Spec.Http, h)) })
}

// covered tells whether the matches of one rule cover all of another one's.
func covered(r routesOf, at, by int) bool {
	matches := func(i int) []*networking.HTTPMatchRequest {
		if m := r.Spec.Http[i].Match; len(m) > 0 {
			return m
		}
		return []*networking.HTTPMatchRequest{{}}
	}
	if r.Spec.Http[by].Delegate != nil {
		return false // the delegate says what of it is taken
	}
	return !slices.ContainsFunc(matches(at), func(m *networking.HTTPMatchRequest) bool {
		return !slices.ContainsFunc(matches(by), func(e *networking.HTTPMatchRequest) bool { return wider(r, e, m) })
	})
}
