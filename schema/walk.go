package schema

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// A walk holds an object against the schema of its kind.
type walk struct {
	*collection
	scanner
	of    versionKind
	minor int
	path  []step
	// known are the entries of the maps around, as far as they are looked at together.
	known []entry
	// stated are the faults that rules of the schema find, which the API server only looks for where all else is well.
	stated []Problem
	found  []Problem
}

// A step is a key, with its quotes, or the index of an item.
type step struct {
	key   raw
	index int
}

// maxProblems bounds what is said of an object that is wrong all over.
const maxProblems = 100

// walks are used again.
var walks = sync.Pool{New: func() any { return new(walk) }}

// structure holds an object against the schema of its kind, in some version.
func structure(data []byte, of versionKind, n *node, minor int) []Problem {
	w := walks.Get().(*walk)
	*w = walk{collection: shelf(), scanner: scanner{data: data}, of: of, minor: minor, path: w.path[:0], known: w.known[:0]}
	w.root(n)
	problems := w.problems()
	w.data, w.found, w.stated = nil, nil, nil
	clear(w.path[:cap(w.path)])
	clear(w.known[:cap(w.known)])
	walks.Put(w)
	return problems
}

func (w *walk) problems() []Problem {
	if len(w.found) > 0 {
		return w.found
	}
	return w.stated
}

// at is the path of the value that is looked at, and of some fields below it.
func (w *walk) at(below ...string) string { return pathOf(w.path, below...) }

func pathOf(path []step, below ...string) string {
	var b strings.Builder
	for _, s := range path {
		if s.key == nil {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.index))
			b.WriteByte(']')
			continue
		}
		appendStep(&b, s.key.string())
	}
	for _, key := range below {
		appendStep(&b, key)
	}
	return b.String()
}

func appendStep(b *strings.Builder, key string) {
	if key == "" || strings.ContainsAny(key, ".[]\"") {
		fmt.Fprintf(b, "[%q]", key)
		return
	}
	if b.Len() > 0 {
		b.WriteByte('.')
	}
	b.WriteString(key)
}

func (w *walk) fail(p Problem) {
	if len(w.found) >= maxProblems {
		return
	}
	if p.Rule == "" {
		p.Rule = general
	}
	p.Severity = Error
	if p.Consequence == "" {
		p.Consequence = refused
	}
	w.found = append(w.found, p)
}

// value goes over a value that has a schema; without one all is well.
func (w *walk) value(n *node) {
	if n == nil {
		w.skip()
		return
	}
	before := len(w.found)
	c := w.peek()
	start, known := w.i, len(w.known)
	switch {
	case c == 'n':
		w.skip()
		if !n.Nullable {
			w.mistyped(n, raw("null"))
		}
		return
	case n.Type == "" && !n.IntOrString:
		w.skip()
		return
	case c == '{' && n.Type == "object":
		w.entries(n)
	case c == '[' && n.Type == "array":
		w.items(n)
	default:
		w.scalar(n, w.scanner.value())
	}
	if n.related() && len(w.found) == before {
		v := object{w.data[start:min(w.i, len(w.data))], w.known[known:]}
		if n.Condition != nil && !n.Condition.holds(v) {
			w.condition(n, v)
		}
		for _, r := range n.rules {
			if !r.holds(v) {
				w.state(r)
			}
		}
	}
	w.known = w.known[:known]
}

// related says whether the fields of a map are looked at together.
func (n *node) related() bool { return n.Condition != nil || n.rules != nil }

func (w *walk) state(r rule) {
	p := Problem{Rule: r.id, Kind: WrongValue, Severity: Error, Field: w.at(), Message: r.says, Fix: r.fix, Consequence: refused}
	if r.field != "" {
		p.Field = w.at(strings.Split(r.field, ".")...)
	}
	if r.id == "" {
		p.Rule = general
	}
	if p.Field == "" && r.field == "" {
		p.Field = "spec"
	}
	w.stated = append(w.stated, p)
}

