package bundle

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	yamlv2 "go.yaml.in/yaml/v2"
	sigsyaml "sigs.k8s.io/yaml"
)

// awkwardDocuments are documents that readers of YAML like to take for something else. All of them are valid.
var awkwardDocuments = []string{
	"a: 1\nb:\n- x\n- y\nc:\n  - x\n  -   y\n",
	"a:\n  b:\n    c: d\n  e: f\ng: h",
	"- a: 1\n  b: 2\n-\n  c: 3\n-\n- - x\n  - y\n- {}\n- []\n",
	"a:\n-\n- b\nc:\n",
	"---\na: b\n...\n",
	"# c\n\n--- # d\n# e\na: b # f\n  # g\n# h\n",
	"a: b#c\nd: 'e' # f\ng: \"h\" # i\nj: k # l",
	"a: y\nb: No\nc: ON\nd: off\ne: TRUE\nf: tRUE\ng: ~\nh: null\ni: Null\nj:\nk: yess\nl: n\n",
	"y: a\non: b\n1: c\n0x10: d\n1.5: e\n1e3: f\n-1: g\n.5: h\n017: i\n2020-01-01: j\n",
	"a: 0\nb: 017\nc: 08\nd: 0o17\ne: 0x1F\nf: 0b101\ng: 1_000\nh: +1\ni: -0\nj: 0b-1\nk: -0b11\nl: 0x_1\nm: 00\n",
	"a: 1e3\nb: .5\nc: 5.\nd: 1.0\ne: 1e400\nf: 1e21\ng: 1e-7\nh: -1.50\ni: +.5\nj: 0.1\nk: 1E5\nl: 123456789012345678901234567890\nm: 18446744073709551615\nn: 9223372036854775808\no: -9223372036854775808\np: 100000000000000000000\n",
	"a: 2020-01-01\nb: 2001-12-14t21:59:43.10-05:00\nc: 12:30:45\nd: 2020-1-2 3:4:5\ne: 1.2.3\nf: 5s\ng: 1h30m\nh: 10Gi\ni: 0x\nj: '-'\nk: -\n",
	"a: -5\nb: -x\nc: --flag\nd: ...x\ne: ---x\nf: .hidden\ng: +\nh: .\ni: ..\nj: =\nk: <<\n",
	"a: http://x:80/y?z=#w\nb: a:b:c\nc: x, y\nd: a]b\ne: a'b\nf: a\"b\ng: a{b}\nh: a&b\ni: <html>\n",
	`a: "x\ty\n\"\\\/\u00e9\U0001F600\x41\0\e\_\N\L\P"` + "\n",
	`a: "x\ty\n\"\\\u00e9\U0001F600\x41\0\e\_\N\L\P\a\b\v\f\r\ "` + "\n",
	"a: 'it''s'\nb: ''\nc: \"\"\nd: ' x '\ne: \"  y  \"\n'f': 1\n\"g h\": 2\n'''': 3\n",
	"\"a\" : b\nc : d\n",
	"a: |\n  x\n   y\n\n  z\n\n\nb: |-\n  x\n\nc: |+\n  x\n\n\nd: |2\n   x\n  y\ne: >\n  a\n  b\n\n  c\n   d\n  e\n\n\n   f\n  g\nf: >-\n  a\n\n\n  b\n",
	"a: |\nb: |\n\n\nc: |+\n\n\nd: >+\n\n  x\n\ne: |1-\n x\n",
	"a: |\n  x # no comment\n  # none either\n # a comment\nb: |  # a comment\n  \tx\n\n  y\n",
	"- |\n x\n-  |-\n  y\n- >\n  z",
	"a:\n- |\n x\n- b: |\n    x\n  c: >1\n    y\n",
	"a: |\n\n  x\n",
	"a: |\n   \n  x\n",
	"a: |\n x",
	"a: |+\n x\n\n",
	"a: >\n\tx\n",
	"a: |\n  x\r\n  y\r\nb: c\r\n",
	"a: b\r\nc:\r\n- d\r\n- e\r\n\r\n# f\r\ng: 'h'\r\n",
	"a: [x, 'y', \"z\", 1, yes, ~, [a, b], {c: d}]\nb: {e: f, \"g\": [h], 1: 2}\nc: [ ]\nd: { }\ne: [a b, c  d ]\n",
	"a: {b: c:d, e: http://x}\nf: [-1, -x, a-b]\n",
	"a: [x,\n  y]\nb: {c: d,\n  e: f}\n",
	"a: [x, ]\nb: {c, d: }\n",
	"a: [b: c]\n",
	"{a: b, c: [d]}\n",
	"{\"a\":\"b\",\"c\":[1,2.50,-0,1e3,true,null]}",
	"[{\"a\":1},{\"b\":2}]",
	"a: x\n  y\n  z\nb: 'x\n  y\n\n  z'\nc: \"x\\\n  y\"\n",
	"a: &x\n  b: c\nd: *x\ne:\n  <<: *x\n  f: g\nh:\n  b: own\n  <<: *x\ni: [*x, *x]\n",
	"a: &x {b: 1, c: 2}\nd: &y {b: 3}\ne:\n  <<: [*x, *y]\n  b: 4\n",
	"a: &x b\n*x : c\n",
	"a: !!str 12\nb: !!int \"12\"\nc: !!float 1\nd: !foo bar\ne: !!binary aGk=\nf: !!null ''\ng: !!bool yes\n",
	"? a\n: b\n? c\n",
	"%YAML 1.1\n---\na: b\n",
	"é: ü\nb: [ä, ö]\nc: \"日本\"\n",
	"a: x\ufeffy\nb: 😀\n",
	"a: b\u2028c\n",
	"a: b\u0085c: d\n",
	"a: b\rc: d\r",
	"a:\tb\n",
	"a: b\t# c\nd: e\tf\n",
	"a:  b   \nc:    \n  d: e\n",
	"  a: b\n  c: d\n",
	"a:\n b: c\n d:\n   e: f\n",
	"a:\n  - b\n  - c:\n    - d\n  - e:\n      f: g\n",
	"a: \"b\"c\n",
	"- ? x\n",
	"a: 'b' 'c'\n",
	"a: b: c\n",
	"a: 'b\n... c'\n",
	"a: [b,\n... c]\n",
	"a: [b,\n...\n",
	"a: b\n- :\n",
	"a: [b, c, ]\nd: {e: f,}\ng: [,]\n",
	"a: b\n  c\n   d e  \n\n\n  - f\n  [g\nh: i\n",
	"a: 5\n  6\nb: ~\n\n  x # c\nd: y\n  # e\nf: g\n",
	"- a\n  b\n-  c\n\n d\n- e:\n  f\n",
	"a: 5 # c\n  6\n",
	"a: b\n  # c\n  d\n",
	"a: 'b\n  c\n\n\n   d''e  \n  '\nf: \"g\\\n   \\ h \\\n\n  i\\\\\n j\\n \n k\\\"\n\n  \"\nl: m\n",
	"a: \"b\n c\"  # d\ne: 'f\n'\n",
	"a: 'b\nc'\nd: \"e\\ \n f\\\t\n\"\n",
	"a: 'b\n c': d\n",
	"a: [\n  b,  # c\n# d\n  {e: f,\n g: h}\n]\ni: {\n j: k\n}\nl: [\n]\n",
	"a: [b\n c]\n",
	"a: {b\n : c}\n",
	"a: {b:\n c}\n",
	"a: [b,\nc]\nd: {e: f\n# g\n,h: i}\n",
	"- [a,\nb]\n- c\n",
	"a:\n  b\n  c\nd: e\n",
	"a: - b\n",
	"a: @b\n",
	"a: %b\n",
	"a: `b`\n",
	"a: ?b\nc: :d\ne: ?\n",
	"? \n",
	"null: a\n",
	"a: .nan\n",
	"a: {b: {c: {d: [[[[1]]]]}}}\n",
	"a:\n    b: 1\n  c: 2\n",
	"a: 1\n b: 2\n",
	"- a\nb: c\n",
	"a: b\n- c\n",
	"a\nb: c\n",
	"-a: b\n-: c\n",
	"a: [a?b, c:]\n",
	"a: {b:c}\n",
	"a: {b:, c: d}\n",
	"a: [x#y, z #w\n]\n",
	"a: {x: 1, x: 2}\n",
	"a: 1\na: 2\n",
	"1: a\n\"1\": b\n",
	"a: !x\nb: ! 12\n",
	"a: 'x'\n  \n\n \nb: c\n",
	strings.Repeat("a", 1030) + ": b\n",
}

