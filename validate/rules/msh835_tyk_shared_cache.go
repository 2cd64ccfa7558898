package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk/blob/v2.8.4/mw_redis_cache.go: without a token the key is the address of the caller.
var msh835 = validate.Rule{
	ID: "MSH835", Name: "tyk-shared-cache", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "a gateway of Tyk answers one user with what it has kept of another's",
	Check: func(p *validate.Pass) {
		tell := func(place validate.Place, of string, edits []validate.Edit) {
			p.Report(validate.Finding{
				Place:       place,
				Message:     fmt.Sprintf("%s has all GET, HEAD and OPTIONS requests cached, and without keys Tyk tells callers apart by their address alone", of),
				Consequence: "behind a sidecar, an ingress or a NAT all users have one address: they get each other's answers, for as long as cache_timeout says",
				Fix:         "leave cache_all_safe_requests off, and list the paths to be cached that are the same for everybody (extended_paths.cache)",
				Edits:       edits,
			})
		}
		for _, w := range tykPods(p) {
			keyless := true // as tyk-k8s makes them
			var caches tyk.Setting
			for _, s := range tyk.Settings(w.Metadata.Annotations) {
				switch s.Path {
				case "use_keyless":
					keyless = s.Value == true
				case "cache_options.cache_all_safe_requests":
					caches = s
				}
			}
			if keyless && caches.Value == true {
				at := p.At(w.object, w.annotation(caches.Key))
				tell(at, w.object.ID.String(), []validate.Edit{{Object: at.Object, Field: at.Field}})
			}
		}
		for _, a := range tykAPIs(p) {
			cache := below(a.tree, "cache_options")
			if cache["cache_all_safe_requests"] == true && cache["enable_cache"] == true && a.tree["use_keyless"] == true {
				place := a.at(p, "cache_options.cache_all_safe_requests")
				tell(place, a.name(), a.edits(place, nil))
			}
		}
	},
}
