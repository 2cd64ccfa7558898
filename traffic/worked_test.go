package traffic

import (
	"os"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// worked are examples whose paths were thought out by hand before there was a model: what must be seen of each. The
// traces that the command prints of them are in cmd/scenario/testdata/script/worked.txtar.
var worked = []struct {
	file, target, from, to, server string
	outcome                        Code
	reason                         string
	wires                          []string // of each hop after the application: mode and layers
	sees                           string   // of the hop that fails or is the last to send: SNI, CA, what is shown
}{
	{"1-app-tls", "istio-1.31", "shop/app", "https://api.partner.example", Simple, Arrives, "", []string{"application 1"}, "api.partner.example"},
	{"1-app-tls-twice", "istio-1.31", "shop/app", "https://api.partner.example", Simple, ProtocolError, "TLS within TLS", []string{"simple 2"}, "api.partner.example system"},
	{"2-sidecar-originates", "istio-1.31", "shop/app", "http://api.partner.example", Simple, Arrives, "", []string{"simple 1"}, "api.partner.example system"},
	{"2-sidecar-originates", "ossm-2.5", "shop/app", "http://api.partner.example", Simple, Arrives, "", []string{"simple 1"}, "api.partner.example"},
	{"2-wrong-port", "istio-1.31", "shop/app", "http://api.partner.example", Plaintext, ProtocolError, "TLS to a service that speaks plaintext", []string{"simple 1"}, "api.partner.example system"},
	{"3-gateway-originates", "istio-1.31", "shop/app", "http://api.partner.example", Mutual, Arrives, "", []string{"istio-mutual 1", "mutual 1"}, "api.partner.example secret istio-egress/partner-client secret istio-egress/partner-client"},
	{"3-without-sni", "istio-1.31", "shop/app", "http://api.partner.example", Mutual, NoRoute, "no filter chain for TLS (istio-mutual) with SNI outbound_.443_.ext_.istio-egressgateway", []string{"istio-mutual 1", " 0"}, ""},
	{"3-secret-elsewhere", "istio-1.31", "shop/app", "http://api.partner.example", Mutual, TLSFailure, "the one of namespace shop is out of reach", []string{"istio-mutual 1", "mutual 1"}, "api.partner.example secret istio-egress/partner-client secret istio-egress/partner-client"},
	{"3-without-port-80", "istio-1.31", "shop/app", "http://api.partner.example", Mutual, Arrives, "", []string{"istio-mutual 1", "mutual 1"}, "api.partner.example secret istio-egress/partner-client secret istio-egress/partner-client"},
	{"4-passthrough", "istio-1.31", "shop/app", "https://api.partner.example", Simple, Arrives, "", []string{"application 1", "application 1"}, "api.partner.example"},
	{"4-passthrough-twice", "istio-1.31", "shop/app", "https://api.partner.example", Simple, ProtocolError, "TLS within TLS", []string{"application 1", "simple 2"}, "api.partner.example system"},
	{"4-nested", "istio-1.31", "shop/app", "https://api.partner.example", Simple, Arrives, "", []string{"istio-mutual 2", "application 1"}, "api.partner.example"},
	{"4-nested-tls-route", "istio-1.31", "shop/app", "https://api.partner.example", Simple, NoRoute, "listens to nothing on port 8443", []string{"istio-mutual 2"}, "api.partner.example mesh mesh"},
	{"5-legacy-db", "ossm-2.6", "shop/app", "tcp://db.legacy.svc.cluster.local:5432", Plaintext, ProtocolError, "TLS to a service that speaks plaintext", []string{"istio-mutual 1"}, "outbound_.5432_._.db.legacy.svc.cluster.local mesh mesh"},
	{"5-legacy-db-disabled", "ossm-2.6", "shop/app", "tcp://db.legacy.svc.cluster.local:5432", Plaintext, Arrives, "", []string{"plaintext 0"}, ""},
	{"6-federation", "ossm-2.6", "shop/app", "http://api.billing.svc.green-imports.local", "", Arrives, "", []string{"istio-mutual 1", "istio-mutual 1"}, "configmap red-mesh/green-ca-root-cert mesh"},
	{"6-federation", "ossm-2.6", "shop/app", "http://api.billing.svc.cluster.local", "", Unknown, "do not hold the Service", nil, ""},
	{"7-route-passthrough", "ossm-3.4", Outside, "https://web.shop.example", "", Arrives, "", []string{"application 1", "istio-mutual 1", "plaintext 0", "plaintext 0"}, ""},
	{"7-route-edge", "ossm-3.4", Outside, "https://web.shop.example", "", NoRoute, "has no filter chain for plaintext HTTP", []string{"plaintext 0", " 0"}, ""},
	{"8-two-rules", "ossm-2.6", "shop/app", "http://api.partner.example", Simple, ProtocolError, "plaintext to a service that speaks TLS", []string{"plaintext 0", "plaintext 0"}, ""},
}

func TestWorked(t *testing.T) {
	for _, w := range worked {
		t.Run(w.file+" on "+w.target, func(t *testing.T) {
			data, err := os.Open("testdata/worked/" + w.file + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			defer data.Close()
			b, err := bundle.Read(w.file, data)
			if err != nil {
				t.Fatal(err)
			}
			target, ok := mesh.Lookup(w.target)
			if !ok {
				t.Fatal(w.target)
			}
			x, err := NewIndex(b, Options{Target: target, Assume: true})
			if err != nil {
				t.Fatal(err)
			}
			p, err := x.Walk(Request{From: w.from, To: w.to, Server: w.server})
			if err != nil {
				t.Fatal(err)
			}
			if p.Outcome.Code != w.outcome || !strings.Contains(p.Outcome.Reason, w.reason) {
				t.Errorf("got %s: %s, want %s: %s", p.Outcome.Code, p.Outcome.Reason, w.outcome, w.reason)
			}
			var wires []string
			sees := ""
			for _, h := range p.Hops[1:] {
				wires = append(wires, strings.TrimSpace(h.Wire.Mode+" "+itoa(h.Wire.Layers)))
				if h.Wire.Mode != "" {
					sees = strings.Join(strings.Fields(h.Wire.SNI+" "+h.Verify.Server.CA+" "+h.Verify.Client.Credential), " ")
				}
			}
			want := make([]string, len(w.wires))
			for i, s := range w.wires {
				want[i] = strings.TrimSpace(s)
			}
			if w.wires != nil && strings.Join(wires, ", ") != strings.Join(want, ", ") {
				t.Errorf("on the wire: got %q, want %q", wires, want)
			}
			if w.wires != nil && w.sees != "" && sees != w.sees {
				t.Errorf("last TLS: got %q, want %q", sees, w.sees)
			}
		})
	}
}
