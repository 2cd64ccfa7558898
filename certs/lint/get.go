package lint

import "encoding/json"

// get is the value of a field, of a field written twice the last one, which counts for cfssl; nil where it is not written,
// null, or of a type for which it was reported already.
func (v *value) get(name string) *value {
	x := v.written(name)
	if x == nil || x.bad || x.token == nil {
		return nil
	}
	return x
}

func (v *value) written(name string) *value {
	if v == nil {
		return nil
	}
	for i := len(v.entries) - 1; i >= 0; i-- {
		if v.entries[i].name == name {
			return v.entries[i].value
		}
	}
	return nil
}

// lacks says that a field is missing or empty, and that nothing was reported that explains it.
func (v *value) lacks(name string) bool {
	x := v.get(name)
	return (x == nil || x.token == "") && !v.explained(name)
}

// explained says that it was reported already why a field holds nothing: it is of a wrong type, or misspelt.
func (v *value) explained(name string) bool {
	x := v.written(name)
	return x != nil && x.bad || v != nil && v.meant[name]
}

// at is the value of a field, or of its nearest parent that is written.
func (v *value) at(name string) *value {
	if x := v.written(name); x != nil {
		return x
	}
	return v
}

// str is a string, "" where there is none.
func (v *value) str(name string) string {
	s, _ := v.get(name).string()
	return s
}

func (v *value) string() (string, bool) {
	if v == nil {
		return "", false
	}
	s, ok := v.token.(string)
	return s, ok
}

func (v *value) int(name string) int {
	if x := v.get(name); x != nil {
		if n, ok := x.token.(json.Number); ok {
			i, _ := n.Int64()
			return int(i)
		}
	}
	return 0
}

func (v *value) bool(name string) bool {
	x := v.get(name)
	return x != nil && x.token == true
}

// list are the items of a field.
func (v *value) list(name string) []*value {
	if x := v.get(name); x != nil {
		return x.items
	}
	return nil
}

// each are the entries of a field that is an object by names of the user's own, each name once.
func (v *value) each(name string) []*entry {
	x := v.get(name)
	if x == nil {
		return nil
	}
	var last []*entry
	for _, e := range x.entries {
		if x.written(e.name) == e.value {
			last = append(last, e)
		}
	}
	return last
}
