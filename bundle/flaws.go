package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	kjson "sigs.k8s.io/json"
)

// A flaw is a problem as a decoder tells it. Its path begins with a dot or bracket.
type flaw struct {
	path    string
	message string
	unknown bool // a field that the type does not have
	lost    bool // the decoder does not tell the path
}

// A decoder decodes JSON. Unless it is through, it stopped at the last of the flaws.
type decoder func(data []byte) (flaws []flaw, through bool)

// maxProblems and maxSearches bound the work on an object that is wrong all over.
const (
	maxProblems = 100
	maxSearches = 10
)

// decodeAll decodes JSON. Where that stops, it takes out what is wrong and tries again, so that all problems are found.
func decodeAll(data []byte, base string, decode decoder) (problems []Problem) {
	var tree any
	searches := 0
	for {
		flaws, through := decode(data)
		for i := range flaws {
			f := &flaws[i]
			if f.lost {
				f.path = search(treeOf(data), f.message, decode)
				searches++
			}
			problems = append(problems, Problem{strings.TrimPrefix(base+f.path, "."), f.message, f.unknown})
		}
		if through || len(problems) >= maxProblems || searches >= maxSearches {
			return problems
		}
		if tree == nil {
			tree = treeOf(data)
		}
		path := flaws[len(flaws)-1].path
		for strings.HasSuffix(path, "]") && !strings.HasSuffix(path, `"]`) {
			path = path[:strings.LastIndexByte(path, '[')] // the numbers of other items must not change
		}
		if !cut(tree, path) {
			return problems
		}
		data, _ = json.Marshal(tree)
	}
}

// treeOf is JSON as plain values that keep their numbers.
func treeOf(data []byte) any {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if decoder.Decode(&tree) != nil {
		return nil
	}
	return tree
}

// cut takes the entry of a map out of a tree.
func cut(tree any, path string) bool {
	for path != "" {
		key, index, rest, ok := step(path)
		switch node := tree.(type) {
		case map[string]any:
			if _, has := node[key]; !ok || !has || index >= 0 {
				return false
			}
			if rest == "" {
				delete(node, key)
				return true
			}
			tree = node[key]
		case []any:
			if !ok || index < 0 || index >= len(node) {
				return false
			}
			tree = node[index]
		default:
			return false
		}
		path = rest
	}
	return false
}

// search finds what makes a decoder stop with a message: of each map and list, the last entry that it takes for that.
func search(root any, message string, decode decoder) (path string) {
	tree := root
	put := func(v any) { root = v } // in the place of the tree
	stops := func(v any) bool {
		put(v)
		data, _ := json.Marshal(root)
		flaws, through := decode(data)
		return !through && flaws[len(flaws)-1].message == message
	}
	for {
		switch node := tree.(type) {
		case map[string]any:
			keys := slices.Sorted(maps.Keys(node))
			first := func(n int) map[string]any {
				some := make(map[string]any, n)
				for _, key := range keys[:n] {
					some[key] = node[key]
				}
				return some
			}
			n := sort.Search(len(keys)+1, func(n int) bool { return stops(first(n)) })
			if n == 0 || n > len(keys) {
				return path
			}
			some, key := first(n), keys[n-1]
			put(some)
			tree, path = node[key], path+stepOf(key)
			put = func(v any) { some[key] = v }
		case []any:
			n := sort.Search(len(node)+1, func(n int) bool { return stops(node[:n]) })
			if n == 0 || n > len(node) {
				return path
			}
			some := slices.Clone(node[:n])
			put(some)
			tree, path = node[n-1], fmt.Sprintf("%s[%d]", path, n-1)
			put = func(v any) { some[n-1] = v }
		default:
			return path
		}
	}
}

// strictFlaws decodes JSON as [strict] does.
func strictFlaws(data []byte, into any) (flaws []flaw, through bool) {
	unknown, err := kjson.UnmarshalStrict(data, into)
	for _, err := range unknown {
		f := flaw{message: err.Error(), unknown: true}
		if field, ok := errors.AsType[kjson.FieldError](err); ok {
			f.path = "." + field.FieldPath()
			f.message = strings.Replace(f.message, field.FieldPath(), lastStep(f.path), 1)
		}
		flaws = append(flaws, f)
	}
	if err != nil {
		return append(flaws, typeFlaw(data, err)), false
	}
	return flaws, true
}

// looseFlaws decodes JSON and says nothing of fields that the type does not have.
func looseFlaws(data []byte, into any) (flaws []flaw, through bool) {
	if err := kjson.UnmarshalCaseSensitivePreserveInts(data, into); err != nil {
		return []flaw{typeFlaw(data, err)}, false
	}
	return nil, true
}

// lastStep is the key that a path ends with.
func lastStep(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// typeFlaw says what is wrong with a value that does not fit its field.
func typeFlaw(data []byte, err error) flaw {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return flaw{message: err.Error(), lost: true} // an error of the type's own decoding
	}
	want := wrong.Type.String()
	switch wrong.Type.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		want = "a whole number of its size"
	case reflect.Float32, reflect.Float64:
		want = "a number"
	case reflect.String:
		want = "a text"
	case reflect.Bool:
		want = "true or false"
	case reflect.Slice, reflect.Array:
		want = "a list"
	case reflect.Map, reflect.Struct:
		want = "a map"
	}
	given := wrong.Value
	switch given {
	case "string":
		given = "a text"
	case "object":
		given = "a map"
	case "array":
		given = "a list"
	case "bool":
		given = "true or false"
	case "number":
		given = "a number"
	}
	f := flaw{path: pathAt(data, int(wrong.Offset)-1), message: fmt.Sprintf("%s where %s is expected", given, want)}
	// Where a type decodes itself, the offset is one in its own part of the text. Of a map, the error names no key.
	at, field := indices.ReplaceAllString(f.path, ""), "."+wrong.Field
	f.lost = at != field && (wrong.Field == "" || !strings.HasPrefix(at, field+".") && !strings.HasPrefix(at, field+"["))
	return f
}

var indices = regexp.MustCompile(`\[\d+\]`)

// protoFlaws decodes the JSON of a protocol buffer.
func protoFlaws(data []byte, into proto.Message) (flaws []flaw, through bool) {
	err := protojson.Unmarshal(data, into)
	if err == nil {
		return nil, true
	}
	path, message := protoPlaceOf(err, data)
	if message == "" {
		text := strings.TrimLeft(strings.TrimPrefix(err.Error(), "proto:"), " \u00a0")
		return []flaw{{message: text, lost: true}}, false
	}
	f := flaw{path: path, message: message}
	if quoted, ok := strings.CutPrefix(message, "unknown field "); ok {
		if name, ok := unquote([]byte(quoted)); ok {
			f.path, f.unknown = path+stepOf(name), true
		}
	}
	return []flaw{f}, false
}
