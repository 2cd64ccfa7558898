package validate

import (
	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
)

// pass is what rules look at in a mesh.
func (o Options) pass(x *traffic.Index, paths []traffic.Path) *Pass {
	p := &Pass{
		Target: o.Target, Index: x, Objects: x.Objects(), Now: o.Now, CertMinDays: o.CertMinDays,
		by: map[bundle.ID]*bundle.Object{}, shared: &shared{kept: map[any]any{}}, walked: paths,
	}
	for _, object := range p.Objects.All {
		id := bundle.ID{Kind: object.Kind, Namespace: object.Namespace, Name: object.Name}
		p.by[id] = object
		if id.Namespace == "" { // as decisions name it
			id.Namespace = "default"
			p.by[id] = object
		}
	}
	for _, path := range paths {
		for _, way := range path.Ways() {
			p.Paths = append(p.Paths, &way)
		}
	}
	return p
}

// split parts the rules of a mesh from those of what joins it with another.
func split(rules []*Rule) (own, border []*Rule) {
	for _, r := range rules {
		if r.Border {
			border = append(border, r)
		} else {
			own = append(own, r)
		}
	}
	return own, border
}

// meet looks at what joins the mesh with the other one, from each side, the asked one's first. Edits are for its files alone.
func (o Options) meet(b *bundle.Bundle, alone *traffic.Index, paths []traffic.Path) ([]*Pass, error) {
	index := func(b *bundle.Bundle, peer *traffic.Index) (*traffic.Index, error) {
		return traffic.NewIndex(b, traffic.Options{Target: o.Target, MeshConfig: o.MeshConfig, Assume: !o.Strict, Facts: o.Facts, Peer: peer})
	}
	other, err := index(o.Peer, nil)
	if err != nil {
		return nil, err
	}
	x, err := index(b, other)
	if err != nil {
		return nil, err
	}
	y, err := index(o.Peer, alone)
	if err != nil {
		return nil, err
	}
	requests := make([]traffic.Request, len(paths))
	for i, p := range paths {
		requests[i] = p.Request
	}
	there, err := walk(x, requests)
	if err != nil {
		return nil, err
	}
	back, err := walk(y, known(other.Requests(o.App)))
	if err != nil {
		return nil, err
	}
	own, others := o.pass(x, there), o.pass(y, back)
	own.Peer, others.Peer, others.Back = others, own, true
	return []*Pass{own, others}, nil
}

// check lets rules look at objects and paths.
func (p *Pass) check(rules []*Rule) {
	for _, r := range rules {
		if r.Check != nil {
			p.rule = r
			r.Check(p)
		}
	}
}

// explained asks rules why ways do not arrive, and gives what they report.
func (p *Pass) explained(rules []*Rule) []Finding {
	explain(p, rules)
	return p.taken()
}

// taken gives what was reported since.
func (p *Pass) taken() []Finding {
	all := p.findings
	p.findings = nil
	if p.Back {
		for i := range all {
			all[i].Edits, all[i].Safe = nil, false
		}
	}
	return all
}
