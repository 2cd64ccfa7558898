package migrate

import (
	"fmt"
	"strings"
)

// A setting is a field of a ServiceMeshControlPlane, with all below it.
type setting struct {
	path string // under spec; * is any key
	to   string // among the values of Istio's charts, or "": then by or class says what becomes of it
	// as changes the form; nil leaves it.
	as func(any) any
	// class is Mapped where it is left out and there is a place.
	class    Class
	says, do string
	into     bool // go on below
	// by does what needs more than that.
	by func(m *migration, p *plane, f field)
}

// A field is one that is written.
type field struct {
	keys  []string // under spec
	value any
}

// name is the field in the object.
func (f field) name() string { return fieldOf(append([]string{"spec"}, f.keys...)) }

// settings are found by their paths: the table, joined.
func findSetting(keys []string) (setting, bool) {
	for _, table := range [][]setting{basic, proxySettings, securitySettings, runtimeSettings, rest} {
		for _, s := range table {
			if fits(strings.Split(s.path, "."), keys) {
				return s, true
			}
		}
	}
	return setting{}, false
}

func fits(pattern, keys []string) bool {
	if len(pattern) != len(keys) {
		return false
	}
	for i, p := range pattern {
		if p != "*" && p != keys[i] {
			return false
		}
	}
	return true
}

// walk goes through what is written of a control plane; what no setting speaks of is named.
func (m *migration) walk(p *plane, keys []string, value any) {
	if s, ok := findSetting(keys); ok && !s.into {
		m.apply(p, s, field{keys, value})
		return
	}
	m.walkInto(p, keys, value)
}

// walkInto goes on below a map.
func (m *migration) walkInto(p *plane, keys []string, value any) {
	inner, isMap := value.(tree)
	list, isList := value.([]any)
	switch {
	case value == nil || isMap && len(inner) == 0 || isList && len(list) == 0:
		m.tell(Entry{Class: Dropped, Says: "it is empty"}, p.object, field{keys, value}.name())
	case !isMap:
		m.unknown(p, field{keys, value})
	}
	for _, key := range sorted(inner) {
		m.walk(p, append(keys[:len(keys):len(keys)], key), inner[key])
	}
}

// unknown names what has no place.
func (m *migration) unknown(p *plane, f field) {
	m.tell(Entry{
		Class: Decide, Says: "no place in an Istio is known for it, and it is not carried over",
		Do: "see what it did, and whether a value of Istio's charts (Istio, spec.values) does the same",
	}, p.object, f.name())
}

func (m *migration) apply(p *plane, s setting, f field) {
	switch {
	case s.by != nil:
		s.by(m, p, f)
	case s.to != "":
		value := f.value
		if s.as != nil {
			value = s.as(value)
		}
		m.put(p, f, s.to, value, Entry{Class: s.class, Says: s.says, Do: s.do})
	default:
		m.tell(Entry{Class: s.class, Says: s.says, Do: s.do}, p.object, f.name())
	}
}

// put sets a value of Istio's charts and tells of it.
func (m *migration) put(p *plane, f field, to string, value any, e Entry) {
	set(p.values, to, value)
	p.origins[to] = f.name()
	if e.Class == "" {
		e.Class = Mapped
	}
	e.Became = "Istio " + p.istio + ", spec.values." + to
	m.tell(e, p.object, f.name())
}

// putEnv sets a variable of istiod.
func (m *migration) putEnv(p *plane, f field, name string, value any) {
	m.put(p, f, "pilot.env."+name, fmt.Sprint(value), Entry{})
}

// joined is a list as Istio's charts take it: with commas.
func joined(v any) any {
	if list, ok := v.([]any); ok {
		return strings.Join(asTexts(list), ",")
	}
	return v
}

func asTexts(list []any) []string {
	all := make([]string, len(list))
	for i, item := range list {
		all[i] = fmt.Sprint(item)
	}
	return all
}

// levels writes logging levels as Istio does: "ads:info,default:warn".
func levels(v any) any {
	m, ok := v.(tree)
	if !ok {
		return v
	}
	var all []string
	for _, component := range sorted(m) {
		all = append(all, component+":"+fmt.Sprint(m[component]))
	}
	return strings.Join(all, ",")
}

func lower(v any) any { return strings.ToLower(fmt.Sprint(v)) }

func upper(v any) any { return strings.ToUpper(fmt.Sprint(v)) }

// texts are the items of a list.
func texts(v any) []string {
	list, _ := v.([]any)
	return asTexts(list)
}
