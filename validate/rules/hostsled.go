package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// hostsLed are the hosts that VirtualServices lead on behind a Gateway and that a wildcard of its servers lets in, sorted,
// written as the wildcard is; none where one of them is a wildcard itself, so that nobody knows them all.
func hostsLed(p *validate.Pass, g gatewayOf, host string) []string {
	prefix := strings.TrimSuffix(host, withoutNamespace(host))
	s := placed{of: g, Server: &networking.Server{Hosts: []string{host}}}
	return ledOn(p, g, func(namespace, led string) string {
		if s.allows(led, namespace) {
			return prefix + led
		}
		return ""
	})
}

// ledOn are the hosts that VirtualServices lead on behind a Gateway, sorted, as a function writes them; what it makes
// nothing of does not count.
func ledOn(p *validate.Pass, g gatewayOf, write func(namespace, host string) string) []string {
	var all []string
	for _, r := range boundTo(p, g.ID.Namespace+"/"+g.ID.Name) {
		for _, h := range r.Spec.Hosts {
			one := write(r.ID.Namespace, strings.ToLower(h))
			switch {
			case one == "" || slices.Contains(all, one):
			case wildcard(h):
				return nil
			default:
				all = append(all, one)
			}
		}
	}
	slices.Sort(all)
	return all
}

// instead puts hosts in the place of one of a Gateway's.
func instead(g gatewayOf, server, host int, hosts []string) validate.Edit {
	all := []any{}
	for i, h := range g.Spec.Servers[server].Hosts {
		if i != host && !slices.Contains(hosts, h) {
			all = append(all, h)
		}
	}
	for _, h := range hosts {
		all = append(all, h)
	}
	o := validate.Object{Kind: g.Object.Kind, Namespace: g.Object.Namespace, Name: g.Object.Name}
	return validate.Edit{Object: o, Field: fmt.Sprintf("spec.servers[%d].hosts", server), Value: all}
}

// calledUnder are the hosts of a wildcard that the files, or who asks, are known to call, sorted; none where routes or
// settings are for the wildcard, so that they would lose it.
func calledUnder(p *validate.Pass, wild string) []string {
	if len(routesFor(p, wild)) > 0 || len(rulesFor(p, wild)) > 0 {
		return nil
	}
	var all []string
	for _, path := range p.Paths {
		if host := hostCalled(path); !path.Request.Guess && covers(wild, host) && !slices.Contains(all, host) {
			all = append(all, host)
		}
	}
	slices.Sort(all)
	return all
}

func hostCalled(path *traffic.Path) string {
	if len(path.Hops) == 0 {
		return ""
	}
	return path.Hops[0].Destination.Host
}
