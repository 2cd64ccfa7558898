package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/templates"
)

// TestCatalogue refuses a scenario that is not complete: everything said, a template, and default parts it has.
func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range slices.Concat(All, variants) {
		if seen[s.Template()] {
			t.Errorf("%s: twice", s.Template())
		}
		seen[s.Template()] = true
		if s.Title == "" || s.check == nil || s.claims == nil || s.names == nil || s.needs == nil || len(s.Parts) == 0 || len(s.Default) == 0 {
			t.Errorf("%s: something is missing", s.ID)
		}
		if !slices.Contains(Encryptions, s.Encryption) {
			t.Errorf("%s: default encryption %q", s.ID, s.Encryption)
		}
		for _, p := range s.Default {
			if !s.Has(p) {
				t.Errorf("%s: has no part %s, yet renders it by default", s.ID, p)
			}
		}
		for e, r := range s.Impossible {
			if !slices.Contains(Encryptions, e) || r.Reason == "" || r.Hint == "" {
				t.Errorf("%s: %s is refused without a reason or without what comes nearest", s.ID, e)
			}
		}
		for _, u := range s.Uses {
			if !New(s.ID).known(u) {
				t.Errorf("%s: uses %s, which is no field of spec", s.ID, u)
			}
		}
		if _, err := templates.FS.Open(s.Template() + ".jsonnet"); err != nil {
			t.Errorf("%s: no template: %v", s.ID, err)
		}
	}
	entries, err := templates.FS.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ".jsonnet"); ok && !seen[id] {
			t.Errorf("template %s belongs to no scenario", e.Name())
		}
	}
}

// known tells whether a path names a field of spec.
func (d *Draft) known(path string) bool {
	typ := reflect.TypeOf(Spec{})
	for _, step := range strings.Split(path, ".") {
		f, ok := field(typ, step)
		if !ok {
			return false
		}
		typ = f.Type
	}
	return true
}

// TestSchemaTags: every field of a definition has a name and a meaning, and a kind that exists.
func TestSchemaTags(t *testing.T) {
	var walk func(typ reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		switch typ.Kind() {
		case reflect.Slice, reflect.Pointer:
			walk(typ.Elem(), path)
		case reflect.Struct:
			for i := range typ.NumField() {
				f := typ.Field(i)
				at := path + "." + f.Tag.Get("json")
				if f.Tag.Get("json") == "" || f.Tag.Get("doc") == "" {
					t.Errorf("%s: field %s has no name or no meaning", path, f.Name)
				}
				if kind := f.Tag.Get("kind"); kind != "" && kinds[kind] == nil {
					t.Errorf("%s: no kind %q", at, kind)
				}
				walk(f.Type, at)
			}
		}
	}
	walk(reflect.TypeOf(Definition{}), "")
}

func TestKinds(t *testing.T) {
	long := strings.Repeat("a", 63)
	for kind, values := range map[string]struct{ good, bad []string }{
		"host": {
			good: []string{"a.example", "*.a.example", "a-b.example.com", long + ".example"},
			bad:  []string{"", "a", "*", "*.com*", "a.*.example", "a.example.", "-a.example", "a..example", "A.example", "a_b.example", "::1", "10.0.0.1", "a.example/x", "a.example:80", long + "a.example", "$(id).example"},
		},
		"label":         {good: []string{"a", "a-1", "0"}, bad: []string{"", "A", "a.b", "-a", "a-", long + "a", "a b", "$(id)", "a\n"}},
		"subdomain":     {good: []string{"a.b", "a"}, bad: []string{"", "A", ".a", "a/b", "a'b"}},
		"path":          {good: []string{"/", "/a/b"}, bad: []string{"", "a", "/a b", "/a'b", "/a\nb"}},
		"addressOrHost": {good: []string{"192.0.2.1", "2001:db8::1", "a.example"}, bad: []string{"", "*.a.example", "a"}},
		"address":       {good: []string{"192.0.2.1"}, bad: []string{"192.0.2.0/24", "a.example"}},
	} {
		for _, v := range values.good {
			if why := kinds[kind](reflect.ValueOf(v)); why != "" {
				t.Errorf("%s %q: %s", kind, v, why)
			}
		}
		for _, v := range values.bad {
			if kinds[kind](reflect.ValueOf(v)) == "" {
				t.Errorf("%s %q: taken", kind, v)
			}
		}
	}
}

func TestSet(t *testing.T) {
	for _, tc := range []struct{ path, value, want string }{
		{"service.port", "8443", ""},
		{"spec.service.port", "8443", ""},
		{"metadata.name", "a", ""},
		{`client.labels.app\.kubernetes\.io/name`, "x", ""},
		{"service.endpoints[0].address", "192.0.2.1", ""},
		{"service.subjectAltNames", "a.example,b.example", ""},
		{"redirect.percent", "10", ""},
		{"service.endpoints[1].address", "192.0.2.1", "no such item"},
		{"service.endpoints", "a", "a list of items with fields"},
		{"service.port.x", "1", "has no fields"},
		{"service.port[0]", "1", "spec.service.port is no list"},
		{"service", "a", "not one value"},
		{"client.labels", "a", "holds name: value pairs"},
		{"client.labels.a.b", "a", "holds text, not fields"},
		{"servce.port", "1", `spec has no field "servce"`},
		{"", "1", "no field named"},
		{"service.port", "x", "not a whole number"},
		{"encryption", "tls", `unknown value "tls"`},
	} {
		err := New("1a").Set(tc.path, tc.value, Position{Flag: "--set"})
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("Set(%q, %q): %v, want %q", tc.path, tc.value, err, tc.want)
		}
	}
	d := New("1a")
	for path, value := range map[string]string{`client.labels.app\.kubernetes\.io/name`: "x", "service.endpoints[0].address": "192.0.2.1", "redirect.percent": "10"} {
		if err := d.Set(path, value, Position{Flag: "--set"}); err != nil {
			t.Fatal(err)
		}
	}
	s := d.Definition.Spec
	if s.Client.Labels["app.kubernetes.io/name"] != "x" || s.Service.Endpoints[0].Address != "192.0.2.1" || *s.Redirect.Percent != 10 {
		t.Errorf("got %+v", s)
	}
}

