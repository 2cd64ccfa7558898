package report

import (
	"encoding/json"
	"io"

	"github.com/meshscenario/scenario/validate"
)

// jsonVersion is the version of what [FindingsJSON] writes. It rises when a field goes or changes its meaning, and stays
// when one is added.
const jsonVersion = 1

type jsonFindings struct {
	Version int `json:"version"`
	Tool    struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	} `json:"tool"`
	Target   string             `json:"target"`
	Summary  jsonSummary        `json:"summary"`
	Files    []string           `json:"files"`
	Findings []validate.Finding `json:"findings"`
	Assumed  []string           `json:"assumed"`
}

type jsonSummary struct {
	Findings int `json:"findings"`
	Error    int `json:"error"`
	Warning  int `json:"warning"`
	Info     int `json:"info"`
}

// FindingsJSON writes findings for programs, in the order of their places: an object with the version of its own form,
// the program, the target, how many findings there are in all and of each severity, the files that were read as they
// were named, the findings with the fields of [validate.Finding], and what was assumed. Fields are added without notice; none goes or
// changes its meaning while the version is the same.
func FindingsJSON(w io.Writer, f Findings, _ Options) error {
	n := f.numbers()
	out := jsonFindings{
		Version: jsonVersion, Target: f.Target,
		Summary: jsonSummary{len(f.Findings), n[validate.Error], n[validate.Warning], n[validate.Info]},
		Files:   append([]string{}, f.files()...), Findings: append([]validate.Finding{}, f.byPlace()...), Assumed: append([]string{}, f.Assumed...),
	}
	out.Tool.Name, out.Tool.Version = toolName, f.Version
	return writeJSON(w, out)
}

// toolName is what programs are told that found it.
const toolName = "scenario"

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
