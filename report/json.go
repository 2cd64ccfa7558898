package report

import (
	"encoding/json"
	"io"

	"github.com/meshscenario/scenario/traffic"
)

// A jsonPath is a path with what it was traced on. Fields are only ever added.
type jsonPath struct {
	Target string `json:"target"`
	traffic.Path
}

// JSON writes the path as an object, or several as an array, each with the fields of [traffic.Path] and the target.
func JSON(w io.Writer, t Trace, _ Options) error {
	paths := make([]jsonPath, len(t.Paths))
	for i, p := range t.Paths {
		paths[i] = jsonPath{t.Target, p}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if t.Several || len(paths) != 1 {
		return e.Encode(paths)
	}
	return e.Encode(paths[0])
}
