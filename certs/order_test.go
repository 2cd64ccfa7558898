package certs

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recorded are the steps that a function does to the disk, in their order.
func recorded(t *testing.T, f func()) []string {
	t.Helper()
	var steps []string
	turn := make(chan struct{}, 1)
	step = func(what string) {
		turn <- struct{}{}
		steps = append(steps, what)
		<-turn
	}
	defer func() { step = func(string) {} }()
	f()
	return steps
}

// TestOrder holds the steps of changes against what makes them safe from a power cut: all that the new index names is on the
// disk before it takes the place of the old one, and nothing that the old one names goes before that is on the disk as well.
func TestOrder(t *testing.T) {
	for name, n := range map[string]int{"one": 1, "few": 5, "many": 20} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, Init{})
			issue(t, s, many(n)...)
			steps := recorded(t, func() {
				if _, err := s.Renew(t.Context(), nil, 0, true); err != nil {
					t.Fatal(err)
				}
			})
			if wrong := misordered(s, steps); wrong != "" {
				t.Errorf("%s:\n%s", wrong, strings.Join(steps, "\n"))
			}
		})
	}
}

// misordered says what is wrong with the order of steps.
func misordered(s *Store, steps []string) string {
	index := filepath.Join(s.dir, indexFile)
	replaced := slices.Index(steps, "rename "+index)
	if replaced < 0 {
		return "the index was not replaced"
	}
	// until tells whether a path was made certain after it was last touched, and before a step.
	until := func(end int, what, path string) bool {
		touched := slices.Index(steps, what+" "+path)
		if touched < 0 || touched > end {
			return false
		}
		for _, later := range steps[touched:end] {
			if later == "sync "+path || strings.HasPrefix(later, "syncfs ") && strings.HasPrefix(path, strings.TrimPrefix(later, "syncfs ")+"/") {
				return true
			}
		}
		return false
	}
	for _, e := range s.Entries() {
		at := filepath.Join(s.dir, versionsDir, e.Folder)
		if !until(replaced, "mkdir", at) || !until(replaced, "write", filepath.Join(at, "tls.crt")) || !until(replaced, "write", filepath.Join(at, "tls.key")) {
			return "the files of " + e.Name + " may be lost, and the index names them"
		}
	}
	if !until(replaced, "write", temporary(index)) {
		return "the index may be empty"
	}
	versions := filepath.Join(s.dir, versionsDir)
	last := 0
	for i, what := range steps[:replaced] {
		if strings.HasPrefix(what, "mkdir "+versions) {
			last = i
		}
	}
	if !slices.ContainsFunc(steps[last:replaced], func(what string) bool { return what == "sync "+versions || what == "syncfs "+versions }) {
		return "the list of the new folders may be lost"
	}
	certain := slices.Index(steps[replaced:], "sync "+s.dir)
	links := slices.Index(steps, "sync "+filepath.Join(s.dir, linksDir))
	for i, what := range steps {
		switch old := strings.HasPrefix(what, "remove "+versions); {
		case (old || strings.HasPrefix(what, "rename "+filepath.Join(s.dir, linksDir))) && (certain < 0 || i < replaced+certain):
			return what + " comes before the new index is on the disk"
		case old && i < links:
			return what + " comes before the links lead elsewhere for sure"
		}
	}
	return ""
}
