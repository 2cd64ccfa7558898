package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh310 = validate.Rule{
	ID: "MSH310", Name: "se-duplicate-conflict", Category: validate.Duplicate, Severity: validate.Error,
	Title: "several ServiceEntries for one host contradict each other",
	Of:    []traffic.Cause{traffic.Unregistered, traffic.UnknownPort},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		if b.Outcome.Cause == traffic.UnknownPort {
			return report(p, b, "MSH310", destinationMiss(p, b))
		}
		return report(p, b, "MSH310", unregistered(p, b))
	},
	Check: func(p *validate.Pass) {
		for i, e := range p.Objects.ServiceEntries {
			for _, older := range p.Objects.ServiceEntries[:i] {
				if field, what := contradict(older, e); what != "" && metBy(p, older, e) {
					p.Report(validate.Finding{
						Severity:    validate.Warning,
						Place:       p.At(e.Object, field),
						Message:     fmt.Sprintf("%s and %s both declare %s for the same clients: %s", e.ID, older.ID, shared(older, e), what),
						Consequence: "a client gets what is declared in its own namespace, or else by the older of the two: the same bundle acts in different ways from one cluster to another",
						Fix:         "keep one ServiceEntry of the host; or limit each with exportTo, so that every client sees exactly one",
						Related:     []validate.Place{p.At(older.Object, field)},
					})
				}
			}
		}
	},
}

// shared is a host that two entries declare, or "".
func shared(a, b entryOf) string {
	i := slices.IndexFunc(a.Spec.Hosts, func(h string) bool { return slices.Contains(b.Spec.Hosts, h) })
	if i < 0 {
		return ""
	}
	return a.Spec.Hosts[i]
}

// contradict says in what two entries of one host differ so that it matters which of them counts.
func contradict(a, b entryOf) (field, what string) {
	if shared(a, b) == "" {
		return "", ""
	}
	for i, one := range b.Spec.Ports {
		for _, other := range a.Spec.Ports {
			if one.Number == other.Number && kindOf(one.Protocol) != kindOf(other.Protocol) {
				return fmt.Sprintf("spec.ports[%d].protocol", i), fmt.Sprintf("port %d is %s and %s", one.Number, one.Protocol, other.Protocol)
			}
		}
	}
	switch {
	case a.Spec.Resolution != b.Spec.Resolution:
		return "spec.resolution", fmt.Sprintf("resolution is %s and %s", b.Spec.Resolution, a.Spec.Resolution)
	case a.Spec.Location != b.Spec.Location:
		return "spec.location", fmt.Sprintf("location is %s and %s", b.Spec.Location, a.Spec.Location)
	case a.ID.Namespace != b.ID.Namespace && endpointsOf(a) != endpointsOf(b):
		return "spec.endpoints", fmt.Sprintf("the endpoints are %s and %s", cmp.Or(endpointsOf(b), "none"), cmp.Or(endpointsOf(a), "none"))
	}
	return "", ""
}

func kindOf(protocol string) string {
	if isTLS(protocol) {
		return "TLS"
	}
	return strings.ToUpper(protocol)
}

func endpointsOf(e entryOf) string {
	var all []string
	for _, w := range e.Spec.Endpoints {
		all = append(all, w.Address)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// metBy tells whether some client sees both entries, and has none of its own among them to prefer.
func metBy(p *validate.Pass, a, b entryOf) bool {
	for _, path := range p.Paths {
		client := clientOf(&path.Hops[0])
		own := a.ID.Namespace != b.ID.Namespace && (client == a.ID.Namespace || client == b.ID.Namespace)
		if !own && seen(p, a, client) && seen(p, b, client) && path.Hops[0].Destination.Host == shared(a, b) && sidecarImports(p, path, a, b) {
			return true
		}
	}
	return false
}

// sidecarImports tells whether the client's Sidecar, if there is one, imports both entries.
func sidecarImports(p *validate.Pass, path traffic.Path, entries ...entryOf) bool {
	if len(path.Hops) < 2 || path.Hops[1].Proxy != traffic.Sidecar {
		return false
	}
	s := hidingSidecar(p, &path.Hops[1])
	return s.Object == nil || !slices.ContainsFunc(entries, func(e entryOf) bool {
		return !imports(s, clientOf(&path.Hops[0]), e, path.Hops[0].Destination.Host)
	})
}