// condition says what fields that are related to each other have wrong.
func (w *walk) condition(n *node, v object) {
	var there []string
	for _, name := range n.Condition.rivals() {
		if v.has(name) {
			there = append(there, name)
		}
	}
	if len(there) > 1 {
		w.fail(Problem{Kind: Contradicts, Field: w.at(there[len(there)-1]), Message: "only one of " + enumeration(there, "and") + " can be set",
			Fix: "keep either " + enumeration(there, "or")})
		return
	}
	w.fail(Problem{Kind: Contradicts, Field: w.at(), Message: "these fields do not go together, or one that belongs to them is missing"})
}

// root goes over the whole object; what all objects have in common is not in the schema.
func (w *walk) root(n *node) {
	for more := w.peek() == '{' && w.open(); more; more = w.more() {
		key := w.key()
		switch {
		case key.is("apiVersion"), key.is("kind"), key.is("status"):
			w.skip()
		default:
			child := w.child(n, key)
			if key.is("metadata") {
				child = w.collection.root("", "metadata", w.minor)
			}
			w.entry(n, key, child)
		}
	}
	for _, name := range n.Required {
		if name != "metadata" && !raw(w.data).has(name) {
			w.fail(Problem{Kind: Missing, Field: name, Message: name + " is missing"})
		}
	}
	for _, r := range n.rules {
		if !r.holds(object{raw: w.data}) {
			w.state(r)
		}
	}
}

// entry goes over the value of a key.
func (w *walk) entry(n *node, key raw, child *node) {
	w.path = append(w.path, step{key: key})
	switch {
	case child == nil && !n.Open:
		w.unknown(n, key.string(), w.scanner.value())
	case w.peek() == 'n' && child != nil && !child.Nullable:
		w.skip() // as if it were not there
	default:
		w.value(child)
	}
	w.path = w.path[:len(w.path)-1]
}

// entries goes over a map.
func (w *walk) entries(n *node) {
	count, required, related := 0, 0, n.related()
	start := w.i
	for more := w.open(); more; more = w.more() {
		key := w.key()
		count++
		if n.Format != "" && !formats[n.Format].holds(key.string()) {
			w.fail(Problem{Kind: WrongValue, Field: w.at(key.string()), Message: fmt.Sprintf(formats[n.Format].says, key.string())})
		}
		for _, name := range n.Required {
			if key.is(name) && w.peek() != 'n' {
				required++
			}
		}
		before := w.i
		w.entry(n, key, w.child(n, key))
		if related {
			w.known = append(w.known, entry{key, w.data[before:min(w.i, len(w.data))]})
		}
	}
	if required < len(n.Required) {
		v := raw(w.data[start:min(w.i, len(w.data))])
		for _, name := range n.Required {
			if child := w.field(n, name); !v.has(name) && (child == nil || child.Default == nil) {
				w.fail(Problem{Kind: Missing, Field: w.at(), Message: name + " is missing", Fix: "set " + name})
			}
		}
	}
	w.count(count, n.MinProperties, n.MaxProperties, "entries")
}

// items goes over a list.
func (w *walk) items(n *node) {
	start := w.i
	child := w.collection.at(n.Items)
	w.path = append(w.path, step{})
	count := 0
	for more := w.open(); more; more = w.more() {
		w.path[len(w.path)-1].index = count
		w.value(child)
		count++
	}
	w.path = w.path[:len(w.path)-1]
	w.count(count, n.MinItems, n.MaxItems, "items")
	if count > 1 && (n.Keys != nil || n.Set) {
		w.twice(n, raw(w.data[start:min(w.i, len(w.data))]))
	}
}

