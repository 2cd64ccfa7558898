package traffic

import (
	"net/netip"
	"strings"
)

// The names that Istio matches: "api.example", "*.example" and "*". A wildcard's star stands for anything that ends as
// the rest does, as Istio's own package host has it: "*.example" also takes "a.b.example".

func isWildcard(name string) bool { return strings.HasPrefix(name, "*") }

// overlaps tells whether some name is taken by both.
func overlaps(a, b string) bool {
	switch {
	case isWildcard(a) && isWildcard(b):
		if len(a) < len(b) {
			a, b = b, a
		}
		return strings.HasSuffix(a[1:], b[1:])
	case isWildcard(a):
		return strings.HasSuffix(b, a[1:])
	case isWildcard(b):
		return strings.HasSuffix(a, b[1:])
	default:
		return a == b
	}
}

// within tells whether everything that a takes is taken by b.
func within(a, b string) bool {
	if !isWildcard(b) {
		return a == b
	}
	if isWildcard(a) {
		return len(a) >= len(b) && strings.HasSuffix(a[1:], b[1:])
	}
	return strings.HasSuffix(a, b[1:])
}

// intersection lists, of each pair of names that contain one another, the narrower.
func intersection(a, b []string) []string {
	var both []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			both = append(both, name)
		}
	}
	for _, x := range a {
		for _, y := range b {
			if within(x, y) {
				add(x)
			} else if within(y, x) {
				add(y)
			}
		}
	}
	return both
}

// byHost finds what is registered for names, by the most specific of them.
type byHost[V any] struct {
	exact    map[string]V
	wildcard map[string]V
}

// at is the place of a name itself.
func (m *byHost[V]) at(name string) (V, bool) {
	if isWildcard(name) {
		v, ok := m.wildcard[name]
		return v, ok
	}
	v, ok := m.exact[name]
	return v, ok
}

func (m *byHost[V]) set(name string, v V) {
	into := &m.exact
	if isWildcard(name) {
		into = &m.wildcard
	}
	if *into == nil {
		*into = map[string]V{}
	}
	(*into)[name] = v
}

// mostSpecific is what a name gets: its own entry, or that of the longest wildcard around it.
func (m *byHost[V]) mostSpecific(name string) (V, bool) {
	if v, ok := m.at(name); ok {
		return v, ok
	}
	if len(m.wildcard) == 0 {
		var none V
		return none, false
	}
	// Each suffix of the name may be a wildcard's: the longest first.
	for i := range len(name) {
		if isWildcard(name) && i == 0 {
			continue
		}
		if v, ok := m.wildcard["*"+name[i:]]; ok {
			return v, ok
		}
	}
	v, ok := m.wildcard["*"]
	return v, ok
}

// fullName writes a short name of the namespace in full: "web" is "web.shop.svc.cluster.local".
func fullName(host, namespace string) string {
	if host == "" || host == "*" || strings.Contains(host, ".") {
		return host
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	return host + "." + namespace + ".svc." + domain
}

// domain is the cluster's. Another one is not supported.
const domain = "cluster.local"

// otherNames are those by which a proxy in a namespace knows a host besides the host itself: a name with the final dot,
// and the short forms of a name in the cluster.
func otherNames(host, namespace string) []string {
	var names []string
	if _, err := netip.ParseAddr(host); err != nil {
		names = append(names, host+".")
	}
	if !strings.HasSuffix(host, ".svc."+domain) {
		return names
	}
	short := strings.TrimSuffix(host, ".svc."+domain)
	name, of, dotted := strings.Cut(short, ".")
	if !dotted {
		return names
	}
	if of == namespace {
		names = append(names, name)
	}
	return append(names, short, short+".svc")
}

// subset tells whether all labels of a selector are there. An empty selector takes everything.
func subset(selector, labels map[string]string) bool {
	for k, v := range selector {
		if have, ok := labels[k]; !ok || have != v {
			return false
		}
	}
	return true
}
