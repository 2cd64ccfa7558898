package rules

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// TestSafeEditsOfRoutes applies the safe edits of family 4 to the examples that they are offered for: the finding goes,
// and no error comes in its place.
func TestSafeEditsOfRoutes(t *testing.T) {
	tried := map[string]bool{}
	for _, r := range gatewayRules {
		a, err := Archive(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(a).Files {
			if !strings.HasPrefix(f.Name, "bad") {
				continue
			}
			o, _ := readExample(t, f)
			b, result := runExample(t, f.Data, o)
			for _, one := range result.Findings {
				if one.Rule != r.ID || !one.Safe {
					continue
				}
				tried[r.ID] = true
				_, mended := runExample(t, edited(t, b, one.Edits), o)
				for _, left := range mended.Findings {
					if left.Rule == r.ID || left.Severity == validate.Error {
						t.Errorf("%s %s: mended, still %s %s: %s", r.ID, f.Name, left.Severity, left.Rule, left.Message)
					}
				}
			}
		}
	}
	for _, id := range []string{"MSH401", "MSH403", "MSH404", "MSH417", "MSH419", "MSH423", "MSH430"} {
		if !tried[id] {
			t.Errorf("%s: no example has a safe edit", id)
		}
	}
}

func runExample(t *testing.T, data []byte, o validate.Options) (*bundle.Bundle, validate.Result) {
	t.Helper()
	b, err := bundle.Read("example.yaml", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	result, err := validate.Run(b, o)
	if err != nil {
		t.Fatal(err)
	}
	return b, result
}

// edited is a bundle after edits, as documents of JSON.
func edited(t *testing.T, b *bundle.Bundle, edits []validate.Edit) []byte {
	t.Helper()
	var all [][]byte
	for _, o := range b.Objects {
		tree := o.Tree()
		for _, e := range edits {
			if (validate.Object{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}) == e.Object {
				set(tree, fieldParts.FindAllString(e.Field, -1), e.Value)
			}
		}
		data, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return bytes.Join(all, []byte("\n---\n"))
}

var fieldParts = regexp.MustCompile(`[A-Za-z]+|[0-9]+`)

// set writes a value at a path of names and numbers, or takes it out.
func set(at any, path []string, value any) {
	last := len(path) == 1
	switch at := at.(type) {
	case []any:
		i, _ := strconv.Atoi(path[0])
		if last {
			at[i] = value
		} else {
			set(at[i], path[1:], value)
		}
	case map[string]any:
		switch {
		case last && value == nil:
			delete(at, path[0])
		case last:
			at[path[0]] = value
		default:
			set(at[path[0]], path[1:], value)
		}
	}
}

// TestRenamedEverywhere holds the edits for a wrong name of a gateway to every place where a VirtualService has it.
func TestRenamedEverywhere(t *testing.T) {
	a, err := Archive("MSH401")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse(a).Files {
		if f.Name != "bad.yaml" {
			continue
		}
		o, _ := readExample(t, f)
		_, result := runExample(t, f.Data, o)
		i := slices.IndexFunc(result.Findings, func(one validate.Finding) bool { return one.Rule == "MSH401" })
		if i < 0 || len(result.Findings[i].Edits) != 2 {
			t.Errorf("want edits of spec.gateways and of one match, found %+v", result.Findings)
		}
	}
}
