package kit

import (
	"slices"
	"strings"

	"github.com/meshscenario/scenario/scenarios"
)

// begin writes what every script begins with, and then the functions of its own kind.
func (k Kit) begin(name, about string) *script {
	s := &script{}
	s.raw("#!/bin/sh\n" + about + "\nset -eu")
	s.raw(`here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)`)
	s.set("KIT", k.Name())
	s.set("CLIS", k.clis())
	if k.PKI == "" {
		s.raw("PKI=${PKI:-${SCENARIO_PKI:-./pki}}")
	} else {
		s.set("store", k.PKI)
		s.raw("PKI=${PKI:-$store}")
	}
	s.raw("# shellcheck source-path=SCRIPTDIR source=lib.sh\n. \"$here/lib.sh\"")
	own, err := scripts.ReadFile("scripts/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	s.text.Write(own)
	s.raw("")
	return s
}

// clis are the programs that talk to the target's clusters, the usual one first.
func (k Kit) clis() string {
	if k.Plans[0].Target.Routes {
		return "oc kubectl"
	}
	return "kubectl oc"
}

// cli is the usual one.
func (k Kit) cli() string { return strings.Fields(k.clis())[0] }

// parts are those that any plan renders, as --include takes them.
func (k Kit) parts() string {
	var names []string
	all := true
	for _, part := range scenarios.Parts {
		switch {
		case slices.ContainsFunc(k.Plans, func(p *scenarios.Plan) bool { return k.has(p, part) }):
			names = append(names, string(part))
		case slices.ContainsFunc(k.Plans, func(p *scenarios.Plan) bool { return p.Scenario.Has(part) }):
			all = false
		}
	}
	if all {
		return "all"
	}
	return strings.Join(names, ",")
}

// has tells whether a part of the plan was rendered.
func (k Kit) has(p *scenarios.Plan, part scenarios.Part) bool {
	return slices.Contains(k.PartsOf(p), part)
}
