package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

// stringNames are what people call the strings of a configuration.
var stringNames = map[contrast.Field]string{contrast.InIngress: "ingress configuration", contrast.InEgress: "egress configuration", contrast.InAdminPort: "admin port"}

// contrastFaults reports the mistakes of some kinds in the strings of the pods' configurations. What report gives is
// completed: its place, and what is wrong, why and how to mend it, where it says nothing else.
func contrastFaults(p *validate.Pass, report func(c contrastPod, f *contrast.Fault) validate.Finding, kinds ...contrast.Kind) {
	for _, c := range meshedPods(p) {
		s := c.source()
		if !c.said(s) {
			continue
		}
		for _, fault := range s.Faults {
			if !slices.Contains(kinds, fault.Kind) {
				continue
			}
			found := report(c, fault)
			found.Place = c.where(p, s.Value(fault.Field))
			what := "the " + stringNames[fault.Field]
			if fault.Entry >= 0 {
				what = fmt.Sprintf("entry %d of %s", fault.Entry+1, what)
			}
			found.Message = fmt.Sprintf("%s%s: %s: %s", what, c.of(found.Place), fault.What, fault.Why)
			if found.Fix == "" {
				found.Fix = fault.Fix
			}
			p.Report(found)
		}
	}
}

// starts is what becomes of the pod with a fault: consequence, where its sidecar starts with it.
func (c contrastPod) starts(f *contrast.Fault, consequence string) string {
	if f.Stricter {
		return consequence
	}
	return c.source().Generation.Stopped()
}

// entryText puts another text in the place of a fault's, in the string that has it.
func (c contrastPod) entryText(f *contrast.Fault, text string) string {
	was := c.source().Value(f.Field).Text
	return was[:f.Offset] + text + was[f.Offset+f.Length:]
}

// without is a string without one of its entries, which count as [contrast.Fault.Entry] does.
func without(text string, entry int) string {
	entries := slices.DeleteFunc(strings.Split(text, "##"), func(e string) bool { return e == "" })
	if entry < 0 || entry >= len(entries) {
		return text
	}
	return strings.Join(slices.Delete(entries, entry, entry+1), "##")
}
