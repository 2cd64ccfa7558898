package edit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// A writer writes random trees in the ways in which people write YAML.
type writer struct {
	*rand.Rand
	out      strings.Builder
	indent   int
	dash     int
	eol      string
	comments []remark // that were written
}

// A remark is a comment and the field that it stands in or at.
type remark struct{ text, field string }

var words = []string{"x", "one", "*", "yes", "12", "a b", "a: b", "#no", "it's", `say "hi"`, "", "443s", "v.example:80", "é", "null", "~", "-", "{", "0x1f", "two\nlines", "end\n", "\ttab", "trail ", "- x", "? y", "&a", "!b", "@c", "2020-01-01", "1:30", "<<"}
var keyWords = []string{"a", "b", "tls", "mode", "hosts", "port", "x/y", "a.b", "on", "k l", "1", "é"}

func (w *writer) pick(of []string) string { return of[w.IntN(len(of))] }

func (w *writer) tree(depth int) any {
	switch n := w.IntN(10); {
	case depth > 0 && n < 4:
		m := map[string]any{}
		for range w.IntN(4) {
			m[w.pick(keyWords)] = w.tree(depth - 1)
		}
		return m
	case depth > 0 && n < 6:
		l := []any{}
		for range w.IntN(4) {
			l = append(l, w.tree(depth-1))
		}
		return l
	case n == 6:
		return float64(w.IntN(1000))
	case n == 7:
		return []any{true, false, nil, 1.5, -3.0}[w.IntN(5)]
	}
	return w.pick(words)
}

// remark writes a comment now and then.
func (w *writer) remark(field string, column int, line bool) {
	if w.IntN(4) > 0 {
		return
	}
	text := fmt.Sprintf("# remark %d.", len(w.comments))
	w.comments = append(w.comments, remark{text, field})
	if line {
		if w.IntN(3) == 0 {
			w.out.WriteString(w.eol)
		}
		w.out.WriteString(strings.Repeat(" ", column) + text + w.eol)
	} else {
		w.out.WriteString(" " + text)
	}
}

func jsonOf(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// flow writes a value in one line.
func (w *writer) flow(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for _, key := range sortedKeys(v) {
			parts = append(parts, jsonOf(key)+": "+w.flow(v[key]))
		}
		return "{" + w.pick([]string{"", " "}) + strings.Join(parts, ", ") + "}"
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, w.flow(item))
		}
		return "[" + strings.Join(parts, w.pick([]string{",", ", "})) + "]"
	case string:
		if plainWord.MatchString(v) && w.IntN(2) == 0 {
			return v
		}
		if !strings.ContainsAny(v, "\n\t") && w.IntN(2) == 0 {
			return "'" + strings.ReplaceAll(v, "'", "''") + "'"
		}
	}
	return jsonOf(v)
}

var plainWord = regexp.MustCompile(`^(x|one|a b|443s|v.example:80|é|it's)$`)

func sortedKeys(m map[string]any) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// value writes what follows a colon or dash at a column, and the end of the line.
func (w *writer) value(v any, field string, column int, item bool) {
	m, isMap := v.(map[string]any)
	l, isList := v.([]any)
	if s, ok := v.(string); ok && literal(s) && w.IntN(2) == 0 {
		mark := "|"
		if !strings.HasSuffix(s, "\n") {
			mark = "|-"
		}
		w.out.WriteString(" " + mark)
		w.remark(field, 0, false)
		w.out.WriteString(w.eol)
		for _, line := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
			w.out.WriteString(strings.Repeat(" ", column+w.indent) + line + w.eol)
		}
		return
	}
	if len(m)+len(l) == 0 || w.IntN(6) == 0 {
		w.out.WriteString(" " + w.flow(v))
		w.remark(field, 0, false)
		w.out.WriteString(w.eol)
		return
	}
	at := column + w.indent
	inline := item && w.IntN(4) > 0
	if inline {
		w.out.WriteString(" ")
		at = column + 2
	} else {
		w.remark(field, 0, false)
		w.out.WriteString(w.eol)
		if isList && !item {
			at = column + w.dash
		}
	}
	if isMap {
		keys := sortedKeys(m)
		w.Shuffle(len(keys), reflect.Swapper(keys))
		for i, key := range keys {
			below := written(append(pathOf(field), bundle.Step{Key: key, Index: -1}))
			if i > 0 || !inline {
				w.remark(field, at, true)
				w.out.WriteString(strings.Repeat(" ", at))
			}
			if w.IntN(3) > 0 && key != "on" && key != "1" {
				w.out.WriteString(key + ":")
			} else {
				w.out.WriteString(jsonOf(key) + ":")
			}
			w.value(m[key], below, at, false)
		}
	}
	if isList {
		for i, child := range l {
			if i > 0 || !inline {
				w.remark(field, at, true)
				w.out.WriteString(strings.Repeat(" ", at))
			}
			w.out.WriteString("-")
			w.value(child, fmt.Sprintf("%s[%d]", field, i), at, true)
		}
	}
}

