// Package rules is the catalogue: one mistake a file, each with an archive of prose and examples beside it that is its
// documentation and its test at once.
package rules

import (
	"embed"

	"github.com/meshscenario/scenario/validate"
)

// All lists the rules by ID.
var All = []*validate.Rule{
	&msh103,
	&msh201, &msh202, &msh203, &msh204, &msh205, &msh206, &msh207, &msh208, &msh209,
	&msh210, &msh213, &msh214, &msh215, &msh216, &msh220, &msh221, &msh222, &msh224,
	&msh228, &msh229, &msh230,
	&msh301, &msh302, &msh303, &msh304, &msh305, &msh306, &msh307, &msh308, &msh311,
	&msh314, &msh315, &msh316, &msh318, &msh321, &msh322, &msh326,
	&msh401, &msh402, &msh403, &msh404, &msh405, &msh406, &msh407, &msh408, &msh412,
	&msh414, &msh415, &msh416, &msh417, &msh419, &msh423, &msh424, &msh427,
	&msh501, &msh502, &msh503, &msh504, &msh513, &msh517,
	&msh601, &msh602, &msh603, &msh607, &msh610, &msh616, &msh617,
	&msh903,
}

// Retired lists IDs that once had a rule. They stay taken.
var Retired = []string{}

//go:embed *.txtar
var archives embed.FS

// Archive is what there is to say about a rule: prose, then the files of its examples, in the form of
// golang.org/x/tools/txtar. Of a file whose name begins with "bad", the lines marked "# want MSHnnn" are found; one whose
// name begins with "good" is right.
func Archive(id string) ([]byte, error) { return archives.ReadFile(id + ".txtar") }
