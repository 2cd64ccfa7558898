package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/validate"
)

// A faultAt is one thing that is wrong with a value, once, whoever names it and as what.
type faultAt struct {
	at    validate.Place
	index int
	kind  pki.Kind
}

// harmless are faults that keep nothing from working.
var harmless = []pki.Kind{pki.RootSent, pki.Repeated, pki.Unrelated, pki.Junk, pki.SeveralKeys}

// materialFaults reports what is wrong with material by one rule of package pki.
func materialFaults(id string) func(*validate.Pass) {
	return func(p *validate.Pass) {
		seen := map[faultAt]bool{}
		for _, s := range materials(p) {
			for _, f := range s.faults {
				at := faultAt{s.at(p, f), f.Index, f.Kind}
				if f.Kind == pki.Admission { // of both keys
					f.Message, f.Fix = "a Secret of type kubernetes.io/tls must have tls.crt and tls.key", "Add the key that is missing, or use type Opaque"
				}
				if f.Rule != id || seen[at] {
					continue
				}
				seen[at] = true
				p.Report(s.finding(p, f))
			}
		}
	}
}

// finding says of a fault where it is and who meets it.
func (s shown) finding(p *validate.Pass, f pki.Fault) validate.Finding {
	id := s.id
	if file, ok := s.files[f.Key]; ok {
		id = file.id
	}
	found := validate.Finding{
		Place:       s.at(p, f),
		Severity:    gravity(f, s.material),
		Message:     fmt.Sprintf("%s: %s", id, f.Message),
		Consequence: Sentence(f.Consequence),
		Fix:         Sentence(f.Fix),
	}
	if s.by.Object != found.Object {
		found.Message = fmt.Sprintf("%s, which %s names: %s", id, s.by.Object, f.Message)
		if s.files != nil {
			found.Message = fmt.Sprintf("%s, of which %s names a file: %s", id, s.by.Object, f.Message)
		}
		found.Related = []validate.Place{s.by}
	}
	if s.request {
		s.asRequested(p, f, &found)
	}
	return found
}

func gravity(f pki.Fault, m pki.Material) validate.Severity {
	leaf, shows := m.Leaf()
	switch {
	case f.Breaks:
		return validate.Error
	case slices.Contains(harmless, f.Kind), f.Kind == pki.LeafIsCA && shows && leaf.SelfSigned():
		return validate.Info
	}
	return validate.Warning
}

// Sentence makes a text of package pki the end of one of ours.
func Sentence(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if slices.Contains([]string{"Envoy", "OpenSSL", "ConfigMaps"}, first) || text == "" {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}
