package schema

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/mesh"
)

// later tells of the field that is looked at, or of a value of it, whether a newer Istio than the target's knows it, or
// only an older one. It then says so in the problem.
func (w *walk) later(p *Problem, value string) bool {
	first, last, exact := w.span(w.path, value)
	if first == 0 {
		return false
	}
	what := "the field " + lastKey(w.path)
	p.Consequence = "the API server of the target refuses the object, or drops the field, so that what it asks for is not done"
	if value != "" {
		what = "the value " + value
		p.Consequence = "the API server of the target refuses the object"
	}
	p.Rule, p.Kind = "MSH101", NotYet
	p.Fix = "remove it, or update the mesh"
	if value != "" {
		p.Fix = "use a value that the target has, or update the mesh"
	}
	if n, ok := newcomerOf(w.of.kind, w.path, value); ok {
		p.Fix = n.way
		if n.gate != "" {
			first, exact = n.gate.Since(), true
		}
	}
	switch {
	case last < w.minor:
		p.Message = fmt.Sprintf("%s is no longer known: Istio 1.%d was the last to have it, and the target has Istio 1.%d", what, last, w.minor)
	case exact:
		p.Message = fmt.Sprintf("%s came with Istio 1.%d, and the target has Istio 1.%d", what, first, w.minor)
	default:
		p.Message = fmt.Sprintf("%s came with Istio 1.%d at the latest, and the target's Istio 1.%d does not have it", what, first, w.minor)
	}
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
// The first is exact where the CRDs of the one before it are known as well.
func (w *walk) span(path []step, value string) (first, last int, exact bool) {
	for _, minor := range w.editions() {
		if w.knows(w.collection.root(w.of.apiVersion, w.of.kind, minor), path, value) {
			if first == 0 {
				first = minor
				exact = slices.Contains(w.editions(), minor-1)
			}
			last = minor
		}
	}
	if w.roots[w.of.apiVersion+"/"+w.of.kind][0] != 0 {
		return 0, 0, false // no kind of Istio's
	}
	return first, last, exact
}

func (l *collection) knows(n *node, path []step, value string) bool {
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

// A newcomer is a field, or a value of one, that not every target has, and what does the same in older versions.
type newcomer struct {
	kind, field, value string // an empty kind is every one, an empty value none
	gate               mesh.Gate
	way                string
}

var newcomers = []newcomer{
	{"DestinationRule", "workloadSelector", "", mesh.DRWorkloadSelector, `put the rule into the namespace of the clients and export it to "."; credentialName then serves gateways only, and sidecars take mounted files`},
	{"", "caCrl", "", mesh.CACRL, "keep revoked certificates out at the authority, or give out short-lived ones"},
	{"Gateway", "credentialNames", "", mesh.CredentialNames, "set credentialName, of one certificate"},
	{"Gateway", "tlsCertificates", "", mesh.CredentialNames, "set serverCertificate and privateKey, of one certificate"},
	{"VirtualService", "mirrors", "", mesh.Mirrors, "set mirror and mirrorPercentage, of one destination"},
	{"VirtualService", "directResponse", "", mesh.DirectResponse, "route to a service that answers, or redirect"},
	{"DestinationRule", "proxyProtocol", "", mesh.ProxyProtocol, "send the PROXY protocol with an EnvoyFilter"},
	{"DestinationRule", "tunnel", "", mesh.Tunnel, "tunnel with an EnvoyFilter, or let the application use the proxy itself"},
	{"DestinationRule", "insecureSkipVerify", "", mesh.InsecureSkipVerify, "remove it: without a CA this version verifies nothing"},
	{"Gateway", "mode", "OPTIONAL_MUTUAL", mesh.OptionalMutual, "use MUTUAL, and a second host with SIMPLE for clients without a certificate"},
	{"ServiceEntry", "resolution", "DNS_ROUND_ROBIN", mesh.DNSRoundRobin, "use DNS"},
	{"ServiceEntry", "resolution", "DYNAMIC_DNS", mesh.DynamicDNS, "use NONE, or DNS with a concrete endpoint that serves all the names"},
	{"ServiceEntry", "targetPort", "", mesh.SETargetPort, "declare the port of the endpoint in endpoints[].ports"},
}

func newcomerOf(kind string, path []step, value string) (newcomer, bool) {
	for _, n := range newcomers {
		if (n.kind == "" || n.kind == kind) && n.field == lastKey(path) && n.value == value {
			return n, true
		}
	}
	return newcomer{}, false
}
