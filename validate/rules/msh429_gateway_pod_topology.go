package rules

import "github.com/meshscenario/scenario/validate"

var msh429 = validate.Rule{
	ID: "MSH429", Name: "gateway-pod-topology", Category: validate.Other, Severity: validate.Error,
	Title:   "a Gateway of one mesh for the pods of another",
	Missing: "a bundle is read as one mesh, and which of several control planes a pod or a namespace belongs to is not followed",
}
