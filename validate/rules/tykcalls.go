package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// A tykCall is a URL that a workload's settings hold, with the text that it is part of.
type tykCall struct {
	traffic.URL
	text string
	at   validate.Place
}

// tykCalls are the URLs in the environment and the arguments of a workload's containers.
func tykCalls(p *validate.Pass, t template) []tykCall {
	var all []tykCall
	add := func(text string, at validate.Place) {
		for _, u := range traffic.URLs(text) {
			u.Host = strings.ToLower(strings.TrimSuffix(u.Host, "."))
			all = append(all, tykCall{u, text, at})
		}
	}
	for _, v := range environment(p, t) {
		add(v.value, p.At(v.object, v.field))
	}
	for i, c := range t.Spec.Containers {
		for name, list := range map[string][]string{"command": c.Command, "args": c.Args} {
			for j, text := range list {
				add(text, p.At(t.object, t.at(fmt.Sprintf("spec.containers[%d].%s[%d]", i, name, j))))
			}
		}
	}
	return all
}

// captured tells whether a meshed pod's sidecar takes the call.
func (c tykCall) captured() bool {
	_, ok := tyk.Redirected(c.Port)
	return ok && c.Port != tyk.InboundPort
}

// tls tells whether the application begins the connection with TLS.
func (c tykCall) tls() bool {
	return slices.Contains([]string{"https", "wss", "grpcs", "tls"}, c.Scheme)
}

// String is the call without its path, and without who calls: a password may stand there.
func (c tykCall) String() string { return withoutUser(c.text[c.From:c.To]) }

// instead is the edit that writes another scheme, host and port, and perhaps the beginning of a path, in its place.
func (c tykCall) instead(with string) []validate.Edit {
	return []validate.Edit{{Object: c.at.Object, Field: c.at.Field, Value: c.text[:c.From] + with + c.text[c.To:]}}
}

// toMesh is the scheme and host of the mesh, for a call that a workload makes.
func (c tykCall) toMesh(p *validate.Pass) string {
	on, known := tykTLS(p)
	if !known {
		on = c.tls()
	}
	if on {
		return "https://" + meshHost
	}
	return "http://" + meshHost
}

// tykCalled is the Service of the files that a call from a namespace goes to, by any of its names.
func tykCalled(p *validate.Pass, from string, c tykCall) (tykService, bool) {
	host := strings.TrimSuffix(strings.TrimSuffix(c.Host, ".cluster.local"), ".svc")
	name, namespace, ok := strings.Cut(host, ".")
	if !ok {
		namespace = from
	}
	return serviceNamed(p, fullName(name, namespace))
}
