package policy

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types/ref"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// A Subject is what a rule looks at, one at a time.
type Subject string

// The subjects.
const (
	Object Subject = "object" // an object of the bundle
	Path   Subject = "path"   // a way that a request goes
	Hop    Subject = "hop"    // a hop of such a way
)

// A Rule is one of the user's own, as it is written.
type Rule struct {
	ID       string
	Policy   string // the name of the policy that holds it
	Title    string
	Severity validate.Severity
	Each     Subject
	At       bundle.Position

	match, require            *expression // match may be nil
	message, consequence, fix text
	field                     text
	params                    ref.Val
	variables                 []*expression
	names                     *structure // of the variables
}

// A Set is the rules of some files, ready to be used. It may be used by several goroutines at once.
type Set struct {
	rules []*Rule
	model *model
}

// Rules lists the rules, in the order of the files and within them.
func (s *Set) Rules() []Rule {
	rules := make([]Rule, len(s.rules))
	for i, r := range s.rules {
		rules[i] = *r
	}
	return rules
}

// Needs tells whether a rule looks at such a subject, so that nobody follows requests for rules about objects alone.
func (s *Set) Needs(subject Subject) bool {
	return slices.ContainsFunc(s.rules, func(r *Rule) bool { return r.Each == subject })
}

// Load reads policies of files, and of folders the files that end in .yaml, .yml or .json. Everything in them must be a
// policy, and IDs are unique over all of them. The error joins a [Problem] or [bundle.ReadError] for each thing that is
// wrong, in the order of the files; with any there is no set.
func Load(paths []string) (*Set, error) {
	for _, path := range paths {
		if path == "-" {
			return nil, errors.New("-: policies are read from files")
		}
	}
	b, err := bundle.Load(paths, strings.NewReader(""))
	if err != nil {
		return nil, err
	}
	l, err := newLoader(func(name string) []byte {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil // places are of keys, then
		}
		return text
	})
	if err != nil {
		return nil, err
	}
	for _, name := range b.Skipped {
		if base := filepath.Base(name); base != "kustomization.yaml" && base != "kustomization.yml" {
			l.problem(bundle.Position{File: name}, "", "", notPolicy, "this is no policy")
		}
	}
	return l.load(b, strings.Join(paths, ", "))
}

// Read reads policies as [Load] does; name is what places call the input.
func Read(name string, r io.Reader) (*Set, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b, err := bundle.Read(name, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	l, err := newLoader(func(string) []byte { return text })
	if err != nil {
		return nil, err
	}
	return l.load(b, name)
}

// A loader makes rules of documents.
type loader struct {
	set      *Set
	base     *cel.Env
	envs     map[string]*cel.Env
	ids      map[string]bundle.Position
	names    map[string]bundle.Position
	open     func(name string) []byte
	files    map[string][]byte
	problems []*Problem
}

func newLoader(open func(string) []byte) (*loader, error) {
	m, err := newModel()
	if err != nil {
		return nil, err
	}
	l := &loader{
		set: &Set{model: m}, envs: map[string]*cel.Env{}, open: open, files: map[string][]byte{},
		ids: map[string]bundle.Position{}, names: map[string]bundle.Position{},
	}
	l.base, err = cel.NewEnv(language(m)...)
	return l, err
}

func (l *loader) load(b *bundle.Bundle, name string) (*Set, error) {
	for _, o := range b.Objects {
		l.document(o)
	}
	if len(b.Objects) == 0 && len(l.problems) == 0 {
		l.problem(bundle.Position{File: name}, "", "", notPolicy, "no policy in it")
	}
	if len(l.problems) == 0 {
		return l.set, nil
	}
	l.sort(b)
	errs := make([]error, len(l.problems))
	for i, p := range l.problems {
		errs[i] = p
	}
	return nil, errors.Join(errs...)
}

// sort puts the problems in the order of the text.
func (l *loader) sort(b *bundle.Bundle) {
	files := map[string]int{}
	for i, o := range b.Objects {
		if name := o.At("").File; files[name] == 0 {
			files[name] = i + 1
		}
	}
	slices.SortStableFunc(l.problems, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(files[a.At.File], files[b.At.File]), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
}

func (l *loader) problem(at bundle.Position, rule, field, hint, format string, args ...any) {
	l.problems = append(l.problems, &Problem{At: at, Rule: rule, Field: field, Hint: hint, Text: fmt.Sprintf(format, args...)})
}

// file is the text of a file, read when a place in it is needed.
func (l *loader) file(name string) []byte {
	text, known := l.files[name]
	if !known {
		text = l.open(name)
		l.files[name] = text
	}
	return text
}
