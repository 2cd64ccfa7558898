package validate_test

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// A trap is a bundle that works and that a naive linter complains of: validate must stay silent about it, but for what
// the file allows. testdata/traps/README.adoc describes the comments that a file begins with.
type trap struct {
	file     string
	why      string
	target   mesh.Target
	bundle   *bundle.Bundle
	requests []trapRequest
	may      []string
}

// A trapRequest is one that the trap is about, and how it must end.
type trapRequest struct {
	traffic.Request
	ends  traffic.Code
	wires string // of the hops after the application: mode:layers, with commas between; "" is not looked at
	at    string // the service that it reaches; "" is that of the URL, "-" is not looked at, as for who comes in from outside
}

var rule = regexp.MustCompile(`^MSH[1-9][0-9]{2}$`)

func readTrap(file string) (trap, error) {
	t := trap{file: filepath.Base(file)}
	data, err := os.ReadFile(file)
	if err != nil {
		return t, err
	}
	for _, line := range strings.Split(string(data), "\n") {
		text, comment := strings.CutPrefix(line, "# ")
		if !comment {
			break
		}
		key, value, _ := strings.Cut(text, ": ")
		switch key {
		case "target":
			var ok bool
			if t.target, ok = mesh.Lookup(value); !ok {
				return t, fmt.Errorf("unknown target %q", value)
			}
		case "request":
			r, err := readTrapRequest(value)
			if err != nil {
				return t, err
			}
			t.requests = append(t.requests, r)
		case "may":
			t.may = append(t.may, strings.Fields(value)...)
		default:
			t.why += text + "\n"
		}
	}
	number, _, _ := strings.Cut(strings.TrimSuffix(t.file, ".yaml"), "-")
	if !strings.HasPrefix(t.why, number+": ") {
		return t, fmt.Errorf("the first line must begin %q", "# "+number+": ")
	}
	for _, m := range t.may {
		if !rule.MatchString(m) {
			return t, fmt.Errorf("may: %q is no rule", m)
		}
	}
	if t.target.Name == "" {
		return t, fmt.Errorf("no target")
	}
	t.bundle, err = bundle.Read(t.file, bytes.NewReader(data))
	return t, err
}

func readTrapRequest(text string) (trapRequest, error) {
	words := strings.Fields(text)
	r := trapRequest{ends: traffic.Arrives}
	if len(words) < 2 {
		return r, fmt.Errorf("request %q: want FROM URL", text)
	}
	r.From, r.To = words[0], words[1]
	for _, w := range words[2:] {
		switch key, value, _ := strings.Cut(w, "="); key {
		case "server":
			r.Server = value
		case "credential":
			r.Credential = value
		case "sni":
			r.SNI = value
		case "ends":
			r.ends = traffic.Code(value)
		case "wires":
			r.wires = value
		case "at":
			r.at = value
		default:
			return r, fmt.Errorf("request %q: unknown word %q", text, w)
		}
	}
	if u, err := url.Parse(r.To); err != nil {
		return r, err
	} else if r.From != traffic.Outside && r.at == "" && r.ends != traffic.Passthrough {
		r.at = u.Hostname()
	}
	return r, nil
}

// wires writes what is on the wire of the hops after the application.
func wires(p traffic.Path) string {
	var all []string
	for _, h := range p.Hops {
		if h.Proxy != traffic.Application && h.Wire.Mode != "" {
			all = append(all, fmt.Sprintf("%s:%d", h.Wire.Mode, h.Wire.Layers))
		}
	}
	return strings.Join(all, ",")
}

// reached is the service of the last cluster on a path: outbound|PORT|SUBSET|HOST.
func reached(p traffic.Path) string {
	host := ""
	for _, h := range p.Hops {
		if parts := strings.Split(h.Cluster, "|"); parts[0] == "outbound" {
			host = parts[len(parts)-1]
		}
	}
	return host
}

func trapFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/traps/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no traps: %v", err)
	}
	return files
}

// TestTraps holds that the traps are what they claim to be: bundles in which the requests that they are about arrive.
func TestTraps(t *testing.T) {
	for _, file := range trapFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			trap, err := readTrap(file)
			if err != nil {
				t.Fatal(err)
			}
			x, err := traffic.NewIndex(trap.bundle, traffic.Options{Target: trap.target, Assume: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range x.Problems() {
				t.Errorf("%s: %s: %s", p.Object, p.Field, p.Message)
			}
			workloads, _ := x.Known()
			for _, r := range trap.requests {
				if r.From != traffic.Outside && !slices.Contains(workloads, r.From) {
					t.Errorf("the bundle does not hold the client %s", r.From)
				}
				p, err := x.Walk(r.Request)
				if err != nil {
					t.Errorf("%s: %v", r.To, err)
					continue
				}
				for _, way := range p.Ways() {
					if way.Outcome.Code != r.ends {
						t.Errorf("%s: %s: %s; want %s", r.To, way.Outcome.Code, way.Outcome.Reason, r.ends)
					}
					if got := reached(way); r.at != "" && r.at != "-" && got != r.at {
						t.Errorf("%s: reaches %s; want %s", r.To, got, r.at)
					}
					if got := wires(way); r.wires != "" && got != r.wires {
						t.Errorf("%s: on the wire: %s; want %s", r.To, got, r.wires)
					}
				}
			}
		})
	}
}

// TestTrapsSilent holds that no rule complains of a trap, but for those that it allows.
func TestTrapsSilent(t *testing.T) {
	for _, file := range trapFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			trap, err := readTrap(file)
			if err != nil {
				t.Fatal(err)
			}
			o := validate.Options{Target: trap.target, Rules: rules.All}
			for _, r := range trap.requests {
				o.Requests = append(o.Requests, r.Request)
			}
			result, err := validate.Run(trap.bundle, o)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range result.Findings {
				if f.Severity == validate.Info || f.Severity == validate.Warning && slices.Contains(trap.may, f.Rule) {
					continue
				}
				t.Errorf("%s:%d: %s %s: %s: %s", f.File, f.Line, f.Severity, f.Rule, f.Object, f.Message)
			}
		})
	}
}

// TestTrapsComplete holds that each of the traps T1 to T45 has a file, and that each file is about a request, unless
// the README says why there is none.
func TestTrapsComplete(t *testing.T) {
	readme, err := os.ReadFile("testdata/traps/README.adoc")
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, file := range trapFiles(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		number, _, _ := strings.Cut(name, "-")
		has[number] = true
		trap, err := readTrap(file)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if len(trap.requests) == 0 && !strings.Contains(string(readme), "\n|"+name+"\n") {
			t.Errorf("%s: no request, and the README does not say why", name)
		}
	}
	for n := 1; n <= 45; n++ {
		if number := fmt.Sprintf("T%02d", n); !has[number] {
			t.Errorf("%s has no file", number)
		}
	}
}
