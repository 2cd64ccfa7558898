package traffic

import "github.com/meshscenario/scenario/bundle"

// deciding are the API groups whose objects may decide where any request goes.
var deciding = map[string]bool{
	"networking.istio.io": true, "security.istio.io": true, "gateway.networking.k8s.io": true,
	"maistra.io": true, "federation.maistra.io": true,
}

// noteUngiven names the kinds that decide and that the bundle's source did not give: as long as there is one, every
// outcome is unknown. Secrets, permissions, pods and Services that were not given are assumed or missed where a path
// comes upon them, and so is the mesh's own configuration.
func (x *Index) noteUngiven(unread []bundle.Unread) {
	for _, u := range unread {
		if deciding[u.Group] && x.sees(u.Namespace) {
			x.unread = append(x.unread, u.String())
		}
	}
}
