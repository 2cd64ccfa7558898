package istiod

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	"github.com/meshscenario/scenario/conformance/istiod/model"
)

// A mutation is an entry of mutations.yaml, which says what its fields mean.
type mutation struct {
	Base, Fault string

	Object    string
	Set       map[string]any
	Remove    string
	Delete    bool
	Namespace string
	Add       string
	Mesh      string
	Request   *question

	Then    consequence
	Learned string
	Rules   []string
}

type question struct{ From, To, SNI, Server, Credential string }

// A consequence says what is compared: what is nil is not.
type consequence struct {
	Outcome                                    judge.Code
	Reason, Refused                            string
	Proxy, To, Wire, SNI, CA, Shows, Authority *string
	Layers                                     *int
	Names                                      *[]string
}

type base struct {
	Render, Beside string
	Secrets        []string
	Request        question
}

func readMutations(t *testing.T) (map[string]base, []mutation) {
	t.Helper()
	data, err := os.ReadFile("mutations.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Bases     map[string]base
		Mutations []mutation
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bases, file.Mutations
}

// TestMutations holds what istiod does with each faulty bundle against what mutations.yaml says, after it has seen that
// the same request arrives without the fault.
func TestMutations(t *testing.T) {
	bases, mutations := readMutations(t)
	worlds := map[string]*judge.Bundle{}
	for name, b := range bases {
		var documents strings.Builder
		fmt.Fprintf(&documents, "%s\n---\n%s", b.Beside, pki.secrets(b.Secrets))
		beside, err := judge.Parse("beside", []byte(documents.String()))
		if err != nil {
			t.Fatal(err)
		}
		worlds[name] = judge.Stock().And(beside).And(tested.render(t, b.Render, tested.newest().Name))
		path, err := judge.Walk(worlds[name], b.Request.asked())
		if err != nil {
			t.Fatal(err)
		}
		if path.Outcome.Code != judge.Arrives {
			t.Errorf("base %s: %s: %s", name, path.Outcome.Code, path.Outcome.Reason)
			delete(worlds, name)
		}
	}
	if len(mutations) < 40 {
		t.Errorf("only %d mutations", len(mutations))
	}
	seen := map[string]bool{}
	for _, m := range mutations {
		if m.Object == "" && m.Add == "" && m.Mesh == "" && m.Request == nil {
			t.Errorf("%s: %s: nothing is changed", m.Base, m.Fault)
		}
		for _, rule := range m.Rules {
			if !regexp.MustCompile(`^MSH[1-9]\d\d$`).MatchString(rule) {
				t.Errorf("%s: %s: %q is no rule", m.Base, m.Fault, rule)
			}
		}
		title := m.Base + ": " + m.Fault
		if seen[title] {
			t.Errorf("%s: twice", title)
		}
		seen[title] = true
		if _, ok := bases[m.Base]; !ok {
			t.Fatalf("%s: no such base", title)
		}
		t.Run(strings.ReplaceAll(title, "/", "-"), func(t *testing.T) {
			began := time.Now()
			defer func() { mutationTally.add(false, 1, !t.Failed(), time.Since(began)) }()
			if worlds[m.Base] == nil {
				t.Fatal("without the fault the request does not arrive either")
			}
			world, err := m.mutate(worlds[m.Base])
			if err != nil {
				t.Fatal(err)
			}
			q := bases[m.Base].Request
			if m.Request != nil {
				q = *m.Request
			}
			var path judge.Path
			err = judge.In(world, judge.Options{Mesh: m.Mesh}, func(w *judge.World) (err error) {
				path, err = w.Walk(q.asked())
				return err
			})
			var invalid *judge.Invalid
			if errors.As(err, &invalid) {
				m.found(t, world, q)
				if m.Then.Refused == "" || !strings.Contains(invalid.Error(), m.Then.Refused) {
					t.Error(invalid)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			differs, skipped, err := walker.Against(world, m.Mesh, []judge.Path{path})
			writtenTally.Add(model.Result{Requests: 1, Skipped: skipped, Differences: differs}, err)
			if err != nil || len(differs) > 0 {
				t.Errorf("%v\n%s", err, strings.Join(differs, "\n"))
			}
			m.found(t, world, q)
			if differences := m.Then.differences(path); len(differences) > 0 {
				var text strings.Builder
				_ = path.WriteText(&text)
				t.Errorf("%s\n%s", strings.Join(differences, "\n"), text.String())
			}
		})
	}
}

// found holds what the rules find in the bundle, at error or warning, against the rules that should.
func (m mutation) found(t *testing.T, world *judge.Bundle, q question) {
	t.Helper()
	findings, err := walker.Validate(world, m.Mesh, []judge.Request{q.asked()}, false)
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	text := ""
	for _, f := range findings {
		text += fmt.Sprintf("\n%s %s: %s %s/%s %s: %s", f.Severity, f.Rule, f.Object.Kind, f.Object.Namespace, f.Object.Name, f.Field, f.Message)
		if f.Severity != "info" {
			rules = append(rules, f.Rule)
		}
	}
	if !slices.Equal(rules, m.Rules) && len(rules)+len(m.Rules) > 0 {
		t.Errorf("rules: want %v, found %v%s", m.Rules, rules, text)
	}
}

func (q question) asked() judge.Request {
	if q.From == "" {
		q.From = "greetings-client/rest-client-greeting"
	}
	return judge.Request{From: q.From, To: q.To, SNI: q.SNI, Server: q.Server, Credential: q.Credential}
}

func (c consequence) differences(p judge.Path) []string {
	var all []string
	if c.Refused != "" {
		return []string{"want it refused: " + c.Refused}
	}
	if p.Outcome.Code != c.Outcome {
		all = append(all, fmt.Sprintf("outcome: want %s, got %s", c.Outcome, p.Outcome.Code))
	}
	if !strings.Contains(p.Outcome.Reason, c.Reason) {
		all = append(all, fmt.Sprintf("reason: want %q in it, got %q", c.Reason, p.Outcome.Reason))
	}
	var last judge.Hop // that sent something
	proxy := ""
	for _, h := range p.Hops {
		if h.Proxy == "workload" {
			continue
		}
		proxy = h.Proxy
		if h.Wire.Mode != "" {
			last = h
		}
	}
	for _, field := range []struct {
		name string
		want *string
		got  string
	}{
		{"proxy", c.Proxy, proxy}, {"to", c.To, last.Destination.String()}, {"wire", c.Wire, last.Wire.Mode},
		{"sni", c.SNI, last.Wire.SNI}, {"ca", c.CA, last.Verify.Server.CA}, {"shows", c.Shows, last.Verify.Client.Credential},
		{"authority", c.Authority, last.Destination.Authority},
	} {
		if field.want != nil && *field.want != field.got {
			all = append(all, fmt.Sprintf("%s: want %q, got %q", field.name, *field.want, field.got))
		}
	}
	if c.Layers != nil && *c.Layers != last.Wire.Layers {
		all = append(all, fmt.Sprintf("layers: want %d, got %d", *c.Layers, last.Wire.Layers))
	}
	if c.Names != nil && !slices.Equal(*c.Names, last.Verify.Server.Names) {
		all = append(all, fmt.Sprintf("names: want %v, got %v", *c.Names, last.Verify.Server.Names))
	}
	return all
}

// mutate returns the bundle with the fault. A change that changes nothing is an error: it would prove nothing.
func (m mutation) mutate(b *judge.Bundle) (*judge.Bundle, error) {
	changed := &judge.Bundle{}
	hit := m.Object == ""
	for _, o := range b.Objects {
		if o.String() != m.Object {
			changed.Objects = append(changed.Objects, o)
			continue
		}
		hit = true
		if m.Delete {
			continue
		}
		var tree any
		if err := json.Unmarshal(o.JSON, &tree); err != nil {
			return nil, err
		}
		for path, value := range m.Set {
			if err := edit(&tree, path, value); err != nil {
				return nil, err
			}
		}
		if m.Remove != "" {
			if err := edit(&tree, m.Remove, nil); err != nil {
				return nil, err
			}
		}
		if m.Namespace != "" {
			if err := edit(&tree, "metadata.namespace", m.Namespace); err != nil {
				return nil, err
			}
			o.Namespace = m.Namespace
		}
		data, err := json.Marshal(tree)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(data, o.JSON) {
			return nil, fmt.Errorf("%s: %s is as before", m.Fault, m.Object)
		}
		o.JSON = data
		changed.Objects = append(changed.Objects, o)
	}
	if !hit {
		return nil, fmt.Errorf("%s: the bundle has no %s", m.Fault, m.Object)
	}
	more, err := judge.Parse("mutation", []byte(m.Add))
	if err != nil {
		return nil, err
	}
	return changed.And(more), nil
}

var step = regexp.MustCompile(`^\.?([A-Za-z0-9]+)|^\[(\d+)\]|^\["([^"]+)"\]`)

// edit sets the value at a path, or removes it when value is nil, which must be there then.
func edit(tree *any, path string, value any) error {
	if path == "" {
		*tree = value
		return nil
	}
	found := step.FindStringSubmatch(path)
	if found == nil {
		return fmt.Errorf("%q is no path", path)
	}
	rest := path[len(found[0]):]
	if found[2] != "" {
		list, ok := (*tree).([]any)
		i, _ := strconv.Atoi(found[2])
		if !ok || i >= len(list) {
			return fmt.Errorf("%s: no such item", path)
		}
		return edit(&list[i], rest, value)
	}
	key := found[1] + found[3]
	object, ok := (*tree).(map[string]any)
	if !ok {
		return fmt.Errorf("%s: not in an object", path)
	}
	child, there := object[key]
	if !there && (rest != "" || value == nil) {
		return fmt.Errorf("%s: no such field", path)
	}
	if rest == "" && value == nil {
		delete(object, key)
		return nil
	}
	if err := edit(&child, rest, value); err != nil {
		return err
	}
	object[key] = child
	return nil
}
