package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh906 = validate.Rule{
	ID: "MSH906", Name: "export-too-wide", Category: validate.Scope, Severity: validate.Info,
	Title: "an outside host of one team is declared to all",
	Check: func(p *validate.Pass) {
		others := namespacesWithPods(p)
		root, _, _ := p.Index.Mesh()
		for _, e := range p.Objects.ServiceEntries {
			own := e.ID.Namespace
			if e.Spec.Location == networking.ServiceEntry_MESH_INTERNAL || own == root || len(e.Spec.ExportTo) > 0 || !slices.Contains(others, own) {
				continue
			}
			i := slices.IndexFunc(others, func(n string) bool { return n != own && p.Index.Exported("ServiceEntry", nil, own, n) })
			if i < 0 {
				continue
			}
			callers := callersOf(p, e)
			if slices.ContainsFunc(callers, func(n string) bool { return n != own && slices.Contains(others, n) }) {
				continue // others do call it
			}
			to := []any{"."}
			for _, n := range callers {
				if n != own {
					to = append(to, n)
				}
			}
			p.Report(validate.Finding{
				Place:       p.At(e.Object, "spec.exportTo"),
				Message:     fmt.Sprintf("%s has no exportTo, so it is for all namespaces (such as %s), and of the files only %s calls it", e.ID, others[i], strings.Join(callers, ", ")),
				Consequence: "under REGISTRY_ONLY it opens the host to everybody, and it competes with what others declare for the same host",
				Fix:         fmt.Sprintf("set exportTo: %s in %s", strings.ReplaceAll(fmt.Sprintf("%q", to), " ", ", "), e.ID),
				Edits:       []validate.Edit{{Object: p.At(e.Object, "").Object, Field: "spec.exportTo", Value: to}},
			})
		}
	},
}

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
