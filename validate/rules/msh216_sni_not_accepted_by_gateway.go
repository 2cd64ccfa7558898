package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh216 = validate.Rule{
	ID: "MSH216", Name: "sni-not-accepted-by-gateway", Category: validate.SNI, Severity: validate.Error,
	Title: "the gateway has no server for the SNI that is sent to it",
	Of:    []traffic.Cause{traffic.NoFilterChain},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, _ := b.Last()
		h, n := b.Sender()
		if last.Proxy != traffic.Gateway || h.Wire.Layers == 0 {
			return false
		}
		server, at := serverFor(p, last)
		if server.Object != nil && h.Wire.SNI != "" && (placed{Server: server.Spec.Servers[atIndex(at)]}).takes(h.Wire.SNI) {
			return false // the server does, and no route behind it
		}
		place := validate.Place{}
		related := []validate.Place{}
		hosts := []string{}
		if server.Object != nil {
			place = p.At(server.Object, at+".hosts")
			hosts = server.Spec.Servers[atIndex(at)].Hosts
		}
		sni, safe := h.Wire.SNI, false
		var edits []validate.Edit
		fix := fmt.Sprintf("add %s to hosts of %s", orNone([]string{sni}), place.Object)
		if sni == "" {
			sni, fix = "no SNI", fmt.Sprintf("have the client send one; or write \"*\" among the hosts of %s", place.Object)
		} else {
			if server.Object != nil && goesOn(p, sni, server, at) {
				edits = []validate.Edit{{Object: place.Object, Field: place.Field, Value: appended(hosts, sni)}}
			} else {
				fix += ", and lead it on by a rule of a VirtualService for that Gateway"
			}
			sni = "SNI " + sni
		}
		if rule, ok := validate.Decided(h, "DestinationRule"); ok && h.Wire.Mode != traffic.Own {
			related = append(related, place)
			place = p.Of(rule)
			host := bareHost(h.Destination.Authority)
			fix, edits = fmt.Sprintf("set sni in %s to a host of the gateway's server", rule), nil
			if server.Object != nil && host != "" && (placed{Server: server.Spec.Servers[atIndex(at)]}).takes(host) {
				fix = fmt.Sprintf("set sni: %s where %s sets the TLS to the gateway", host, rule)
				edits = []validate.Edit{{Object: place.Object, Field: rule.Field + ".sni", Value: host}}
			}
			pod, _ := p.Index.Pod(last.Workload)
			safe = len(edits) > 0 && len(hosts) == 1 && hosts[0] == host && len(serversAt(p, pod, last.Listener)) == 1
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s sends %s to gateway %s, whose server for the port takes %s", byAny(h), sni, last.Workload, orNone(hosts)),
			Consequence: "no filter chain matches (filter_chain_not_found in the gateway's log): the connection is reset, 503 UC at the client",
			Fix:         fix,
			Related:     related,
			Edits:       edits,
			Safe:        safe,
		})
	},
}

// goesOn tells whether a VirtualService leads a host on behind a Gateway's server that takes the TLS off. Where it does not,
// tls routes count for their own SNIs.
func goesOn(p *validate.Pass, host string, g gatewayOf, at string) bool {
	return placed{Server: g.Spec.Servers[atIndex(at)]}.terminates() && slices.ContainsFunc(routesFor(p, host), func(r routesOf) bool {
		return slices.ContainsFunc(r.Spec.Gateways, func(name string) bool { return names(name, r.ID.Namespace, g) })
	})
}
