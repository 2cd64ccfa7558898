package schema

import (
	"encoding/json"
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
)

var rounds = flag.Int("rounds", 150, "how many random objects of each kind are held against the API server's code")

// TestAgainstReference makes random objects of every kind, good and bad, and holds what is said of them against the API
// server's own code. With -rounds of 1000 or more it demands that every rule that a CRD states in CEL has been met, and
// has not been.
func TestAgainstReference(t *testing.T) {
	l := shelf()
	for _, kind := range slices.Sorted(maps.Keys(l.roots)) {
		if kind == "metadata" {
			continue
		}
		for _, minor := range slices.Sorted(maps.Keys(istioModules)) {
			if rootOf(kind, minor) == nil || l.roots[kind][0] != 0 && minor != 31 {
				continue
			}
			r, ok := referenceFor(t, kind, minor)
			if !ok {
				t.Logf("no CRD of %s at hand", kind)
				continue
			}
			refused := 0
			for i := range *rounds {
				tree := randomObject(l, kind, minor, uint64(i))
				if compare(t, r, kind, minor, tree) {
					refused++
				}
				if t.Failed() {
					return
				}
			}
			if refused == 0 || refused == *rounds && !strings.HasSuffix(kind, "/IstioRevision") { // which nobody writes: its rules ask for much
				t.Errorf("%s of 1.%d: %d of %d refused: no test at all", kind, minor, refused, *rounds)
			}
		}
	}
	for text := range rules {
		if text == onlyOnce {
			continue
		}
		if *rounds >= 1000 && (verdictsOf.met[text] == 0 || verdictsOf.unmet[text] == 0) {
			t.Errorf("%d met and %d not: %s", verdictsOf.met[text], verdictsOf.unmet[text], text)
		}
	}
}

// onlyOnce is a rule of Istio 1.22 and 1.23, which no target has.
const onlyOnce = `[self.group,self.kind]in[["core","Service"],["","Service"],["gateway.networking.k8s.io","Gateway"]]`

func rootOf(kind string, minor int) *node {
	of := cutKind(kind)
	return shelf().root(of.apiVersion, of.kind, minor)
}

// compare says whether an object was refused.
func compare(t *testing.T, r reference, kind string, minor int, tree map[string]any) bool {
	t.Helper()
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	of := cutKind(kind)
	o := &bundle.Object{ID: bundle.ID{APIVersion: of.apiVersion, Kind: of.kind}, JSON: data}
	l := shelf()
	w := walk{collection: l, scanner: scanner{data: o.JSON}, of: cutKind(kind), minor: minor}
	w.root(rootOf(kind, minor))
	var unknown, faults []string
	for _, p := range w.problems() {
		if p.Kind == UnknownField || p.Rule == "MSH101" && p.Dropped {
			unknown = append(unknown, dotted.Replace(p.Field))
		} else {
			faults = append(faults, p.Field+": "+p.Message)
		}
	}
	var fresh map[string]any
	if err := json.Unmarshal(data, &fresh); err != nil {
		t.Fatal(err)
	}
	wantUnknown, want := r.judge(whole(fresh).(map[string]any))
	// Of what is in a map where none should be, the map alone is spoken of here.
	wantUnknown = slices.DeleteFunc(wantUnknown, func(path string) bool {
		return slices.ContainsFunc(w.found, func(p Problem) bool { return p.Kind == WrongType && within(path, dotted.Replace(p.Field)) })
	})
	slices.Sort(unknown)
	slices.Sort(wantUnknown)
	if len(w.found) < maxProblems && !slices.Equal(unknown, wantUnknown) {
		t.Errorf("%s of 1.%d: unknown fields\n got %q\nwant %q\n%s", kind, minor, unknown, wantUnknown, data)
	}
	if len(wantUnknown) == 0 && (len(faults) > 0) != (len(want) > 0) {
		t.Errorf("%s of 1.%d:\n got %q\nwant %q\n%s", kind, minor, faults, want, data)
	}
	return len(want)+len(wantUnknown) > 0
}

// dotted writes paths as the API server does.
var dotted = strings.NewReplacer(`["`, ".", `"]`, "")

// whole makes whole numbers integers, as the API server reads them.
func whole(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			v[k] = whole(child)
		}
	case []any:
		for i, child := range v {
			v[i] = whole(child)
		}
	case float64:
		if n := int64(v); float64(n) == v {
			return n
		}
	}
	return v
}

// A dice makes random values for schemas; errors is how often one is wrong on purpose, of 1000.
type dice struct {
	*rand.Rand
	l      *collection
	errors int
}

