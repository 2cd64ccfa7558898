package policy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/cel-go/common/types"
)

// rows are the cells of the tables of README.adoc, by the section that they stand in.
func rows(t *testing.T) map[string][][]string {
	t.Helper()
	text, err := os.ReadFile("README.adoc")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][][]string{}
	section, inTable, head := "", false, false
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(line, "=="):
			section = strings.TrimLeft(line, "= ")
		case line == "|===":
			inTable, head = !inTable, !inTable
		case inTable && strings.HasPrefix(line, "|") && head:
			head = false
		case inTable && strings.HasPrefix(line, "|"):
			line = strings.ReplaceAll(line[1:], `\|`, "\x00")
			var cells []string
			for _, cell := range strings.Split(line, "|") {
				cells = append(cells, strings.TrimSpace(strings.ReplaceAll(cell, "\x00", "|")))
			}
			all[section] = append(all[section], cells)
		}
	}
	return all
}

// TestReadmeModel: the tables of fields are those of the types, in the same order.
func TestReadmeModel(t *testing.T) {
	m, err := newModel()
	if err != nil {
		t.Fatal(err)
	}
	tables := rows(t)
	for name, s := range m.structures {
		var got []string
		for _, row := range tables[name] {
			got = append(got, row[0]+" "+row[1])
		}
		var want []string
		for _, field := range s.names {
			want = append(want, field+" "+s.fields[field].Type.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("=== %s\ngot\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	var got []string
	for _, row := range tables["What rules see"] {
		for _, subject := range strings.Split(row[1], ", ") {
			if !strings.HasSuffix(row[2], "own") {
				got = append(got, subject+" "+row[0]+" "+row[2])
			}
		}
	}
	var want []string
	for _, subject := range []Subject{Object, Path, Hop} {
		for _, v := range m.names(subject) {
			want = append(want, string(subject)+" "+v.name+" "+v.typ.String())
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("variables: got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestReadmeFields: the table of a rule's fields says what the reader takes, and what it insists on.
func TestReadmeFields(t *testing.T) {
	for _, row := range rows(t)["A policy"] {
		field, must := row[0], row[1] == "yes"
		var rest strings.Builder
		for name, value := range map[string]string{"id": "A-1", "title": "t", "severity": "error", "each": "object", "require": `"true"`} {
			if name != field {
				rest.WriteString(", " + name + ": " + value)
			}
		}
		_, err := Read("p", strings.NewReader(policyOf(strings.TrimPrefix(rest.String(), ", "))))
		if must != (err != nil) {
			t.Errorf("without %s: %v", field, err)
		}
		_, err = Read("p", strings.NewReader(policyOf(field+": {a: 1}"+rest.String())))
		if err == nil || strings.Contains(err.Error(), "unknown field") {
			t.Errorf("with a wrong %s: %v", field, err)
		}
	}
}

// policyOf is a policy with one rule, written as a flow map.
func policyOf(rule string) string {
	return "apiVersion: meshscenario.io/v1alpha1\nkind: Policy\nmetadata: {name: p}\nspec:\n  rules:\n  - {" + rule + "}\n"
}

// TestReadmeFunctions evaluates the examples.
func TestReadmeFunctions(t *testing.T) {
	examples := rows(t)["Functions"]
	if len(examples) < 15 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, row := range examples {
		l, err := newLoader(func(string) []byte { return nil })
		if err != nil {
			t.Fatal(err)
		}
		f := &form{loader: l}
		e := f.compile(spot{text: row[0]}, 0, row[0], "example", scope{subject: Object})
		if e == nil {
			t.Errorf("%s: %v", row[0], l.problems[0])
			continue
		}
		frame := newFrame(l.set.model, "")
		frame.use(&Rule{})
		got, err := text{{value: e}}.write(frame)
		if err != nil || got != row[1] {
			t.Errorf("%s is %q, %v; want %q", row[0], got, err, row[1])
		}
	}
}

// TestReadmePolicies: the policy that is shown is one, and the list of those that are shipped is complete.
func TestReadmePolicies(t *testing.T) {
	readme, err := os.ReadFile("README.adoc")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?s)----\n(apiVersion.*?)----`).FindSubmatch(readme)
	if shown == nil {
		t.Fatal("no policy is shown")
	}
	if _, err := Read("README.adoc", strings.NewReader(string(shown[1]))); err != nil {
		t.Error(err)
	}
	files, _ := filepath.Glob(filepath.Join(shipped, "*.yaml"))
	var got, want []string
	for _, row := range rows(t)["The policies that come with the program"] {
		got = append(got, row[0])
	}
	for _, file := range files {
		want = append(want, strings.TrimSuffix(filepath.Base(file), ".yaml"))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the table lists %q, want %q", got, want)
	}
	for _, number := range []int{stepLimit / 1_000_000, int(timeLimit.Seconds()) / 5} {
		if number != 1 {
			t.Error("the limits are not those of README.adoc")
		}
	}
}

// TestEmpty: what is not there is empty, not an error, and has tells so.
func TestEmpty(t *testing.T) {
	set, err := Read("p", strings.NewReader(strings.ReplaceAll(policyOf(`id: A-1, title: t, severity: error, each: path, require: "CONDITION"`), "CONDITION",
		`!has(path.hops[0].terminates) && path.hops[0].terminates.clientNames.size() == 0 && !path.hops[0].terminates.required &&
		 path.hops[0].wire.sni == '' && !has(path.hops[0].verify.server.ca) && request.headers.size() == 0 && !has(request.headers) &&
		 request.client.namespace == 'shop' && request.client.name == 'orders' && request.url == path.request.url &&
		 request.url.scheme == 'https' && request.url.host == 'api.example' && request.url.port == 443 && request.url.path == '/' &&
		 has(path.hops[0].wire.mode) && has(path.hops[0].wire) && path.hops[0].leaves && path.hops.size() == 1 && type(path.hops[0]) == type(path.hops[0])`)))
	if err != nil {
		t.Fatal(err)
	}
	found, err := set.Check(Data{Paths: pathTo("shop/orders", "https://API.example")})
	if err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
	if got := isEmpty(types.String("")); !got {
		t.Error("an empty text is not empty")
	}
}
