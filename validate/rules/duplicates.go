package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

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
	if len(a.Spec.Addresses) == 0 || len(b.Spec.Addresses) == 0 || a.Spec.Addresses[0] == b.Spec.Addresses[0] {
		for i, one := range b.Spec.Ports {
			for _, other := range a.Spec.Ports {
				if one.Number == other.Number && kindOf(one.Protocol) != kindOf(other.Protocol) {
					return fmt.Sprintf("spec.ports[%d].protocol", i), fmt.Sprintf("port %d is %s and %s", one.Number, kindOf(one.Protocol), kindOf(other.Protocol))
				}
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

// resolvesAlike tells whether two entries of a host have the same behind them: what DNS says, or endpoints.
func resolvesAlike(a, b entryOf) bool {
	return a.Spec.Resolution == b.Spec.Resolution && a.Spec.Location == b.Spec.Location && endpointsOf(a) == endpointsOf(b) &&
		(a.Spec.Resolution == networking.ServiceEntry_DNS || endpointsOf(a) != "") && a.Spec.WorkloadSelector == nil && b.Spec.WorkloadSelector == nil
}

// joins tells whether an entry works with the resolution of another one, and is then joined with it. Behind a gateway
// there is nothing that NONE could mean.
func joins(own, other entryOf, gateway bool) bool {
	if own.ID.Namespace != other.ID.Namespace || !slices.Equal(own.Spec.ExportTo, other.Spec.ExportTo) {
		return false
	}
	switch other.Spec.Resolution {
	case networking.ServiceEntry_NONE:
		return !gateway && len(own.Spec.Endpoints) == 0
	case networking.ServiceEntry_DNS:
		return len(own.Spec.Endpoints) > 0 || !slices.ContainsFunc(own.Spec.Hosts, wildcard)
	}
	return false
}

func kindOf(protocol string) string {
	if isTLS(protocol) {
		return "TLS"
	}
	return cmp.Or(strings.ToUpper(protocol), "unsaid")
}

func endpointsOf(e entryOf) string {
	var all []string
	for _, w := range e.Spec.Endpoints {
		all = append(all, w.Address)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

type callsKey struct{}

// callsTo are the paths of requests to a host.
func callsTo(p *validate.Pass, host string) []*traffic.Path {
	return validate.Once(p, callsKey{}, func() map[string][]*traffic.Path {
		all := map[string][]*traffic.Path{}
		for _, path := range p.Paths {
			all[path.Hops[0].Destination.Host] = append(all[path.Hops[0].Destination.Host], path)
		}
		return all
	})[host]
}

// metBy is a client that sees both entries, and has none of its own among them to prefer.
func metBy(p *validate.Pass, a, b entryOf) (*traffic.Path, bool) {
	for _, path := range callsTo(p, shared(a, b)) {
		client := clientOf(&path.Hops[0])
		own := a.ID.Namespace != b.ID.Namespace && (client == a.ID.Namespace || client == b.ID.Namespace)
		if !own && seen(p, a, client) && seen(p, b, client) && sidecarImports(p, path, a, b) {
			return path, true
		}
	}
	return nil, false
}

// sidecarImports tells whether the client's Sidecar, if there is one, imports both entries.
func sidecarImports(p *validate.Pass, path *traffic.Path, entries ...entryOf) bool {
	if len(path.Hops) < 2 || path.Hops[1].Proxy != traffic.Sidecar {
		return false
	}
	s := hidingSidecar(p, &path.Hops[1])
	return s.Object == nil || !slices.ContainsFunc(entries, func(e entryOf) bool {
		return !imports(s, clientOf(&path.Hops[0]), e, path.Hops[0].Destination.Host)
	})
}

// doubt is info for a guess: that this client sends it, where it is another that does and gets there. Whoever keeps a host
// or its rules to some clients means to.
func doubt(p *validate.Pass, b *validate.Break) validate.Severity {
	if b.Request.Guess && slices.ContainsFunc(callsTo(p, b.Hops[0].Destination.Host), func(path *traffic.Path) bool {
		return path.Hops[0].Destination == b.Hops[0].Destination && path.Hops[0].Wire.Mode == b.Hops[0].Wire.Mode && path.Arrives()
	}) {
		return validate.Info
	}
	return ""
}

// doubted is about what a client is not shown: info, where nothing says that it calls the host.
func doubted(b *validate.Break, v verdict) verdict {
	if b.Request.Guess {
		v.finding.Severity = validate.Info
	}
	return v
}
