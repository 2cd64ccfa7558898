package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/contrast"
)

// contrastPlan is the plan of a definition, whose fields are written as --set takes them.
func contrastPlan(t *testing.T, scenario string, fields ...string) (*Plan, error) {
	t.Helper()
	d := New(scenario)
	for _, f := range fields {
		path, value, _ := strings.Cut(f, "=")
		if err := d.Set(path, value, Position{Flag: "--set"}); err != nil {
			t.Fatal(err)
		}
	}
	plans, err := Resolve([]*Draft{d}, "contrast")
	if err != nil {
		return nil, err
	}
	return plans[0], nil
}

// TestContrastFill: what is left open is filled the same each time: names, sockets that are free, and the sample where
// nobody names a workload.
func TestContrastFill(t *testing.T) {
	const ledger = "ledger.bank.svc.cluster.local"
	for name, tc := range map[string]struct {
		scenario        string
		fields          []string
		ingress, egress []string
	}{
		"the sample that calls": {"1a", nil,
			[]string{"http 8080 mutual"}, []string{"emoji 127.137.0.1:8081 emoji-svc:8080", "voting 127.137.0.2:8081 voting-svc:8080"}},
		"the sample that is called": {"enroll", nil, []string{"grpc 8080 mutual"}, nil},
		"a workload of one's own, of whose ports nothing is known": {"1a", []string{"client.image=a@sha256:" + strings.Repeat("0", 64), "service.host=" + ledger},
			nil, []string{"ledger 127.137.0.1:8080 " + ledger + ":8080"}},
		"a port of the application is not listened on twice": {"enroll", []string{"contrast.ingress[0].port=9000", "contrast.egress[0].remote=a:9000"},
			[]string{"port-9000 9000 mutual"}, []string{"a 127.137.0.1:9001 a:9000"}},
		"nor is the admin interface's": {"enroll", []string{"contrast.adminPort=9000", "contrast.egress[0].remote=a:9000"},
			[]string{"grpc 8080 mutual"}, []string{"a 127.137.0.1:9001 a:9000"}},
		"what is written stays": {"1a", []string{"contrast.egress[0].remote=10.0.0.1:80", "contrast.egress[0].listen=127.0.0.2:80", "contrast.egress[1].remote=b:80"},
			[]string{"http 8080 mutual"}, []string{"10.0.0.1 127.0.0.2:80 10.0.0.1:80", "b 127.137.0.1:80 b:80"}},
		"the remote that is left out is the service": {"1a", []string{"service.host=" + ledger, "service.port=90", "contrast.egress[0].env=A", "contrast.egress[1].remote=b:80"},
			[]string{"http 8080 mutual"}, []string{"ledger 127.137.0.1:90 " + ledger + ":90", "b 127.137.0.2:80 b:80"}},
	} {
		p, err := contrastPlan(t, tc.scenario, tc.fields...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var ingress, egress []string
		for _, in := range p.Spec.Contrast.Ingress {
			ingress = append(ingress, fmt.Sprint(in.Name, " ", in.Port, " ", in.TLS))
		}
		for _, out := range p.Spec.Contrast.Egress {
			egress = append(egress, out.Name+" "+out.Listen+" "+out.Remote)
		}
		if !slices.Equal(ingress, tc.ingress) || !slices.Equal(egress, tc.egress) {
			t.Errorf("%s: %q and %q, want %q and %q", name, ingress, egress, tc.ingress, tc.egress)
		}
	}
}

// TestContrastRoundTrip: the strings of a plan read back are the plan, but for the ports with mutual TLS, which strings say
// by leaving them out; and those it writes again are the same.
func TestContrastRoundTrip(t *testing.T) {
	p, err := contrastPlan(t, "1a", "contrast.adminPort=9901", "contrast.ingress[0].port=8080", "contrast.ingress[1].port=8443", "contrast.ingress[1].tls=server",
		"contrast.ingress[2].port=7890", "contrast.ingress[2].tls=none", "contrast.egress[0].remote=a:80", "contrast.egress[1].remote=b.c:443")
	if err != nil {
		t.Fatal(err)
	}
	want := p.ContrastConfig()
	got, err := contrast.Parse(want.Strings())
	if err != nil {
		t.Fatal(err)
	}
	written := want.Strings()
	want.Ingress = want.Ingress[1:]
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back %+v, want %+v", got, want)
	}
	if again := got.Strings(); again != written {
		t.Errorf("written again %+v, want %+v", again, written)
	}
}

func TestContrastKinds(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("a", 64)
	for kind, values := range map[string]struct{ good, bad []string }{
		"portName":      {[]string{"http", "a-1"}, []string{"", "Web", "a#b", "123", strings.Repeat("a", 16)}},
		"variable":      {[]string{"A", "billing_addr"}, []string{"", "1A", "A=B", "A\n"}},
		"scheme":        {[]string{"http", "grpc+tls"}, []string{"", "HTTP", "http:", "a b"}},
		"digest":        {[]string{"a" + digest, "r.example:5000/a/b:1.0" + digest}, []string{"", "a", "a:1", digest, "a@sha256:...", "a" + digest + "0", "a b" + digest}},
		"contrastClass": {[]string{"contrast-cc", "contrast-cc-metal-qemu-snp"}, []string{"", "kata", "Contrast-cc"}},
	} {
		for _, v := range values.good {
			if why := kinds[kind](reflect.ValueOf(v)); why != "" {
				t.Errorf("%s %q: %s", kind, v, why)
			}
		}
		for _, v := range values.bad {
			if kinds[kind](reflect.ValueOf(v)) == "" {
				t.Errorf("%s %q: taken", kind, v)
			}
		}
	}
}
