package rules

import (
	"cmp"
	"slices"

	"github.com/meshscenario/scenario/validate"
)

// family8 are the rules about meshes other than Istio, by ID: those of each mesh are listed in a file of their own.
var family8 = slices.SortedFunc(slices.Values(slices.Concat(contrastRules, tykRules)), func(a, b *validate.Rule) int {
	return cmp.Compare(a.ID, b.ID)
})
