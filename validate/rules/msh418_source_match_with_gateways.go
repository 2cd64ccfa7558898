package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh418 = validate.Rule{
	ID: "MSH418", Name: "source-match-with-gateways", Category: validate.NoRoute, Severity: validate.Warning,
	Title: "a match by who calls, where gateways are named too",
	Check: func(p *validate.Pass) {
		for _, r := range p.Objects.VirtualServices {
			if len(r.Spec.Hosts) == 0 {
				continue // a delegate, whose gateways are those of who names it
			}
			for i, h := range r.Spec.Http {
				for j, m := range h.Match {
					httpSource(p, r, fmt.Sprintf("spec.http[%d].match[%d]", i, j), m)
				}
			}
			for i, h := range r.Spec.Tls {
				for j, m := range h.Match {
					bytesSource(p, r, fmt.Sprintf("spec.tls[%d].match[%d]", i, j), m.Gateways, m.SourceLabels, m.SourceNamespace)
				}
			}
			for i, h := range r.Spec.Tcp {
				for j, m := range h.Match {
					bytesSource(p, r, fmt.Sprintf("spec.tcp[%d].match[%d]", i, j), m.Gateways, m.SourceLabels, m.SourceNamespace)
				}
			}
		}
	},
}

func httpSource(p *validate.Pass, r routesOf, field string, m *networking.HTTPMatchRequest) {
	named := sourceField(m.SourceLabels, m.SourceNamespace)
	f := validate.Finding{Place: p.At(r.Object, field+"."+named)}
	switch {
	case named == "":
		return
	case len(m.Gateways) > 0:
		f.Message = fmt.Sprintf("a match of %s has gateways and %s: where gateways are named, nobody looks at who calls", r.ID, named)
		f.Consequence = "the rule takes the requests of all clients"
		f.Fix = "take gateways out of the match, in a VirtualService for mesh alone; or leave it to an AuthorizationPolicy who may call"
		if len(m.Gateways) == 1 && m.Gateways[0] == "mesh" && !ofGateways(p, m) {
			f.Fix = fmt.Sprintf("take gateways out of the match: %s keeps gateways out by itself; or leave it to an AuthorizationPolicy who may call", named)
			f.Edits = []validate.Edit{{Object: f.Object, Field: field + ".gateways"}}
		}
	case len(r.Spec.Gateways) > 0 && !slices.Contains(r.Spec.Gateways, "mesh"):
		f.Message = fmt.Sprintf("%s is for gateways only, which compare %s with their own labels and namespace, not with those of the client", r.ID, named)
		f.Consequence = "the rule takes nothing, unless it describes the gateway itself"
		f.Fix = fmt.Sprintf("take %s out; a gateway knows its clients by an AuthorizationPolicy, where they come by the mesh's mutual TLS", named)
		f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field}}
		if rule, _, _ := strings.Cut(field, ".match"); len(r.Spec.Http) > 1 && !ofGateways(p, m) {
			f.Fix = "take the match out, which changes nothing; a gateway knows its clients by an AuthorizationPolicy, where they come by the mesh's mutual TLS"
			f.Edits[0].Field = field
			if len(r.Spec.Http[atIndex(rule)].Match) == 1 {
				f.Edits[0].Field = rule
			}
		}
	default:
		return
	}
	p.Report(f)
}

// bytesSource is for matches of tls and tcp routes: sidecars look at who calls, gateways do not.
func bytesSource(p *validate.Pass, r routesOf, field string, gateways []string, labels map[string]string, namespace string) {
	if len(gateways) == 0 {
		gateways = r.Spec.Gateways
	}
	i := slices.IndexFunc(gateways, func(g string) bool { return g != "mesh" })
	named := sourceField(labels, namespace)
	if i < 0 || named == "" {
		return
	}
	f := validate.Finding{
		Place:       p.At(r.Object, field+"."+named),
		Message:     fmt.Sprintf("a match of %s has %s and is for gateway %s too, which does not look at it", r.ID, named, gateways[i]),
		Consequence: "at the gateway the rule takes the connections of all clients",
		Fix:         "set match.gateways [mesh], and give the gateway a rule of its own",
	}
	if rest := slices.DeleteFunc(slices.Clone(gateways), func(g string) bool { return g == "mesh" }); len(rest) == len(gateways) {
		f.Message = fmt.Sprintf("a match of %s has %s and is for gateway %s, which does not look at it", r.ID, named, gateways[i])
		f.Fix = fmt.Sprintf("take %s out, which changes nothing; a gateway knows its clients by an AuthorizationPolicy, where they come by the mesh's mutual TLS", named)
		f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field}}
	} else {
		f.Edits = []validate.Edit{split(p, r, field, rest)}
	}
	p.Report(f)
}

// ofGateways tells whether a match describes pods of gateways.
func ofGateways(p *validate.Pass, m *networking.HTTPMatchRequest) bool {
	return slices.ContainsFunc(gatewayPods(p), func(pod traffic.Pod) bool {
		return within(m.SourceLabels, pod.Labels) && (m.SourceNamespace == "" || m.SourceNamespace == pod.Namespace)
	})
}

func sourceField(labels map[string]string, namespace string) string {
	if len(labels) > 0 {
		return "sourceLabels"
	}
	if namespace != "" {
		return "sourceNamespace"
	}
	return ""
}
