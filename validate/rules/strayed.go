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

// A stray is a request that the listener of another host takes.
type stray struct {
	path    *traffic.Path
	dialled traffic.Destination
	reached string  // the host whose port it is
	entry   entryOf // what declares that; its Object is nil where a Service does
	by      traffic.Decision
	field   string
}

type strayedKey struct{}

// strayed are the requests that no route leads elsewhere and that yet end at another host's port: one that is told apart
// by its number alone.
func strayed(p *validate.Pass) []stray {
	return validate.Once(p, strayedKey{}, func() []stray {
		var all []stray
		for _, path := range p.Paths {
			if len(path.Hops) < 2 || path.Hops[1].Proxy != traffic.Sidecar {
				continue
			}
			h, dialled := &path.Hops[1], path.Hops[0].Destination
			c, client := clusterOf(h), clientOf(&path.Hops[0])
			if _, routed := validate.Decided(h, "VirtualService"); routed || c.host == "" || !strings.HasPrefix(h.Cluster, "outbound|") ||
				answersDNS(p, client) || elsewhere(p, dialled.Host, client) {
				continue
			}
			s := stray{path: path, dialled: dialled, reached: c.host}
			switch d, ok := validate.Decided(h, "ServiceEntry"); {
			case ok:
				s.entry, ok = entryAt(p, d)
				if !ok || !takesAll(s.entry) || covers(c.host, dialled.Host) || slices.ContainsFunc(s.entry.Spec.Endpoints, func(w *networking.WorkloadEntry) bool { return w.Address == dialled.Host }) {
					continue
				}
				s.by, s.field = d, d.Field
			default:
				if s.by, ok = validate.Decided(h, "Service"); !ok || c.host == serviceName(dialled.Host, client) || !alias(p, s.by) {
					continue
				}
				s.field = s.by.Field
			}
			all = append(all, s)
		}
		return all
	})
}

// takesAll tells whether the ports of a ServiceEntry that are bytes are told apart by their numbers alone, and go to its
// own endpoints: resolution NONE leaves the address that was dialled.
func takesAll(e entryOf) bool {
	return len(e.Spec.Addresses) == 0 && len(e.Spec.Hosts) > 0 && e.Spec.Resolution != networking.ServiceEntry_NONE
}

// tellApart is how to tell a host's port of bytes from those of other hosts: by what its clients are known to send there,
// or else by what everybody sends to ports 80 and 443.
func tellApart(p *validate.Pass, e entryOf, field string, port int) (fix string, edits []validate.Edit) {
	fix, protocol := "declare the port as TLS, where clients send an SNI; or give the host its address in spec.addresses", ""
	for _, host := range e.Spec.Hosts {
		if _, made := (declaration{client: e.ID.Namespace, owner: e.ID.Namespace, host: host, port: port}).tls(p); made {
			return fix, nil // what comes there is for a rule to encrypt
		}
		for _, path := range callsTo(p, host) {
			switch sent := protocolOf(path.Request.To); {
			case path.Request.Guess || path.Hops[0].Destination.Port != port:
			case protocol != "" && sent != protocol, sent == "TCP":
				return fix, nil
			default:
				protocol = sent
			}
		}
	}
	switch {
	case isTLS(protocol), protocol == "" && port == 443:
		protocol = "TLS"
	case isHTTP(protocol) && !tunnelled(p, e, port), protocol == "" && port == 80:
		protocol = cmp.Or(protocol, "HTTP")
		fix = fmt.Sprintf("declare the port as %s, if that is what clients send; or give the host its address in spec.addresses", protocol)
	default:
		return fix, nil
	}
	return fix, []validate.Edit{{Object: p.At(e.Object, "").Object, Field: field + ".protocol", Value: protocol}}
}

// alias tells whether a decision is of a Service of type ExternalName.
func alias(p *validate.Pass, d traffic.Decision) bool {
	s, ok := serviceOf(p, d.Name+"."+d.Namespace+".svc.cluster.local")
	return ok && s.Spec.Spec.ExternalName != ""
}