// read1 reads one document in a way, into its JSON and its places.
func read1(text []byte, fast bool) (json, places []byte, ok bool) {
	n, _, _ := inspect(text)
	if n&bad != 0 || fast && n&odd != 0 {
		return nil, nil, false
	}
	if fast {
		var f fastReader
		ok := f.read(text, 1, n&wide != 0)
		return f.encoder.json, f.places, ok
	}
	var r nodeReader
	empty, wrong := r.read(text, 1)
	return r.json, r.places, wrong == nil && !empty
}

// compare holds the ways of reading against each other, and against kubectl's.
func compare(t *testing.T, text []byte) (fast bool) {
	t.Helper()
	json, places, fast := read1(text, true)
	slowJSON, slowPlaces, slow := read1(text, false)
	if fast && (!slow || !bytes.Equal(json, slowJSON)) {
		t.Errorf("%q\nfast %s\nslow %s %v", text, json, slowJSON, slow)
	}
	if fast && slow && !bytes.Equal(places, slowPlaces) {
		t.Errorf("%q: places\nfast %v\nslow %v", text, places, slowPlaces)
	}
	if !slow && !fast {
		return false
	}
	if n, _, _ := inspect(text); slow && n&odd == 0 {
		if found := surveyed(text, 0); found != nil {
			t.Errorf("%q: the survey finds %v", text, found)
		}
	}
	want, err := sigsyaml.YAMLToJSON(text)
	if err != nil {
		t.Errorf("%q: %s; kubectl's reader: %v", text, slowJSON, err)
		return fast
	}
	got, err := canonical(slowJSON)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%q\ngot  %s %v\nwant %s", text, got, err, want)
	}
	return fast
}

