// Command bench measures the command scenario, side by side with the tools that people render YAML with, and prints
// CPU time (user and system), peak memory, and ratios. Absolute figures belong to one machine; the ratios are the news.
//
// helm and jsonnet render objects equal to those of scenario render 1a --mtls --target istio-1.31 (chart/, 1a.jsonnet);
// that they are equal is checked, so chart and template must follow when what is rendered changes.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"
)

func main() {
	if err := bench(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

const many = 2500

func bench() error {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(os.Stderr, "bench: building scenario, helm, jsonnet and a hello-world")
	at := func(name string) string { return filepath.Join(dir, name) }
	hello := at("hello.go")
	if err := os.WriteFile(hello, []byte("package main\n\nfunc main() { println(\"hello\") }\n"), 0o666); err != nil {
		return err
	}
	for _, build := range [][]string{
		{"build", "-C", "..", "-o", at("scenario"), "./cmd/scenario"},
		{"build", "-o", at("helm"), "helm.sh/helm/v3/cmd/helm"},
		{"build", "-o", at("jsonnet"), "github.com/google/go-jsonnet/cmd/jsonnet"},
		{"build", "-o", at("hello"), hello},
	} {
		cmd := exec.Command("go", build...)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("go %s: %w", strings.Join(build, " "), err)
		}
	}
	for n, file := range map[int]string{1: "one", many: "many"} {
		if err := inputs(n, at(file)); err != nil {
			return err
		}
	}

	tools := func(file string) []tool {
		return []tool{
			{"scenario", []string{at("scenario"), "render", "-f", at(file + ".yaml")}},
			{"helm template", []string{at("helm"), "template", "chart", "-f", at(file + ".values.yaml")}},
			{"jsonnet", []string{at("jsonnet"), "-S", "--tla-code-file", "services=" + at(file+".json"), "1a.jsonnet"}},
		}
	}
	if err := equal(tools("one")); err != nil {
		return err
	}
	cold := append([]tool{
		{"Go hello-world", []string{at("hello")}},
		{"scenario render 1a --mtls", []string{at("scenario"), "render", "1a", "--mtls"}},
	}, tools("one")[1:]...)
	if err := table("a cold start, one scenario", cold, 1, 21); err != nil {
		return err
	}
	if err := table(fmt.Sprintf("%d definitions in one file, %d objects", many, many*5), tools("many"), 0, 5); err != nil {
		return err
	}
	if err := certificates(); err != nil {
		return err
	}
	return walks(dir)
}

// inputs writes the same services as definitions, chart values and Jsonnet.
func inputs(n int, base string) error {
	var definitions, values, json strings.Builder
	values.WriteString("services:\n")
	json.WriteString("[\n")
	for i := range n {
		name, host := fmt.Sprintf("svc-%05d", i), fmt.Sprintf("svc-%05d.ext.example.com", i)
		fmt.Fprintf(&definitions, "---\napiVersion: meshscenario.io/v1alpha1\nkind: Scenario\nmetadata:\n  name: %s\nspec:\n  scenario: 1a\n  target: istio-1.31\n  encryption: mutual\n  service:\n    host: %s\n", name, host)
		fmt.Fprintf(&values, "- name: %s\n  host: %s\n", name, host)
		fmt.Fprintf(&json, "{name: %q, host: %q},\n", name, host)
	}
	json.WriteString("]\n")
	for ending, text := range map[string]string{".yaml": definitions.String(), ".values.yaml": values.String(), ".json": json.String()} {
		if err := os.WriteFile(base+ending, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// A tool is one command to measure.
type tool struct {
	name string
	args []string
}

// equal holds the objects of all tools against those of the first.
func equal(tools []tool) error {
	var want []any
	for _, t := range tools {
		out, err := exec.Command(t.args[0], t.args[1:]...).Output()
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		var got []any
		for d := yaml.NewDecoder(bytes.NewReader(out)); ; {
			var doc any
			if d.Decode(&doc) != nil {
				break
			}
			if doc != nil {
				got = append(got, doc)
			}
		}
		if want == nil {
			want = got
		}
		if !sameObjects(got, want) {
			return fmt.Errorf("%s renders other objects than %s", t.name, tools[0].name)
		}
	}
	return nil
}

// sameObjects compares without order: helm sorts by kind.
func sameObjects(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y any) bool { return reflect.DeepEqual(x, y) }) {
			return false
		}
	}
	return true
}

// table measures each tool, taking turns, and prints medians and ratios to tool number base.
func table(title string, tools []tool, base, runs int) error {
	type sample struct{ cpu, wall, memory float64 }
	samples := make([][]sample, len(tools))
	for range runs {
		for i, t := range tools {
			cmd := exec.Command(t.args[0], t.args[1:]...)
			start := time.Now()
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			wall := time.Since(start)
			usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			samples[i] = append(samples[i], sample{cpu.Seconds() * 1000, wall.Seconds() * 1000, float64(usage.Maxrss) / 1024})
		}
	}
	median := func(i int, of func(sample) float64) float64 {
		var values []float64
		for _, s := range samples[i] {
			values = append(values, of(s))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	cpu := func(s sample) float64 { return s.cpu }
	memory := func(s sample) float64 { return s.memory }
	fmt.Printf("%s (medians of %d runs, in turns)\n", title, runs)
	fmt.Printf("  %-28s %10s %10s %10s %14s %14s\n", "", "CPU ms", "wall ms", "peak MB", "CPU ratio", "memory ratio")
	for i, t := range tools {
		fmt.Printf("  %-28s %10.1f %10.1f %10.1f %14.2f %14.2f\n", t.name, median(i, cpu), median(i, func(s sample) float64 { return s.wall }), median(i, memory),
			median(i, cpu)/median(base, cpu), median(i, memory)/median(base, memory))
	}
	fmt.Println()
	return nil
}
