package validate_test

import (
	"bytes"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A reported is a fault that somebody met, out of testdata/cases: what is said of it, and the bundle before and after it
// was mended.
type reported struct {
	prose     string
	header    map[string]string
	requests  []traffic.Request
	bad, good []byte
}

// headers are the lines of a case's head, and what each looks like.
var headers = map[string]*regexp.Regexp{
	"source":   regexp.MustCompile(`^https://[a-z.]+/\S+$`),
	"target":   regexp.MustCompile(`^\S+$`),
	"rule":     regexp.MustCompile(`^MSH[1-9][0-9]{2}$`),
	"category": regexp.MustCompile(`^[a-z-]+$`),
	"object":   regexp.MustCompile(`^[A-Z][A-Za-z]+ [a-z0-9-]+/[a-z0-9.-]+$`),
	"field":    regexp.MustCompile(`^(spec|metadata|data|type)(\.[A-Za-z_]+|\[[0-9]+\]|\["[^"]+"\])*$`),
	"outcome":  regexp.MustCompile(`^(error|warning|info)$`),
	"path":     regexp.MustCompile(`^(arrives|elsewhere|unseen)$`),
	"mended":   regexp.MustCompile(`^passthrough$`),
}

// categories are the words of package validate.
var categories = []validate.Category{
	validate.DoubleTLS, validate.PlaintextToTLS, validate.TLSToPlaintext, validate.Protocol, validate.NoServiceEntry,
	validate.NoRoute, validate.Dangling, validate.GatewayTLS, validate.NoSecret, validate.SecretNamespace, validate.SNI,
	validate.SAN, validate.CA, validate.Expired, validate.Unverified, validate.MeshTLSOutside, validate.Scope,
	validate.WildcardDNS, validate.Duplicate, validate.Termination, validate.Schema, validate.Peer, validate.Other,
}

func readReported(t *testing.T, file string) reported {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := reported{header: map[string]string{}}
	prose, head, ok := strings.Cut(string(a.Comment), "\n\n")
	if !ok {
		t.Fatal("no empty line between prose and header")
	}
	r.prose = prose
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case key == "request":
			r.requests = append(r.requests, readRequest(t, value))
		case headers[key] == nil:
			t.Errorf("unknown header %q", key)
		case r.header[key] != "":
			t.Errorf("header %s is there twice", key)
		case !headers[key].MatchString(value):
			t.Errorf("header %s: %q is not of its form", key, value)
		default:
			r.header[key] = value
		}
	}
	for key := range headers {
		if r.header[key] == "" && key != "path" && key != "mended" {
			t.Errorf("no header %s", key)
		}
	}
	for _, f := range a.Files {
		switch f.Name {
		case "bad.yaml":
			r.bad = f.Data
		case "good.yaml":
			r.good = f.Data
		default:
			t.Errorf("file %s has no place here", f.Name)
		}
	}
	return r
}

// readRequest reads FROM [METHOD] URL, and options as NAME=VALUE.
func readRequest(t *testing.T, text string) traffic.Request {
	t.Helper()
	words := strings.Fields(text)
	if len(words) < 2 {
		t.Fatalf("request %q: want FROM [METHOD] URL [NAME=VALUE]", text)
	}
	r := traffic.Request{From: words[0]}
	words = words[1:]
	if !strings.Contains(words[0], "://") {
		r.Method, words = words[0], words[1:]
	}
	r.To = words[0]
	if u, err := url.Parse(r.To); err != nil || u.Host == "" {
		t.Errorf("request %q: %q is no URL", text, r.To)
	}
	for _, option := range words[1:] {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "server":
			r.Server = value
		case "sni":
			r.SNI = value
		case "host":
			r.Host = value
		case "credential":
			r.Credential = value
		default:
			t.Errorf("request %q: unknown option %q", text, option)
		}
	}
	return r
}

// walk follows the case's requests, or else those that the bundle tells of.
func (r reported) walk(t *testing.T, name string, data []byte) []traffic.Path {
	t.Helper()
	target, ok := mesh.Lookup(r.header["target"])
	if !ok {
		t.Fatalf("unknown target %q", r.header["target"])
	}
	b, err := bundle.Read(name, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	x, err := traffic.NewIndex(b, traffic.Options{Target: target, Assume: true})
	if err != nil {
		t.Fatal(err)
	}
	requests := r.requests
	if len(requests) == 0 {
		requests = x.Requests("")
	}
	if len(requests) == 0 {
		t.Fatalf("%s: no request", name)
	}
	var paths []traffic.Path
	for _, request := range requests {
		path, err := x.Walk(request)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Logf("%s: %s %s: %s %s", name, request.From, request.To, path.Outcome.Code, path.Outcome.Reason)
		paths = append(paths, path)
	}
	return paths
}

// end is the last service that a request is sent to.
func end(p traffic.Path) string {
	for _, hop := range slices.Backward(p.Hops) {
		if hop.Destination.Host != "" {
			return hop.Destination.Host
		}
	}
	return ""
}

// TestReported holds the reported faults to what they say of themselves: the mended bundle lets every request through,
// and the faulty one does not, unless its header says otherwise. path: arrives is a fault that stops no request, elsewhere
// is one that brings a request to another service, and unseen is one that package traffic does not follow. mended:
// passthrough is a mend after which requests leave as they came, by ALLOW_ANY.
func TestReported(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d cases, want at least 25 (%v)", len(files), err)
	}
	seen := map[string]string{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			r := readReported(t, file)
			if lines := strings.Count(r.prose, "\n") + 1; lines < 3 || lines > 6 {
				t.Errorf("the prose has %d lines, want 3 to 6", lines)
			}
			if !slices.Contains(categories, validate.Category(r.header["category"])) {
				t.Errorf("unknown category %q", r.header["category"])
			}
			if other := seen[r.header["source"]]; other != "" {
				t.Errorf("%s has the same source", other)
			}
			seen[r.header["source"]] = file
			if len(r.bad) == 0 || len(r.good) == 0 {
				t.Fatal("want bad.yaml and good.yaml")
			}
			kind, name, _ := strings.Cut(r.header["object"], " ")
			b, err := bundle.Read("bad.yaml", bytes.NewReader(r.bad))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(b.Objects, func(o *bundle.Object) bool {
				return o.Kind == kind && o.Namespace+"/"+o.Name == name
			}) {
				t.Errorf("bad.yaml has no %s %s", kind, name)
			}
			if target, _ := mesh.Lookup(r.header["target"]); target.Family != mesh.IstioFamily {
				return // package traffic follows no requests there
			}
			good := r.walk(t, "good.yaml", r.good)
			for _, p := range good {
				if !p.Arrives() && (r.header["mended"] == "" || p.Outcome.Code != traffic.Passthrough) {
					t.Errorf("good: %s does not arrive: %s: %s", p.Request.To, p.Outcome.Code, p.Outcome.Reason)
				}
			}
			bad := r.walk(t, "bad.yaml", r.bad)
			stopped := slices.ContainsFunc(bad, func(p traffic.Path) bool { return !p.Arrives() })
			switch r.header["path"] {
			case "":
				if !stopped && r.header["outcome"] == "error" {
					t.Error("bad: every request arrives, and the header has no path")
				}
			case "elsewhere":
				other := false
				for i, p := range bad {
					other = other || p.Arrives() && i < len(good) && end(p) != end(good[i])
				}
				if !other {
					t.Error("bad: no request arrives at another service than when it is mended")
				}
			default:
				if stopped {
					t.Errorf("bad: a request does not arrive, and the header says path: %s", r.header["path"])
				}
			}
		})
	}
}