// twice finds items that the API tells apart by some of their fields, and that are the same there.
func (w *walk) twice(n *node, list raw) {
	seen := map[string]bool{}
	list.items(func(i int, item raw) bool {
		var name bytes.Buffer
		if n.Set {
			name.Write(item)
		}
		for _, key := range n.Keys {
			value := item.get(key)
			if text, ok := w.field(w.collection.at(n.Items), key).Default.(string); ok && value == nil {
				value = raw(strconv.Quote(text))
			}
			fmt.Fprintf(&name, "%s\x00", value)
		}
		if !seen[name.String()] {
			seen[name.String()] = true
			return true
		}
		message := "the list has this already"
		if n.Keys != nil {
			var same []string
			for _, key := range n.Keys {
				if value := item.get(key); value != nil {
					same = append(same, key+" "+shortened(string(value)))
				}
			}
			message = "another item of the list has " + enumeration(same, "and") + " as well"
		}
		w.path = append(w.path, step{index: i})
		w.fail(Problem{Kind: WrongValue, Field: w.at(), Message: message, Fix: "keep one of the two"})
		w.path = w.path[:len(w.path)-1]
		return true
	})
}

func (w *walk) count(n int, least, most *int, what string) {
	if least != nil && n < *least {
		w.fail(Problem{Kind: WrongValue, Field: w.at(), Message: fmt.Sprintf("%d %s, and there must be at least %d", n, what, *least), Fix: "add what is meant, or remove the field"})
	}
	if most != nil && n > *most {
		w.fail(Problem{Kind: WrongValue, Field: w.at(), Message: fmt.Sprintf("%d %s, and the API takes at most %d", n, what, *most), Fix: "divide them among several objects"})
	}
}

