package rules

import "github.com/meshscenario/scenario/validate"

// eksRules are about what a walk on a plain Kubernetes does by hand, and OpenShift's operators do for people.
var eksRules = []*validate.Rule{&msh890}