// TestAwkward: all ways of reading agree, and those documents that kubectl's reader takes are taken.
func TestAwkward(t *testing.T) {
	for _, text := range awkwardDocuments {
		for _, text := range []string{text, strings.TrimSuffix(text, "\n"), strings.ReplaceAll(text, "\n", "\r\n")} {
			compare(t, []byte(text))
			_, _, slow := read1([]byte(text), false)
			if want, err := sigsyaml.YAMLToJSON([]byte(text)); err == nil && !slow {
				t.Logf("%q refused; kubectl's reader: %s", text, want)
			}
		}
	}
}

// fragments are what lines of YAML are made of, right or wrong.
var fragments = strings.Split("a:|b: c|- |- x|- k: v|- - n|- a|text|more text: x|1|~|key : v|q: 5 6|o: p # q|# c| #x|#||| |\t|v: x\ty|"+
	"'s'|f: 'q|b'|'|x: '|- 'a|\"t\": u|g: \"q|r\"|\"|w: \"x\"y|y: \"a\\tb\" # z|\"u\\|\\|x: \"\\x41\\u00e9\"|"+
	"h: [x,|y]|z, w]|q: [a, b]|{}|[]|i: {j: k,|l: m}|n}|s: {t: [u]}|{a: b|, c: d}|s: [ # c|u: [a b|c]|- [a,|"+
	"c: ¦|d: >-|e: ¦+|- ¦|w: >|x: ¦2|'k': ¦|"+
	"m: !t x|n: &a b|o: *a|<<: *a|?|:|- :|-|: x|r: - x|t: a: b|é: ü|...|...x|---x|... y|\ufeff", "|")

// TestShuffled: all ways of reading agree on lines that are put together at random.
func TestShuffled(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func() string { return strings.ReplaceAll(fragments[random.IntN(len(fragments))], "¦", "|") }
	for range 50_000 {
		var out strings.Builder
		indent := 0
		for range 1 + random.IntN(8) {
			indent = max(0, indent+[]int{-4, -2, -1, 0, 0, 0, 1, 2, 2}[random.IntN(9)])
			out.WriteString(strings.Repeat(" ", indent) + pick())
			if random.IntN(6) == 0 {
				out.WriteString(" " + pick())
			}
			out.WriteString([]string{"\n", "\n", "\n", "\n", "\n", "\n", " \n", "\r\n"}[random.IntN(8)])
		}
		text := []byte(out.String())
		if random.IntN(5) == 0 {
			text = bytes.TrimRight(text, "\r\n")
		}
		for len(text) > 0 {
			end, _ := documentEnd(text, true)
			compare(t, text[:end])
			text = text[end:]
		}
	}
}

