package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// bookinfoRendered are the files of the example that scenario renders, each by the command that README.adoc shows.
var bookinfoRendered = regexp.MustCompile(`(?m)^\$ scenario (render -f .*) > (.*)$`)

// TestBookinfoReadme runs the commands of the example's README.adoc that are scenario's own, on the target that it names: what is
// rendered is what the files hold, and what validate and trace print is there. With -update it writes the files.
func TestBookinfoReadme(t *testing.T) {
	t.Chdir("../../examples/bookinfo")
	t.Setenv("COLUMNS", "")
	t.Setenv("SCENARIO_TARGET", "istio-1.31")
	data, err := os.ReadFile("README.adoc")
	if err != nil {
		t.Fatal(err)
	}
	rendered := bookinfoRendered.FindAllStringSubmatch(string(data), -1)
	for _, m := range rendered {
		text, _ := called(t, exitDone, strings.Fields(m[1])...)
		if *update {
			if err := os.WriteFile(m[2], []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if held, err := os.ReadFile(m[2]); err != nil || string(held) != text {
			t.Errorf("%s is not what scenario %s prints (%v); make update writes it anew", m[2], m[1], err)
		}
	}
	shown := regexp.MustCompile(`(?m)^\$ scenario ((?:validate|trace) .*)$`).FindAllSubmatch(data, -1)
	for _, m := range shown {
		if text, _ := called(t, exitDone, strings.Fields(string(m[1]))...); !bytes.Contains(data, []byte("$ scenario "+string(m[1])+"\n"+text+"----\n")) &&
			!bytes.Contains(data, []byte("$ scenario "+string(m[1])+"\n"+text+"$ ")) {
			t.Errorf("scenario %s prints\n%s", m[1], text)
		}
	}
	if len(rendered) != 2 || len(shown) != 3 {
		t.Errorf("%d commands that render and %d that show", len(rendered), len(shown))
	}
	for _, link := range regexp.MustCompile(`link:([^\[]+)\[|\|(traffic/\S+\.yaml|eks/\S+\.yaml)`).FindAllSubmatch(data, -1) {
		file := string(slices.Concat(link[1], link[2]))
		if _, err := os.Stat(file); err != nil {
			t.Errorf("README.adoc: %v", err)
		}
	}
}

// TestBookinfoFiles: every file of the example has its place: the walk applies it, README.adoc speaks of it, or both.
func TestBookinfoFiles(t *testing.T) {
	t.Chdir("../../examples/bookinfo")
	readme, err := os.ReadFile("README.adoc")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{"README.adoc": true, "walk.yaml": true}
	for _, step := range readBookinfo(t).Steps {
		for _, file := range step.Apply {
			for _, layout := range bookinfoLayouts {
				used[strings.Replace(file, "LAYOUT", layout, 1)] = true
			}
		}
	}
	err = filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !used[filepath.ToSlash(file)] && !bytes.Contains(readme, []byte(filepath.ToSlash(file))) {
			t.Errorf("%s: nothing speaks of it", file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestBookinfoBalancers: the values for Istio's chart gateway are annotations of its Service that AWS reads, as text, and a
// health check goes to the port on which the gateway tells that it is ready.
func TestBookinfoBalancers(t *testing.T) {
	t.Chdir("../../examples/bookinfo")
	files, err := filepath.Glob("eks/*.yaml")
	if err != nil || len(files) != 3 {
		t.Fatalf("%v: %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var values struct {
			Service struct{ Annotations map[string]string }
		}
		decoder := yaml.NewDecoder(bytes.NewReader(data))
		decoder.KnownFields(true)
		if err := decoder.Decode(&values); err != nil || len(values.Service.Annotations) == 0 {
			t.Errorf("%s: %v, %v", file, values, err)
		}
		for name, value := range values.Service.Annotations {
			setting, ours := strings.CutPrefix(name, "service.beta.kubernetes.io/aws-load-balancer-")
			if !ours || setting == "healthcheck-port" && value != "15021" {
				t.Errorf("%s: %s: %q", file, name, value)
			}
		}
	}
}
