package rules

import "github.com/meshscenario/scenario/validate"

var msh107 = validate.Rule{
	ID: "MSH107", Name: "cidr-address-with-dns", Category: validate.Schema, Severity: validate.Error,
	Title: "a range of addresses, resolved by DNS",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH107") },
}
