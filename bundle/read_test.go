package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// head is what an object needs.
const objectHead = "apiVersion: v1\nkind: A\nmetadata:\n  name: a\n"

// TestReadFaults: what cannot be read is told in one line, with its place and what to do.
func TestReadFaults(t *testing.T) {
	deep := strings.Repeat("[", 101) + strings.Repeat("]", 101)
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'i'; c++ {
		bomb += fmt.Sprintf("%c: &%[1]c [%s*%[3]c]\n", c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 8), c-1)
	}
	merges := "a: &a {x: 1}\n"
	for c := 'b'; c <= 'j'; c++ {
		merges += fmt.Sprintf("%c: &%[1]c {<<: [%s*%[3]c]}\n", c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 9), c-1)
	}
	for name, tc := range map[string]struct{ text, want string }{
		"duplicate key":         {objectHead + "spec:\n  a: 1\n  b: 2\n  a: 3\n", `f.yaml:8:3: key "a" is already set in line 6: keep one of the two`},
		"duplicate in flow":     {objectHead + "spec: {a: 1, a: 2}\n", `f.yaml:5:14: key "a" is already set in line 5: keep one of the two`},
		"duplicate in JSON":     {"{\"a\": 1,\n \"b\": {},\n \"a\": 2}", `f.yaml:3:2: key "a" is already set in line 1: keep one of the two`},
		"duplicate of many":     {objectHead + "spec:\n" + keysFrom(0, 40) + keysFrom(30, 31), `f.yaml:46:3: key "k30" is already set in line 36: keep one of the two`},
		"duplicate and merge":   {"a: &a {x: 1}\nb:\n  <<: *a\n  y: 1\n  y: 2\n", `f.yaml:5:3: key "y" is already set in line 4: keep one of the two`},
		"tab in indentation":    {objectHead + "spec:\n\ta: b\n", "f.yaml:6:1: a tab in the indentation: YAML is indented with spaces"},
		"tab after spaces":      {objectHead + "spec:\n  \ta: b\n", "f.yaml:6:3: a tab in the indentation: YAML is indented with spaces"},
		"tab in empty line":     {objectHead + "spec:\n\t\n  a: b\n", "f.yaml:6:1: a tab in an empty line, where YAML takes only spaces"},
		"tab after dash":        {objectHead + "spec:\n-\ta: b\n", "f.yaml:6:2: a tab after the dash: use a space"},
		"tab in block scalar":   {objectHead + "data: |\n\tx\n", "f.yaml:6:1: a tab in the indentation: YAML is indented with spaces"},
		"double quote":          {objectHead + "spec: \"a\n  b: c\n", "f.yaml:5:7: this quote is never closed"},
		"single quote":          {objectHead + "spec: 'it's'\n", `f.yaml:5:11: 's' after the end of the quote of line 5: put the whole value in quotes`},
		"open single quote":     {objectHead + "spec: 'its\n", "f.yaml:5:7: this quote is never closed"},
		"escape":                {objectHead + "spec: \"\\d+\"\n", `f.yaml:5:8: an escape that YAML does not have: write \\ for a backslash, or use single quotes`},
		"bracket":               {objectHead + "spec: [a, b\n", `f.yaml:5:7: '[' is never closed`},
		"brace":                 {objectHead + "spec: {a: [b}\n", `f.yaml:5:13: '}' closes the '[' of line 5`},
		"closing bracket":       {objectHead + "spec: ]\n", `f.yaml:5:7: ']' without the bracket that it closes: put a text that begins with it in quotes`},
		"after bracket":         {objectHead + "spec: [a] b\n", `f.yaml:5:11: 'b' after the end of the bracket of line 5: put the whole value in quotes`},
		"truncated JSON":        {"{\"apiVersion\": \"v1\",\n \"kind\": \"A\"", `f.yaml:2:13: the text ends where ',' or '}' is expected: is it cut off?`},
		"truncated JSON text":   {"{\"apiVersion\": \"v1\",\n \"kind\": \"A", `f.yaml:2:10: a text without its closing quote`},
		"no JSON":               {"{\"apiVersion\": \"v1\" \"kind\"}", `f.yaml:1:21: '"' where ',' or '}' is expected`},
		"UTF-16":                {"\xff\xfea\x00", "f.yaml:1:1: this is UTF-16: save the file as UTF-8"},
		"UTF-16, other order":   {"\xfe\xff\x00a", "f.yaml:1:1: this is UTF-16: save the file as UTF-8"},
		"binary":                {"\x7fELF\x02\x01\x01\x00\x00\x00\x00", "f.yaml:1:1: this is a binary file, not YAML or JSON"},
		"NUL":                   {objectHead + "spec: a\x00b\n", "f.yaml:5:8: a NUL byte: this is no text"},
		"second BOM":            {objectHead + "---\n\ufeff" + objectHead, "f.yaml:6:1: a byte order mark within the text: remove it"},
		"control":               {objectHead + "spec: ä\x1bb\n", "f.yaml:5:8: control character U+001B: remove it, or write it as an escape in double quotes"},
		"wide control":          {objectHead + "spec: a\u009bb\n", "f.yaml:5:8: control character U+009B: remove it, or write it as an escape in double quotes"},
		"not UTF-8":             {objectHead + "spec: caf\xe9\n", "f.yaml:5:10: byte 0xE9 is not UTF-8: save the file as UTF-8"},
		"alias bomb":            {bomb, "f.yaml:7:20: aliases make this document far larger than it is written: write out what they stand for"},
		"merge bomb":            {merges, "f.yaml:8:37: aliases make this document far larger than it is written: write out what they stand for"},
		"alias of itself":       {"a: &a [*a]\n", "f.yaml:1:8: what *a stands for holds itself"},
		"unknown alias":         {objectHead + "spec:\n  hosts:\n  - *.example.com\n", "f.yaml:7:5: no anchor &.example.com comes before this: put a text that begins with * in quotes"},
		"depth":                 {objectHead + "spec: " + deep, "f.yaml:5:106: nested more than 100 levels deep"},
		"depth of JSON":         {deep, "f.yaml:1:101: nested more than 100 levels deep"},
		"depth of blocks":       {strings.Repeat("- ", 101) + "a", "f.yaml:1:201: nested more than 100 levels deep"},
		"template":              {objectHead + "spec:\n{{- if .x }}\n  a: b\n{{- end }}\n", "f.yaml:6:1: this is a template, not YAML: render it first"},
		"template first":        {"{{- if .x }}\n" + objectHead + "{{- end }}\n", "f.yaml:1:1: this is a template, not YAML: render it first"},
		"template as value":     {objectHead + "spec: {{ .Values.x }}\n", "f.yaml:5:7: this is a template, not YAML: render it first"},
		"template after":        {objectHead + "spec: {{ .Values.x }}.example.com\n", "f.yaml:5:7: this is a template, not YAML: render it first"},
		"scalar":                {"hello\n", "f.yaml:1:1: not a Kubernetes object: a single value, not a map with apiVersion, kind and metadata"},
		"list of scalars":       {"- a\n- b: c\n", "f.yaml:1:3: not a Kubernetes object: a single value, not a map with apiVersion, kind and metadata\nf.yaml:2:3: not a Kubernetes object: apiVersion is missing"},
		"list of lists":         {"- - a\n", "f.yaml:1:3: not a Kubernetes object: a list in a list"},
		"null in list":          {"-\n", "f.yaml:1:2: not a Kubernetes object: null"},
		"no apiVersion":         {"kind: A\nmetadata: {name: a}\n", "f.yaml:1:1: not a Kubernetes object: apiVersion is missing"},
		"no kind":               {"\n# c\napiVersion: v1\nmetadata: {name: a}\n", "f.yaml:3:1: not a Kubernetes object: kind is missing"},
		"no name":               {"apiVersion: v1\nkind: A\n", "f.yaml:1:1: not a Kubernetes object: metadata.name is missing"},
		"name no text":          {"apiVersion: v1\nkind: A\nmetadata: {name: 1}\n", "f.yaml:1:1: not a Kubernetes object: metadata.name is 1, which is no text: put it in quotes"},
		"two broken":            {"a: [\n---\n" + objectHead + "---\nb: c: d\n", "f.yaml:1:4: '[' is never closed\nf.yaml:8:5: a second \": \" in one line: put the value in quotes"},
		"broken item":           {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: A\n  metadata: {name: a}\n- kind: A\n", "f.yaml:7:3: not a Kubernetes object: apiVersion is missing"},
		"two values":            {objectHead + "  b: c\n    d: e\n", `f.yaml:6:6: a second value: the key of line 5 has one already`},
		"indented too much":     {objectHead + "spec: 'a'\n  b: c\n", `f.yaml:6:3: this line is indented more than the one above, which has its value already`},
		"indentation":           {objectHead + "spec:\n    a: b\n  c: d\n", "f.yaml:7:3: the indentation of this line fits none above it"},
		"no colon":              {objectHead + "spec\n", `f.yaml:5:1: this is no key: it has no ": " after it`},
		"list after key":        {objectHead + "spec: - a\n", "f.yaml:5:7: a list cannot begin in the line of its key"},
		"item among keys":       {objectHead + "- a\n", "f.yaml:5:1: a list item stands among the keys of a map"},
		"key among items":       {"spec:\n  - a\n  b: c\n", `f.yaml:3:3: this stands among the items of a list but does not begin with "- "`},
		"at":                    {objectHead + "spec: @a\n", "f.yaml:5:7: a text cannot begin with '@': put it in quotes"},
		"not a number":          {objectHead + "spec: .nan\n", "f.yaml:5:7: .nan is no number in JSON: put it in quotes"},
		"null as key":           {objectHead + "spec: {~: a}\n", `f.yaml:5:8: "~" is no key: put it in quotes`},
		"map as key":            {objectHead + "? [a]\n: b\n", "f.yaml:5:3: a key is a text, not a map or list"},
		"readers do not agree":  {objectHead + "spec: ! 12\n", "f.yaml:1:1: readers of YAML do not agree on what this document means: put its unusual values in quotes"},
		"fault of second chunk": {strings.Repeat("# "+strings.Repeat("x", 997)+"\n", 300) + objectHead + "---\n" + objectHead + "a: b: c\n", `f.yaml:310:5: a second ": " in one line: put the value in quotes`},
	} {
		b, err := Read("f.yaml", strings.NewReader(tc.text))
		if err == nil {
			t.Errorf("%s: %d objects", name, len(b.Objects))
		} else if err.Error() != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, err, tc.want)
		}
		var readError *ReadError
		if !errors.As(err, &readError) || readError.Line == 0 {
			t.Errorf("%s: %T is no ReadError with a place", name, err)
		}
	}
}