// TestPeoplesFiles: all ways of reading agree on the files that we have, and the fast one takes most of them.
func TestPeoplesFiles(t *testing.T) {
	roots := []string{"../examples"}
	if shared := os.Getenv("SCENARIO_SHARED"); shared != "" {
		roots = append(roots, filepath.Join(shared, "corpus"), filepath.Join(shared, "seeds"))
	} else {
		t.Log("SCENARIO_SHARED is not set: only the examples are read")
	}
	documents, fast := 0, 0
	for _, root := range roots {
		err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !slices.Contains([]string{".yaml", ".yml", ".json", ".txt"}, filepath.Ext(name)) {
				return err
			}
			text, err := os.ReadFile(name)
			for i := 0; i < len(text); {
				end, _ := documentEnd(text[i:], true)
				if compare(t, text[i:i+end]) {
					fast++
				} else if start, empty := header(text[i:i+end], true); empty == 0 {
					t.Logf("slow: %s at %.60q", name, text[i+start:i+end])
				}
				documents++
				i += end
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d documents the fast way", fast, documents)
	if fast*10 < documents*9 {
		t.Errorf("only %d of %d documents the fast way", fast, documents)
	}
}

// refusals are what is refused although kubectl's reader takes it.
var refusals = regexp.MustCompile(`is already set in line|` +
	`aliases make this document|nested more than|` +
	`do not agree|a second document begins|` +
	`not a Kubernetes object|` +
	`is not UTF-8|control character|NUL byte|byte order mark within|this is a binary file|this is UTF-16`)

// loneTag is the tag that the two YAML libraries take differently.
var loneTag = regexp.MustCompile(`(^|[\s,\[{])!([\s,\]}]|$)`)

// whole says whether there is nothing after the first document, at which kubectl's reader does not look.
func whole(text []byte) bool {
	decoder := yamlv2.NewDecoder(bytes.NewReader(text))
	var first, second any
	return decoder.Decode(&first) == nil && decoder.Decode(&second) == io.EOF
}

// FuzzRead: no input makes a panic, the ways of reading agree, and what is refused is refused for a reason.
func FuzzRead(f *testing.F) {
	for _, text := range awkwardDocuments {
		f.Add([]byte(text))
		f.Add([]byte("apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec:\n  " + strings.ReplaceAll(text, "\n", "\n  ")))
	}
	for _, text := range shapes {
		f.Add([]byte(text))
	}
	f.Add([]byte("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"A\",\"metadata\":{\"name\":\"a\"}}]}\n{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := Read("x", bytes.NewReader(text))
		if (b == nil) == (err == nil) {
			t.Fatalf("%v, %v", b, err)
		}
		pieces := 0
		for i := 0; i < len(text); pieces++ {
			end, ok := documentEnd(text[i:], true)
			if !ok || end == 0 {
				t.Fatalf("no end at %d", i)
			}
			compare(t, text[i:i+end])
			i += end
		}
		if pieces != 1 || len(text) > 10000 {
			return
		}
		want, wantErr := sigsyaml.YAMLToJSON(text)
		if err == nil && wantErr == nil && len(b.Objects) == 1 && want[0] == '{' {
			got, err := canonical(b.Objects[0].JSON)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%q\ngot  %s\nwant %s", text, got, want)
			}
		}
		var readError *ReadError
		if err != nil && wantErr == nil && want[0] == '{' && !loneTag.Match(text) && whole(text) && (!errors.As(err, &readError) || !refusals.MatchString(err.Error())) {
			t.Errorf("%q is refused: %v; kubectl's reader: %s", text, err, want)
		}
	})
}

// FuzzAt: any document and any path give a place, without a crash.
func FuzzAt(f *testing.F) {
	f.Add(shapes[3], "spec.http[0].route[0].destination.host")
	f.Add("apiVersion: v1\nkind: A\nmetadata: {name: a, labels: {a.b/c: d}}", `metadata.labels["a.b/c"]`)
	f.Fuzz(func(t *testing.T, text, field string) {
		b, err := Read("x", strings.NewReader(text))
		if err != nil {
			return
		}
		for _, o := range b.Objects {
			if at := o.At(field); at.File != "x" || at.Line < 1 || at.Column < 1 || at.Line > 1+strings.Count(text, "\n")+strings.Count(text, "\r")+strings.Count(text, "\u0085")+strings.Count(text, "\u2028")+strings.Count(text, "\u2029") {
				t.Errorf("%q in %q is at %v", field, text, at)
			}
			o.Has(field)
		}
	})
}
