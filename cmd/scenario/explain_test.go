package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/scenarios"
)

// TestAbout runs the commands with which the text on each scenario ends.
func TestAbout(t *testing.T) {
	all := slices.Clone(scenarios.All)
	for _, s := range scenarios.All {
		all = append(all, s.Variants()...)
	}
	for _, s := range all {
		about, err := s.About()
		if err != nil {
			t.Error(err)
			continue
		}
		for _, word := range []string{"\nChoose ", "\nWhat it costs: "} {
			if s.ID != "enroll" && s.ID != "control-plane" && !strings.Contains(about, word) {
				t.Errorf("%s: nothing about %q", s.Template(), strings.TrimSpace(word))
			}
		}
		ran := 0
		for _, line := range strings.Split(about, "\n") {
			command, ok := strings.CutPrefix(line, "  scenario ")
			if !ok {
				continue
			}
			ran++
			var out, errs bytes.Buffer
			if status := run(strings.Fields(command), strings.NewReader(""), &out, &errs); status != 0 || out.Len() == 0 {
				t.Errorf("scenario %s: status %d: %s", command, status, errs.String())
			}
		}
		if ran == 0 {
			t.Errorf("%s: no command", s.Template())
		}
	}
}