func randomObject(l *collection, kind string, minor int, seed uint64) map[string]any {
	d := dice{rand.New(rand.NewPCG(seed, uint64(minor))), l, []int{0, 3, 20}[seed%3]}
	slash := strings.LastIndexByte(kind, '/')
	tree := map[string]any{}
	if d.IntN(20) > 0 {
		tree["spec"] = d.value(l.at(rootOf(kind, minor).Fields["spec"]), 0)
	}
	for name := range rootOf(kind, minor).Fields {
		if name != "spec" && d.IntN(30) == 0 {
			tree[name] = d.value(l.at(rootOf(kind, minor).Fields[name]), 0)
		}
	}
	tree["apiVersion"], tree["kind"] = kind[:slash], kind[slash+1:]
	tree["metadata"] = map[string]any{"name": []string{"default", "a"}[d.IntN(2)], "namespace": "n"}
	return tree
}

var texts = []any{"", "*", "*.a.example", "a.example", "10.0.0.0/8", "10.0.0.1", "unix:///a", "unix://", "unix://@a", "unix:///a/", "unix://a", "5s", "0s", "1ms", "0.5ms", "-1s", "forever",
	"http://a.example/b", "oci://a/b", "a/b", "ftp://a.example", "HTTP", "http", "a", "A", "istio-system", "YQ==", "Service", "core", "default", "%[req.hdr(a)]", "proxy", "Set-Cookie", "Set", "Delete", "HOST",
	"passthrough", "UPSERT", "REMOVE", "NONE", "gateway.networking.k8s.io", "Gateway", "TLS", "é", "443", "65536", strings.Repeat("ab", 150)}

var numbers = []any{0, 1, -1, 80, 443, 65535, 65536, 100, 101, 1.5, 4294967296.0, 1e20, 2147483648.0, 3.0}

var odd = []any{nil, nil, true, "a", 1, 1.5, map[string]any{}, map[string]any{"a": "b"}, []any{}, []any{"a"}, []any{nil}}

func (d dice) value(n *node, depth int) any {
	if d.IntN(1000) < d.errors {
		return odd[d.IntN(len(odd))]
	}
	switch {
	case n == nil || n.Type == "" && !n.IntOrString:
		return odd[d.IntN(len(odd))]
	case n.IntOrString:
		if d.IntN(2) == 0 {
			return numbers[d.IntN(4)]
		}
		return texts[d.IntN(len(texts))]
	}
	switch n.Type {
	case "object":
		return d.object(n, depth)
	case "array":
		list := []any{}
		for range d.IntN(3) {
			list = append(list, d.value(d.l.at(n.Items), depth+1))
		}
		return list
	case "boolean":
		return d.IntN(2) == 0
	case "integer":
		if d.IntN(4) > 0 {
			return 1 + d.IntN(100)
		}
		return numbers[d.IntN(len(numbers))]
	case "number":
		return numbers[d.IntN(len(numbers))]
	}
	if n.Enum != nil && d.IntN(1000) >= d.errors {
		return n.Enum[d.IntN(len(n.Enum))]
	}
	if slices.Contains(n.Rules, `duration(self)>=duration("1ms")`) && d.IntN(8) > 0 {
		return "5s"
	}
	if n.Format == "byte" {
		return []any{"YQ==", "a", "YQ"}[d.IntN(3)]
	}
	if n.Rules != nil && d.IntN(2) == 0 {
		return []string{"HTTP", "HTTPS", "", "Proxy", "cookie", "Set-Cookie", "Strict-Transport-Security", "UPSERT"}[d.IntN(8)]
	}
	if d.IntN(5) > 0 {
		return "a"
	}
	return texts[d.IntN(len(texts))]
}

func (d dice) object(n *node, depth int) any {
	tree := map[string]any{}
	chance := 3 + len(n.Fields)/3 + depth
	if n.Rules != nil {
		chance = 2
	}
	for _, name := range n.names() {
		required := slices.Contains(n.Required, name) && d.IntN(1000) >= d.errors
		if required || d.IntN(chance) == 0 || depth == 0 && d.IntN(2) == 0 {
			tree[name] = d.value(d.l.at(n.Fields[name]), depth+1)
		}
	}
	if n.Values != 0 || n.Open {
		for range d.IntN(3) {
			tree[[]string{"a", "443", "", "0", "a*", "65536"}[min(d.IntN(12), 5)*d.IntN(2)]] = d.value(d.l.at(n.Values), depth+1)
		}
	}
	if tree["group"] != nil && tree["kind"] != nil && d.IntN(2) == 0 {
		pair := [][2]string{{"", "Service"}, {"core", "Service"}, {"gateway.networking.k8s.io", "Gateway"}, {"networking.istio.io", "ServiceEntry"}}[d.IntN(4)]
		tree["group"], tree["kind"] = pair[0], pair[1]
	}
	if d.IntN(1000) < d.errors {
		tree["surprise"] = odd[d.IntN(len(odd))]
	}
	return tree
}
