package edit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// A Plan collects edits of the files that a bundle was read from. It writes nothing before [Plan.Write].
type Plan struct {
	objects map[validate.Object][]*bundle.Object
	files   map[string]*file
	read    func(name string) ([]byte, error)
	kept    map[string][]byte // what was read, so that one file is read once
}

// NewPlan begins with a bundle as it was read. Standard input, which has the name "-", is never edited.
func NewPlan(b *bundle.Bundle) *Plan {
	p := &Plan{objects: map[validate.Object][]*bundle.Object{}, files: map[string]*file{}, read: os.ReadFile, kept: map[string][]byte{}}
	for _, o := range b.Objects {
		id := validate.Object{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}
		p.objects[id] = append(p.objects[id], o)
	}
	return p
}

// Text makes edits in the text of one file: all, or none of them. The error joins a [Refusal] for each that is in the
// way, or says why the text cannot be read.
func Text(name string, text []byte, edits []validate.Edit) ([]byte, error) {
	b, err := bundle.Read(name, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	p := NewPlan(b)
	p.read = func(string) ([]byte, error) { return text, nil }
	if err := p.Add(edits)[0]; err != nil {
		return nil, err
	}
	if p.files[name] == nil {
		return text, nil
	}
	return p.files[name].after()
}

// Add takes fixes into the plan: each is the edits of one finding, of which all are made or none. There is an error for
// each fix, nil where it is taken; an error joins refusals. A fix that contradicts one before it is refused; so it is
// good to run again when the others are written.
func (p *Plan) Add(fixes ...[]validate.Edit) []error {
	errs := make([]error, len(fixes))
	placed := make([][]placement, len(fixes))
	for i, edits := range fixes {
		if placed[i], errs[i] = p.place(edits); errs[i] == nil {
			errs[i] = p.take(placed[i])
		}
	}
	var all []placement
	for i := range fixes {
		if errs[i] == nil {
			all = append(all, placed[i]...)
		}
	}
	if p.make(all) == nil {
		return errs
	}
	// One at least cannot be made: find out which, one after the other.
	p.drop(all)
	for i := range fixes {
		if errs[i] != nil {
			continue
		}
		if errs[i] = p.take(placed[i]); errs[i] != nil {
			continue
		}
		if errs[i] = p.make(placed[i]); errs[i] != nil {
			p.drop(placed[i])
			if err := p.make(placed[i]); err != nil { // as it was before
				errs[i] = errors.Join(errs[i], err)
			}
		}
	}
	return errs
}

// A placement is an order with the place where it is to be followed; a new object has no document yet.
type placement struct {
	file *file
	part *part
	*order
}

// place finds out what edits mean.
func (p *Plan) place(edits []validate.Edit) (placed []placement, err error) {
	var errs []error
	for _, e := range edits {
		at, err := p.placeOne(e)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		placed = append(placed, at)
	}
	return placed, errors.Join(errs...)
}

func (p *Plan) placeOne(e validate.Edit) (placement, error) {
	if e.Beside != nil {
		return p.placeNew(e)
	}
	o, err := p.object(e.Object)
	if err != nil {
		return placement{}, &Refusal{Edit: e, Reason: err.Error()}
	}
	at := o.At(e.Field)
	refuse := func(err error) (placement, error) { return placement{}, &Refusal{e, at, err.Error()} }
	path, ok := bundle.Steps(e.Field)
	if !ok {
		return refuse(errors.New("this is no path of a field"))
	}
	f, err := p.file(at.File)
	if err != nil {
		return refuse(err)
	}
	part, number, err := f.find(o)
	if err != nil {
		return refuse(err)
	}
	v, err := valueOf(e.Value)
	if err != nil {
		return refuse(err)
	}
	if v.kind == null {
		v = nil
	}
	return placement{f, part, &order{edit: e, at: at, object: number, path: path, value: v}}, nil
}

// object is the one object that is meant.
func (p *Plan) object(id validate.Object) (*bundle.Object, error) {
	if len(p.objects[id]) == 0 && id.Namespace == "default" {
		id.Namespace = "" // it is not written there
	}
	found := slices.CompactFunc(slices.Clone(p.objects[id]), func(a, b *bundle.Object) bool { return a.At("") == b.At("") })
	switch {
	case len(found) == 0:
		return nil, errors.New("there is no such object in the files")
	case len(found) > 1:
		return nil, fmt.Errorf("this object is written at %s and at %s: which is meant?", found[0].At(""), found[1].At(""))
	}
	switch found[0].At("").File {
	case "":
		return nil, errors.New("this object is in no file")
	case "-":
		return nil, errors.New("this object came from standard input, which cannot be edited")
	}
	return found[0], nil
}

func (p *Plan) file(name string) (*file, error) {
	if f := p.files[name]; f != nil {
		return f, nil
	}
	text, ok := p.kept[name]
	if !ok {
		var err error
		if text, err = p.read(name); err != nil {
			return nil, err
		}
		p.kept[name] = text
	}
	f, err := newFile(name, text)
	if err == nil {
		p.files[name] = f
	}
	return f, err
}

// take notes orders, unless one contradicts another.
func (p *Plan) take(placed []placement) error {
	for i, at := range placed {
		if at.part == nil {
			if err := at.file.takeNew(at.order); err != nil {
				p.drop(placed[:i])
				return err
			}
			continue
		}
		if other := at.part.conflict(*at.order); other != nil {
			p.drop(placed[:i])
			return at.refuse(fmt.Errorf("it contradicts another fix, of %s: run again after that one", other.edit.Field))
		}
		at.part.orders = append(at.part.orders, at.order)
	}
	return nil
}

// drop forgets orders that were noted.
func (p *Plan) drop(placed []placement) {
	for _, at := range placed {
		if at.part == nil {
			at.file.created = slices.DeleteFunc(at.file.created, func(o *order) bool { return o == at.order })
			continue
		}
		at.part.orders = slices.DeleteFunc(at.part.orders, func(o *order) bool { return o == at.order })
	}
}

// make edits the documents of orders anew.
func (p *Plan) make(placed []placement) error {
	var errs []error
	done := map[*part]bool{}
	for _, at := range placed {
		if at.part == nil || done[at.part] {
			continue
		}
		done[at.part] = true
		text, err := at.part.edited(at.file.layouts)
		if err == nil {
			at.part.now = text
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// A Change is a file before and after.
type Change struct {
	File          string
	Before, After []byte
}

// Changes are the files that the plan changes, by name.
func (p *Plan) Changes() ([]Change, error) {
	var all []Change
	var errs []error
	for _, f := range p.files {
		after, err := f.after()
		if err != nil {
			errs = append(errs, err)
		} else if !bytes.Equal(f.before, after) {
			all = append(all, Change{f.name, f.before, after})
		}
	}
	slices.SortFunc(all, func(a, b Change) int { return cmp.Compare(a.File, b.File) })
	return all, errors.Join(errs...)
}
