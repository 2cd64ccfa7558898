package edit

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

const one1 = "apiVersion: v1\nkind: A\nmetadata: {name: a} # c\nspec:\n  x: 1\n"

func write1(t *testing.T, folder, name, text string) string {
	t.Helper()
	name = filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return name
}

func plan(t *testing.T, names ...string) *Plan {
	t.Helper()
	b, err := bundle.Load(names, strings.NewReader(one1))
	if err != nil {
		t.Fatal(err)
	}
	return NewPlan(b)
}

func set1(name string, value any) []validate.Edit {
	return []validate.Edit{{Object: validate.Object{Kind: "A", Name: name}, Field: "spec.x", Value: value}}
}

func content(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func noMoreThan(t *testing.T, folder string, n int) {
	t.Helper()
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != n {
		t.Errorf("%v, %v: want %d files", entries, err, n)
	}
}

// TestWrite: files are replaced, keep their mode, and links lead where they did.
func TestWrite(t *testing.T) {
	folder := t.TempDir()
	name := write1(t, folder, "there/a.yaml", one1)
	other := write1(t, folder, "there/b.yaml", strings.ReplaceAll(one1, "name: a", "name: b"))
	link := filepath.Join(folder, "link.yaml")
	if err := os.Symlink(filepath.Join("there", "a.yaml"), link); err != nil {
		t.Fatal(err)
	}
	p := plan(t, link, other)
	if err := errors.Join(p.Add(set1("a", 2), set1("b", 1))...); err != nil {
		t.Fatal(err)
	}
	if content(t, name) != one1 {
		t.Error("written before Write")
	}
	changes, err := p.Write()
	if err != nil || len(changes) != 1 || changes[0].File != link {
		t.Fatal(changes, err)
	}
	if got, want := content(t, name), strings.Replace(one1, "x: 1", "x: 2", 1); got != want {
		t.Errorf("got %s", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is gone", err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o640 {
		t.Error(info.Mode(), err)
	}
	noMoreThan(t, filepath.Join(folder, "there"), 2)
}

// TestWriteRefused: where one file cannot be written, none is.
func TestWriteRefused(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, name string){
		"changed":  func(t *testing.T, name string) { write1(t, filepath.Dir(name), "b.yaml", one1+"# more\n") },
		"gone":     func(t *testing.T, name string) { os.Remove(name) },
		"two ways": func(t *testing.T, name string) { os.Link(name, filepath.Join(t.TempDir(), "c.yaml")) },
		"folder": func(t *testing.T, name string) {
			os.Remove(name)
			os.Mkdir(name, 0o777)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && name == "two ways" {
				t.Skip("links are not counted there")
			}
			folder := t.TempDir()
			a := write1(t, folder, "a.yaml", one1)
			b := write1(t, folder, "b.yaml", strings.ReplaceAll(one1, "name: a", "name: b"))
			p := plan(t, a, b)
			if err := errors.Join(p.Add(set1("a", 2), set1("b", 2))...); err != nil {
				t.Fatal(err)
			}
			spoil(t, b)
			if changes, err := p.Write(); err == nil || len(changes) > 0 || !strings.Contains(err.Error(), "b.yaml: ") {
				t.Error(changes, err)
			}
			if content(t, a) != one1 {
				t.Error("a.yaml is written")
			}
		})
	}
}

// TestChanged: an object that is not where and as it was when it was read is not edited.
func TestChanged(t *testing.T) {
	folder := t.TempDir()
	name := write1(t, folder, "a.yaml", one1)
	for _, now := range []string{"# new\n" + one1, strings.Replace(one1, "x: 1", "x: 5", 1), strings.Replace(one1, "name: a", "name: b", 1), ""} {
		write1(t, folder, "a.yaml", one1)
		p := plan(t, name)
		write1(t, folder, "a.yaml", now)
		if err := p.Add(set1("a", 2))[0]; err == nil || !strings.Contains(err.Error(), "has changed since") {
			t.Errorf("%q: %v", now, err)
		}
	}
}

// TestStandardInput is never edited.
func TestStandardInput(t *testing.T) {
	if err := plan(t, "-").Add(set1("a", 2))[0]; err == nil || !strings.Contains(err.Error(), "standard input") {
		t.Error(err)
	}
}

