package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh702 = validate.Rule{
	ID: "MSH702", Name: "set-name-mismatch", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "exports or imports have another name than any peer",
	Check: func(p *validate.Pass) {
		for _, s := range serviceSets(p) {
			if _, ok := peerOfSet(p, s.id); ok || len(federated(p)) == 0 {
				continue
			}
			var beside, free []peerOf
			for _, one := range p.Objects.Peers {
				if one.ID.Namespace != s.id.Namespace {
					continue
				}
				beside = append(beside, one)
				if !hasSet(p, s.id.Kind, one) {
					free = append(free, one)
				}
			}
			if len(beside) == 0 {
				continue // in which namespace it belongs is another question
			}
			f := validate.Finding{
				Place:       p.At(s.object, "metadata.name"),
				Message:     fmt.Sprintf("%s has the name of no ServiceMeshPeer of its namespace", s.id),
				Consequence: "istiod finds the sets of a peer by its name, and reads over this one: nothing is exported or imported by it",
				Fix:         fmt.Sprintf("name it as its peer, such as %s", beside[0].ID.Name),
				Related:     []validate.Place{p.At(beside[0].Object, "metadata.name")},
			}
			if len(free) == 1 {
				f.Fix = "name it " + free[0].ID.Name + ", as its peer"
				f.Edits, f.Safe = set(p, s.object, "metadata.name", free[0].ID.Name), true
			}
			p.Report(f)
		}
	},
}

// hasSet tells whether a peer has a set of a kind.
func hasSet(p *validate.Pass, kind string, one peerOf) bool {
	for _, s := range serviceSets(p) {
		if s.id.Kind == kind && s.id.Namespace == one.ID.Namespace && s.id.Name == one.ID.Name {
			return true
		}
	}
	return false
}
