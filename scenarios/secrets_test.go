package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestSecrets says who reads which Secret, with what in it: the names that a certificate must have are those that the other
// side of the bundle asks for.
func TestSecrets(t *testing.T) {
	for _, c := range []struct {
		id, target string
		sets       []string
		parts      []Part
		want       string // a line for each
	}{
		{"1a", "ossm-3.4", []string{"encryption=simple"}, nil,
			"greetings-client/greeting-client-secret sidecar ca"},
		{"1a", "ossm-2.1", []string{"encryption=mutual"}, nil,
			"greetings-client/greeting-client-secret files ca client spiffe://cluster.local/ns/greetings-client/sa/default"},
		{"1a", "ossm-3.4", []string{"encryption=simple", "credentials.ca=system"}, nil, ""},
		{"1a", "ossm-3.4", []string{"encryption=none"}, nil, ""},
		{"1b", "ossm-2.6", []string{"encryption=mutual"}, nil,
			"istio-system/greeting-client-secret gateway ca client spiffe://cluster.local/ns/istio-system/sa/istio-egressgateway-service-account"},
		{"1b", "istio-1.31", []string{"encryption=mutual", "service.subjectAltNames=a.example,192.0.2.7"}, []Part{Traffic, ServiceSide},
			"istio-egress/greeting-client-secret gateway ca client spiffe://cluster.local/ns/istio-egress/sa/istio-egressgateway\n" +
				"istio-ingress/greeting-remote-secret gateway ca server greeting.remote.com a.example 192.0.2.7"},
		{"1a", "ossm-3.4", []string{"encryption=passthrough"}, nil, ""},
		{"1a", "ossm-3.4", []string{"encryption=passthrough"}, []Part{Traffic, Workload, ServiceSide},
			"greetings-client/greeting-client-secret application ca\n" +
				"greetings-service/greeting-remote-secret application server greeting.remote.com"},
		{"redirect", "ossm-2.6", []string{"encryption=mutual"}, nil,
			"greetings-client/greeting-client-secret sidecar ca client spiffe://cluster.local/ns/greetings-client/sa/default"},
		{"expose", "ossm-2.6", []string{"encryption=simple", "service.host=shop.example"}, nil,
			"istio-system/greeting-remote-secret gateway server shop.example"},
		{"expose", "ossm-2.6", []string{"encryption=mutual"}, nil,
			"istio-system/greeting-remote-secret gateway ca server greeting.remote.com"},
		{"enroll", "ossm-2.6", nil, []Part{Members, Workload}, ""},
	} {
		p := planOf(t, c.id, c.target, c.sets)
		parts := c.parts
		if parts == nil {
			parts = p.Scenario.Default
		}
		var lines []string
		for _, s := range p.Secrets(parts) {
			line := fmt.Sprintf("%s/%s %s", s.Namespace, s.Name, s.Consumer)
			if s.CA {
				line += " ca"
			}
			if l := s.Pair; l != nil {
				line += map[bool]string{true: " server ", false: " client "}[l.Server] + strings.Join(slices.Concat(l.DNS, l.IPs, l.URIs), " ")
				if l.Name != s.Namespace+"."+s.Name || len(l.CommonName) > 64 {
					t.Errorf("%s: certificate %q, CN %q", line, l.Name, l.CommonName)
				}
			}
			lines = append(lines, line)
		}
		if got := strings.Join(lines, "\n"); got != c.want {
			t.Errorf("%s %v on %s:\n%s\nwant\n%s", c.id, c.sets, c.target, got, c.want)
		}
	}
}

// TestCaller: only where callers are asked for a certificate is there one for them, with a name that is let in.
func TestCaller(t *testing.T) {
	if c := planOf(t, "expose", "ossm-2.6", []string{"encryption=simple"}).Caller(); c != nil {
		t.Errorf("a certificate that nobody asks for: %+v", c)
	}
	if c := planOf(t, "1a", "ossm-2.6", []string{"encryption=mutual"}).Caller(); c != nil {
		t.Errorf("the sidecar is the caller: %+v", c)
	}
	c := planOf(t, "expose", "ossm-2.6", []string{"encryption=mutual", "expose.clientNames=spiffe://a/b"}).Caller()
	if c == nil || c.Server || !slices.Equal(c.URIs, []string{"spiffe://a/b"}) {
		t.Errorf("%+v", c)
	}
}

// TestLeafName: no two Secrets share a certificate by chance of their names, however long those are.
func TestLeafName(t *testing.T) {
	long := strings.Repeat("a", 200)
	seen := map[string]bool{}
	for _, s := range [][2]string{{"a", "b.c"}, {"a", long}, {"a", long + "b"}, {"b", long}} {
		name := leafName(s[0], s[1])
		if seen[name] || len(name) > 150 {
			t.Errorf("%v: %s", s, name)
		}
		seen[name] = true
	}
}

func planOf(t *testing.T, id, target string, sets []string) *Plan {
	t.Helper()
	d := New(id)
	for _, set := range sets {
		path, value, _ := strings.Cut(set, "=")
		if err := d.Set(FullPath(path), value, Position{Flag: "--set"}); err != nil {
			t.Fatal(err)
		}
	}
	plans, err := Resolve([]*Draft{d}, target)
	if err != nil {
		t.Fatal(err)
	}
	return plans[0]
}
