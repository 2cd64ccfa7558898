package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/report"
)

func TestParseOutputs(t *testing.T) {
	formats := []string{"text", "json", "sarif"}
	for _, c := range []struct {
		values []string
		want   []output
		err    string
		hint   string
	}{
		{values: nil, want: []output{{"text", ""}}},
		{values: []string{"json"}, want: []output{{"json", ""}}},
		{values: []string{"json=-"}, want: []output{{"json", ""}}},
		{values: []string{"json=out.json"}, want: []output{{"json", "out.json"}}},
		{values: []string{"sarif=a/../s=1.sarif", "text", "json=./j.json"}, want: []output{{"sarif", "s=1.sarif"}, {"text", ""}, {"json", "j.json"}}},
		{values: []string{"json=a.json", "json=b.json"}, want: []output{{"json", "a.json"}, {"json", "b.json"}}},
		{values: []string{""}, err: "-o is empty", hint: "leave -o out"},
		{values: []string{"jsn"}, err: `unknown format "jsn"`, hint: "did you mean json? the formats are text, json and sarif"},
		{values: []string{"text", "yaml=x"}, err: `unknown format "yaml"`, hint: "the formats are text, json and sarif"},
		{values: []string{"=x"}, err: `unknown format ""`, hint: "the formats are text, json and sarif"},
		{values: []string{"json="}, err: "-o json= names no file", hint: "write -o json=FILE"},
		{values: []string{"text", "json"}, err: "-o text and -o json both go to stdout", hint: "-o json=FILE"},
		{values: []string{"text=-", "text"}, err: "-o text and -o text both go to stdout", hint: "-o text=FILE"},
		{values: []string{"text=x", "sarif=./x"}, err: "-o text and -o sarif both go to x", hint: "name another file"},
	} {
		got, err := parseOutputs(c.values, formats)
		var known *statusError
		switch {
		case c.err == "" && (err != nil || !reflect.DeepEqual(got, c.want)):
			t.Errorf("%q: got %v and error %v, want %v", c.values, got, err, c.want)
		case c.err != "" && (!errors.As(err, &known) || err.Error() != c.err || known.status != exitUsage || !strings.HasPrefix(known.hint, c.hint) && !strings.HasSuffix(known.hint, c.hint)):
			t.Errorf("%q: got error %+v, want %q and hint %q", c.values, err, c.err, c.hint)
		}
	}
	if got, err := parseOutputs([]string{"sarif=x"}, report.FindingNames()); err != nil || got[0].format != "sarif" {
		t.Errorf("got %v and error %v", got, err)
	}
}

// names is what a folder holds.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func content(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// format writes the name of the format.
func format(w io.Writer, o output) error {
	_, err := io.WriteString(w, "new "+o.format)
	return err
}

func TestWriteOutputs(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "old.json", "old")
	if err := os.Chmod("old.json", 0o640); err != nil {
		t.Fatal(err)
	}
	put(t, "behind.xml", "old")
	if err := os.Symlink("behind.xml", "link.xml"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	outputs := []output{{"json", "old.json"}, {"text", ""}, {"sarif", "new.sarif"}, {"junit", "link.xml"}, {"github", os.DevNull}}
	if err := (streams{out: &out}).writeOutputs(outputs, format); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"old.json": "new json", "new.sarif": "new sarif", "behind.xml": "new junit"} {
		if got := content(t, file); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
	if out.String() != "new text" {
		t.Errorf("stdout: got %q", out.String())
	}
	if got, want := names(t, "."), "behind.xml link.xml new.sarif old.json"; got != want {
		t.Errorf("the folder holds %s, want %s", got, want)
	}
	if info, err := os.Stat("old.json"); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("old.json: %v, %v", info.Mode(), err)
	}
	if target, err := os.Readlink("link.xml"); err != nil || target != "behind.xml" {
		t.Errorf("link.xml leads to %q, %v", target, err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s was replaced: %v, %v", os.DevNull, info.Mode(), err)
	}
}

