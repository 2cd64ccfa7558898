package rules

import "github.com/meshscenario/scenario/validate"

var msh105 = validate.Rule{
	ID: "MSH105", Name: "multi-host-tcp-entry", Category: validate.Schema, Severity: validate.Error,
	Title: "several hosts behind a port on which nothing tells them apart",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH105") },
}
