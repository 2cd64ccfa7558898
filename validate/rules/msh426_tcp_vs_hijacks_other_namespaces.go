package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh426 = validate.Rule{
	ID: "MSH426", Name: "tcp-vs-hijacks-other-namespaces", Category: validate.Other, Severity: validate.Error,
	Title: "a tcp route takes connections to other hosts",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			h, r, field := takenAlong(p, path)
			if h == nil {
				continue
			}
			to := path.Hops[0].Destination
			f := validate.Shown(path, 2, validate.Finding{
				Place:       p.At(r.Object, field),
				Message:     fmt.Sprintf("%s is for %s, and takes what %s sends to %s too: without an address of its own, nothing but the port %d tells a TCP service from others", r.ID, strings.Join(r.Spec.Hosts, ", "), h.Workload, to, to.Port),
				Consequence: fmt.Sprintf("connections to %s end up at %s", to, clusterOf(h).host),
				Fix:         fmt.Sprintf("give the ServiceEntry of %s its address in spec.addresses; or limit it and %s by exportTo to the namespaces that call it, or the rule by match.sourceNamespace", r.Spec.Hosts[0], r.ID),
			})
			if to, edits := confined(p, r, clientOf(&path.Hops[0])); edits != nil {
				f.Fix = fmt.Sprintf("set exportTo of %s and of the ServiceEntry to who calls %s (%s); or give the ServiceEntry the host's address in spec.addresses", r.ID, r.Spec.Hosts[0], to)
				f.Edits = edits
			}
			p.Report(f)
		}
	},
}

// confined are the edits by which a VirtualService and the ServiceEntry of its host are for the namespaces of the files that
// call the host, if these are others than that of a client.
func confined(p *validate.Pass, r routesOf, client string) (to string, edits []validate.Edit) {
	entries := entriesFor(p, strings.ToLower(r.Spec.Hosts[0]))
	if len(entries) != 1 || len(r.Spec.Hosts) != 1 || entries[0].ID.Namespace != r.ID.Namespace {
		return "", nil
	}
	callers := callersOf(p, entries[0])
	if slices.Contains(callers, client) {
		return "", nil
	}
	callers = append([]string{"."}, slices.DeleteFunc(callers, func(n string) bool { return n == r.ID.Namespace })...)
	for _, o := range []*bundle.Object{r.Object, entries[0].Object} {
		edits = append(edits, validate.Edit{Object: p.At(o, "").Object, Field: "spec.exportTo", Value: jsonList(callers)})
	}
	return strings.Join(callers, ", "), edits
}

// takenAlong is the sidecar's hop of a path that a tcp route for another host has taken, the VirtualService, and the rule.
func takenAlong(p *validate.Pass, path *traffic.Path) (*traffic.Hop, routesOf, string) {
	if len(path.Hops) < 2 || path.Hops[1].Proxy != traffic.Sidecar {
		return nil, routesOf{}, ""
	}
	h := &path.Hops[1]
	d, ok := validate.Decided(h, "VirtualService")
	if !ok || !strings.HasPrefix(d.Field, "spec.tcp") {
		return nil, routesOf{}, ""
	}
	i := slices.IndexFunc(p.Objects.VirtualServices, func(r routesOf) bool { return r.ID.Namespace == d.Namespace && r.ID.Name == d.Name })
	if i < 0 {
		return nil, routesOf{}, ""
	}
	r, dialled := p.Objects.VirtualServices[i], strings.ToLower(path.Hops[0].Destination.Host)
	if slices.ContainsFunc(r.Spec.Hosts, func(host string) bool {
		full := strings.ToLower(fullName(host, r.ID.Namespace))
		return covers(full, dialled) || strings.HasPrefix(full, dialled+".") || called(p, full, path.Hops[0].Destination.Address)
	}) {
		return nil, routesOf{}, ""
	}
	rule, _, _ := strings.Cut(d.Field, "]")
	return h, r, rule + "]"
}

// called tells whether an address is one that a ServiceEntry gives a host.
func called(p *validate.Pass, host, address string) bool {
	for _, e := range entriesFor(p, host) {
		if address != "" && (len(e.Spec.Addresses) > 0 || slices.ContainsFunc(e.Spec.Endpoints, func(w *networking.WorkloadEntry) bool { return w.Address == address })) {
			return true
		}
	}
	return false
}
