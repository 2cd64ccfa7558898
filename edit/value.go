package edit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// A kind is that of a value of JSON.
type kind byte

const (
	null kind = iota
	boolean
	number
	text
	list
	mapping
)

func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a text", "a list", "a map"}[k]
}

// A value is one of JSON; maps remember their order.
type value struct {
	kind  kind
	text  string // a text, or a number or boolean as JSON writes it
	keys  []string
	items []*value
}

// valueOf takes any value as encoding/json writes it.
func valueOf(v any) (*value, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return parse(data)
}

func parse(data []byte) (*value, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return decode(d)
}

func decode(d *json.Decoder) (*value, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case nil:
		return &value{}, nil
	case bool:
		return &value{kind: boolean, text: strconv.FormatBool(token)}, nil
	case json.Number:
		return &value{kind: number, text: plainNumber(string(token))}, nil
	case string:
		return &value{kind: text, text: token}, nil
	}
	v := &value{kind: list}
	if token == json.Delim('{') {
		v.kind = mapping
	}
	for d.More() {
		if v.kind == mapping {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v.keys = append(v.keys, key.(string))
		}
		item, err := decode(d)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
	}
	_, err = d.Token()
	return v, err
}

// plainNumber writes a number in the one way in which [bundle.Read] does.
func plainNumber(text string) string {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(i, 10)
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return strconv.FormatUint(u, 10)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	data, err := json.Marshal(f)
	if err != nil {
		return text
	}
	return string(data)
}

// equal compares values; the order of maps does not count.
func (v *value) equal(other *value) bool {
	if v.kind != other.kind || v.text != other.text || len(v.items) != len(other.items) {
		return false
	}
	for i, item := range v.items {
		j := i
		if v.kind == mapping && v.keys[i] != other.keys[i] {
			if j = other.index(v.keys[i]); j < 0 {
				return false
			}
		}
		if !item.equal(other.items[j]) {
			return false
		}
	}
	return true
}

func (v *value) index(key string) int {
	if v.kind != mapping {
		return -1
	}
	return slices.Index(v.keys, key)
}

// find is where a step leads, or -1.
func (v *value) find(s bundle.Step) int {
	switch {
	case s.Index < 0:
		return v.index(s.Key)
	case v.kind == list && s.Index < len(v.items):
		return s.Index
	}
	return -1
}

func (v *value) clone() *value {
	c := *v
	c.keys = slices.Clone(v.keys)
	c.items = make([]*value, len(v.items))
	for i, item := range v.items {
		c.items[i] = item.clone()
	}
	return &c
}

// put sets what a path leads to, and makes its parents.
func (v *value) put(path []bundle.Step, new *value) error { return v.putAt(path, 0, new) }

func (v *value) putAt(whole []bundle.Step, depth int, new *value) error {
	path := whole[depth:]
	if len(path) == 0 {
		*v = *new.clone()
		return nil
	}
	s := path[0]
	if v.kind == null {
		v.kind = list
		if s.Index < 0 {
			v.kind = mapping
		}
	}
	i := v.find(s)
	switch {
	case s.Index < 0 && v.kind != mapping, s.Index >= 0 && v.kind != list:
		return fmt.Errorf("%s is %s, so it cannot hold %s", cmp.Or(written(whole[:depth]), "the object"), v.kind, written(path[:1]))
	case s.Index > len(v.items):
		return fmt.Errorf("%s has %d items, so none can be number %d", written(whole[:depth]), len(v.items), s.Index)
	case i < 0:
		i = len(v.items)
		v.items = append(v.items, &value{})
		if s.Index < 0 {
			v.keys = append(v.keys, s.Key)
		}
	}
	return v.items[i].putAt(whole, depth+1, new)
}

// drop removes what a path leads to, if it is there.
func (v *value) drop(path []bundle.Step) {
	i := v.find(path[0])
	switch {
	case i < 0:
	case len(path) > 1:
		v.items[i].drop(path[1:])
	default:
		v.items = slices.Delete(v.items, i, i+1)
		if v.kind == mapping {
			v.keys = slices.Delete(v.keys, i, i+1)
		}
	}
}

// written writes a path in the way of bundle.Object.At.
func written(path []bundle.Step) string {
	var out strings.Builder
	for i, s := range path {
		switch {
		case s.Index >= 0:
			fmt.Fprintf(&out, "[%d]", s.Index)
		case s.Key == "" || strings.ContainsAny(s.Key, ".[]\""):
			fmt.Fprintf(&out, "[%q]", s.Key)
		default:
			if i > 0 {
				out.WriteByte('.')
			}
			out.WriteString(s.Key)
		}
	}
	return out.String()
}
