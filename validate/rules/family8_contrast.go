package rules

import "github.com/meshscenario/scenario/validate"

// contrastRules are about the service mesh of Contrast, which runs workloads in confidential containers.
var contrastRules = []*validate.Rule{
	&msh809,
	&msh811,
	&msh812,
	&msh813,
	&msh814,
	&msh815,
	&msh816,
	&msh817,
	&msh850,
	&msh851,
	&msh852,
	&msh853,
	&msh854,
	&msh855,
	&msh856,
	&msh857,
	&msh858,
	&msh859,
	&msh860,
	&msh861,
	&msh862,
	&msh863,
	&msh864,
	&msh865,
	&msh866,
	&msh867,
	&msh868,
	&msh869,
	&msh870,
	&msh871,
	&msh872,
}