// TestDefaults: a definition that says nothing but its scenario is complete on every target.
func TestDefaults(t *testing.T) {
	for _, s := range All {
		for _, target := range mesh.All {
			s, refusal := s.On(target.Family)
			if refusal != nil {
				continue
			}
			plans, err := Resolve([]*Draft{New(s.ID)}, target.Name)
			if err != nil {
				t.Fatalf("%s on %s: %v", s.ID, target.Name, err)
			}
			clients := 0
			for _, p := range plans {
				clients += len(p.Clients)
			}
			p := plans[0]
			if p.Metadata.Name == "" || clients != 1 {
				t.Errorf("%s on %s: name %q, %d clients", s.ID, target.Name, p.Metadata.Name, clients)
			}
			for _, parts := range [][]Part{s.Default, s.Parts} {
				for _, n := range p.Needs(parts) {
					if n.Text == "" || strings.ContainsAny(n.Text+n.Command, "\n\r") {
						t.Errorf("%s on %s: a need that is no line: %q %q", s.ID, target.Name, n.Text, n.Command)
					}
				}
			}
		}
	}
}

func TestSlug(t *testing.T) {
	for host, want := range map[string]string{"api.partner.example": "api-partner-example", "*.a.example": "any-a-example"} {
		if got := slug(host); got != want {
			t.Errorf("slug(%q) = %q, want %q", host, got, want)
		}
	}
	a, b := slug(strings.Repeat("a", 60)+".example"), slug(strings.Repeat("a", 60)+".invalid")
	if a == b || len(a) > 40 {
		t.Errorf("long hosts: %q and %q", a, b)
	}
}

// TestAliases: anchors are taken, and neither a cycle nor a bomb of them does harm.
func TestAliases(t *testing.T) {
	head := "apiVersion: meshscenario.io/v1alpha1\nkind: Scenario\nmetadata: {name: a}\n"
	drafts, err := Read(strings.NewReader(head+"spec: {scenario: 1a, client: {namespace: &n shop, name: *n}}\n"), "a.yaml")
	if err != nil || drafts[0].Definition.Spec.Client.Name != "shop" {
		t.Errorf("alias: %v", err)
	}
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for _, text := range []string{head + bomb + "spec: {scenario: 1a, service: {endpoints: *i}}\n", head + "spec: &s {scenario: 1a, client: *s}\n"} {
		_, err := Read(strings.NewReader(text), "a.yaml")
		var problem *Problem
		if !errors.As(err, &problem) {
			t.Errorf("got %v, want a problem", err)
		}
	}
}

// FuzzRead: whatever is read, the reader answers with drafts or with problems that have a place.
func FuzzRead(f *testing.F) {
	f.Add("apiVersion: meshscenario.io/v1alpha1\nkind: Scenario\nmetadata: {name: a}\nspec:\n  scenario: 1b\n  service: {host: a.example, port: 443, endpoints: [{address: 192.0.2.1}]}\n")
	f.Add("apiVersion: meshscenario.io/v1alpha1\nkind: Scenario\nmetadata: {name: &x a}\nspec: {scenario: 1a, client: {name: *x, labels: {a: b}}}\n---\n")
	f.Add("{\"kind\": \"Scenario\", \"apiVersion\": \"meshscenario.io/v1alpha1\", \"spec\": {\"scenario\": \"expose\", \"expose\": {\"route\": {\"termination\": \"edge\"}}}}")
	f.Add("\xef\xbb\xbfkind: Scenario\r\n\tspec: ~\r\n")
	f.Add("? [a]\n: <<: *a\n--- !!binary |\n  aGVsbG8=\n")
	f.Fuzz(func(t *testing.T, text string) {
		drafts, err := Read(strings.NewReader(text), "f.yaml")
		if err == nil && len(drafts) == 0 {
			t.Fatal("neither drafts nor an error")
		}
		if err != nil {
			for _, e := range Flatten(err) {
				var problem *Problem
				if !errors.As(e, &problem) || problem.At.File != "f.yaml" || problem.Text == "" {
					t.Fatalf("no place or no text: %#v", e)
				}
			}
			return
		}
		plans, err := Resolve(drafts, mesh.Default)
		if err != nil {
			for _, e := range Flatten(err) {
				var problem *Problem
				var refusal *Refusal
				if !errors.As(e, &problem) && !errors.As(e, &refusal) {
					t.Fatalf("neither problem nor refusal: %#v", e)
				}
			}
			return
		}
		for _, p := range plans {
			p.Needs(p.Scenario.Parts)
		}
	})
}
