package edit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// newEntry is an edit that writes an object beside ConfigMap a.
func newEntry(name string) validate.Edit {
	return validate.Edit{
		Object: validate.Object{Kind: "ServiceEntry", Namespace: "shop", Name: name},
		Beside: &validate.Object{Kind: "ConfigMap", Name: "a"},
		Value: map[string]any{
			"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
			"metadata": map[string]any{"name": name, "namespace": "shop"},
			"spec":     map[string]any{"hosts": []any{"api.partner.example"}, "ports": []any{map[string]any{"number": 443, "name": "tls", "protocol": "TLS"}}},
		},
	}
}

const entryText = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ext
  namespace: shop
spec:
  hosts:
  - api.partner.example
  ports:
  - name: tls
    number: 443
    protocol: TLS
`

// TestCreate writes new objects at the end of files that end in several ways.
func TestCreate(t *testing.T) {
	const a = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	for name, c := range map[string]struct{ text, want, refused string }{
		"plain":                 {a, a + entryText, ""},
		"no break at the end":   {strings.TrimSuffix(a, "\n"), a + entryText, ""},
		"a comment at the end":  {a + "# that was it", a + "# that was it\n" + entryText, ""},
		"a document by dots":    {a + "...\n", a + "...\n" + entryText, ""},
		"an open line":          {a + "---\n", a + "---\n" + entryText, ""},
		"other line breaks":     {crlf(a), crlf(a + entryText), ""},
		"kept lines":            {a + "data:\n  x: |+\n    y\n\n", a + "data:\n  x: |+\n    y\n\n" + entryText, ""},
		"kept lines, no break":  {a + "data:\n  x: |+\n    y", "", "would not be what was asked for"},
		"JSON":                  {`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}`, "", "the file is JSON"},
		"it is there":           {a + entryText, "", "there is such an object already"},
		"nothing to be beside":  {strings.Replace(a, "name: a", "name: b", 1), "", "there is no such object in the files"},
		"the object is no file": {"", "", "no such object"},
	} {
		out, err := Text("f.yaml", []byte(c.text), []validate.Edit{newEntry("ext")})
		switch {
		case c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)):
			t.Errorf("%s: error %v, want %q\n%s", name, err, c.refused, out)
		case c.refused == "" && (err != nil || string(out) != c.want):
			t.Errorf("%s: %v, got\n%q\nwant\n%q", name, err, out, c.want)
		}
	}
}

// TestCreateTogether lets fixes meet: what two want alike is written once, what they want otherwise only once too.
func TestCreateTogether(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.yaml")
	const before = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Read(file, strings.NewReader(before))
	if err != nil {
		t.Fatal(err)
	}
	other := newEntry("ext")
	other.Value = map[string]any{"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": map[string]any{"name": "ext", "namespace": "shop"}}
	label := validate.Edit{Object: validate.Object{Kind: "ConfigMap", Name: "a"}, Field: "metadata.labels.x", Value: "z"}
	p := NewPlan(b)
	errs := p.Add([]validate.Edit{newEntry("ext"), label}, []validate.Edit{newEntry("ext")}, []validate.Edit{other})
	if errs[0] != nil || errs[1] != nil || errs[2] == nil {
		t.Fatal(errs)
	}
	changes, err := p.Changes()
	if err != nil || len(changes) != 1 {
		t.Fatal(changes, err)
	}
	if want := strings.Replace(before, "{name: a}", "{name: a, labels: {x: z}}", 1) + entryText; string(changes[0].After) != want {
		t.Errorf("got\n%s\nwant\n%s", changes[0].After, want)
	}
	hunks, err := p.Patch([]validate.Edit{newEntry("more"), label})
	if err != nil || len(hunks) != 2 {
		t.Fatal(hunks, err)
	}
	if h := hunks[0]; h != (validate.Hunk{File: file, Line: 3, Old: "metadata: {name: a}\n", New: "metadata: {name: a, labels: {x: z}}\n"}) {
		t.Errorf("%+v", h)
	}
	if h := hunks[1]; h.Line != 4 || h.Old != "" || h.New != strings.ReplaceAll(entryText, "name: ext", "name: more") {
		t.Errorf("%+v", h)
	}
	if again, err := p.Changes(); err != nil || string(again[0].After) != string(changes[0].After) {
		t.Errorf("a patch changed the plan: %v", err)
	}
}

// TestPatch holds the hunks of a patch against the file that the edits make.
func TestPatch(t *testing.T) {
	text := "# head\napiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  namespace: shop\n  labels:\n    a: b\n    c: d\n  annotations:\n    e: f\nspec:\n" +
		"  ports:\n  - port: 80\n    name: http\n  - port: 443\n    name: https\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}"
	b, err := bundle.Read("f.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	service, configMap := validate.Object{Kind: "Service", Namespace: "shop", Name: "s"}, validate.Object{Kind: "ConfigMap", Name: "a"}
	for _, edits := range [][]validate.Edit{
		{{Object: service, Field: "metadata.labels.a", Value: "z"}, {Object: service, Field: "spec.ports[1].appProtocol", Value: "tls"}},
		{{Object: service, Field: "metadata.labels"}, {Object: configMap, Field: "data.x", Value: "y"}},
		{{Object: service, Field: "spec.ports[0]"}},
		{{Object: service, Field: "metadata.namespace", Value: "shop"}},
	} {
		p := NewPlan(b)
		p.read = func(string) ([]byte, error) { return []byte(text), nil }
		hunks, err := p.Patch(edits)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Text("f.yaml", []byte(text), edits)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(text, "\n")
		for i := len(hunks) - 1; i >= 0; i-- {
			h := hunks[i]
			n := strings.Count(h.Old, "\n")
			old := strings.Join(lines[h.Line-1:h.Line-1+n], "")
			if strings.TrimSuffix(old, "\n") != strings.TrimSuffix(h.Old, "\n") {
				t.Errorf("%v: %+v, but there is %q", edits, h, old)
			}
			lines = append(append(append([]string{}, lines[:h.Line-1]...), h.New), lines[h.Line-1+n:]...)
		}
		if got := strings.Join(lines, ""); strings.TrimSuffix(got, "\n") != strings.TrimSuffix(string(want), "\n") {
			t.Errorf("%v: got\n%s\nwant\n%s", edits, got, want)
		}
	}
}
