package validate_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// A known line is one of testdata/corpus.txt.
type known struct {
	files, is, why string
	used           bool
}

// fits says whether a text is of a pattern, in which * is anything.
func fits(pattern, text string) bool {
	return regexp.MustCompile(`^` + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`) + `$`).MatchString(text)
}

func readCorpus(t *testing.T) []*known {
	t.Helper()
	data, err := os.ReadFile("testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []*known
	for n, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, "  ")
		if len(parts) != 3 || slices.Contains(parts, "") {
			t.Fatalf("testdata/corpus.txt:%d: want FILES, RULE and object, and why, with two spaces between them", n+1)
		}
		all = append(all, &known{files: parts[0], is: parts[1], why: parts[2]})
	}
	return all
}

// TestCorpus holds what is found in bundles of others against what a person made of it. Their text is not ours to keep
// here: it is read from the folder corpus of SCENARIO_SHARED.
func TestCorpus(t *testing.T) {
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED is not set: it holds the corpus")
	}
	target, _ := mesh.Lookup("istio-1.31")
	lines := readCorpus(t)
	root := filepath.Join(shared, "corpus")
	files, err := filepath.Glob(filepath.Join(root, "*", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.ToSlash(name)
		first := slices.IndexFunc(lines, func(k *known) bool { return fits(k.files, name) })
		if first < 0 {
			t.Errorf("%s: not in testdata/corpus.txt", name)
			continue
		}
		found := corpusFindings(t, name, file, target)
		for _, k := range lines {
			if k.files != lines[first].files {
				continue
			}
			k.used = true
			i := slices.IndexFunc(found, func(is string) bool { return fits(k.is, is) })
			if i < 0 {
				t.Errorf("%s: %s: not so", name, k.is)
				continue
			}
			found = slices.Delete(found, i, i+1)
		}
		for _, is := range found {
			t.Errorf("%s: %s: not expected", name, is)
		}
	}
	for _, k := range lines {
		if !k.used {
			t.Errorf("testdata/corpus.txt: %s: no file needs it", k.files)
		}
	}
}

// corpusFindings are rule and object of each finding at error or warning, or the word that stands for none.
func corpusFindings(t *testing.T, name, file string, target mesh.Target) []string {
	t.Helper()
	r, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := bundle.Read(name, r)
	var unread *bundle.ReadError
	if errors.As(err, &unread) {
		return []string{"unread"}
	}
	if err != nil {
		t.Fatal(err)
	}
	result, err := validate.Run(b, validate.Options{Target: target, Rules: rules.All})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range result.Findings {
		if f.Severity != validate.Info {
			found = append(found, f.Rule+" "+f.Object.String())
		}
	}
	if len(found) == 0 {
		return []string{"-"}
	}
	return found
}
