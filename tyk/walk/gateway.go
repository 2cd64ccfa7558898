package walk

import (
	"slices"
	"strings"

	"github.com/meshscenario/scenario/tyk"
)

// An api is an API definition that a sidecar has loaded.
type api struct {
	tyk.Definition
	of *pod
}

// loaded are the API definitions of a sidecar, by its tags: the mesh ones of all workloads, and its own inbound one.
func (k *walk) loaded(of *pod) []api {
	var all []api
	for _, p := range k.pods {
		if !p.sidecar || p.refused != "" {
			continue
		}
		mesh, inbound, err := tyk.Definitions(p.Workload, k.config)
		if err != nil {
			continue // then the pod is refused
		}
		all = append(all, api{mesh, p})
		if p == of {
			all = append(all, api{inbound, p})
		}
	}
	slices.SortStableFunc(all, func(a, b api) int { return len(b.ListenPath) - len(a.ListenPath) })
	return all
}

// serverNames are the names of the certificates that a sidecar can show.
func (k *walk) serverNames(p *pod) []string {
	return []string{tyk.MeshHosts[0], p.Host()}
}

// match is the API that takes a request, and whether there is any for the host. A listen path without a slash before it never
// fits: paths have one, and the router refuses the pattern.
func match(apis []api, host, path string) (found api, domain, ok bool) {
	for _, a := range apis {
		if a.Domain != host {
			continue
		}
		domain = true
		if strings.HasPrefix(path, a.ListenPath) {
			return a, true, true
		}
	}
	return api{}, domain, false
}

// rivals are the workloads whose mesh API has the same listen path, or whose API definitions have the same names.
func rivals(apis []api, of api) (route, slug []string) {
	for _, a := range apis {
		switch {
		case a.of == of.of:
		case a.Slug == of.Slug:
			slug = append(slug, a.of.String())
		case a.Domain == of.Domain && a.ListenPath == of.ListenPath:
			route = append(route, a.of.String())
		}
	}
	return route, slug
}

// routes are the listen paths of a host, for people.
func routes(apis []api, host string) string {
	var all []string
	for _, a := range apis {
		if a.Domain == host {
			all = append(all, a.ListenPath)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
