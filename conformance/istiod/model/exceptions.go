package model

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// An exception is where Istio is wrong, and the model is held to something else. More than a handful would mean that
// the model is wrong.
type exception struct {
	name    string
	applies func(*judge.Bundle) bool
}

var exceptions = []exception{
	// sanitizeServerHostNamespace of pilot/pkg/model/gateway.go puts "*" in the place of all hosts of a server when it
	// meets "*/*", goes on through the old list, and writes behind the end of the new one at the next NAMESPACE/HOST.
	// Such a Gateway passes validation and takes istiod down; there is no answer to compare with.
	{"istiod panics over a host behind */*", func(b *judge.Bundle) bool {
		for _, o := range b.Objects {
			var g struct {
				Spec struct {
					Servers []struct{ Hosts []string }
				}
			}
			if o.Kind != "Gateway" || json.Unmarshal(o.JSON, &g) != nil {
				continue
			}
			for _, s := range g.Spec.Servers {
				at := slices.Index(s.Hosts, "*/*")
				if at >= 0 && slices.ContainsFunc(s.Hosts[at+1:], func(h string) bool { return strings.Contains(h, "/") }) {
					return true
				}
			}
		}
		return false
	}},
}
