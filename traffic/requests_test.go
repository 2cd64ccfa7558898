package traffic_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
)

// TestRequestsOfRoutes: a port that a route asks for by number is one that is called, whether or not the host is declared
// with it. A route that asks for none adds nothing to what is declared.
func TestRequestsOfRoutes(t *testing.T) {
	const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop}
spec:
  hosts: [api.partner.example]
  resolution: DNS
  ports: [{number: 443, name: https, protocol: HTTPS}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: partner, namespace: shop}
spec:
  hosts: [api.partner.example]
  http:
  - MATCH
    route: [{destination: {host: api.partner.example, port: {number: 443}}}]
`
	for match, want := range map[string][]string{
		"match: [{port: 80}]":            {"https://api.partner.example", "http://api.partner.example"},
		"match: [{uri: {prefix: /v1/}}]": {"https://api.partner.example"},
	} {
		b, err := bundle.Read("x.yaml", strings.NewReader(strings.Replace(entry, "MATCH", match, 1)))
		if err != nil {
			t.Fatal(err)
		}
		target, _ := mesh.Lookup(mesh.Default)
		x, err := traffic.NewIndex(b, traffic.Options{Target: target, Assume: true})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range x.Requests("") {
			got = append(got, r.To)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", match, got, want)
		}
	}
}