// scalar looks at a value that is not taken apart.
func (w *walk) scalar(n *node, v raw) {
	if n.IntOrString {
		if v.kind() != '"' && !hasType(v, "integer") {
			w.mistyped(n, v)
			return
		}
	} else if !hasType(v, n.Type) {
		w.mistyped(n, v)
		return
	}
	if v.kind() == '"' {
		w.text(n, v)
		return
	}
	f, ok := v.number()
	if !ok {
		return
	}
	if n.Format == "int32" && f != float64(int32(f)) {
		w.fail(Problem{Kind: WrongValue, Field: w.at(), Message: fmt.Sprintf("%s is too large for this field", v), Fix: "write a number below 2147483648"})
		return
	}
	if n.Minimum != nil && f < *n.Minimum {
		w.fail(Problem{Kind: WrongValue, Field: w.at(), Message: fmt.Sprintf("%s is less than %s, the least that is allowed", v, number(*n.Minimum)), Fix: "write a number from " + number(*n.Minimum) + " on"})
	}
	if n.Maximum != nil && f > *n.Maximum {
		w.fail(Problem{Kind: WrongValue, Field: w.at(), Message: fmt.Sprintf("%s is more than %s, the most that is allowed", v, number(*n.Maximum)), Fix: "write a number up to " + number(*n.Maximum)})
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// text looks at a string.
func (w *walk) text(n *node, v raw) {
	if n.Enum != nil {
		if !slices.ContainsFunc(n.Enum, v.is) {
			w.notOneOf(n, v.string())
		}
		return
	}
	if n.MinLength == nil && n.MaxLength == nil && n.pattern == nil && n.Format == "" {
		return
	}
	s := v.string()
	length := utf8.RuneCountInString(s)
	if n.MinLength != nil && length < *n.MinLength {
		w.fail(Problem{Kind: WrongValue, Field: w.at(), Message: fmt.Sprintf("%q is too short: at least %d characters are needed", s, *n.MinLength), Fix: "write what is meant, or remove the field"})
	}
	if n.MaxLength != nil && length > *n.MaxLength {
		w.fail(Problem{Kind: WrongValue, Field: w.at(), Message: fmt.Sprintf("%d characters, and the API takes at most %d", length, *n.MaxLength), Fix: "shorten it"})
	}
	// OpenShift's API server takes an empty text for none, though the CRD, which is for those without it, does not.
	none := s == "" && w.of.kind == "Route"
	if n.pattern != nil && !none && !n.pattern.MatchString(s) {
		message := fmt.Sprintf("%q is not of the form that the API takes, which is %s", s, n.Pattern)
		if words, ok := patterns[n.Pattern]; ok {
			message = fmt.Sprintf(words, s)
		}
		w.fail(Problem{Kind: WrongValue, Field: w.at(), Message: message})
	}
	if f, known := formats[n.Format]; known && !f.holds(s) {
		w.fail(Problem{Kind: WrongValue, Field: w.at(), Message: fmt.Sprintf(f.says, s)})
	}
}

// patterns are regular expressions in words.
var patterns = map[string]string{
	"^/": "%q does not begin with a slash",
	`^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])(\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]{0,61}[a-zA-Z0-9]))*$`: "%q is no name of a host: write letters, digits and dashes, and dots between them",
}

// hasType says whether a value is of a type of OpenAPI.
func hasType(v raw, name string) bool {
	switch name {
	case "object":
		return v.kind() == '{'
	case "array":
		return v.kind() == '['
	case "string":
		return v.kind() == '"'
	case "boolean":
		return v.kind() == 't' || v.kind() == 'f'
	case "number":
		return v.kind() == '0'
	case "integer":
		if v.kind() != '0' {
			return false
		}
		if _, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return true
		}
		f, ok := v.number()
		return ok && math.Abs(f) < 1<<63 && f == math.Trunc(f)
	}
	return true
}

var typeNames = map[string]string{
	"object": "a map", "array": "a list", "string": "a text", "boolean": "true or false", "number": "a number", "integer": "a whole number",
}

// mistyped says that a value is of another type than its field.
func (w *walk) mistyped(n *node, v raw) {
	want := typeNames[n.Type]
	if n.IntOrString {
		want = "a whole number or a text"
	}
	p := Problem{Kind: WrongType, Field: w.at(), Message: fmt.Sprintf("%s where %s is expected", describe(v), want)}
	switch {
	case len(n.Enum) > 0:
		p.Fix = "the values are " + enumeration(n.Enum, "and")
	case n.Type == "string" && (v.kind() == '0' || v.kind() == 't' || v.kind() == 'f'):
		p.Fix = "put it in quotes"
		p.Edits = []Edit{{p.Field, string(v)}}
	case n.Type == "object" && w.within(n, v) != "":
		p.Fix = "write it as " + w.within(n, v)
	case n.Type == "array" && v.kind() != 'n':
		p.Fix = "write it as a list, even if of one item"
	case (n.Type == "integer" || n.Type == "number" || n.Type == "boolean") && v.kind() == '"':
		if plain := raw(v.string()); hasType(plain, n.Type) {
			p.Fix = "remove the quotes"
		}
	}
	w.fail(p)
}

// within is a value as the one field of a map that it can be of, or "".
func (w *walk) within(n *node, v raw) string {
	var found []string
	for _, name := range n.names() {
		if child := w.field(n, name); child != nil && child.Type != "" && v.kind() != '{' && fits(child, v) {
			found = append(found, name)
		}
	}
	if len(found) != 1 {
		return ""
	}
	text := string(v)
	if v.kind() == '"' {
		text = v.string()
	}
	return fmt.Sprintf("{%s: %s}", found[0], shortened(text))
}

func describe(v raw) string {
	switch v.kind() {
	case '{':
		return "a map"
	case '[':
		return "a list"
	case 'n':
		return "nothing"
	case '"':
		return "the text " + shortened(string(v))
	case '0':
		return "the number " + shortened(string(v))
	}
	return shortened(string(v))
}

func shortened(s string) string {
	if len(s) <= 60 {
		return s
	}
	cut := 57
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// enumeration joins names to "a, b and c".
func enumeration(names []string, word string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}
