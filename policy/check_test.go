package policy

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// pathTo is a path of one hop: an application that calls a URL by itself.
func pathTo(from, to string) []traffic.Path {
	return []traffic.Path{{
		Request: traffic.Request{From: from, To: to},
		Hops:    []traffic.Hop{{Proxy: traffic.Application, Wire: traffic.Wire{Mode: traffic.Plaintext}}},
		Outcome: traffic.Outcome{Code: traffic.Arrives}, Share: 100,
	}}
}

// TestLeaves: what goes to a workload or a Service stays in the cluster, and so does what is not sent.
func TestLeaves(t *testing.T) {
	for _, tc := range []struct {
		from, to string
		change   func(*traffic.Hop)
		want     bool
	}{
		{"shop/a", "http://api.example", nil, true},
		{"shop/a", "http://192.0.2.1:8080", nil, true},
		{"shop/a", "http://[2001:db8::1]", nil, true},
		{"shop/a", "http://ledger", nil, false},
		{"shop/a", "http://ledger.bank.svc", nil, false},
		{"shop/a", "http://Ledger.bank.svc.cluster.local", nil, false},
		{"shop/a", "http://localhost:8080", nil, false},
		{traffic.Outside, "http://web.example", nil, false},
		{traffic.Outside, "http://web.example", func(h *traffic.Hop) { h.Proxy = traffic.Gateway }, true},
		{"shop/a", "http://api.example", func(h *traffic.Hop) { h.Proxy = traffic.Workload }, false},
		{"shop/a", "http://api.example", func(h *traffic.Hop) { h.Wire.Mode = "" }, false},
		{"shop/a", "http://api.example", func(h *traffic.Hop) { h.Destination.Host = "egress.istio-egress.svc.cluster.local" }, false},
		{"shop/a", "http://ledger", func(h *traffic.Hop) { h.Destination.Host = "api.example" }, true},
	} {
		p := pathTo(tc.from, tc.to)[0]
		if tc.change != nil {
			tc.change(&p.Hops[0])
		}
		if got := leaves(&p, 0); got != tc.want {
			t.Errorf("%s to %s, %+v: %v", tc.from, tc.to, p.Hops[0], got)
		}
		p.Hops = append(p.Hops, p.Hops[0])
		if leaves(&p, 0) {
			t.Errorf("%s to %s: the first of two hops leaves", tc.from, tc.to)
		}
	}
}

// TestOrder: findings are the same, and in the same order, on one processor and on many.
func TestOrder(t *testing.T) {
	set, err := Load([]string{shipped})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(bundleOf(200), "exportTo", "exports") + strings.ReplaceAll(bundleOf(3), "bank.example", "example")
	data := dataOf(t, "bundle.yaml", []byte(strings.ReplaceAll(text, `exports: [".", shop]`, "")))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, err := set.Check(data)
	if err != nil || len(one) < 500 {
		t.Fatalf("%d findings, %v", len(one), err)
	}
	runtime.GOMAXPROCS(7)
	if many, err := set.Check(data); err != nil || !reflect.DeepEqual(one, many) {
		t.Errorf("%d findings on one processor, %d on seven, %v", len(one), len(many), err)
	}
	for i := range one[1:] {
		if one[i].File > one[i+1].File || one[i].File == one[i+1].File && one[i].Line > one[i+1].Line {
			t.Fatalf("%+v before %+v", one[i], one[i+1])
		}
	}
}

// TestOthers: requests that are alike are one finding, and the ways of one request are not counted.
func TestOthers(t *testing.T) {
	set, err := Read("p", strings.NewReader(policyOf(`id: A-1, title: t, severity: warning, each: hop, require: "false", message: "to ${request.url.host}"`)))
	if err != nil {
		t.Fatal(err)
	}
	var paths []traffic.Path
	for _, to := range []string{"http://a.example", "http://b.example", "http://a.example:8080", "http://a.example:8081"} {
		p := pathTo("shop/a", to)[0]
		p.Else = pathTo("shop/a", to)
		paths = append(paths, p)
	}
	found, err := set.Check(Data{Paths: paths})
	if err != nil || len(found) != 2 || found[0].Message != "to a.example" || found[0].Request.Others != 2 || found[1].Request.Others != 0 || found[0].Hop != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestPlace: a finding about a hop is at the last object of a file that had its say there, or before; the others are
// related.
func TestPlace(t *testing.T) {
	set, err := Read("p", strings.NewReader(policyOf(`id: A-1, title: t, severity: error, each: hop, match: "hop.leaves", require: "index != 1 || request.url.port != 80"`)))
	if err != nil {
		t.Fatal(err)
	}
	p := pathTo("shop/a", "http://api.example")[0]
	p.Hops = append(p.Hops, p.Hops[0])
	p.Hops[0].DecidedBy = []traffic.Decision{{Kind: "Sidecar", Name: "s", File: "f", Line: 1}}
	check := func(want string, related int) {
		t.Helper()
		found, err := set.Check(Data{Paths: []traffic.Path{p}})
		if err != nil || len(found) != 1 || found[0].Object.String() != want || len(found[0].Related) != related || found[0].Hop != 2 {
			t.Errorf("want %s and %d related: %+v, %v", want, related, found, err)
		}
	}
	p.Hops[1].DecidedBy = []traffic.Decision{{Kind: "Service", Name: "assumed"}}
	check("Sidecar s", 0)
	p.Hops[0].DecidedBy = nil
	check(validate.Object{}.String(), 0)
	p.Hops[1].DecidedBy = []traffic.Decision{
		{Kind: "VirtualService", Name: "v", File: "f", Line: 5}, {Kind: "DestinationRule", Name: "d", File: "f", Line: 3}, {Kind: "Service", Name: "assumed"},
	}
	check("DestinationRule d", 1)
}

// TestVariables: each object has its own, and a text that looks like an expression is none.
func TestVariables(t *testing.T) {
	set, err := Read("p", strings.NewReader(policyOf(`id: A-1, title: t, severity: error, each: object, require: "false",
    variables: [{name: short, expression: "name.substring(0, 2)"}, {name: long, expression: "variables.short + kind"}],
    message: "$${name} is ${variables.long} ${'}'}"`)))
	if err != nil {
		t.Fatal(err)
	}
	found, err := set.Check(dataOf(t, "b", []byte(bundleOf(3))))
	if err != nil || len(found) != 12 || found[0].Message != "${name} is s0ServiceEntry }" || found[11].Message != "${name} is s2VirtualService }" {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestRules tells who asks what there is.
func TestRules(t *testing.T) {
	set, err := Read("p.yaml", strings.NewReader(policyOf(`id: A-1, title: t, severity: warning, each: hop, require: "false"`)))
	if err != nil {
		t.Fatal(err)
	}
	if set.Needs(Object) || set.Needs(Path) || !set.Needs(Hop) {
		t.Error("a rule about hops needs hops alone")
	}
	rules := set.Rules()
	if len(rules) != 1 || rules[0].ID != "A-1" || rules[0].Policy != "p" || rules[0].At.String() != "p.yaml:6:6" {
		t.Errorf("%+v", rules)
	}
}