// TestFixes: each fix is made as a whole or not at all, whatever becomes of the others.
func TestFixes(t *testing.T) {
	folder := t.TempDir()
	a := write1(t, folder, "a.yaml", "apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec:\n  x: &x 1\n  y: *x\n  l: [a, b, c]\n")
	b := write1(t, folder, "b.yaml", strings.ReplaceAll(one1, "name: a", "name: b"))
	p := plan(t, folder)
	edit := func(name, field string, v any) validate.Edit {
		return validate.Edit{Object: validate.Object{Kind: "A", Name: name}, Field: field, Value: v}
	}
	errs := p.Add(
		[]validate.Edit{edit("b", "spec.x", 2), edit("a", "spec.x", 2)}, // the second cannot be
		[]validate.Edit{edit("b", "spec.z", 3), edit("a", "spec.l[0]", nil)},
		[]validate.Edit{edit("b", "spec.z", 4)}, // contradicts
		[]validate.Edit{edit("a", "spec.l[2]", "d"), edit("a", "spec.l[3]", "e")},
		[]validate.Edit{edit("b", "spec.z", 3)}, // the same again
	)
	for i, want := range []string{"anchor &x", "", "contradicts", "", ""} {
		if got := errs[i]; (got == nil) != (want == "") || got != nil && !strings.Contains(got.Error(), want) {
			t.Errorf("%d: %v, want %q", i, got, want)
		}
	}
	var refusal *Refusal
	if !errors.As(errs[0], &refusal) || refusal.At.File != a || refusal.At.Line != 5 {
		t.Errorf("%+v", refusal)
	}
	changes, err := p.Changes()
	if err != nil || len(changes) != 2 {
		t.Fatal(changes, err)
	}
	if got := string(changes[0].After); !strings.HasSuffix(got, "  y: *x\n  l: [b, d, e]\n") {
		t.Error(got)
	}
	if got := string(changes[1].After); changes[1].File != b || !strings.HasSuffix(got, "  x: 1\n  z: 3\n") {
		t.Error(got)
	}
}

// TestDiff: Git and patch take the diffs, whatever the files are called and however they end.
func TestDiff(t *testing.T) {
	for _, tool := range [][]string{{"git", "apply", "-p1", "--whitespace=nowarn"}, {"patch", "-p1", "--binary"}} {
		t.Run(tool[0], func(t *testing.T) {
			if _, err := exec.LookPath(tool[0]); err != nil {
				t.Skip(err)
			}
			t.Chdir(t.TempDir())
			long := one1 + strings.Repeat("  # more\n", 20) + "  l:\n  - 1\n"
			texts := map[string]string{
				"a.yaml":          one1,
				"with space.yaml": strings.TrimSuffix(one1, "\n"),
				"sub/é.yaml":      strings.ReplaceAll(one1, "\n", "\r\n"),
				"./sub/long.yaml": long,
				"sub/mark.yaml":   byteOrderMark + one1,
			}
			var diffs []byte
			want := map[string]string{}
			for name, text := range texts {
				write1(t, ".", name, text)
				edits := append(set1("a", 2), validate.Edit{Object: validate.Object{Kind: "A", Name: "a"}, Field: "spec.w", Value: "v"})
				if name == "./sub/long.yaml" {
					edits = append(edits, validate.Edit{Object: validate.Object{Kind: "A", Name: "a"}, Field: "spec.l[1]", Value: 2})
				}
				out, err := Text(name, []byte(text), edits)
				if err != nil {
					t.Fatal(err)
				}
				want[name] = string(out)
				diffs = append(diffs, Change{name, []byte(text), out}.Diff()...)
			}
			cmd := exec.Command(tool[0], tool[1:]...)
			cmd.Stdin = bytes.NewReader(diffs)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s\n%s", err, out, diffs)
			}
			for name := range texts {
				if got := content(t, name); got != want[name] {
					t.Errorf("%s: got\n%q\nwant\n%q", name, got, want[name])
				}
			}
		})
	}
	if d := (Change{"a", []byte("x"), []byte("x")}).Diff(); d != nil {
		t.Errorf("%s", d)
	}
}
