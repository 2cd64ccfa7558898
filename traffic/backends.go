package traffic

import (
	"encoding/json"
	"strings"
)

// noteBackends notes the hosts outside to which a route of the Gateway API leads.
func (x *Index) noteBackends(o object) {
	var t struct {
		Spec struct {
			Rules []struct {
				BackendRefs []struct{ Kind, Name string }
			}
		}
	}
	if o.object == nil || json.Unmarshal(o.object.JSON, &t) != nil {
		return
	}
	for _, r := range t.Spec.Rules {
		for _, b := range r.BackendRefs {
			if b.Kind == "Hostname" {
				x.backends[strings.ToLower(b.Name)] = true
			}
		}
	}
}

// Backend tells whether a route of the Gateway API leads to a host: what calls it is a gateway, which is not followed, and
// perhaps nobody else.
func (x *Index) Backend(host string) bool { return x.backends[strings.ToLower(host)] }
