package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// later tells of the field that is looked at, or of a value of it, whether a newer Istio than the target's knows it, or
// only an older one. It then says so in the problem.
func (w *walk) later(p *Problem, value string) bool {
	first, last := w.span(w.path, value)
	if first == 0 {
		return false
	}
	what, verb := "the field "+lastKey(w.path), "came with"
	if value != "" {
		what = fmt.Sprintf("the value %s", value)
	}
	p.Rule, p.Kind = "MSH101", NotYet
	p.Message = fmt.Sprintf("%s %s Istio 1.%d, and the target has Istio 1.%d", what, verb, first, w.minor)
	p.Consequence = "the API server of the target refuses the object, or drops the field, so that what it asks for is not done"
	if value != "" {
		p.Dropped = false
		p.Consequence = "the API server of the target refuses the object"
	}
	if last < w.minor {
		p.Message = fmt.Sprintf("%s is no longer known: Istio 1.%d was the last to have it, and the target has Istio 1.%d", what, last, w.minor)
	}
	p.Fix = olderWay(w.kind, w.path, value)
	return true
}

func lastKey(path []step) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i].key != nil {
			return path[i].key.string()
		}
	}
	return ""
}

// span finds the first and last Istio that knows a field, and a value of it, of the kind that is looked at; 0 is none.
func (w *walk) span(path []step, value string) (first, last int) {
	for _, minor := range slices.Sorted(maps.Keys(w.roots[w.kind])) {
		if minor == 0 {
			return 0, 0
		}
		if w.knows(w.library.root(w.kind, minor), path, value) {
			if first == 0 {
				first = minor
			}
			last = minor
		}
	}
	return first, last
}

func (l *library) knows(n *node, path []step, value string) bool {
	for _, s := range path {
		switch {
		case n == nil:
			return false
		case s.key == nil:
			n = l.at(n.Items)
		default:
			n = l.field(n, s.key.string())
		}
	}
	return n != nil && (value == "" || slices.Contains(n.Enum, value))
}

// older are other ways to what newer fields do, by the end of the path.
var older = []struct{ kind, path, value, way string }{
	{"DestinationRule", "workloadSelector", "", "put the rule into the namespace of the clients and export it to \".\"; credentialName then serves gateways only, and sidecars take mounted files"},
	{"", "caCrl", "", "keep revoked certificates out at the authority, or give out short-lived ones"},
	{"Gateway", "credentialNames", "", "set credentialName, of one certificate"},
	{"Gateway", "tlsCertificates", "", "set serverCertificate and privateKey, of one certificate"},
	{"VirtualService", "mirrors", "", "set mirror and mirrorPercentage, of one destination"},
	{"VirtualService", "directResponse", "", "route to a service that answers, or redirect"},
	{"DestinationRule", "proxyProtocol", "", "send the PROXY protocol with an EnvoyFilter"},
	{"DestinationRule", "tunnel", "", "tunnel with an EnvoyFilter, or let the application use the proxy itself"},
	{"DestinationRule", "insecureSkipVerify", "", "remove it: without a CA this version verifies nothing"},
	{"Gateway", "mode", "OPTIONAL_MUTUAL", "use MUTUAL, and a second host with SIMPLE for clients without a certificate"},
	{"ServiceEntry", "resolution", "DNS_ROUND_ROBIN", "use DNS"},
	{"ServiceEntry", "resolution", "DYNAMIC_DNS", "use NONE, or DNS with a concrete endpoint that serves all the names"},
	{"ServiceEntry", "targetPort", "", "declare the port of the endpoint in endpoints[].ports"},
}

func olderWay(kind string, path []step, value string) string {
	key := lastKey(path)
	for _, o := range older {
		if (o.kind == "" || strings.HasSuffix(kind, "/"+o.kind)) && o.path == key && o.value == value {
			return o.way
		}
	}
	if value != "" {
		return "use a value that the target has, or update the mesh"
	}
	return "remove it, or update the mesh"
}
