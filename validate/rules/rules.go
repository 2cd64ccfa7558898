// Package rules is the catalogue: one mistake a file, each with an archive of prose and examples beside it that is its
// documentation and its test at once.
package rules

import (
	"embed"
	"slices"
)

// All lists the rules by ID. Each family has its list in a file of its own.
var All = slices.Concat(schemaRules, tlsRules, outboundRules, gatewayRules, secretRules, openshiftRules, federationRules, family8, policyRules)

// Retired lists IDs that once had a rule. They stay taken.
var Retired = []string{}

//go:embed *.txtar
var archives embed.FS

// Archive is what there is to say about a rule: prose, then the files of its examples, in the form of
// golang.org/x/tools/txtar. Of a file whose name begins with "bad", the lines marked "# want MSHnnn" are found; one whose
// name begins with "good" is right.
func Archive(id string) ([]byte, error) { return archives.ReadFile(id + ".txtar") }
