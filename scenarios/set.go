package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// New is an empty draft for a definition that is given by flags alone.
func New(scenario string) *Draft {
	d := &Draft{places: map[string]Position{}}
	d.Definition.Spec.Scenario = scenario
	return d
}

// Set writes one field, given as text, as a flag does. The path is that of the document, and may leave out "spec."; a
// dot inside a label's name is escaped with a backslash. Lists are written a,b and indexed [0].
func (d *Draft) Set(path, text string, at Position) error {
	problem := func(hint, format string, args ...any) error {
		return &Problem{At: at, Text: fmt.Sprintf(format, args...), Hint: hint}
	}
	steps := splitPath(path)
	if len(steps) == 0 || steps[0] == "" {
		return problem("write --set service.port=443", "no field named")
	}
	if steps[0] != "metadata" && steps[0] != "spec" {
		steps = append([]string{"spec"}, steps...)
	}
	v, full, enum := reflect.ValueOf(&d.Definition).Elem(), "", ""
	for i, step := range steps {
		name, index, indexed := strings.Cut(step, "[")
		if full != "" {
			full += "."
		}
		switch v.Kind() {
		case reflect.Struct:
			f, ok := field(v.Type(), name)
			if !ok {
				where := strings.Join(steps[:i], ".")
				return problem(meant("a field of "+where, name, fieldNames(v.Type())), "%s has no field %q", where, name)
			}
			v, enum = v.FieldByIndex(f.Index), f.Tag.Get("enum")
			full += name
		case reflect.Map:
			if i != len(steps)-1 {
				return problem(`escape a dot in a label's name: client.labels.app\.kubernetes\.io/name=x`, "%s holds text, not fields", strings.Join(steps[:i], "."))
			}
			if v.IsNil() {
				v.Set(reflect.MakeMap(v.Type()))
			}
			v.SetMapIndex(reflect.ValueOf(step), reflect.ValueOf(text))
			d.places[full+step] = at
			return nil
		default:
			return problem("", "%s has no fields", strings.Join(steps[:i], "."))
		}
		if indexed {
			digits, closed := strings.CutSuffix(index, "]")
			n, err := strconv.Atoi(digits)
			switch {
			case v.Kind() != reflect.Slice:
				return problem("", "%s is no list", full)
			case !closed || err != nil || !plainNumber.MatchString(digits) || n < 0 || n > v.Len():
				return problem("items of a list are numbered from [0], without gaps", "%s: no such item", full+"["+index)
			}
			if n == v.Len() {
				v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
			}
			v, full = v.Index(n), fmt.Sprintf("%s[%d]", full, n)
		}
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		if hint, ok := checkEnum(full, text, enum); !ok {
			return problem(hint, "unknown value %q", text)
		}
		v.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil || !plainNumber.MatchString(text) {
			return problem("", "%q is not a whole number", text)
		}
		v.SetInt(int64(n))
	case reflect.Bool:
		if text != "true" && text != "false" {
			return problem("write true or false", "%q is neither true nor false", text)
		}
		v.SetBool(text == "true")
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.String {
			return problem("name a field of one item: "+full+"[0]."+fieldNames(v.Type().Elem())[0]+"=…", "%s is a list of items with fields", full)
		}
		v.Set(reflect.ValueOf(strings.Split(text, ",")))
	case reflect.Map:
		return problem("name one entry: "+full+".app=…", "%s holds name: value pairs", full)
	default:
		return problem("its fields are "+strings.Join(fieldNames(v.Type()), ", "), "%s is not one value", full)
	}
	d.places[full] = at
	return nil
}

// FullPath is the path of a field as messages name it: with its leading "spec.".
func FullPath(path string) string {
	if first := splitPath(path)[0]; first == "metadata" || first == "spec" {
		return path
	}
	return "spec." + path
}

// splitPath cuts a path at its dots, but not at escaped ones.
func splitPath(path string) []string {
	var steps []string
	var step strings.Builder
	for i := 0; i < len(path); i++ {
		switch {
		case path[i] == '\\' && i+1 < len(path):
			i++
			step.WriteByte(path[i])
		case path[i] == '.':
			steps = append(steps, step.String())
			step.Reset()
		default:
			step.WriteByte(path[i])
		}
	}
	return append(steps, step.String())
}
