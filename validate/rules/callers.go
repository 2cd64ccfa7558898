package rules

import (
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// namespacesWithPods are those of workloads with a sidecar that the files hold, sorted.
func namespacesWithPods(p *validate.Pass) []string {
	var all []string
	for _, pod := range p.Index.Pods() {
		if pod.Sidecar && !pod.Assumed && !pod.Gateway && !slices.Contains(all, pod.Namespace) {
			all = append(all, pod.Namespace)
		}
	}
	slices.Sort(all)
	return all
}

// callersOf are the namespaces of proxies that send to a host of a ServiceEntry, sorted: of clients that are known to call
// it, and of the gateways on their way.
func callersOf(p *validate.Pass, e traffic.Of[*networking.ServiceEntry]) []string {
	callers := validate.Once(p, callersKey{}, func() map[string]map[string]bool {
		all := map[string]map[string]bool{}
		for _, path := range p.Paths {
			if path.Request.Guess || len(path.Hops) == 0 {
				continue
			}
			host := path.Hops[0].Destination.Host
			if all[host] == nil {
				all[host] = map[string]bool{}
			}
			for _, h := range path.Hops {
				if n, _, ok := strings.Cut(h.Workload, "/"); ok {
					all[host][n] = true
				}
			}
		}
		return all
	})
	found := map[string]bool{e.ID.Namespace: true}
	for _, own := range e.Spec.Hosts {
		maps.Copy(found, callers[own])
		for host, namespaces := range callers {
			if wildcard(own) && covers(own, host) {
				maps.Copy(found, namespaces)
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

type callersKey struct{}

type calledKey struct{ namespace, host string }

// calledAt is the first place where the environment of a workload of a namespace has a host.
func calledAt(p *validate.Pass, namespace, host string) (validate.Place, bool) {
	at := validate.Once(p, calledKey{namespace, host}, func() validate.Place {
		for _, t := range templates(p) {
			if t.namespace != namespace {
				continue
			}
			for _, v := range environment(p, t) {
				if strings.Contains(strings.ToLower(v.value), strings.ToLower(host)) {
					return p.At(v.object, v.field)
				}
			}
		}
		return validate.Place{}
	})
	return at, at.Object.Kind != ""
}
