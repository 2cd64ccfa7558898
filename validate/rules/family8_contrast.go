package rules

import "github.com/meshscenario/scenario/validate"

// contrastRules are about the service mesh of Contrast, which runs workloads in confidential containers.
var contrastRules = []*validate.Rule{}
