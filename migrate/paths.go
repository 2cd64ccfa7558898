package migrate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
)

// A Difference is something of a request's path that is not as it was.
type Difference struct {
	Request traffic.Request
	// Hop is the number of the hop, from 1; 0 is the path's end.
	Hop int
	// What is the field of the hop or the outcome, such as verify.server.ca.
	What          string
	Before, After string
	// Because is the entry that tells why, by its object and field; nil where none does.
	Because *Entry
}

// compare follows every request that the old bundle tells of through both.
func (m *migration) compare(r *Result) error {
	before, err := traffic.NewIndex(m.asInstalled(), traffic.Options{Target: m.from, Assume: true})
	if err != nil {
		return err
	}
	after, err := traffic.NewIndex(withoutOwnRoutes(m.followed(r.Bundle)), traffic.Options{Target: m.to, Assume: true})
	if err != nil {
		return fmt.Errorf("a value of the old mesh is none that Istio takes: %s", strings.TrimPrefix(err.Error(), ": "))
	}
	requests := before.Requests("")
	r.Requests = len(requests)
	for _, request := range requests {
		was, err := before.Walk(request)
		if err != nil {
			return err
		}
		is, err := after.Walk(request)
		if err != nil {
			return err
		}
		for _, d := range differences(was, is) {
			d.Because = because(r.Entries, d, was, is)
			r.Differences = append(r.Differences, d)
		}
	}
	return nil
}

// asInstalled is the old bundle with what the old operator makes of it: Routes, and gateways of which something is written.
// Those of which nothing is are known to package traffic.
func (m *migration) asInstalled() *bundle.Bundle {
	return withoutOwnRoutes(&bundle.Bundle{Objects: slices.Concat(m.in, m.routes, m.installed)})
}

// followed is the new bundle with the Secrets that stay, and without what both meshes do alike and package traffic follows in neither: of the old one it does
// not know that sidecars answer DNS.
func (m *migration) followed(b *bundle.Bundle) *bundle.Bundle {
	objects := slices.Concat(b.Objects, m.kept)
	for i, o := range objects {
		if is(o, "sailoperator.io", "Istio") && m.capturing[o.Name] {
			t := o.Tree()
			remove(t, "spec", "values", "meshConfig", "defaultConfig", "proxyMetadata", captureDNS)
			objects[i] = rewritten(o, t)
		}
	}
	return &bundle.Bundle{Objects: objects}
}

// withoutOwnRoutes leaves Routes without a host out: what host the router gives them, no file tells.
func withoutOwnRoutes(b *bundle.Bundle) *bundle.Bundle {
	return &bundle.Bundle{Objects: slices.DeleteFunc(slices.Clone(b.Objects), func(o *bundle.Object) bool {
		return o.Kind == "Route" && getText(o.Tree(), "spec", "host") == ""
	})}
}

// differences are those of two paths of one request.
func differences(before, after traffic.Path) []Difference {
	var all []Difference
	a, b := before.Ways(), after.Ways()
	if len(a) != len(b) {
		return []Difference{{Request: before.Request, What: "ways", Before: fmt.Sprint(len(a)), After: fmt.Sprint(len(b))}}
	}
	for i := range a {
		add := func(hop int, what, was, is string) {
			if was != is {
				all = append(all, Difference{Request: before.Request, Hop: hop, What: what, Before: was, After: is})
			}
		}
		add(0, "share", fmt.Sprint(a[i].Share), fmt.Sprint(b[i].Share))
		for n := range min(len(a[i].Hops), len(b[i].Hops)) {
			was, is := flat(a[i].Hops[n]), flat(b[i].Hops[n])
			for _, key := range sorted(union(was, is)) {
				add(n+1, key, was[key], is[key])
			}
		}
		add(0, "hops", fmt.Sprint(len(a[i].Hops)), fmt.Sprint(len(b[i].Hops)))
		add(0, "outcome", string(a[i].Outcome.Code), string(b[i].Outcome.Code))
	}
	return all
}

func union(a, b map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range []map[string]string{a, b} {
		for key, value := range m {
			all[key] = value
		}
	}
	return all
}

// flat is a hop as texts by field, without who decided it: objects have other names and places.
func flat(h traffic.Hop) map[string]string {
	h.DecidedBy = nil
	data, err := json.Marshal(h)
	var t tree
	if err == nil {
		err = json.Unmarshal(data, &t)
	}
	if err != nil {
		panic(fmt.Sprintf("migrate: a hop is no JSON: %v", err))
	}
	all := map[string]string{}
	var walk func(prefix string, v any)
	walk = func(prefix string, v any) {
		if inner, ok := v.(tree); ok {
			for key, value := range inner {
				walk(strings.TrimPrefix(prefix+"."+key, "."), value)
			}
			return
		}
		if list, ok := v.([]any); ok {
			v = strings.Join(asTexts(list), ", ")
		}
		all[prefix] = fmt.Sprint(v)
	}
	walk("", t)
	return all
}

// aspects are the fields of a hop that each changes.
var aspects = map[aspect][]string{
	verification: {"verify.server", "outcome"},
	serverName:   {"wire.sni", "verify.server.names", "outcome"},
	meshWideRule: {"wire", "verify", "outcome", "hops", "terminates", "proxy", "workload", "destination", "cluster", "listener", "route"},
	sniffing:     {"wire.alpn", "route", "listener", "destination.authority", "outcome"},
	aliases:      {"cluster", "destination", "route", "wire", "verify", "outcome", "hops"},
}

// because finds the entry that tells of a difference: one that changes that of a path, about an object that had a say in
// it up to there; or else one about the whole mesh.
func because(entries []Entry, d Difference, before, after traffic.Path) *Entry {
	said := map[string]bool{}
	for _, way := range append(before.Ways(), after.Ways()...) {
		for n, h := range way.Hops {
			for _, by := range h.DecidedBy {
				said[by.String()] = said[by.String()] || d.Hop == 0 || n < d.Hop
			}
		}
	}
	for _, everywhere := range []bool{false, true} {
		for i, e := range entries {
			about := e.aspect == anyPath
			for _, field := range aspects[e.aspect] {
				about = about || d.What == field || strings.HasPrefix(d.What, field+".")
			}
			if about && (everywhere && e.aspect == sniffing || !everywhere && said[e.Object.String()]) {
				return &entries[i]
			}
		}
	}
	return nil
}
