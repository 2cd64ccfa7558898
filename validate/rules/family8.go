package rules

import (
	"cmp"
	"slices"

	"github.com/meshscenario/scenario/validate"
)

// family8 are the rules about meshes other than Istio, and about Istio on EKS, by ID: those of each are listed in a file of
// their own.
var family8 = slices.SortedFunc(slices.Values(slices.Concat(contrastRules, tykRules, eksRules)), func(a, b *validate.Rule) int {
	return cmp.Compare(a.ID, b.ID)
})
