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
	applies func(*judge.Bundle, judge.Request) bool
}

// excepted names the exception that a bundle and a request fall under, or nothing.
func excepted(b *judge.Bundle, r judge.Request) string {
	for _, e := range exceptions {
		if e.applies(b, r) {
			return e.name
		}
	}
	return ""
}

var exceptions = []exception{
	// sanitizeServerHostNamespace of pilot/pkg/model/gateway.go puts "*" in the place of all hosts of a server when it
	// meets "*/*", goes on through the old list, and writes behind the end of the new one at the next NAMESPACE/HOST.
	// Such a Gateway passes validation and takes istiod down; there is no answer to compare with.
	{"istiod panics over a host behind */*", func(b *judge.Bundle, _ judge.Request) bool {
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
	// Of a ServiceEntry with several addresses istiod makes as many services of one host, and takes the address of one
	// of them into the virtual host of an HTTP port: which one changes from one start to the next, as they come out of a
	// map and sort alike. A call to another of the addresses by its number finds no virtual host.
	{"one of several addresses, by chance", func(b *judge.Bundle, r judge.Request) bool {
		for _, o := range b.Objects {
			var s struct{ Spec struct{ Addresses []string } }
			if o.Kind != "ServiceEntry" || json.Unmarshal(o.JSON, &s) != nil || len(s.Spec.Addresses) < 2 {
				continue
			}
			if slices.ContainsFunc(s.Spec.Addresses, func(a string) bool { return strings.HasPrefix(r.To, "http://"+a+":") }) {
				return true
			}
		}
		return false
	}},
}
