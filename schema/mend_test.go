package schema

import (
	"encoding/json"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/edit"
	"github.com/meshscenario/scenario/validate"
)

// TestMend makes the edits that are offered for each problem of the tables: the problem is gone, and nothing at error or
// warning has come in its place. The file says which problems there are edits for, and what the object is after them.
func TestMend(t *testing.T) {
	offered := map[string]int{}
	for _, r := range refusals(t, "refused", "said", "mended") {
		before := Check(r.object, r.target)
		for _, p := range before {
			if len(p.Edits) == 0 {
				continue
			}
			offered[p.Rule]++
			after := edited(t, r.object, p)
			if after == nil {
				continue
			}
			left := Check(after, r.target)
			if n, is := times(before, p), times(left, p); is >= n {
				t.Errorf("%s %s: %s: said %d times before and %d after\n%s\n%s", p.Rule, p.Field, p.Message, n, is, r.object.JSON, after.JSON)
			}
			for _, q := range left {
				if q.Severity != Info && times(left, q) > times(before, q) {
					t.Errorf("%s %s: %s: the edits lead to %s %s: %s\n%s\n%s", p.Rule, p.Field, p.Message, q.Rule, q.Field, q.Message, r.object.JSON, after.JSON)
				}
			}
		}
	}
	t.Log(offered)
}

// TestMends holds what edits are offered against the table.
func TestMends(t *testing.T) {
	for _, r := range refusals(t, "mended") {
		var got []string
		for _, p := range Check(r.object, r.target) {
			if len(p.Edits) > 0 {
				got = append(got, offer(t, p))
			}
		}
		if text := strings.Join(got, "; "); text != r.is {
			t.Errorf("%s\n got %q\nwant %q", r.object.JSON, text, r.is)
		}
	}
}

// offer writes the edits of a problem as the table does.
func offer(t *testing.T, p Problem) string {
	t.Helper()
	var all []string
	for _, e := range p.Edits {
		text := e.Field
		if e.Value != nil {
			value, err := json.Marshal(e.Value)
			if err != nil {
				t.Fatal(err)
			}
			text += "=" + string(value)
		}
		all = append(all, text)
	}
	if p.Safe {
		all[0] = "safe: " + all[0]
	}
	return strings.Join(all, ", ")
}

// times counts what is said in the words of a problem.
func times(all []Problem, p Problem) int {
	n := 0
	for _, q := range all {
		if q.Rule == p.Rule && q.Message == p.Message {
			n++
		}
	}
	return n
}

// edited is an object after the edits of a problem.
func edited(t *testing.T, o *bundle.Object, p Problem) *bundle.Object {
	t.Helper()
	text, err := yaml.JSONToYAML(o.JSON)
	if err != nil {
		t.Fatal(err)
	}
	var edits []validate.Edit
	for _, e := range p.Edits {
		edits = append(edits, validate.Edit{Object: validate.Object{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}, Field: e.Field, Value: e.Value})
	}
	after, err := edit.Text("f.yaml", text, edits)
	if err != nil {
		t.Errorf("%s %s: %s: %v\n%s", p.Rule, p.Field, p.Message, err, o.JSON)
		return nil
	}
	b, err := bundle.Read("f.yaml", strings.NewReader(string(after)))
	if err != nil {
		t.Fatal(err)
	}
	return b.Objects[0]
}
