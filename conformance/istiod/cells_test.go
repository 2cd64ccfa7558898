package istiod

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	"github.com/meshscenario/scenario/conformance/istiod/model"
)

// A cell is an entry of cells.yaml, which says what its fields mean.
type cell struct {
	Cell     string
	Render   string
	Targets  []string
	Secrets  []string
	Beside   string
	Alone    string
	Only     string // "alone": there is no laboratory of it
	Requests []expectation
}

type expectation struct {
	From, To, Host, SNI, Credential string

	way  `yaml:",inline"`
	Else []way
}

// A way is one of those that a request may go.
type way struct {
	Share   int
	Outcome judge.Code
	Reason  string
	Server  string
	Signed  string
	Hops    []hop
}

type hop struct {
	Proxy, At, Where string
	To               string
	Address          bool // the destination is an address of the world's own making
	Authority        string
	Subset           string
	Wire             string
	Layers           int
	SNI              string
	ALPN             []string // compared where it is written
	CA               string
	Names            []string
	Shows            string
	Terminates       *termination
	By               []string
}

// A termination is the server's side of a TLS: judge.Termination.
type termination struct {
	Credential  string
	ClientCA    string `yaml:"clientCA"`
	Required    bool
	ClientNames []string `yaml:"clientNames"`
}

func readCells() ([]cell, error) {
	data, err := os.ReadFile("cells.yaml")
	if err != nil {
		return nil, err
	}
	var file struct {
		Parts yaml.Node // for the others to refer to
		Cells []cell
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("cells.yaml: %w", err)
	}
	for i, c := range file.Cells {
		if len(c.Requests) == 0 || c.Only != "" && c.Only != "alone" {
			return nil, fmt.Errorf("cells.yaml: %s: it needs requests, and only is \"alone\" or nothing", c.title())
		}
		for j := range file.Cells[i].Requests {
			if err := file.Cells[i].Requests[j].complete(); err != nil {
				return nil, fmt.Errorf("cells.yaml: %s: %w", c.title(), err)
			}
		}
	}
	return file.Cells, nil
}

// complete fills what is not written, and refuses what does not go together.
func (e *expectation) complete() error {
	if e.From == "" {
		e.From = "greetings-client/rest-client-greeting"
	}
	if e.Outcome == "" {
		e.Outcome = judge.Arrives
	}
	if e.Share == 0 {
		e.Share = 100
	}
	switch {
	case (e.Outcome == judge.Arrives) != (e.Reason == ""):
		return fmt.Errorf("%s: a reason is for what does not arrive", e.To)
	case e.Outcome == judge.Arrives && e.Hops == nil:
		return fmt.Errorf("%s: what arrives needs its hops", e.To)
	}
	for k := range e.Else {
		if e.Else[k].Outcome == "" {
			e.Else[k].Outcome = judge.Arrives
		}
	}
	return nil
}

func (c cell) title() string {
	if c.Cell != "" {
		return c.Cell
	}
	return c.Render
}

// on tells whether the cell is meant for a target.
func (c cell) on(t target) bool { return len(c.Targets) == 0 || slices.Contains(c.Targets, t.Name) }

// forms are the two in which a cell is judged: its own objects on a strict mesh, and its whole laboratory.
func (c cell) forms() []string {
	if c.Only != "" {
		return []string{"alone"}
	}
	return []string{"alone", "laboratory"}
}

