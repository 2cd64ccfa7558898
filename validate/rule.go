package validate

import "github.com/meshscenario/scenario/traffic"

// A Rule is one mistake that people make. Rules read and report; they change nothing, and one knows nothing of another.
type Rule struct {
	ID       string // MSHnnn: the first digit is the family; never used twice
	Name     string // a few words with hyphens, such as double-tls-sidecar
	Title    string // the mistake in half a sentence, such as "the sidecar puts TLS around the application's own"
	Category Category
	Severity Severity // what it is at most, unless a finding says otherwise

	// Border says that the rule is about what joins two meshes. Where the files of both are given, it looks from each side at
	// the other, and at paths that go on there.
	Border bool

	// Anywhere says that the rule also speaks where the target is no Istio: of objects that mean the same in every cluster,
	// or of another mesh.
	Anywhere bool

	// Check looks at objects and at paths that arrive. A rule has this, or Explain, or both.
	Check func(*Pass)

	// Of are the causes of broken ways that the rule may explain. Of each broken way one rule reports: those that are
	// Special are asked first, then the others, both in the order of the catalogue.
	Of      []traffic.Cause
	Special bool
	// Explain reports why a way does not arrive, if that is this rule's mistake, and says whether it was.
	Explain func(*Pass, *Break) bool

	// Missing says why the rule checks nothing yet.
	Missing string
}

// A Break is a way that does not arrive.
type Break struct {
	*traffic.Path
	// Severity is error where the request is known to be made, or no other reading of the port arrives; else info.
	Severity Severity
	// TLS says that the application itself speaks TLS.
	TLS bool
}

// Last is where the way ends, and the number of that hop, which counts from 1.
func (b *Break) Last() (*traffic.Hop, int) {
	return &b.Hops[len(b.Hops)-1], len(b.Hops)
}

// Sender is the hop that sent to where the way ends: the last one that has something on its wire before the last, where
// the last takes something in.
func (b *Break) Sender() (*traffic.Hop, int) {
	for i := len(b.Hops) - 2; i >= 0; i-- {
		if b.Hops[i].Wire.Mode != "" {
			return &b.Hops[i], i + 1
		}
	}
	return &b.Hops[0], 1
}

// Decided is the last object of a kind that had a say in a hop.
func Decided(h *traffic.Hop, kind string) (traffic.Decision, bool) {
	for i := len(h.DecidedBy) - 1; i >= 0; i-- {
		if h.DecidedBy[i].Kind == kind {
			return h.DecidedBy[i], true
		}
	}
	return traffic.Decision{}, false
}
