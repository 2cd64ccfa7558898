package rules

import (
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// TestMentions: a name is found where it is whole, with the port, and is not where it is part of another, commented out or
// has another port.
func TestMentions(t *testing.T) {
	names := []string{"billing-svc.vault.svc.cluster.local", "billing-svc.vault.svc", "billing-svc.vault", "billing-svc"}
	for _, c := range []struct {
		text, with string // the text, and with another address in the first mention's place; "" is no mention
		port       int
		scheme     string
	}{
		{"billing-svc:8080", "HERE", 8080, ""},
		{"BILLING-SVC:8080", "HERE", 8080, ""},
		{"http://billing-svc.vault.svc.cluster.local.:8080/v1", "http://HERE/v1", 8080, "http"},
		{"a,billing-svc.vault:8080;b", "a,HERE;b", 8080, ""},
		{"grpc+http://billing-svc:8080", "grpc+http://HERE", 8080, "grpc+http"},
		{"postgres://user:pass@billing-svc:8080/db", "postgres://user:pass@HERE/db", 8080, "postgres"},
		{"--billing=billing-svc:8080", "--billing=HERE", 8080, ""},
		{"https://billing-svc/v1", "https://HERE/v1", 443, "https"},
		{"é billing-svc:8080", "é HERE", 8080, ""},
		{"billing-svc:80801", "", 8080, ""},
		{"billing-svc:808", "", 8080, ""},
		{"my-billing-svc:8080", "", 8080, ""},
		{"billing-svc.other:8080", "", 8080, ""},
		{"billing-svc2:8080", "", 8080, ""},
		{"https://billing-svc/v1", "", 8080, ""},
		{"the billing-svc does it", "", 8080, ""},
		{"x: 1\n  # billing-svc:8080\n", "", 8080, ""},
	} {
		found := mentions([]variable{{value: c.text}}, names, c.port)
		switch {
		case c.with == "" && len(found) > 0:
			t.Errorf("%q: found %+v", c.text, found[0])
		case c.with != "" && len(found) == 0:
			t.Errorf("%q: not found", c.text)
		case c.with != "" && (found[0].instead("HERE") != c.with || found[0].scheme != c.scheme):
			t.Errorf("%q: %q, scheme %q; want %q, %q", c.text, found[0].instead("HERE"), found[0].scheme, c.with, c.scheme)
		}
	}
}

// TestBareMentions: a host alone is one to call where its variable says so.
func TestBareMentions(t *testing.T) {
	for name, want := range map[string]bool{"BILLING_HOST": true, "billingAddress": true, "OTEL_SERVICE_NAME": false, "NO_PROXY": false} {
		if found := mentions([]variable{{name: name, value: "billing-svc"}}, []string{"billing-svc"}, 8080); (len(found) == 1 && found[0].bare) != want {
			t.Errorf("%s: %v; want %v", name, found, want)
		}
	}
}

// TestRemoteOf: what a name in an egress entry means to a pod of namespace vault, of which the files hold backend.shop.
func TestRemoteOf(t *testing.T) {
	b, err := bundle.Read("shop.yaml", strings.NewReader("apiVersion: v1\nkind: Service\nmetadata: {name: backend, namespace: shop}\n"))
	if err != nil {
		t.Fatal(err)
	}
	ran := false
	check := validate.Rule{ID: "MSH000", Anywhere: true, Check: func(p *validate.Pass) {
		ran = true
		for _, c := range []struct {
			text, full string
			outside    bool
		}{
			{"billing-svc:8080", "billing-svc.vault.svc.cluster.local", false},
			{"billing-svc.other.svc:8080", "billing-svc.other.svc.cluster.local", false},
			{"billing-svc.other.svc.cluster.local.:8080", "billing-svc.other.svc.cluster.local", false},
			{"backend.shop:8080", "backend.shop.svc.cluster.local", false},
			{"backend.elsewhere:8080", "", false},
			{"partner.com:443", "", true},
			{"rates.partner.example:443", "", true},
			{"db.corp.internal:5432", "", false},
			{"10.0.0.7:8080", "", false},
			{"93.184.215.14:443", "", true},
			{"127.0.0.1:80", "", false},
		} {
			if r, ok := remoteOf(p, c.text, "vault"); !ok || r.full != c.full || r.outside != c.outside {
				t.Errorf("%s: %+v %v; want %q, outside %v", c.text, r, ok, c.full, c.outside)
			}
		}
	}}
	if _, err := validate.Run(b, validate.Options{Target: target(t, "contrast"), Rules: []*validate.Rule{&check}}); err != nil {
		t.Fatal(err)
	}
	if !ran {
		t.Error("nothing was checked")
	}
}
