package waive

import (
	"embed"

	"github.com/meshscenario/scenario/validate"
)

// Rules describe what this package reports itself.
var Rules = []*validate.Rule{
	{ID: Unused, Name: "unused-waiver", Category: validate.Other, Severity: validate.Warning, Title: "a waiver that waives nothing"},
	{ID: Bad, Name: "bad-waiver", Category: validate.Other, Severity: validate.Error, Title: "a waiver that cannot be read"},
}

//go:embed MSH00*.txtar
var archives embed.FS

// Archive is the documentation of one of [Rules]: prose, then examples.
func Archive(id string) ([]byte, error) { return archives.ReadFile(id + ".txtar") }