// TestWriteOutputsFails holds failures to leave everything as it was.
func TestWriteOutputsFails(t *testing.T) {
	broken := errors.New("no colours left")
	for name, c := range map[string]struct {
		outputs []output
		write   func(io.Writer, output) error
		err     string
		written bool // whether write is called
	}{
		"no folder":        {[]output{{"json", "a.json"}, {"text", ""}, {"sarif", "no/such.sarif"}}, format, "write no/such.sarif: no such file or directory", false},
		"a folder":         {[]output{{"json", "a.json"}, {"text", ""}, {"sarif", "dir"}}, format, "write dir: is a folder", false},
		"a file's folder":  {[]output{{"json", "a.json"}, {"sarif", "a.json/x"}}, format, "write a.json/x: not a directory", false},
		"a link to itself": {[]output{{"json", "a.json"}, {"sarif", "loop"}}, format, "write loop: EvalSymlinks: too many links", false},
		"a format": {[]output{{"json", "a.json"}, {"text", ""}, {"sarif", "b.sarif"}}, func(w io.Writer, o output) error {
			if o.format == "sarif" {
				return broken
			}
			return format(w, o)
		}, "no colours left", true},
		"what came in between": {[]output{{"json", "a.json"}, {"text", ""}, {"sarif", "b.sarif"}}, func(w io.Writer, o output) error {
			if o.format == "sarif" {
				if err := os.Mkdir("b.sarif", 0o777); err != nil {
					return err
				}
			}
			return format(w, o)
		}, "b.sarif is in the way: not a regular file", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			put(t, "a.json", "old")
			if err := os.Mkdir("dir", 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("loop", "loop"); err != nil {
				t.Fatal(err)
			}
			before := names(t, ".")
			var out bytes.Buffer
			called := false
			err := (streams{out: &out}).writeOutputs(c.outputs, func(w io.Writer, o output) error {
				called = true
				return c.write(w, o)
			})
			if err == nil || err.Error() != c.err {
				t.Errorf("got error %v, want %s", err, c.err)
			}
			var known *statusError
			if !errors.Is(err, broken) && (!errors.As(err, &known) || known.status != exitEnvironment) {
				t.Errorf("%v is not the environment's", err)
			}
			if called != c.written {
				t.Errorf("written before it was known that it would fail, or not at all: %v", called)
			}
			os.Remove("b.sarif")
			if got := names(t, "."); got != before || content(t, "a.json") != "old" || out.Len() > 0 {
				t.Errorf("left %s, a.json with %q, stdout with %q", got, content(t, "a.json"), out.String())
			}
		})
	}
}

func TestKeepInputs(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "a.yaml", "a")
	if err := os.Symlink("a.yaml", "link.yaml"); err != nil {
		t.Fatal(err)
	}
	full, err := filepath.Abs("a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file string
		read []string
		ok   bool
	}{
		{"", []string{"-", "a.yaml"}, true},
		{"b.yaml", []string{"a.yaml", "."}, true},
		{"a.yaml", []string{"./a.yaml"}, false},
		{"a.yaml", []string{"x", full}, false},
		{"link.yaml", []string{"a.yaml"}, false},
		{"not-there", []string{"not-there"}, false},
	} {
		if err := keepInputs([]output{{"json", "else"}, {"text", c.file}}, c.read); (err == nil) != c.ok {
			t.Errorf("%s over %v: %v", c.file, c.read, err)
		}
	}
}

// TestOutputOptions holds what is coloured when stdout is a terminal.
func TestOutputOptions(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no terminals here:", err)
	}
	defer terminal.Close()
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	t.Setenv("COLUMNS", "100")
	s := streams{out: io.Discard, screen: terminal}
	for _, c := range []struct {
		output output
		color  string
		want   bool
	}{
		{output{"text", ""}, "always", true}, {output{"text", ""}, "auto", true}, {output{"text", ""}, "never", false},
		{output{"text", "x"}, "always", true}, {output{"text", "x"}, "auto", false}, {output{"text", "x"}, "never", false},
	} {
		if got := s.options(c.output, c.color); got.Color != c.want || got.Width != 100 {
			t.Errorf("%v %s: got %+v", c.output, c.color, got)
		}
	}
}
