package edit

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/meshscenario/scenario/bundle"
)

// A page is the text of one document while one change is made in it.
type page struct {
	text    []byte
	root    *node
	style   style
	aliases bool
}

// A spot is an entry of a map or list.
type spot struct {
	in *node
	i  int
}

func (s spot) entry() *entry { return &s.in.entries[s.i] }

// top is the map that begins at an offset.
func top(n *node, offset int) *node {
	if (n.start == offset || n.from == offset) && !n.isList && (n.shape == block || n.shape == flow) {
		return n
	}
	for i := range n.entries {
		if found := top(n.entries[i].value, offset); found != nil {
			return found
		}
	}
	return nil
}

// walk goes from an object down a path, and returns the spots on the way.
func (p *page) walk(object *node, path []bundle.Step) ([]spot, error) {
	var spots []spot
	n := object
	for i, s := range path {
		if err := p.open(n); err != nil {
			return nil, err
		}
		k := find(n, s)
		if k < 0 {
			return nil, fmt.Errorf("%s: %w", written(path[:i+1]), errNotFound)
		}
		spots = append(spots, spot{n, k})
		n = n.entries[k].value
	}
	return spots, nil
}

// open says why what is in a node cannot be changed, if so.
func (p *page) open(n *node) error {
	switch {
	case n.shape == alias:
		return fmt.Errorf("%s stands for something that is written elsewhere: write it out first", p.text[n.start:n.end])
	case n.anchored && p.aliases:
		return fmt.Errorf("other places may refer to the anchor %s: write them out first", bytes.Fields(p.text[n.from:n.start])[0])
	}
	return nil
}

// clear says why a node cannot be taken away, if so.
func (p *page) clear(n *node) error {
	if n.anchored || n.shape == alias {
		return p.open(&node{shape: n.shape, anchored: n.anchored, from: n.from, start: n.start, end: n.end})
	}
	if n.shape == scalar || n.shape == absent {
		if bytes.Contains(p.text[n.start:n.end], []byte("{{")) || bytes.Contains(p.text[n.start:n.end], []byte("${")) {
			return fmt.Errorf("%s is from a template: change the template", bytes.TrimSpace(p.text[n.start:n.end]))
		}
	}
	for i := range n.entries {
		if err := p.clear(n.entries[i].value); err != nil {
			return err
		}
	}
	return nil
}

func find(n *node, s bundle.Step) int {
	if n.shape != block && n.shape != flow || n.isList != (s.Index >= 0) {
		return -1
	}
	if n.isList {
		if s.Index < len(n.entries) {
			return s.Index
		}
		return -1
	}
	for i := range n.entries {
		if n.entries[i].key == s.Key {
			return i
		}
	}
	return -1
}

// make makes one change.
func (p *page) make(object *node, c change) ([]splice, error) {
	last := len(c.path) - 1
	spots, err := p.walk(object, c.path[:last])
	if err != nil {
		return nil, err
	}
	in := object
	if last > 0 {
		in = spots[last-1].entry().value
	}
	if err := p.open(in); err != nil {
		return nil, err
	}
	step := c.path[last]
	k := find(in, step)
	switch {
	case in.shape != block && in.shape != flow || in.isList != (step.Index >= 0):
		return nil, errNotFound
	case c.act == insert:
		return p.insert(in, step.Index, c)
	case c.act == put && k < 0:
		return p.insert(in, len(in.entries), c)
	case k < 0:
		return nil, errNotFound
	case c.act == put:
		return p.replace(in, k, c.value)
	case len(in.entries) > 1:
		return p.drop(in, k)
	case last == 0:
		return nil, errors.New("it is all that the object has")
	}
	if err := p.clear(in); err != nil {
		return nil, err
	}
	empty := &value{kind: mapping}
	if in.isList {
		empty.kind = list
	}
	return p.replace(spots[last-1].in, spots[last-1].i, empty)
}

var errNotFound = errors.New("it is not found in the text: is it merged in by <<?")
