package tyk

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// A place is where a table of fields has a value: what it is, and what may or must be below it, "[]" for each item and "*"
// for a field of any name.
type place struct {
	kind     string
	required bool
	values   []string // the only ones taken, where there are such
	below    map[string]*place
}

// readTable reads one of the tables in testdata, whose first lines say how they are written.
func readTable(t *testing.T, name string) *place {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	at := []*place{{kind: "object", below: map[string]*place{}}}
	for line := range strings.Lines(string(data)) {
		field := strings.TrimLeft(line, " ")
		depth, words := len(line)-len(field), strings.Fields(field)
		if words[0] == "#" {
			continue
		}
		p := &place{below: map[string]*place{}}
		p.kind, p.required = strings.CutSuffix(words[1], "!")
		if len(words) > 2 {
			p.values = strings.Split(strings.ReplaceAll(words[2], `""`, ""), "|")
		}
		at = at[:depth+1]
		at[depth].below[words[0]] = p
		at = append(at, p)
	}
	return at[0]
}

// faults are what of a value of JSON the table does not have.
func (p *place) faults(path string, v any) (all []string) {
	if kind := jsonKind(v); p.kind != "any" && kind != p.kind && !(kind == "integer" && p.kind == "number") {
		return []string{fmt.Sprintf("%s is %s, not %s", path, kind, p.kind)}
	}
	if text, ok := v.(string); ok && p.values != nil && !slices.Contains(p.values, text) {
		all = append(all, fmt.Sprintf("%s is %q", path, text))
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if p.kind != "any" {
				all = append(all, p.below["[]"].faults(fmt.Sprintf("%s[%d]", path, i), item)...)
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			below := p.below[name]
			if below == nil {
				below = p.below["*"]
			}
			if below != nil {
				all = append(all, below.faults(path+"."+name, v[name])...)
			} else if p.kind != "any" {
				all = append(all, path+"."+name+" is not known")
			}
		}
		for _, name := range slices.Sorted(maps.Keys(p.below)) {
			if _, ok := v[name]; !ok && p.below[name].required {
				all = append(all, path+"."+name+" is missing")
			}
		}
	}
	return all
}

func jsonKind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case float64:
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	}
	return "object"
}

// tree is JSON's own form of a value.
func tree(t *testing.T, v any) (m map[string]any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGatewayFields holds every kind of API definition against what gateways read.
func TestGatewayFields(t *testing.T) {
	table := readTable(t, "gateway-2.8.4.txt")
	for _, d := range judged(t) {
		if faults := table.faults("", tree(t, json.RawMessage(d.JSON))); len(faults) > 0 {
			t.Errorf("%s: %q", d.Slug, faults)
		}
	}
	refuses(t, table, func() map[string]any { return tree(t, json.RawMessage(judged(t)[0].JSON)) }, map[string]string{
		`{"slugg": "a"}`:                            ".slugg is not known",
		`{"proxy": {"target": "a"}}`:                ".proxy.target is not known",
		`{"tags": "mesh"}`:                          ".tags is string, not array",
		`{"tags": [1]}`:                             ".tags[0] is integer, not string",
		`{"proxy": {"target_url": null}}`:           ".proxy.target_url is null, not string",
		`{"name": "REMOVED"}`:                       ".name is missing",
		`{"auth": "REMOVED"}`:                       ".auth is missing",
		`{"cache_options": {"cache_timeout": 1.5}}`: ".cache_options.cache_timeout is number, not integer",
		`{"upstream_certificates": {"a": 1}}`:       ".upstream_certificates.a is integer, not string",
		`{"version_data": {"versions": {"Default": {"paths": {"white": []}}}}}`: ".version_data.versions.Default.paths.white is not known",
		`{"config_data": {"mine": {"a": 1}}}`:                                   "",
	})
}

// TestOperatorFields holds every kind of ApiDefinition against what Tyk Operator's CRD has.
func TestOperatorFields(t *testing.T) {
	table := readTable(t, "operator-v1alpha1.txt")
	object := func(d Definition, tls bool) map[string]any {
		o, _, err := Operator(echo(nil), d, tls)
		if err != nil {
			t.Fatal(err)
		}
		return tree(t, o["spec"])
	}
	for _, d := range judged(t) {
		for _, tls := range []bool{false, true} {
			if faults := table.faults("spec", object(d, tls)); len(faults) > 0 {
				t.Errorf("%s: %q", d.Slug, faults)
			}
		}
	}
	refuses(t, table, func() map[string]any { return object(judged(t)[0], true) }, map[string]string{
		`{"slug": "a"}`:                     ".slug is not known",
		`{"protocol": "gopher"}`:            `.protocol is "gopher"`,
		`{"protocol": "REMOVED"}`:           ".protocol is missing",
		`{"certificate_secret_names": "a"}`: ".certificate_secret_names is string, not array",
		`{"proxy": {"target": "a"}}`:        ".proxy.target is not known",
	})
	for _, name := range operatorFields {
		if table.below[name] == nil {
			t.Errorf("%s: no field of the CRD", name)
		}
	}
}

// refuses makes changes, each alone, to what is valid. "REMOVED" takes a field out.
func refuses(t *testing.T, table *place, valid func() map[string]any, changes map[string]string) {
	t.Helper()
	for change, want := range changes {
		var by map[string]any
		if err := json.Unmarshal([]byte(change), &by); err != nil {
			t.Fatal(err)
		}
		v := valid()
		lay(v, by)
		if got := strings.Join(table.faults("", v), ", "); got != want {
			t.Errorf("%s: %q, want %q", change, got, want)
		}
	}
}

func lay(v, by map[string]any) {
	for name, change := range by {
		below, isObject := v[name].(map[string]any)
		if further, ok := change.(map[string]any); ok && isObject {
			lay(below, further)
		} else if change == "REMOVED" {
			delete(v, name)
		} else {
			v[name] = change
		}
	}
}

// TestFieldsOfAnnotations holds the fields that annotations may set against the same table: none is made up, none of the
// first level is forgotten, and types agree.
func TestFieldsOfAnnotations(t *testing.T) {
	table := readTable(t, "gateway-2.8.4.txt")
	short := map[string]string{"boolean": "bool", "integer": "number"}
	for path, kind := range fields {
		p := table
		for step := range strings.SplitSeq(path, ".") {
			if p = p.below[step]; p == nil {
				t.Errorf("%s: no gateway reads it", path)
				break
			}
		}
		if p == nil {
			continue
		}
		if is := p.kind; is != kind && short[is] != kind {
			t.Errorf("%s is %s, not %s", path, is, kind)
		}
	}
	for name := range table.below {
		if _, known := field(name); !known {
			t.Errorf("%s: gateways read it", name)
		}
	}
}
