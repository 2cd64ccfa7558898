package schema

import (
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A finder finds what Istio's validation speaks of, which does not tell the place: it takes out one thing after the other,
// and sees when it is silent.
type finder struct {
	judge
	spec proto.Message // a copy, which is changed and put right again
	said map[string]int
}

func newFinder(j judge) *finder {
	return &finder{judge: j, spec: proto.Clone(j.spec), said: map[string]int{}}
}

// times counts how often something is said of the spec as it is.
func (f *finder) times(v verdict, s saying) int {
	n := 0
	for _, other := range f.verdicts(f.spec) {
		if other.warning != v.warning {
			continue
		}
		if other.text == v.text {
			n++
		} else if s.varies {
			if o, _ := sayingOf(other.text); o.id() == s.id() {
				n++
			}
		}
	}
	return n
}

// place is the field that a verdict is about.
func (f *finder) place(v verdict, s saying) string {
	key := v.text
	if s.varies {
		key = s.id()
	}
	which := f.said[key]
	f.said[key]++
	return pathOf(f.descend(f.spec.ProtoReflect(), []step{textStep("spec")}, v, s, which))
}

func textStep(key string) step { return step{key: raw(strconv.Quote(key))} }

// A part is something that can be taken out of a message.
type part struct {
	steps []step
	name  protoreflect.Name
	below protoreflect.Message // nil where there is nothing to go into
	take  func()               // out
	put   func()               // back
}

// descend goes into the part without which a verdict is not spoken. Of several that are spoken of in the same words it
// is the one that has a number; where each of several parts would do, as when two contradict each other, it is the one
// that the saying names, or else the last.
func (f *finder) descend(m protoreflect.Message, path []step, v verdict, s saying, which int) []step {
	before := f.times(v, s)
	type candidate struct {
		part
		n int // how many verdicts go with it
	}
	var found []candidate
	all := partsOf(m)
	for _, p := range all {
		p.take()
		n := before - f.times(v, s)
		p.put()
		if n > 0 {
			found = append(found, candidate{p, n})
		}
	}
	if len(found) == 0 {
		return path
	}
	chosen := found[len(found)-1]
	if s.first {
		chosen = found[0]
	}
	if before > 1 {
		for _, c := range found {
			if c.n < before || len(found) == 1 {
				chosen = c
				if which < c.n {
					break
				}
				which -= c.n
			}
		}
	} else {
		which = 0
	}
	for _, c := range found {
		if slices.Contains(s.at, string(c.name)) {
			chosen = c
		}
	}
	path = append(slices.Clip(path), chosen.steps...)
	if chosen.below == nil || s.stop == string(chosen.name) {
		return path
	}
	return f.descend(chosen.below, path, v, s, which)
}

// partsOf are the parts of a message: its fields, and of lists and maps the entries.
func partsOf(m protoreflect.Message) []part {
	var all []part
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if !m.Has(fd) {
			continue
		}
		value := m.Get(fd)
		field := part{steps: []step{textStep(fd.JSONName())}, name: fd.Name(),
			take: func() { m.Clear(fd) }, put: func() { m.Set(fd, value) }}
		switch {
		case fd.IsList():
			all = append(all, items(m, fd, field)...)
		case fd.IsMap():
			value.Map().Range(func(key protoreflect.MapKey, v protoreflect.Value) bool {
				entry := part{steps: append(slices.Clip(field.steps), textStep(key.String())), name: fd.Name(),
					take: func() { value.Map().Clear(key) }, put: func() { value.Map().Set(key, v) }}
				if fd.MapValue().Message() != nil {
					entry.below = inside(v.Message())
				}
				all = append(all, entry)
				return true
			})
		default:
			if fd.Message() != nil {
				field.below = inside(value.Message())
			}
			all = append(all, field)
		}
	}
	return all
}

// items are the parts of a list, each of which can be taken out of it.
func items(m protoreflect.Message, fd protoreflect.FieldDescriptor, field part) []part {
	list := m.Get(fd).List()
	whole := make([]protoreflect.Value, list.Len())
	for i := range whole {
		whole[i] = list.Get(i)
	}
	set := func(values []protoreflect.Value) {
		fresh := m.NewField(fd)
		for _, v := range values {
			fresh.List().Append(v)
		}
		m.Set(fd, fresh)
	}
	var all []part
	for i, v := range whole {
		item := part{steps: append(slices.Clip(field.steps), step{index: i}), name: fd.Name(),
			take: func() { set(slices.Delete(slices.Clone(whole), i, i+1)) }, put: func() { set(whole) }}
		if fd.Message() != nil {
			item.below = inside(v.Message())
		}
		all = append(all, item)
	}
	return all
}

// inside is a message that has fields of its own in the object: durations and the like are written as one value.
func inside(m protoreflect.Message) protoreflect.Message {
	if m.Descriptor().FullName().Parent() == "google.protobuf" {
		return nil
	}
	return m
}
