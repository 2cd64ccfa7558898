package traffic

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// FuzzWalk changes bundles that mean something, a few values at a time, and follows every request in what is left, on an
// old mesh and on a new one: no crash, and what is said has an outcome. Bytes choose the changes, so that most of what
// they make can still be read.
func FuzzWalk(f *testing.F) {
	var bases []*bundle.Bundle
	for _, pattern := range []string{"testdata/worked/*.yaml", "../examples/*/*/istio-1.31.yaml", "../conformance/istiod/regressions/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			b, err := bundle.Load([]string{file}, os.Stdin)
			if err != nil {
				f.Fatal(err)
			}
			bases = append(bases, b)
		}
	}
	for i := range bases {
		f.Add(uint(i), []byte{byte(i), 3, 1, 4, 1, 5, 9, 2, 6})
	}
	f.Fuzz(func(t *testing.T, base uint, choices []byte) {
		next := func(n int) int {
			if len(choices) == 0 || n == 0 {
				return 0
			}
			c := int(choices[0])
			choices = choices[1:]
			return c % n
		}
		var trees []map[string]any
		for _, o := range bases[base%uint(len(bases))].Objects {
			trees = append(trees, o.Tree())
		}
		for len(choices) > 0 {
			change(trees[next(len(trees))], next)
			if next(8) == 0 { // another object of the same shape
				copied := fresh(trees[next(len(trees))]).(map[string]any)
				change(copied, next)
				trees = append(trees, copied)
			}
		}
		var text bytes.Buffer
		for _, tree := range trees {
			data, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			text.Write(append(data, '\n'))
		}
		b, err := bundle.Read("fuzz.json", &text)
		if err != nil {
			return
		}
		for _, name := range []string{"ossm-2.1", "istio-1.31"} {
			target, _ := mesh.Lookup(name)
			for _, assume := range []bool{true, false} {
				x, err := NewIndex(b, Options{Target: target, Assume: assume})
				if err != nil {
					continue
				}
				requests := x.Requests("")
				for _, r := range append(requests[:min(len(requests), 40)], Request{From: Outside, To: "https://web.shop.example"}) {
					p, err := x.Walk(r)
					if err == nil && p.Outcome.Code == "" {
						t.Errorf("%s to %s: no outcome", r.From, r.To)
					}
				}
				x.Known()
				x.Clients("http://api.partner.example")
			}
		}
	})
}

// odd are values that take the place of others.
var odd = []any{
	nil, "", "*", "*.example", "mesh", ".", "~", "shop", "istio-egress", "api.partner.example", "istio-egressgateway.istio-egress.svc.cluster.local",
	"10.0.0.0/8", "10.1.0.1", "::1", "HTTP", "TLS", "TCP", "UDP", "SIMPLE", "ISTIO_MUTUAL", "PASSTHROUGH", "AUTO_PASSTHROUGH", "NONE", "STATIC", "DYNAMIC_DNS",
	0.0, 80.0, 443.0, 65536.0, -1.0, 8080.0, true, false, []any{}, map[string]any{}, []any{"*"}, []any{nil}, "kubernetes://a/b", "configmap://c", "\\", "(", "[",
}

// fresh is a copy of a value that shares nothing with it.
func fresh(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var copied any
	if err := json.Unmarshal(data, &copied); err != nil {
		panic(err)
	}
	return copied
}

// change replaces, removes or doubles one value somewhere in a tree.
func change(at any, next func(int) int) {
	switch v := at.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) == 0 {
			return
		}
		key := keys[next(len(keys))]
		switch child := v[key].(type) {
		case map[string]any, []any:
			if next(4) > 0 {
				change(child, next)
				return
			}
		}
		if next(5) == 0 {
			delete(v, key)
		} else {
			v[key] = fresh(odd[next(len(odd))])
		}
	case []any:
		if len(v) == 0 {
			return
		}
		i := next(len(v))
		switch child := v[i].(type) {
		case map[string]any, []any:
			if next(4) > 0 {
				change(child, next)
				return
			}
		}
		v[i] = fresh(odd[next(len(odd))])
	}
}
