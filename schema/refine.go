package schema

import (
	"regexp"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// A place names what a fault is in the catalogue that the schema finds at some field.
type place struct {
	kind, field string // the field without the numbers of items
	of          Kind
	rule        string
	message     string // "" leaves it as it is
	fix         string
}

var places = []place{
	{"ServiceEntry", "spec.hosts", "", "MSH102", "", ""},
	{"ServiceEntry", "spec", Missing, "MSH102", "hosts is missing, and without one a ServiceEntry declares nothing", "name the hosts"},
	{"ServiceEntry", "spec.ports", "", "MSH108", "", ""},
	{"ServiceEntry", "spec.ports[]", WrongValue, "MSH108", "", "keep one of them, with the protocol that the clients speak"},
	{"ServiceEntry", "spec.ports[]", Missing, "MSH116", "", ""},
	{"ServiceEntry", "spec.ports[].number", "", "MSH116", "", ""},
	{"ServiceEntry", "spec.ports[].name", "", "MSH116", "", ""},
	{"ServiceEntry", "spec.endpoints[].address", "", "MSH106", "", ""},
	{"Gateway", "spec.servers[].port", Missing, "MSH116", "", ""},
	{"Gateway", "spec.servers[].port.protocol", "", "MSH116", "", ""},
	{"Gateway", "spec.servers[]", Missing, "MSH117", "", ""},
	{"Gateway", "spec.servers[].tls", WrongValue, "MSH110", "", ""},
	{"VirtualService", "spec.tls[].match[]", Missing, "MSH118", "a match of TLS needs sniHosts", "add the name that the clients ask for"},
	{"Sidecar", "spec.egress[]", Missing, "MSH121", "a listener needs hosts", `write "./*" for the own namespace, or "*/*" for all`},
	{"DestinationRule", "spec.trafficPolicy.tunnel", Missing, "MSH122", "", "set it: targetHost and targetPort are those of the service behind the proxy"},
	{"DestinationRule", "spec.subsets[].trafficPolicy.tunnel", Missing, "MSH122", "", "set it: targetHost and targetPort are those of the service behind the proxy"},
}

var itemNumber = regexp.MustCompile(`\[\d+\]`)

// refine gives faults that the schema finds the rules of the catalogue that they belong to. A field that is missing
// because it is misspelt is one fault.
func refine(o *bundle.Object, problems []Problem) []Problem {
	problems = slices.DeleteFunc(problems, func(p Problem) bool {
		return p.Kind == Missing && slices.ContainsFunc(problems, func(q Problem) bool {
			return q.Kind == UnknownField && q.Nearest == p.Field+"."+missingName(p.Message)
		})
	})
	for i := range problems {
		p := &problems[i]
		if p.Rule != general {
			continue
		}
		field := itemNumber.ReplaceAllString(p.Field, "[]")
		for _, at := range places {
			if at.kind != o.Kind || at.field != field || at.of != "" && at.of != p.Kind {
				continue
			}
			if at.of == Missing && at.message != "" && !strings.HasPrefix(at.message, missingName(p.Message)) && !strings.HasSuffix(at.message, missingName(p.Message)) {
				continue
			}
			p.Rule = at.rule
			if at.message != "" {
				p.Message = at.message
			}
			if at.fix != "" {
				p.Fix = at.fix
			}
			break
		}
		if p.Kind == Missing && p.Message == missingName(p.Message)+isMissing && strings.Contains(p.Field, ".") {
			p.Message += " in " + p.Field
		}
	}
	return problems
}

// isMissing is how a message ends that says no more than what is missing.
const isMissing = " is missing"

// missingName is the field that a message calls missing.
func missingName(message string) string { return strings.TrimSuffix(message, isMissing) }