// keysFrom is lines of a map.
func keysFrom(from, to int) string {
	var out strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&out, "  k%d: x\n", i)
	}
	return out.String()
}

func names(b *Bundle) string {
	var out []string
	for _, o := range b.Objects {
		out = append(out, fmt.Sprintf("%s %s %s", o.APIVersion, o.ID, o.At("")))
	}
	return strings.Join(out, "\n")
}

// TestRead: what an input holds, and where.
func TestRead(t *testing.T) {
	const json = `{"apiVersion":"v1","kind":"A","metadata":{"name":"a"}}`
	for name, tc := range map[string]struct{ text, want string }{
		"empty":            {"", ""},
		"comments":         {"# a\n---\n# b\n---\n\n...\n--- # c\nnull\n---\n~\n", ""},
		"one":              {objectHead, "v1 A a f:1:1"},
		"marks":            {"---\n" + objectHead + "---\n---\n# c\n" + objectHead + "...\n# d\n---\n" + objectHead + "...\n", "v1 A a f:2:1\nv1 A a f:9:1\nv1 A a f:16:1"},
		"mark with text":   {"--- {apiVersion: v1, kind: A, metadata: {name: a}}\n", "v1 A a f:1:5"},
		"no mark after":    {objectHead + "...\n" + objectHead, "v1 A a f:1:1\nv1 A a f:6:1"},
		"directive":        {"%YAML 1.1\n---\n" + objectHead, "v1 A a f:3:1"},
		"byte order mark":  {"\ufeff" + objectHead, "v1 A a f:1:1"},
		"BOM and JSON":     {"\ufeff" + json, "v1 A a f:1:1"},
		"returns":          {strings.ReplaceAll("---\n"+objectHead+"---\n"+objectHead, "\n", "\r\n"), "v1 A a f:2:1\nv1 A a f:7:1"},
		"generated name":   {"apiVersion: v1\nkind: A\nmetadata: {generateName: a-, namespace: b}\n", "v1 A b/ f:1:1"},
		"JSON":             {json, "v1 A a f:1:1"},
		"JSON values":      {json + json + " " + json + "\n\n  " + json + "\n---\n" + json + "\n", "v1 A a f:1:1\nv1 A a f:1:55\nv1 A a f:1:110\nv1 A a f:3:3\nv1 A a f:5:1"},
		"JSON list":        {"[\n " + json + ",\n " + json + "]", "v1 A a f:2:2\nv1 A a f:3:2"},
		"JSON, trailing ,": {strings.Replace(json, "\"}}", "\",}}", 1), "v1 A a f:1:1"},
		"flow YAML":        {"{apiVersion: v1,\n kind: A, metadata: {name: 'a'}}", "v1 A a f:1:1"},
		"flow with braces": {"{apiVersion: v1, kind: '} {', metadata: {name: \"}\\n{\"}}\n---\n" + json, "v1 } { }\n{ f:1:1\nv1 A a f:3:1"},
		"List":             {"apiVersion: v1\nkind: List\nmetadata: {resourceVersion: \"\"}\nitems:\n- apiVersion: v1\n  kind: A\n  metadata: {name: a}\n-  apiVersion: v1\n   kind: B\n   metadata: {name: b}\n---\n" + objectHead, "v1 A a f:5:3\nv1 B b f:8:4\nv1 A a f:12:1"},
		"empty List":       {"apiVersion: v1\nkind: List\nitems: []\n", ""},
		"List first":       {"items: [" + json + "]\nkind: AList\napiVersion: v1", "v1 A a f:1:9"},
		"List with a name": {"apiVersion: v1\nkind: AccessList\nmetadata: {name: a}\nitems: [1]\n", "v1 AccessList a f:1:1"},
		"List in List":     {`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"List","items":[` + json + `]}]}`, "v1 A a f:1:85"},
		"words as names":   {"apiVersion: v1\nkind: A\nmetadata:\n  name: \"yes\"\n  namespace: \"1\"\n", "v1 A 1/yes f:1:1"},
		"mark in a block":  {objectHead + "data: |\n  ---\n  x\n  ...\nspec: x\n", "v1 A a f:1:1"},
		"dashes":           {objectHead + "---x: y\n----: z\n", "v1 A a f:1:1"},
	} {
		for _, in := range []io.Reader{strings.NewReader(tc.text), iotest.OneByteReader(strings.NewReader(tc.text))} {
			b, err := Read("f", in)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if got := names(b); got != tc.want {
				t.Errorf("%s:\ngot  %s\nwant %s", name, got, tc.want)
			}
		}
	}
}

