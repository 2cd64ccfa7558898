package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// lenient takes out of an object's problems those with a text that is still to be filled in, and says once that there is
// one. Of what is encrypted nothing is said: who encrypts it knows.
func lenient(o *bundle.Object, problems []Problem) []Problem {
	if slices.ContainsFunc(problems, func(p Problem) bool { return p.Field == "$patch" }) {
		return []Problem{{Rule: "MSH125", Kind: Gap, Severity: Info, Field: "$patch",
			Message: "this is a patch of kustomize, and no object: what becomes of it is not followed", Fix: "validate what kustomize build writes"}}
	}
	sure := o.Unfilled()
	if !sure && len(problems) == 0 {
		return nil
	}
	gaps := o.Gaps()
	if len(gaps) == 0 {
		return problems
	}
	first := slices.IndexFunc(gaps, func(g bundle.Gap) bool { return g.Sure && !g.Sealed })
	if !sure {
		first = -1
	}
	encrypted := slices.ContainsFunc(gaps, func(g bundle.Gap) bool { return g.Sealed })
	problems = slices.DeleteFunc(problems, func(p Problem) bool {
		// Istio makes full names of short ones, by the namespace.
		i := slices.IndexFunc(gaps, func(g bundle.Gap) bool { return g.Field == p.Field || g.Sure && strings.Contains(p.Message, g.Text) })
		if i < 0 {
			return encrypted && p.Kind == UnknownField && p.Field == "sops"
		}
		if first < 0 && !gaps[i].Sealed {
			first = i
		}
		return true
	})
	if first < 0 {
		return problems
	}
	severity := Info
	if !gaps[first].Sure { // nobody may be going to
		severity = Warning
	}
	return append(problems, Problem{
		Rule: general, Kind: Gap, Severity: severity, Field: gaps[first].Field,
		Message: fmt.Sprintf("%q is still to be filled in: where it leads is not followed", gaps[first].Text),
		Fix:     "validate what the tool that fills it in writes, such as the output of kustomize build, helm template or envsubst",
	})
}
