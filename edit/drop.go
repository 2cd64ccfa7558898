package edit

import (
	"bytes"
	"errors"
)

// drop takes an entry away, which is not the only one.
func (p *page) drop(in *node, k int) ([]splice, error) {
	e := &in.entries[k]
	if err := p.clear(e.value); err != nil {
		return nil, err
	}
	if in.shape == flow {
		return p.dropInFlow(in, k)
	}
	if first(p.text, e.start) {
		return []splice{wholeLines(p.text, e.start, e.end())}, nil
	}
	// The first of a block that begins after a dash, or several of them.
	if k > 0 {
		return nil, errNotFound
	}
	next := &in.entries[1]
	end := lineEnd(p.text, e.end())
	if bytes.Count(p.text[end:next.start], []byte{'\n'}) == 1 {
		return []splice{{start: e.start, end: next.start}}, nil
	}
	start := e.start
	for space(p.text[start-1]) {
		start--
	}
	return []splice{{start: start, end: end}}, nil
}

func (p *page) dropInFlow(in *node, k int) ([]splice, error) {
	e := &in.entries[k]
	shut := in.end - 1
	own := first(p.text, e.start)
	comma := p.comma(e.end(), shut)
	if k < len(in.entries)-1 {
		next := &in.entries[k+1]
		switch {
		case own && first(p.text, next.start) && lineEnd(p.text, comma) < next.start:
			return []splice{wholeLines(p.text, e.start, comma)}, nil
		case onlySpace(p.text[e.end():comma]) && onlySpace(p.text[comma+1:next.start]):
			return []splice{{start: e.start, end: next.start}}, nil
		}
		return nil, errComment
	}
	before := p.comma(in.entries[k-1].end(), e.start)
	switch {
	case own && comma >= 0 && lineEnd(p.text, comma) < shut:
		return []splice{wholeLines(p.text, e.start, comma)}, nil
	case own && comma < 0 && lineEnd(p.text, e.end()) < shut:
		return []splice{{start: before, end: before + 1}, wholeLines(p.text, e.start, e.end())}, nil
	case onlySpace(p.text[before+1 : e.start]):
		return []splice{{start: before, end: e.end()}}, nil
	}
	return nil, errComment
}

var errComment = errors.New("there is a comment in the way")