// TestReadOrder: documents read by several workers come in their order, whatever their size, and own their memory.
func TestReadOrder(t *testing.T) {
	var text bytes.Buffer
	for i := range 3000 {
		fmt.Fprintf(&text, "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: n%d\ndata:\n  x: |\n", i)
		for range i % 7 * i % 400 {
			text.WriteString("    some text\n")
		}
	}
	b, err := Read("f", &text)
	if err != nil || len(b.Objects) != 3000 {
		t.Fatal(err)
	}
	line := 2
	for i, o := range b.Objects {
		if o.Name != fmt.Sprintf("n%d", i) || o.At("").Line != line || cap(o.JSON) != len(o.JSON) {
			t.Fatalf("object %d is %s at %v, want line %d", i, o.ID, o.At(""), line)
		}
		line += 7 + i%7*i%400
	}
}

// TestReadFails: the error of a reader is told.
func TestReadFails(t *testing.T) {
	for _, in := range []io.Reader{iotest.ErrReader(io.ErrClosedPipe), io.MultiReader(strings.NewReader(strings.Repeat("a: b\n", 100000)), iotest.ErrReader(io.ErrClosedPipe))} {
		if _, err := Read("f", in); !errors.Is(err, io.ErrClosedPipe) || err.Error() != "f: io: read/write on closed pipe" {
			t.Error(err)
		}
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLoad: files, folders and standard input, in order; what a folder holds besides is passed over.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	object := func(name string) string { return "apiVersion: v1\nkind: A\nmetadata: {name: " + name + "}\n" }
	write(t, dir, map[string]string{
		"d/b.yaml": object("b"), "d/a.yml": object("a"), "d/c/x.json": `{"apiVersion":"v1","kind":"A","metadata":{"name":"c"}}`,
		"d/readme.txt": "no", "d/.hidden.yaml": "no", "d/.git/x.yaml": "no",
		"d/values.yaml": "# c\n---\nreplicas: 1\n---\na: [\n", "d/list.yaml": "- hosts: all\n", "d/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
		"d/empty.yaml": "", "e/readme.txt": "", "target": object("linked"),
	})
	if err := os.Symlink(filepath.Join(dir, "target"), filepath.Join(dir, "d", "z.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "e"), filepath.Join(dir, "d", "folder.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("d", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if b, err := Load([]string{filepath.Join(dir, "link")}, nil); err != nil || len(b.Objects) != 4 {
		t.Errorf("a link to a folder: %v", err)
	}
	b, err := Load([]string{filepath.Join(dir, "d"), "-", filepath.Join(dir, "target")}, strings.NewReader(object("in")))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(names(b), dir+"/", "")
	want := "v1 A a d/a.yml:1:1\nv1 A b d/b.yaml:1:1\nv1 A c d/c/x.json:1:1\nv1 A linked d/z.yaml:1:1\nv1 A in -:1:1\nv1 A linked target:1:1"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := strings.ReplaceAll(strings.Join(b.Skipped, " "), dir+"/", ""), "d/kustomization.yaml d/list.yaml d/values.yaml"; got != want {
		t.Errorf("skipped %s, want %s", got, want)
	}
}

// TestLoadAside: charts, and what kustomize makes manifests of, are told of and not read.
func TestLoadAside(t *testing.T) {
	dir := t.TempDir()
	object := func(name string) string { return "apiVersion: v1\nkind: A\nmetadata: {name: " + name + "}\n" }
	template := "kind: {{ .Values.kind }}\n"
	write(t, dir, map[string]string{
		"a.yaml": object("a"), "iop.yaml": object("i") + "---\napiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n",
		"chart/Chart.yaml": "apiVersion: v2\nname: c\n", "chart/templates/a.yaml": template, "chart/files/b.yaml": template,
		"chart/charts/sub/Chart.yaml": "name: s\n", "chart/charts/sub/templates/a.yaml": template,
		"over/kustomization.yaml": "resources: [../a.yaml, own.yaml]\npatches: [{path: p/one.yaml, target: {kind: A}}, {patch: \"x: 1\\n\"}]\n" +
			"patchesStrategicMerge: [two.yaml, \"kind: A\\n\"]\npatchesJson6902: [{path: three.json, target: {kind: A}}]\n" +
			"configurations: [refs.yaml]\nconfigMapGenerator: [{name: m, files: [app=four.yaml]}]\nhelmCharts: [{name: c, valuesFile: five.yaml}]\n",
		"over/own.yaml": object("own"), "over/p/one.yaml": "- {op: remove, path: /spec}\n", "over/two.yaml": object("a"),
		"over/three.json": "[]", "over/refs.yaml": "kind: A\n", "over/four.yaml": "kind: A\n", "over/five.yaml": "kind: A\n",
		"odd/kustomization.yaml": "patches: [\n", "odd/b.yaml": object("b"),
	})
	b, err := Load([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "v1 A a a.yaml:1:1\nv1 A i iop.yaml:1:1\nv1 A b odd/b.yaml:1:1\nv1 A own over/own.yaml:1:1"
	if got := strings.ReplaceAll(names(b), dir+"/", ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	byWhy := map[AsideWhy][]string{}
	for _, a := range b.Aside {
		byWhy[a.Why] = append(byWhy[a.Why], strings.TrimPrefix(a.Name, dir+"/"))
	}
	for why, want := range map[AsideWhy]string{
		HelmChart:     "chart",
		KustomizePart: "over/five.yaml over/four.yaml over/p/one.yaml over/refs.yaml over/three.json over/two.yaml",
		Nameless:      "iop.yaml:5:1",
	} {
		if got := strings.Join(byWhy[why], " "); got != want {
			t.Errorf("%s: got %s, want %s", why, got, want)
		}
	}
	if b, err = Load([]string{filepath.Join(dir, "chart")}, nil); err == nil {
		t.Errorf("a chart that is named: files of it that are no manifests are read: %v", names(b))
	}
	if _, err = Load([]string{filepath.Join(dir, "over", "two.yaml")}, nil); err != nil {
		t.Errorf("a patch that is named: %v", err)
	}
}

// TestLoadFaults: all that cannot be read is told, and by its name.
func TestLoadFaults(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"empty/readme.txt": "", "values.yaml": "replicas: 1\n", "bad/a.yaml": "a: b: c\n", "bad/b.yaml": "a: [\n", "half/a.yaml": "kind: A\n",
	})
	for name, tc := range map[string]struct {
		paths []string
		want  string
	}{
		"missing":      {[]string{"no.yaml"}, "stat DIR/no.yaml: no such file or directory"},
		"empty folder": {[]string{"empty"}, "DIR/empty: no file in this folder ends in .yaml, .yml or .json"},
		"twice":        {[]string{"-", "-"}, "-: standard input can be read only once"},
		"named":        {[]string{"values.yaml"}, "DIR/values.yaml:1:1: not a Kubernetes object: apiVersion is missing"},
		"half":         {[]string{"half"}, "DIR/half/a.yaml:1:1: not a Kubernetes object: apiVersion is missing"},
		"broken":       {[]string{"bad"}, "DIR/bad/a.yaml:1:5: a second \": \" in one line: put the value in quotes\nDIR/bad/b.yaml:1:4: '[' is never closed"},
		"all of it":    {[]string{"no.yaml", "bad/b.yaml"}, "stat DIR/no.yaml: no such file or directory\nDIR/bad/b.yaml:1:4: '[' is never closed"},
	} {
		for i, path := range tc.paths {
			if path != "-" {
				tc.paths[i] = filepath.Join(dir, path)
			}
		}
		_, err := Load(tc.paths, strings.NewReader(""))
		if err == nil || strings.ReplaceAll(err.Error(), dir, "DIR") != tc.want {
			t.Errorf("%s:\ngot  %v\nwant %s", name, err, tc.want)
		}
	}
}

// TestAt: fields are where they are written, and what is not is where its nearest parent is.
func TestAt(t *testing.T) {
	const text = `# c
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: a
  annotations: {"a.b/c": "ü", x: 1}
spec:
  hosts: [ü, b]
  "http":
  - match:
    -  uri:
         prefix: /
    route:
    - destination: {host: a}
    -
      destination:
        host: b
  - &x
    name: y
  - *x
`
	const json = "\ufeff{\"apiVersion\": \"v1\", \"kind\": \"é\",\n\t\"metadata\": {\"name\": \"ü\", \"x\": [1, {\"y\": null}]}}"
	for _, tc := range []struct{ text, field, want string }{
		{text, "", "f:3:1"},
		{text, "kind", "f:4:1"},
		{text, "status", "f:3:1"},
		{text, "metadata.name", "f:6:3"},
		{text, "metadata.namespace", "f:5:1"},
		{text, `metadata.annotations["a.b/c"]`, "f:7:17"},
		{text, `metadata.annotations.x`, "f:7:31"},
		{text, `metadata.annotations["x"]`, "f:7:31"},
		{text, `metadata.annotations.a.b/c`, "f:7:3"},
		{text, "spec.hosts[0]", "f:9:11"},
		{text, "spec.hosts[1]", "f:9:14"},
		{text, "spec.hosts[2]", "f:9:3"},
		{text, "spec.hosts[-1]", "f:9:3"},
		{text, "spec.http", "f:10:3"},
		{text, "spec.http[0]", "f:11:5"},
		{text, "spec.http[0].match[0]", "f:12:8"},
		{text, "spec.http[0].match[0].uri.prefix", "f:13:10"},
		{text, "spec.http[0].route[0].destination.host", "f:15:21"},
		{text, "spec.http[0].route[1]", "f:17:7"},
		{text, "spec.http[0].route[1].destination.host", "f:18:9"},
		{text, "spec.http[0].route[1].destination.port.number", "f:17:7"},
		{text, "spec.http[1].name", "f:20:5"},
		{text, "spec.http[2]", "f:21:5"},
		{text, "spec.http[2].name", "f:20:5"},
		{text, "spec..http", "f:8:1"},
		{text, "spec.http[x", "f:10:3"},
		{json, "", "f:1:1"},
		{json, "kind", "f:1:22"},
		{json, "metadata.x[1].y", "f:2:38"},
		{json, "metadata.x[0]", "f:2:34"},
	} {
		b, err := Read("f", strings.NewReader(tc.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Objects[0].At(tc.field).String(); got != tc.want {
			t.Errorf("%s is at %s, want %s", tc.field, got, tc.want)
		}
	}
	rendered := &Object{JSON: []byte(`{ "spec" : { "a" : [ 1 , { "b.c" : null } ] } }`)}
	if at := rendered.At("spec"); at.String() != "" {
		t.Errorf("a rendered object is at %v", at)
	}
	if !rendered.Has(`spec.a[1]["b.c"]`) || rendered.Has("spec.a[2]") || rendered.Has("spec.b") || !rendered.Has("") {
		t.Error("Has")
	}
}

// TestLatest: what is applied last stays, in the place of what was there first.
func TestLatest(t *testing.T) {
	text := func(apiVersion, name, value string) string {
		return "apiVersion: " + apiVersion + "\nkind: A\nmetadata: {name: " + name + "}\nvalue: " + value + "\n---\n"
	}
	b, err := Read("f", strings.NewReader(text("g/v1", "a", "1")+text("g/v1", "b", "2")+text("h/v1", "a", "3")+text("g/v2", "a", "4")+
		"apiVersion: g/v1\nkind: A\nmetadata: {generateName: a}\nvalue: 5\n---\napiVersion: g/v1\nkind: A\nmetadata: {generateName: a}\nvalue: 6\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, o := range b.Latest().Objects {
		got = append(got, int(o.Tree()["value"].(int64)))
	}
	if !slices.Equal(got, []int{4, 2, 3, 5, 6}) || len(b.Objects) != 6 {
		t.Errorf("got %v", got)
	}
}

// TestWithin: the lines of a literal are those of the file, whichever of the readers takes it; of other texts none are known.
func TestWithin(t *testing.T) {
	const text = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  one: |
    a

    c
  two: |2- # c
    d
  folded: >
    a
    b
  quoted: "a\nb"
  below:
    |
    a
%s
`
	for _, more := range []string{"  z: a", "  z: !!str a"} { // a tag is for the slow reader
		b, err := Read("f", strings.NewReader(fmt.Sprintf(text, more)))
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			field string
			line  int
			want  string
		}{
			{"data.one", 1, "f:7"}, {"data.one", 3, "f:9"}, {"data.two", 1, "f:11"},
			{"data.one", 0, ""}, {"data.folded", 1, ""}, {"data.quoted", 2, ""}, {"data.below", 1, ""}, {"data.three", 1, ""}, {"data", 1, ""}, {"", 1, ""},
		} {
			if p, ok := b.Objects[0].Within(tc.field, tc.line); p.String() != tc.want || ok != (tc.want != "") {
				t.Errorf("%s: line %d of %s is at %v %v, want %s", more, tc.line, tc.field, p, ok, tc.want)
			}
		}
	}
}
