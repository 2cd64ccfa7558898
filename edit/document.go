package edit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// An order is an edit that was looked at: which object of its document it means, and where.
type order struct {
	edit   validate.Edit
	at     bundle.Position
	object int
	path   []bundle.Step
	value  *value // nil removes
}

func (o *order) refuse(err error) error { return &Refusal{o.edit, o.at, err.Error()} }

// A document is one of a file.
type document struct {
	text    []byte
	objects []*bundle.Object
	trees   []*value
	orders  []*order
}

func readDocument(text []byte) (*document, error) {
	b, err := bundle.Read("document", bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	d := &document{text: text, objects: b.Objects}
	for _, o := range b.Objects {
		tree, err := parse(o.JSON)
		if err != nil {
			return nil, err
		}
		d.trees = append(d.trees, tree)
	}
	return d, nil
}

// conflict says which of the orders before an order contradicts: where it matters which of two comes first.
func (d *document) conflict(o order) *order {
	for _, other := range d.orders {
		n := min(len(o.path), len(other.path))
		if o.object != other.object || comparePaths(o.path[:n], other.path[:n]) != 0 {
			continue
		}
		one, two := d.trees[o.object].clone(), d.trees[o.object].clone()
		err := errors.Join(o.try(one), other.try(one), other.try(two), o.try(two))
		removal := o.value == nil && other.value == nil && len(o.path) == len(other.path)
		if !removal && (err != nil || !one.equal(two)) {
			return other
		}
	}
	return nil
}

// try follows an order in a tree, or leaves it as it is.
func (o *order) try(tree *value) error {
	if o.value == nil {
		tree.drop(o.path)
		return nil
	}
	next := tree.clone()
	err := next.put(o.path, o.value)
	if err == nil {
		*tree = *next
	}
	return err
}

// edited is the document after all orders; others shows the documents of the file. An error is a *Refusal.
func (d *document) edited(others func(look func(*node) bool)) (text []byte, err error) {
	text = d.text
	want := slices.Clone(d.trees)
	// From the last object on, so that none moves where another one begins.
	for number := len(want) - 1; number >= 0; number-- {
		sets, removals := d.ordersOf(number)
		if len(sets)+len(removals) == 0 {
			continue
		}
		at := d.objects[number].At("")
		w := work{text: text, start: offset(text, at.Line, at.Column), tree: d.trees[number].clone(), others: others}
		if err := w.follow(sets); err != nil {
			return nil, err
		}
		if err := w.follow(removals); err != nil {
			return nil, err
		}
		text, want[number] = w.text, w.tree
	}
	if err := d.check(text, want); err != nil {
		return nil, d.orders[len(d.orders)-1].refuse(err)
	}
	return text, nil
}

// ordersOf are the orders of an object: what is set, and what is removed, each once and from behind.
func (d *document) ordersOf(object int) (sets, removals []*order) {
	for _, o := range d.orders {
		switch {
		case o.object != object:
		case o.value != nil:
			sets = append(sets, o)
		case !slices.ContainsFunc(removals, func(r *order) bool { return comparePaths(r.path, o.path) == 0 }):
			removals = append(removals, o)
		}
	}
	slices.SortStableFunc(removals, func(a, b *order) int { return comparePaths(b.path, a.path) })
	return sets, removals
}

// A work is an object while orders are followed in it.
type work struct {
	text   []byte
	start  int // of the object
	tree   *value
	others func(look func(*node) bool)
}

func (w *work) follow(orders []*order) error {
	for len(orders) > 0 {
		var later []*order
		var first error
		for _, o := range orders {
			before := w.tree.clone()
			if err := o.try(w.tree); err != nil {
				first = cmp.Or(first, o.refuse(err))
				later = append(later, o) // it may follow an item that another order appends
				continue
			}
			for _, c := range arrange(changes(before, o.path, o.value)) {
				text, err := one(w.text, w.start, c, w.others)
				if err != nil {
					return o.refuse(err)
				}
				w.text = text
			}
		}
		if len(later) == len(orders) {
			return first
		}
		orders = later
	}
	return nil
}

// one makes one change in a text, in the object that begins at an offset.
func one(text []byte, start int, c change, others func(look func(*node) bool)) ([]byte, error) {
	l := layout{text: text}
	root, err := l.read()
	if err != nil {
		return nil, err
	}
	n := top(root, start)
	if n == nil {
		return nil, errors.New("the object is not written there in full")
	}
	p := page{text: text, root: root, aliases: l.aliases, style: styleOf(text, root, others)}
	splices, err := p.make(n, c)
	if err != nil {
		return nil, err
	}
	return spliced(text, splices), nil
}

// offset is where a line and column are.
func offset(text []byte, line, column int) int {
	i := 0
	for ; line > 1; line-- {
		i += bytes.IndexByte(text[i:], '\n') + 1
	}
	for range text[i:] {
		if column--; column < 1 {
			break
		}
		i++
		for i < len(text) && text[i]&0xc0 == 0x80 {
			i++
		}
	}
	return i
}

var errUnclear = errors.New("the outcome would not be what was asked for, so nothing is done")

// check reads the outcome again: the objects must be as they shall be.
func (d *document) check(text []byte, want []*value) error {
	got, err := readDocument(text)
	if err != nil {
		return fmt.Errorf("%w: it could not be read again", errUnclear)
	}
	if len(got.trees) != len(want) {
		return fmt.Errorf("%w: there would be %d objects in the place of %d", errUnclear, len(got.trees), len(want))
	}
	for i, tree := range got.trees {
		if !tree.equal(want[i]) {
			return fmt.Errorf("%w: %s would not read as it should", errUnclear, got.objects[i].ID)
		}
	}
	return nil
}
