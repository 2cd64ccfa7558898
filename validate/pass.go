package validate

import (
	"sync"
	"time"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
)

// A Pass is what a rule looks at, and where it reports.
type Pass struct {
	Target mesh.Target
	Index  *traffic.Index
	// Objects are those of the files, by kind.
	Objects *traffic.Objects
	// Paths are where the bundle's requests go. Of each request all ways are there, a path each.
	Paths []*traffic.Path
	// Now and CertMinDays are as in Options.
	Now         time.Time
	CertMinDays int

	// Peer is the other mesh, where its files are given too: of it, Index, Objects and Peer are there. Back says that the pass
	// looks from that mesh at the one that was asked about.
	Peer *Pass
	Back bool

	rule     *Rule
	by       map[bundle.ID]*bundle.Object
	findings []Finding
	walked   []traffic.Path
	shared   *shared
}

// shared holds what several rules work out of a bundle.
type shared struct {
	mutex sync.Mutex
	kept  map[any]any
}

// Once gives what was made for a key before, or makes it: rules use it for what several of them need. What is made may
// ask for other keys.
func Once[T any](p *Pass, key any, make1 func() T) T {
	p.shared.mutex.Lock()
	kept, ok := p.shared.kept[key]
	p.shared.mutex.Unlock()
	if ok {
		return kept.(T)
	}
	made := make1()
	p.shared.mutex.Lock()
	p.shared.kept[key] = made
	p.shared.mutex.Unlock()
	return made
}

// At is the place of a field of an object.
func (p *Pass) At(o *bundle.Object, field string) Place {
	at := Place{Object: Object{o.Kind, o.Namespace, o.Name}, Field: field}
	position := o.At(field)
	at.File, at.Line, at.Column = position.File, position.Line, position.Column
	return at
}

// Of is the place of what decided a hop.
func (p *Pass) Of(d traffic.Decision) Place {
	return Place{Object: Object{d.Kind, d.Namespace, d.Name}, Field: d.Field, File: d.File, Line: d.Line, Column: d.Column}
}

// Object finds what decided a hop, with another field of it.
func (p *Pass) Object(d traffic.Decision) *bundle.Object {
	return p.by[bundle.ID{Kind: d.Kind, Namespace: d.Namespace, Name: d.Name}]
}

// Report reports a finding. Its rule, name and category are the rule's, and its severity, where it has none.
func (p *Pass) Report(f Finding) {
	f.Rule, f.Name = p.rule.ID, p.rule.Name
	if f.Category == "" {
		f.Category = p.rule.Category
	}
	if f.Severity == "" {
		f.Severity = p.rule.Severity
	}
	p.findings = append(p.findings, f)
}

// Broken reports what makes a way break at a hop, which counts from 1: how grave it is follows from the way.
func (p *Pass) Broken(b *Break, hop int, f Finding) bool {
	if f.Severity == "" {
		f.Severity = p.rule.Severity
	}
	if !b.Severity.AtLeast(f.Severity) {
		f.Severity = b.Severity
	}
	f.Request, f.Hop = &Call{From: b.Request.From, To: b.Request.To}, hop
	for _, h := range b.Hops {
		for _, d := range h.DecidedBy {
			f.decided = append(f.decided, Object{d.Kind, d.Namespace, d.Name})
		}
	}
	p.Report(f)
	return true
}

// Shown is a finding about a path that arrives: the request and the hop, which counts from 1, that show it.
func Shown(path *traffic.Path, hop int, f Finding) Finding {
	f.Request, f.Hop = &Call{From: path.Request.From, To: path.Request.To}, hop
	return f
}
