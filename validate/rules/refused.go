package rules

import (
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/schema"
	"github.com/meshscenario/scenario/validate"
)

type refusedKey struct{}

// refused is what package schema says of the files' objects, by rule.
func refused(p *validate.Pass) map[string][]validate.Finding {
	return validate.Once(p, refusedKey{}, func() map[string][]validate.Finding {
		all := make([][]schema.Problem, len(p.Objects.All))
		var group sync.WaitGroup
		cores := runtime.GOMAXPROCS(0)
		for c := range cores {
			group.Go(func() {
				for i := c; i < len(all); i += cores {
					if p.Objects.All[i].Kind == "VirtualService" {
						// The index has put full names into the typed one, which Istio's webhook never sees.
						all[i] = schema.Check(p.Objects.All[i], p.Target)
						continue
					}
					all[i] = schema.CheckTyped(p.Objects.All[i], p.Objects.Typed[i], p.Target)
				}
			})
		}
		group.Wait()
		found := map[string][]validate.Finding{}
		for i, problems := range all {
			for _, one := range problems {
				add(p, found, p.Objects.All[i], one, nil)
			}
		}
		for _, one := range schema.Across(&bundle.Bundle{Objects: p.Objects.All}, p.Target) {
			add(p, found, one.Object, one.Problem, one.Related)
		}
		return found
	})
}

func add(p *validate.Pass, found map[string][]validate.Finding, o *bundle.Object, one schema.Problem, related []*bundle.Object) {
	f := validate.Finding{
		Place:       p.At(o, one.Field),
		Severity:    validate.Severity(one.Severity),
		Message:     one.Message,
		Consequence: one.Consequence,
		Fix:         one.Fix,
		Safe:        one.Safe,
		Gap:         one.Kind == schema.Gap,
	}
	if f.Fix == "" && one.Nearest != "" {
		f.Fix = fmt.Sprintf("write %s", one.Nearest)
	} else if f.Fix == "" {
		f.Fix = fmt.Sprintf("correct %s", one.Field)
	}
	if f.Consequence == "" && f.Severity == validate.Error {
		f.Consequence = "the API server, or Istio's webhook, refuses the object"
	}
	for _, e := range one.Edits {
		f.Edits = append(f.Edits, validate.Edit{Object: f.Object, Field: e.Field, Value: e.Value})
	}
	if one.Kind == schema.UnknownField && strings.Contains(o.APIVersion, "maistra.io/") {
		// The operator's CRDs grew from release to release, and those at hand lack fields that some have.
		f.Severity = validate.Warning
	}
	for _, r := range related {
		f.Related = append(f.Related, p.At(r, ""))
	}
	found[one.Rule] = append(found[one.Rule], f)
}

// reportMended is reportRefused, with edits that take other objects to know.
func reportMended(p *validate.Pass, id string, mend func(*validate.Pass, *validate.Finding)) {
	for _, f := range refused(p)[id] {
		if f.Edits == nil {
			mend(p, &f)
		}
		p.Report(f)
	}
}

// reportRefused reports what is a rule's of that.
func reportRefused(p *validate.Pass, id string) {
	for _, f := range refused(p)[id] {
		p.Report(f)
	}
}
