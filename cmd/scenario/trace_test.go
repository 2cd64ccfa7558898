package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
)

// exampleTarget finds the target in the name of an example.
var exampleTarget = regexp.MustCompile(`(?:ossm|istio)-[0-9.]+[0-9]|tyk|contrast`)

// onWire is the TLS that the last proxy of a cell sends out of the mesh with.
var onWire = map[string]string{
	"none": traffic.Plaintext, "simple": traffic.Simple, "mutual": traffic.Mutual, "passthrough": traffic.Own,
}

// grantsByGroup are the examples whose callers are let in by groups.
var grantsByGroup = regexp.MustCompile(`mutual/tyk\.yaml$|enroll-groups`)

// TestTraceExamples traces every request of every example, as text and as JSON: all arrive, in a cell's folder by the
// cell's encryption, no line is longer than 80 characters, what is told fits what is counted, and the definitions, which
// are no manifests, are refused.
func TestTraceExamples(t *testing.T) {
	t.Setenv("COLUMNS", "")
	t.Setenv("SCENARIO_TARGET", "")
	traced, kept := 0, 0
	err := filepath.WalkDir("../../examples", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == "bookinfo" { // its files are traced together, by TestBookinfo
			return filepath.SkipDir
		}
		if err != nil || filepath.Ext(file) != ".yaml" {
			return err
		}
		var out, errOut bytes.Buffer
		if strings.Contains(file, "definitions") || strings.Contains(file, "meshes/") || strings.Contains(file, "others/") {
			if status := run([]string{"trace", file, "--all"}, strings.NewReader(""), &out, &errOut); status != exitInput {
				t.Errorf("%s: exit %d", file, status)
			}
			return nil
		}
		args := []string{"trace", file, "--all", "--target", exampleTarget.FindString(file)}
		if status := run(append(args, "--verbose"), strings.NewReader(""), &out, &errOut); status != exitDone {
			t.Errorf("%s: exit %d\n%s", file, status, errOut.String())
			return nil
		}
		for line := range strings.Lines(out.String()) {
			if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 80 {
				t.Errorf("%s: longer than 80: %s", file, line)
			}
		}
		var data bytes.Buffer
		if status := run(append(args, "-o", "json"), strings.NewReader(""), &data, &errOut); status != exitDone {
			t.Errorf("%s: -o json: exit %d\n%s", file, status, errOut.String())
		}
		var paths []traffic.Path
		if err := json.Unmarshal(data.Bytes(), &paths); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		ways := 0
		for _, p := range paths {
			for _, way := range p.Ways() {
				ways++
				last := way.Hops[len(way.Hops)-1]
				folders := strings.Split(filepath.ToSlash(file), "/")
				cell, encryption := folders[len(folders)-3], folders[len(folders)-2]
				wrong := slices.Contains([]string{"1a", "1b", "redirect"}, cell) && last.Wire.Mode != onWire[encryption]
				// The pods of two clusters that are one mesh are in the files of neither.
				elsewhere := strings.Contains(file, "two-clusters") && way.Outcome.Code == traffic.Unknown
				// Where Tyk's callers are let in by groups, the other workloads are kept out.
				if keptOut := strings.Contains(way.Outcome.Reason, "lets in the groups"); keptOut && grantsByGroup.MatchString(file) {
					kept++
					continue
				}
				if wrong || way.Outcome.Code != traffic.Arrives && !elsewhere {
					t.Errorf("%s: %s to %s: %s %s, by %s", file, p.Request.From, p.Request.To, way.Outcome.Code, way.Outcome.Reason, last.Wire.Mode)
				}
			}
		}
		if tables := strings.Count(out.String(), "hop  where "); tables != ways {
			t.Errorf("%s: %d tables for %d ways", file, tables, ways)
		}
		traced += ways
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Of three workloads in a row each may call the next: two of six calls. The lone one of the cell may be called by nobody.
	if traced < 80 || kept != 4+1 {
		t.Errorf("only %d ways in all; %d kept out by groups", traced, kept)
	}
}

// TestTraceCorpus traces every request of every file that other people wrote. What is no YAML of Kubernetes is refused.
func TestTraceCorpus(t *testing.T) {
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED is not set: the corpus is not there")
	}
	t.Setenv("COLUMNS", "")
	traced, refused := 0, 0
	err := filepath.WalkDir(filepath.Join(shared, "corpus"), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)) {
			return err
		}
		var out, errOut bytes.Buffer
		switch status := run([]string{"trace", file, "--all", "--verbose", "--target", "istio-1.31"}, strings.NewReader(""), &out, &errOut); status {
		case exitDone:
			traced++
			for line := range strings.Lines(out.String()) {
				if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 80 {
					t.Errorf("%s: longer than 80: %s", file, line)
				}
			}
		case exitInput:
			refused++
			if !strings.Contains(errOut.String(), file+":") || out.Len() > 0 {
				t.Errorf("%s: refused: %s%s", file, errOut.String(), out.String())
			}
		default:
			t.Errorf("%s: exit %d\n%s", file, status, errOut.String())
		}
		return nil
	})
	if err != nil || traced < 200 || refused > 20 {
		t.Errorf("%d files traced, %d refused: %v", traced, refused, err)
	}
}

// TestGuides: whatever the target, somebody knows where its requests go.
func TestGuides(t *testing.T) {
	for _, target := range mesh.All {
		if guides[target.Family] == nil {
			t.Errorf("nobody follows requests on %s", target.Name)
		}
	}
}
