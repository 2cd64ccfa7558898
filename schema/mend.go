package schema

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// menders find, by rule, the edits that mend a problem, and word its fix where that depends on what else is written. Where
// it takes the owner to know what is meant, they leave it.
var menders = map[string]func(patient, *Problem){
	"MSH101": mendUnserved,
	"MSH103": mendWildcard,
	"MSH105": mendHosts,
	"MSH106": mendEndpoints,
	"MSH107": mendRange,
	"MSH108": mendPortTwice,
	"MSH110": mendCredential,
	"MSH111": mendSkipVerify,
	"MSH113": mendSidecarTLS,
	"MSH114": mendServerTLS,
	"MSH116": mendPort,
	"MSH117": mendServerName,
	"MSH118": mendSNI,
	"MSH119": mendStar,
	"MSH120": mendExport,
	"MSH121": mendListener,
	"MSH122": mendTunnel,
	"MSH123": mendAuthority,
	"MSH124": mendEmpty,
	"MSH125": mendUnknown,
	"MSH126": mendOld,
	general:  mendValue,
}

// mended gives problems that have no edits yet those that their menders find.
func mended(o *bundle.Object, problems []Problem) []Problem {
	var at patient
	for i := range problems {
		p := &problems[i]
		mend := menders[p.Rule]
		if mend == nil || p.Edits != nil && p.Kind != UnknownField {
			continue
		}
		if at.tree == nil {
			at = patient{tree: o.Tree(), namespace: namespaceOf(o)}
		}
		mend(at, p)
	}
	return joined(problems)
}

// joined makes one of the edits that move several fields from one map into another, which needs them all.
func joined(problems []Problem) []Problem {
	moves := func(p Problem) bool {
		return p.Kind == UnknownField && len(p.Edits) == 2 && parent(p.Field) != parent(p.Nearest)
	}
	shared := map[[2]string][]Edit{}
	for _, p := range problems {
		if moves(p) {
			key := [2]string{parent(p.Field), parent(p.Nearest)}
			shared[key] = append(shared[key], p.Edits...)
		}
	}
	for i, p := range problems {
		if moves(p) {
			problems[i].Edits = shared[[2]string{parent(p.Field), parent(p.Nearest)}]
		}
	}
	return problems
}

// mendUnknown leaves alone what stands where a field that is not known belongs.
func mendUnknown(o patient, p *Problem) {
	if o.has(p.Nearest) {
		p.Edits = nil
	}
}

// A patient is an object that is to be mended.
type patient struct {
	tree      map[string]any
	namespace string
}

// value is what is written at a field, or nil.
func (o patient) value(field string) any {
	steps, _ := bundle.Steps(field)
	var v any = o.tree
	for _, s := range steps {
		switch parent := v.(type) {
		case map[string]any:
			v = parent[s.Key]
		case []any:
			if s.Index < 0 || s.Index >= len(parent) {
				return nil
			}
			v = parent[s.Index]
		default:
			return nil
		}
	}
	return v
}

func (o patient) has(field string) bool { return o.value(field) != nil }

func (o patient) text(field string) string {
	text, _ := o.value(field).(string)
	return text
}

func (o patient) list(field string) []any {
	list, _ := o.value(field).([]any)
	return list
}

func (o patient) texts(field string) []string {
	var all []string
	for _, v := range o.list(field) {
		text, _ := v.(string)
		all = append(all, text)
	}
	return all
}

// keys are those of a map, in order.
func (o patient) keys(field string) []string {
	m, _ := o.value(field).(map[string]any)
	return slices.Sorted(maps.Keys(m))
}

// drop removes fields that are there, and what would be empty around them, up to the fields of spec.
func (o patient) drop(fields ...string) []Edit {
	var gone []string
	for _, f := range fields {
		if o.has(f) && !slices.Contains(gone, f) {
			gone = append(gone, f)
		}
	}
	for i := 0; i < len(gone); i++ {
		around := parent(gone[i])
		left := slices.DeleteFunc(o.below(around), func(f string) bool { return slices.Contains(gone, f) })
		if around != "" && around != "spec" && len(left) == 0 {
			gone = slices.DeleteFunc(gone, func(f string) bool { return within(f, around) })
			gone, i = append(gone, around), -1
		}
	}
	var edits []Edit
	for _, f := range gone {
		edits = append(edits, Edit{Field: f})
	}
	return edits
}

// replaced removes a field, and writes another one beside it.
func replaced(field, other string, value any) []Edit {
	return []Edit{{Field: field}, {Field: other, Value: value}}
}

// below are the fields and items within a field.
func (o patient) below(field string) []string {
	var all []string
	for _, key := range o.keys(field) {
		all = append(all, entryOf(field, key))
	}
	for i := range o.list(field) {
		all = append(all, item(field, i))
	}
	return all
}

// parent is the field around another, or "".
func parent(field string) string {
	steps, _ := bundle.Steps(field)
	var b strings.Builder
	for _, s := range steps[:max(0, len(steps)-1)] {
		if s.Index >= 0 {
			b.WriteString(item("", s.Index))
			continue
		}
		appendStep(&b, s.Key)
	}
	return b.String()
}

// last is the key of a field, or "" of an item of a list.
func last(field string) string {
	steps, ok := bundle.Steps(field)
	if !ok {
		return ""
	}
	return steps[len(steps)-1].Key
}

func item(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

func entryOf(field, key string) string {
	var b strings.Builder
	b.WriteString(field)
	appendStep(&b, key)
	return b.String()
}

// unused is a name, or that name with the first number that makes it another one than those that are taken.
func unused(name string, taken []string) string {
	for n, made := 2, name; ; n++ {
		if !slices.Contains(taken, made) {
			return made
		}
		made = name + "-" + strconv.Itoa(n)
	}
}

func anyOf[T any](list []T) []any {
	all := make([]any, len(list))
	for i, v := range list {
		all[i] = v
	}
	return all
}