func pathOf(field string) []bundle.Step {
	steps, _ := bundle.Steps(field)
	return steps
}

// somewhere is a random path of a tree, often one step beyond what is there.
func (w *writer) somewhere(v any, path []bundle.Step) []bundle.Step {
	if len(path) > 1 && w.IntN(5) == 0 {
		return path
	}
	switch v := v.(type) {
	case map[string]any:
		key := w.pick(keyWords)
		if keys := sortedKeys(v); len(keys) > 0 && w.IntN(3) > 0 {
			key = w.pick(keys)
		}
		return w.somewhere(v[key], append(path, bundle.Step{Key: key, Index: -1}))
	case []any:
		i := w.IntN(len(v) + 1)
		var child any
		if i < len(v) {
			child = v[i]
		}
		return w.somewhere(child, append(path, bundle.Step{Index: i}))
	case nil:
		if w.IntN(2) == 0 {
			return append(path, bundle.Step{Key: w.pick(keyWords), Index: -1})
		}
	}
	return path
}

// set is what an edit means, on plain values. Not ok: it means nothing.
func set(tree any, path []bundle.Step, v any) (result any, ok bool) {
	if len(path) == 0 {
		return v, true
	}
	s := path[0]
	if tree == nil && v != nil {
		if tree = any([]any{}); s.Index < 0 {
			tree = map[string]any{}
		}
	}
	switch tree := tree.(type) {
	case map[string]any:
		if s.Index >= 0 {
			return tree, v == nil
		}
		child, there := tree[s.Key]
		if v == nil && (len(path) == 1 || !there) {
			delete(tree, s.Key)
			return tree, true
		}
		tree[s.Key], ok = set(child, path[1:], v)
		return tree, ok
	case []any:
		if s.Index < 0 || s.Index > len(tree) {
			return tree, v == nil
		}
		if s.Index == len(tree) {
			if v == nil {
				return tree, true
			}
			tree = append(tree, nil)
		}
		if v == nil && len(path) == 1 {
			return slices.Delete(tree, s.Index, s.Index+1), true
		}
		tree[s.Index], ok = set(tree[s.Index], path[1:], v)
		return tree, ok
	}
	return tree, v == nil
}

func document3(seed uint64) (w *writer, text string, spec any) {
	w = &writer{Rand: rand.New(rand.NewPCG(seed, 7)), eol: "\n"}
	w.indent, w.dash = 2+2*w.IntN(2), 0
	if w.IntN(2) == 0 {
		w.dash = w.indent
	}
	if w.IntN(8) == 0 {
		w.eol = "\r\n"
	}
	if w.IntN(8) == 0 {
		w.out.WriteString(byteOrderMark)
	}
	before := []string{"", "", "# head\n", "apiVersion: v1\nkind: B\nmetadata: {name: b}\nspec: &x [*y]\n---\n", "%YAML 1.1\n---\n", "{\"apiVersion\":\"v1\",\"kind\":\"B\",\"metadata\":{\"name\":\"b\"}}\n---\n"}
	w.out.WriteString(strings.ReplaceAll(strings.ReplaceAll(w.pick(before), "*y", "1"), "\n", w.eol))
	spec = w.tree(4)
	if w.eol == "\n" && w.IntN(10) == 0 { // JSON
		data, _ := json.MarshalIndent(map[string]any{"apiVersion": "v1", "kind": "A", "metadata": map[string]any{"name": "a"}, "spec": spec}, "", w.pick([]string{" ", "    "}))
		w.out.Write(data)
		return w, w.out.String(), spec
	}
	w.out.WriteString("apiVersion: v1" + w.eol + "kind: A" + w.eol + "metadata:" + w.eol + "  name: a" + w.eol + "spec:")
	w.value(spec, "spec", 0, false)
	text = w.out.String()
	if w.IntN(5) == 0 {
		text = strings.TrimSuffix(text, w.eol)
	} else if w.IntN(3) == 0 {
		text += "---" + w.eol + "apiVersion: v1" + w.eol + "kind: C" + w.eol + "metadata: {name: c} # end" + w.eol
	}
	return w, text, spec
}

