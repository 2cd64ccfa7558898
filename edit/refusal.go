package edit

import (
	"fmt"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// A Refusal says why an edit was not made.
type Refusal struct {
	Edit   validate.Edit
	At     bundle.Position // of the field, or of its nearest parent that is written
	Reason string
}

func (r *Refusal) Error() string {
	what := fmt.Sprintf("%s: %s: %s", r.Edit.Object, r.Edit.Field, r.Reason)
	if at := r.At.String(); at != "" {
		return at + ": " + what
	}
	return what
}