// world is the bundle of a form, with what the cell counts on.
func (c cell) world(t *testing.T, target target, form string) *judge.Bundle {
	t.Helper()
	parse := func(name, text string) *judge.Bundle {
		b, err := judge.Parse(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	beside := parse("beside", c.Beside).And(parse("secrets", pki.secrets(c.Secrets)))
	if form == "laboratory" {
		return beside.And(tested.render(t, c.Render, target.Name, "--include", "all"))
	}
	return judge.Stock().And(parse("alone", c.Alone)).And(beside).And(tested.render(t, c.Render, target.Name))
}

// TestCells follows the requests of every cell through istiod's configuration, on every target that it can judge, and
// holds them against cells.yaml; Istio's validation and analysis must have nothing to say.
func TestCells(t *testing.T) {
	for _, c := range allCells {
		for _, target := range tested.judged() {
			if !c.on(target) {
				continue
			}
			for _, form := range c.forms() {
				t.Run(strings.ReplaceAll(fmt.Sprintf("%s on %s %s", c.title(), target.Name, form), "/", "-"), func(t *testing.T) {
					began := time.Now()
					defer func() { istiodTally.add(c.Cell != "", len(c.Requests), !t.Failed(), time.Since(began)) }()
					for _, fault := range c.faults(c.world(t, target, form), target) {
						t.Error(fault)
					}
				})
			}
			if c.Only == "alone" {
				if b, err := tested.tryRender(c.Render, target.Name, "--include", "all"); err == nil {
					t.Errorf("%s on %s: its laboratory renders, %d objects: judge it too", c.title(), target.Name, len(b.Objects))
				}
			}
		}
	}
}

// faults lists how the judge's answers differ from what the cell promises.
func (c cell) faults(world *judge.Bundle, target target) []string {
	faults := complaints(world)
	var judged []judge.Path
	err := judge.In(world, judge.Options{}, func(w *judge.World) error {
		for _, want := range c.Requests {
			request := judge.Request{From: want.From, To: want.To, Host: want.Host, SNI: want.SNI, Credential: want.Credential}
			if len(want.Else) == 0 { // several ways end at several services
				request.Server = want.Server
			}
			path, err := w.Walk(request)
			if err != nil {
				return err
			}
			judged = append(judged, path)
			title := fmt.Sprintf("scenario render %s --target %s, %s to %s", c.Render, target.Name, want.From, want.To)
			handshakes.add(title, want, path, world)
			differences := want.differences(path, target)
			if len(differences) == 0 {
				continue
			}
			var text strings.Builder
			_ = path.WriteText(&text)
			faults = append(faults, fmt.Sprintf("%s:\n\t%s\nistiod's configuration does this:\n%s", title, strings.Join(differences, "\n\t"), text.String()))
		}
		return nil
	})
	if err != nil {
		return append(faults, err.Error())
	}
	differences, skipped, err := walker.Against(world, "", judged)
	writtenTally.Add(model.Result{Requests: len(judged), Skipped: skipped, Differences: differences}, err)
	if err != nil {
		return append(faults, err.Error())
	}
	return append(faults, differences...)
}

func (e expectation) differences(p judge.Path, t target) []string {
	all := e.way.differences(p, t)
	if len(e.Else) != len(p.Else) {
		return append(all, fmt.Sprintf("want %d other ways, got %d", len(e.Else), len(p.Else)))
	}
	for i, way := range e.Else {
		for _, d := range way.differences(p.Else[i], t) {
			all = append(all, fmt.Sprintf("way %d: %s", i+2, d))
		}
	}
	return all
}

func (w way) differences(p judge.Path, t target) []string {
	var all []string
	differ := func(what string, want, got any) {
		if fmt.Sprint(want) != fmt.Sprint(got) {
			all = append(all, fmt.Sprintf("%s: want %v, got %v", what, want, got))
		}
	}
	differ("outcome", w.Outcome, p.Outcome.Code)
	differ("share", w.Share, p.Share)
	notRead := slices.DeleteFunc(slices.Clone(p.NotRead), func(what string) bool {
		return strings.HasPrefix(what, "NetworkPolicy ") // the network's affair, of which no code of Istio knows
	})
	differ("not read", []string{}, notRead)
	if fits, err := regexp.MatchString(w.Reason, p.Outcome.Reason); err != nil || !fits {
		differ("reason", w.Reason, p.Outcome.Reason)
	}
	if w.Hops == nil {
		return all
	}
	var hops []hop
	for _, h := range w.Hops {
		if h.Where == "" || h.Where == "openshift" && t.Routes {
			hops = append(hops, h)
		}
	}
	got := p.Hops[1:] // the application itself comes first
	if p.Request.From != judge.Outside && len(got) > 0 {
		differ("whose sidecar", p.Request.From, got[0].Workload)
	}
	differ("number of proxies", len(hops), len(got))
	for i := range min(len(hops), len(got)) {
		h, g := hops[i], got[i]
		of := fmt.Sprintf("hop %d (%s) ", i+2, h.Proxy)
		differ(of+"proxy", h.Proxy, g.Proxy)
		if h.At != "" {
			differ(of+"workload", h.At, g.Workload)
		}
		differ(of+"copies", []string{}, g.Mirrors)
		if !h.Address { // what comes to the application, it has come with so far
			differ(of+"destination", h.To, g.Destination)
			differ(of+"authority", h.Authority, g.Destination.Authority)
		}
		differ(of+"subset", h.Subset, g.Destination.Subset)
		mode, layers := h.Wire, h.Layers
		switch sends := h.To != "" || h.Address || h.Proxy == "workload"; {
		case mode == "" && sends:
			mode = judge.Plaintext
		case mode != "" && layers == 0:
			layers = 1
		}
		differ(of+"wire", mode, g.Wire.Mode)
		differ(of+"layers of TLS", layers, g.Wire.Layers)
		differ(of+"sni", h.SNI, g.Wire.SNI)
		if h.ALPN != nil {
			differ(of+"alpn", h.ALPN, g.Wire.ALPN)
		}
		differ(of+"CA", h.CA, g.Verify.Server.CA)
		differ(of+"names verified", h.Names, g.Verify.Server.Names)
		differ(of+"client certificate", h.Shows, g.Verify.Client.Credential)
		var want, took termination
		if h.Terminates != nil {
			want = *h.Terminates
		}
		if g.Terminates != nil {
			took = termination{g.Terminates.Credential, g.Terminates.ClientCA, g.Terminates.Required, g.Terminates.ClientNames}
		}
		differ(of+"TLS taken off", fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", took))
		differ(of+"not evaluated", []string{}, g.NotRead)
		differ(of+"decided by", h.By, g.DecidedBy)
	}
	return all
}

// tolerated are findings of istioctl analyze that are wrong about bundles like ours: by code, the reason.
var tolerated = map[string]string{
	"IST0129": "does not count credentialName as the CA that it brings",
	"IST0146": "looks for the injection webhook, which istiod's installation brings and no bundle does",
}

// complaints are what Istio's validation and analysis say, but for what is tolerated.
func complaints(b *judge.Bundle) []string {
	var all []string
	findings := judge.Validate(b)
	analysis, err := judge.Analyze(b)
	if err != nil {
		return []string{err.Error()}
	}
	for _, f := range append(findings, analysis...) {
		if f.Level != "Info" && tolerated[f.Code] == "" {
			all = append(all, f.String())
		}
	}
	return all
}

// TestEveryCell holds that cells.yaml or joined.yaml speaks of each cell of the render matrix on each target that is judged, and of no
// cell that is not.
func TestEveryCell(t *testing.T) {
	written := map[string]bool{}
	for _, c := range allCells {
		for _, name := range c.Targets {
			if !slices.ContainsFunc(tested.judged(), func(t target) bool { return t.Name == name }) {
				t.Errorf("%s: target %s is not judged", c.title(), name)
			}
		}
		for _, target := range tested.judged() {
			if c.Cell != "" && c.on(target) {
				written[c.Cell+" on "+target.Name] = true
			}
		}
	}
	for _, c := range joinedCells {
		for _, target := range tested.judged() {
			if c.Cell != "" {
				written[c.Cell+" on "+target.Name] = true
			}
		}
	}
	for _, m := range tested.matrix {
		name := m.Scenario + "/" + m.Encryption + " on " + m.Target
		judged := slices.ContainsFunc(tested.judged(), func(t target) bool { return t.Name == m.Target })
		if m.Supported && judged && !written[name] {
			t.Errorf("cells.yaml has no intended path for %s", name)
		}
		if m.Supported {
			delete(written, name)
		}
	}
	for name := range written {
		t.Errorf("cells.yaml speaks of %s, which the matrix does not have", name)
	}
}