// TestRandom makes random edits in random documents. What comes out reads as it should, and no comment is lost but those
// of what was replaced.
func TestRandom(t *testing.T) {
	const runs = 3_000
	done, refused := 0, map[string]int{}
	for seed := range uint64(runs) {
		w, text, spec := document3(seed)
		read, err := bundle.Read("x", strings.NewReader(text))
		if err != nil {
			continue // a random writer is not always right
		}
		var want any
		for _, o := range read.Objects {
			if o.Kind == "A" {
				_ = json.Unmarshal(o.JSON, &want)
			}
		}
		path := w.somewhere(spec, []bundle.Step{{Key: "spec", Index: -1}})
		e := validate.Edit{Object: validate.Object{Kind: "A", Name: "a"}, Field: written(path)}
		if w.IntN(4) > 0 {
			e.Value = w.tree(3)
		}
		edits := []validate.Edit{e}
		var value any
		_ = json.Unmarshal([]byte(jsonOf(e.Value)), &value)
		want, ok := set(want, path, value)
		out, err := Text("x", []byte(text), edits)
		if !ok {
			if err == nil {
				t.Fatalf("seed %d: %v should be refused\n%s\n%s", seed, edits, text, out)
			}
			continue
		}
		if err != nil {
			refused[regexp.MustCompile(`(outcome|line \d+|comment|not found).*`).FindString(err.Error())]++
			if testing.Verbose() && refused["shown"] < 15 {
				refused["shown"]++
				t.Logf("seed %d: %v: %s = %s\n%s", seed, err, e.Field, jsonOf(e.Value), text)
			}
			continue
		}
		done++
		b, err := bundle.Read("x", bytes.NewReader(out))
		if err != nil {
			t.Fatalf("seed %d: %v: %v\n%s\n%s", seed, edits, err, text, out)
		}
		var got any
		for _, o := range b.Objects {
			if o.Kind == "A" {
				_ = json.Unmarshal(o.JSON, &got)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %s = %s\n%s\ngives\n%s\ngot  %s\nwant %s", seed, e.Field, jsonOf(e.Value), text, out, jsonOf(got), jsonOf(want))
		}
		for _, c := range w.comments {
			if !within(c.field, path) && !bytes.Contains(out, []byte(c.text)) {
				t.Fatalf("seed %d: %s = %s: %q of %s is lost\n%s\ngives\n%s", seed, e.Field, jsonOf(e.Value), c.text, c.field, text, out)
			}
		}
		if crlf := strings.Contains(text, "\r\n"); crlf && bytes.Count(out, []byte("\r\n")) != bytes.Count(out, []byte("\n")) {
			t.Fatalf("seed %d: line ends are mixed\n%q", seed, out)
		}
		if again, err := Text("x", out, edits); (value != nil || path[len(path)-1].Index < 0) && (err != nil || !bytes.Equal(again, out)) {
			t.Fatalf("seed %d: again: %v\n%s\n%s", seed, err, out, again)
		}
	}
	n := 0
	for reason, count := range refused {
		if reason != "shown" {
			n += count
		}
		t.Logf("%5d %s", count, reason)
	}
	t.Logf("%d done, %d refused", done, n)
	if n*50 > done {
		t.Errorf("%d of %d edits are refused", n, done)
	}
}

// within says whether a field lies in one, or is it, or is the one that holds it and may have been emptied.
func within(field string, path []bundle.Step) bool {
	steps := pathOf(field)
	n := min(len(steps), len(path))
	return comparePaths(steps[:n], path[:n]) == 0 && len(steps) >= len(path)-1
}
