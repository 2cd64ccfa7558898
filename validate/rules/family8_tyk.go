package rules

import "github.com/meshscenario/scenario/validate"

// tykRules are about Tyk's service mesh.
var tykRules = []*validate.Rule{
	&msh801,
	&msh802,
	&msh803,
	&msh804,
	&msh805,
	&msh806,
	&msh807,
	&msh808,
	&msh818,
	&msh819,
	&msh820,
	&msh821,
	&msh822,
	&msh823,
	&msh824,
	&msh825,
	&msh826,
	&msh827,
	&msh828,
	&msh829,
	&msh830,
	&msh831,
	&msh832,
	&msh833,
	&msh834,
	&msh835,
	&msh837,
}
