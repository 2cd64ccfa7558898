package rules

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A rivalry is two VirtualServices of which sidecars take one only, for a host that both have.
type rivalry struct {
	first, other routesOf
	at           int    // the place of the host in the other's spec.hosts
	host         string // in full
	same         bool   // they say the same
	byAge        bool   // one host is a wildcard, and this version takes the older object
}

type rivalsKey struct{}

// rivals are those with http rules: of tls and tcp rules, sidecars take all.
func rivals(p *validate.Pass) []rivalry {
	return validate.Once(p, rivalsKey{}, func() []rivalry {
		var own []routesOf
		byHost := map[string][]int{}
		var wild []int
		var all []rivalry
		for _, r := range p.Objects.VirtualServices {
			if !takenBySidecars(r) || !p.Index.Member(r.ID.Namespace) {
				continue
			}
			found := map[int]bool{}
			add := func(i, at int, host string, byAge bool) {
				if !found[i] && rival(p, own[i], r) {
					found[i] = true
					all = append(all, rivalry{own[i], r, at, host, sameRules(own[i], r), byAge})
				}
			}
			for at, h := range r.Spec.Hosts {
				host := strings.ToLower(fullName(h, r.ID.Namespace))
				for _, i := range byHost[host] {
					add(i, at, host, false)
				}
				if !p.Target.Has(mesh.WildcardVSMostSpecific) {
					rivalsByAge(own, byHost, wild, host, func(i int) { add(i, at, host, true) })
				}
				byHost[host] = append(byHost[host], len(own))
				if wildcard(host) {
					wild = append(wild, len(own))
				}
			}
			own = append(own, r)
		}
		return all
	})
}

// rivalsByAge finds those whose hosts cover a host, or that it covers, without being the same.
func rivalsByAge(own []routesOf, byHost map[string][]int, wild []int, host string, found func(int)) {
	if wildcard(host) {
		for other, list := range byHost {
			if other != host && (covers(host, other) || wildcard(other) && covers(other, strings.TrimPrefix(host, "*"))) {
				for _, i := range list {
					found(i)
				}
			}
		}
		return
	}
	for _, i := range wild {
		if slices.ContainsFunc(own[i].Spec.Hosts, func(h string) bool { return wildcard(h) && covers(h, host) }) {
			found(i)
		}
	}
}

func takenBySidecars(r routesOf) bool {
	return len(r.Spec.Http) > 0 && len(r.Spec.Hosts) > 0 && (len(r.Spec.Gateways) == 0 || slices.Contains(r.Spec.Gateways, "mesh"))
}

// rival tells whether two VirtualServices count for one sidecar, at one port.
func rival(p *validate.Pass, a, b routesOf) bool {
	namespaces := []string{a.ID.Namespace, b.ID.Namespace}
	for _, pod := range p.Index.Pods() {
		if pod.Sidecar && !slices.Contains(namespaces, pod.Namespace) {
			namespaces = append(namespaces, pod.Namespace)
		}
	}
	return slices.ContainsFunc(namespaces, func(n string) bool {
		seen := func(r routesOf) bool { return p.Index.Exported("VirtualService", r.Spec.ExportTo, r.ID.Namespace, n) }
		return seen(a) && seen(b)
	}) && slices.ContainsFunc(sidecarMatches(a), func(m *networking.HTTPMatchRequest) bool {
		return slices.ContainsFunc(sidecarMatches(b), func(o *networking.HTTPMatchRequest) bool { return together(p, m, o) })
	})
}

// sidecarMatches are the matches of a VirtualService that count for sidecars; a rule without any is an empty one.
func sidecarMatches(r routesOf) []*networking.HTTPMatchRequest {
	var all []*networking.HTTPMatchRequest
	for _, h := range r.Spec.Http {
		if len(h.Match) == 0 {
			all = append(all, &networking.HTTPMatchRequest{})
		}
		for _, m := range h.Match {
			if len(m.Gateways) == 0 || slices.Contains(m.Gateways, "mesh") {
				all = append(all, m)
			}
		}
	}
	return all
}

// together tells whether two matches count for one client and port; what else they ask of a request does not matter.
func together(p *validate.Pass, a, b *networking.HTTPMatchRequest) bool {
	if a.Port != 0 && b.Port != 0 && a.Port != b.Port {
		return false
	}
	fits := func(m *networking.HTTPMatchRequest, namespace string, labels map[string]string) bool {
		return len(m.Gateways) > 0 || within(m.SourceLabels, labels) && (m.SourceNamespace == "" || m.SourceNamespace == namespace)
	}
	open := func(m *networking.HTTPMatchRequest) bool {
		return len(m.Gateways) > 0 || len(m.SourceLabels) == 0 && m.SourceNamespace == ""
	}
	return open(a) || open(b) || slices.ContainsFunc(p.Index.Pods(), func(pod traffic.Pod) bool {
		return pod.Sidecar && fits(a, pod.Namespace, pod.Labels) && fits(b, pod.Namespace, pod.Labels)
	})
}

func sameRules(a, b routesOf) bool {
	return len(a.Spec.Http) == len(b.Spec.Http) && !slices.ContainsFunc(a.Spec.Http, func(h *networking.HTTPRoute) bool {
		return !slices.ContainsFunc(b.Spec.Http, func(o *networking.HTTPRoute) bool { return proto.Equal(h, o) })
	})
}
