package lint

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/meshscenario/scenario/nearest"
)

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// shape holds a value against the type that cfssl reads it into, field by field, as encoding/json does: names in capitals
// or not, what is unknown left out.
func (l *linter) shape(v *value, t reflect.Type) {
	for t.Kind() == reflect.Pointer && !t.Implements(jsonUnmarshaler) && !t.Implements(textUnmarshaler) {
		t = t.Elem()
	}
	p := reflect.PointerTo(t)
	own := p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler) || t.Implements(jsonUnmarshaler) || t.Implements(textUnmarshaler)
	bytes := t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
	switch {
	case v.token == nil:
	case own || bytes:
		l.scalar(v, t)
	case t.Kind() == reflect.Struct && v.token == byte('{'):
		l.fields(v, t)
	case t.Kind() == reflect.Map && v.token == byte('{'):
		l.once(v)
		for _, e := range v.entries {
			l.shape(e.value, t.Elem())
		}
	case t.Kind() == reflect.Slice && v.token == byte('['):
		for _, x := range v.items {
			l.shape(x, t.Elem())
		}
	default:
		l.scalar(v, t)
	}
}

// scalar tries whether the standard library reads a value, as cfssl lets it.
func (l *linter) scalar(v *value, t reflect.Type) {
	err := json.Unmarshal(v.raw, reflect.New(t).Interface())
	if err == nil {
		return
	}
	v.bad = true
	message, fix := fmt.Sprintf("%s is %s, not %s", v.field, written(v), wanted(t)), "Write "+wanted(t)
	if v.token != byte('{') && v.token != byte('[') && wanted(t) == written(v) {
		message, fix = fmt.Sprintf("%s is not what cfssl reads there: %s", v.field, plain(err)), ""
	}
	l.refuse("wrong-type", v, message, fix)
}

// fields holds an object against a struct.
func (l *linter) fields(v *value, t reflect.Type) {
	known := map[string]reflect.StructField{}
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		} else {
			names = append(names, name)
		}
		known[name] = f
	}
	names = append(names, untagged[t.Name()]...)
	for _, e := range v.entries {
		f, ok := known[e.name]
		for name, other := range known {
			if !ok && strings.EqualFold(name, e.name) {
				f, e.name = other, name
				break
			}
		}
		if f.Name == "" && comment.MatchString(e.name) {
			continue
		}
		if f.Name == "" {
			l.unknown(v, e, names)
			continue
		}
		l.shape(e.value, f.Type)
	}
	l.once(v)
}

// comment is a name that people give to what programs are to read over.
var comment = regexp.MustCompile(`^(_|//|#|\$)|(?i)^(comment|description|note)s?$`)

// untagged are fields whose names are those of Go, as far as they are for users; the others are cfssl's own state, which
// happens to be exported.
var untagged = map[string][]string{
	"SigningProfile":             {"Policies", "CSRWhitelist", "ClientProvidesSerialNumbers"},
	"CSRWhitelist":               {"Subject", "PublicKeyAlgorithm", "PublicKey", "SignatureAlgorithm", "DNSNames", "IPAddresses", "EmailAddresses", "URIs"},
	"CertificatePolicy":          {"ID", "Qualifiers"},
	"CertificatePolicyQualifier": {"Type", "Value"},
	"Config":                     {"CACertFile", "ResponderCertFile", "KeyFile", "Interval"},
}

func (l *linter) unknown(v *value, e *entry, names []string) {
	message := fmt.Sprintf("cfssl knows no field %q here", e.name)
	near := nearest.Of(strings.ReplaceAll(e.name, "-", "_"), names)
	if near == "" || v.written(near) != nil {
		l.add(Warning, "unknown-field", e.value, message, "cfssl reads over it without a word", "Remove it")
		return
	}
	if v.meant == nil {
		v.meant = map[string]bool{}
	}
	v.meant[near] = true
	l.refused = true // or not: whether cfssl can do without the field is not known before it is written
	l.add(Error, "unknown-field", e.value, message+": did you mean "+near+"?", "cfssl reads over it without a word, and does what it does without "+near, "Write "+near)
}

// once reports what is written twice. cfssl takes the last of them, or in an object what both say.
func (l *linter) once(v *value) {
	seen := map[string]*value{}
	for _, e := range v.entries {
		if first := seen[e.name]; first != nil {
			l.add(Error, "duplicate-field", e.value, fmt.Sprintf("%s is written in line %d already", e.name, first.line),
				"cfssl goes by the last one without a word, and people by the one they see", "Keep one of them")
		}
		seen[e.name] = e.value
	}
}
