package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/traffic"
)

var update = flag.Bool("update", false, "write the expected outputs anew")

func decision(kind, name string, line int) traffic.Decision {
	namespace, name, _ := strings.Cut(name, "/")
	d := traffic.Decision{Kind: kind, Namespace: namespace, Name: name}
	if line > 0 {
		d.File, d.Line, d.Column = "mesh/orders.yaml", line, 3
	}
	return d
}

func verify(ca, shows string, names ...string) (v traffic.Verify) {
	v.Server.CA, v.Server.Names, v.Client.Credential = ca, names, shows
	return v
}

// The hops of requests from orders/checkout to api.partner.example.
var (
	partner = traffic.Request{From: "orders/checkout", To: "http://api.partner.example"}

	dials = traffic.Hop{
		Proxy: traffic.Application, Workload: "orders/checkout", Wire: traffic.Wire{Mode: traffic.Plaintext},
		Destination: traffic.Destination{Host: "api.partner.example", Port: 80},
	}
	toGateway = traffic.Hop{
		Proxy: traffic.Sidecar, Workload: "orders/checkout", Cluster: "outbound|443|partner|istio-egressgateway.istio-egress.svc.cluster.local",
		Destination: traffic.Destination{Host: "istio-egressgateway.istio-egress.svc.cluster.local", Port: 8443, Subset: "partner", Authority: "api.partner.example"},
		Wire:        traffic.Wire{Mode: traffic.IstioMutual, Layers: 1, SNI: "api.partner.example"},
		Verify:      verify("mesh", "mesh", "spiffe://cluster.local/ns/istio-egress/sa/istio-egressgateway"),
		DecidedBy: []traffic.Decision{
			decision("VirtualService", "orders/to-egress-partner", 31), decision("VirtualService", "orders/to-egress-partner", 33),
			decision("Service", "istio-egress/istio-egressgateway", 0), decision("DestinationRule", "orders/egressgateway-for-a-partner-with-a-very-long-name", 18),
		},
	}
	outwards = traffic.Hop{
		Proxy: traffic.Gateway, Workload: "istio-egress/istio-egressgateway",
		Terminates:  &traffic.Termination{Credential: "mesh", ClientCA: "mesh", Required: true},
		Destination: traffic.Destination{Host: "api.partner.example", Port: 443, Authority: "api.partner.example", Address: "eu.partner.example"},
		Wire:        traffic.Wire{Mode: traffic.Mutual, Layers: 1, SNI: "api.partner.example"},
		Verify:      verify("secret istio-egress/partner", "secret istio-egress/partner", "api.partner.example"),
		DecidedBy:   []traffic.Decision{decision("Gateway", "istio-egress/egress-partner", 44)},
	}
	direct = traffic.Hop{
		Proxy: traffic.Sidecar, Workload: "orders/checkout", Wire: traffic.Wire{Mode: traffic.Plaintext},
		Destination: traffic.Destination{Host: "api.partner.example", Port: 80},
	}
	refused = traffic.Hop{Proxy: traffic.Gateway, Workload: "istio-egress/istio-egressgateway"}
)

// with is a hop that is changed a little.
func with(h traffic.Hop, change func(*traffic.Hop)) traffic.Hop {
	change(&h)
	return h
}

func path(code traffic.Code, reason string, hops ...traffic.Hop) traffic.Path {
	return traffic.Path{Request: partner, Hops: hops, Outcome: traffic.Outcome{Code: code, Reason: reason}, Share: 100}
}

func share(p traffic.Path, percent int) traffic.Path {
	p.Share = percent
	return p
}

// goldens are what every format is held against.
func goldens() []struct {
	name    string
	trace   Trace
	options Options
} {
	mutual := path(traffic.Arrives, "", dials, toGateway, outwards)
	mutual.Assumed = []string{"Secret istio-egress/partner"}
	reset := path(traffic.NoRoute, "istio-egress/istio-egressgateway: listener 0.0.0.0_8443 has no filter chain for TLS (istio-mutual) with SNI api.partner.example: the connection is reset", dials, toGateway, refused)
	parted := share(path(traffic.Arrives, "", dials, direct), 70)
	parted.Else = []traffic.Path{share(path(traffic.NoCluster, "orders/checkout: knows no service b.example: 503", dials, with(direct, func(h *traffic.Hop) { h.Wire, h.Destination = traffic.Wire{}, traffic.Destination{} })), 30)}
	unknown := path(traffic.Unknown, "it arrives, if EnvoyFilter orders/lua of sidecar orders/checkout let it pass as it is", dials, with(direct, func(h *traffic.Hop) { h.NotRead = []string{"EnvoyFilter orders/lua"} }))
	unknown.NotRead = []string{"ProxyConfig orders/p"}
	one := func(p traffic.Path) Trace { return Trace{Target: "ossm-2.6", Paths: []traffic.Path{p}} }
	all := Trace{Target: "ossm-2.6", Paths: []traffic.Path{mutual, reset, parted, unknown}, Several: true}
	return []struct {
		name    string
		trace   Trace
		options Options
	}{
		{"mutual", one(mutual), Options{}},
		{"mutual at 120", one(mutual), Options{Width: 120}},
		{"mutual at 50", one(mutual), Options{Width: 50}},
		{"mutual in colour", one(mutual), Options{Color: true}},
		{"reset in colour", one(reset), Options{Color: true}},
		{"parted", one(parted), Options{}},
		{"unknown", one(unknown), Options{}},
		{"all", all, Options{}},
		{"none of all", Trace{Target: "ossm-2.6", Several: true}, Options{}},
	}
}

// TestFormats holds each format against testdata/FORMAT.golden.
func TestFormats(t *testing.T) {
	for _, f := range Formats {
		t.Run(f.Name, func(t *testing.T) {
			var got bytes.Buffer
			for _, g := range goldens() {
				if f.Name != "text" && g.options != (Options{}) {
					continue
				}
				fmt.Fprintf(&got, "== %s ==\n", g.name)
				if err := f.Paths(&got, g.trace, g.options); err != nil {
					t.Fatal(err)
				}
			}
			file := "testdata/" + f.Name + ".golden"
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s: go test ./report -update writes it anew; got\n%s", file, got.String())
			}
		})
	}
}

// TestWidths holds all text, at every width, within the width, and to losing nothing: what is not blank stays.
func TestWidths(t *testing.T) {
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for _, g := range goldens() {
		g.options.Color = false
		for width := Narrowest; width <= 120; width++ {
			var out bytes.Buffer
			g.options.Width = width
			if err := Text(&out, g.trace, g.options); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				line = strings.TrimSuffix(line, "\n")
				if length(line) > width || strings.TrimRight(line, " ") != line {
					t.Errorf("%s at %d: %q", g.name, width, line)
				}
			}
			for _, p := range g.trace.Paths {
				for _, text := range append(p.Assumed, p.NotRead...) {
					if !g.trace.Several && !strings.Contains(squeeze(out.String()), squeeze(text)) {
						t.Errorf("%s at %d: %q is cut", g.name, width, text)
					}
				}
			}
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 10, ""},
		{"mesh mTLS, sni" + tie + "a.example", 30, "mesh mTLS, sni a.example"},
		{"mesh mTLS, sni" + tie + "a.example", 15, "mesh mTLS,|sni a.example"},
		{"mesh mTLS, sni" + tie + "a.example", 10, "mesh mTLS,|sni|a.example"},
		{"istio-egressgateway.istio-egress:8443", 32, "istio-egressgateway.istio-egress|:8443"},
		{"istio-egressgateway.istio-egress:8443", 20, "istio-egressgateway|.istio-egress:8443"},
		{"istio-egressgateway", 10, "istio-|egressgate|way"},
		{"spiffe://cluster.local/ns/shop/sa/web", 25, "spiffe://cluster.local/|ns/shop/sa/web"},
		{"istio-egressgateway.istio-egress:8443", 18, "istio-|egressgateway|.istio-egress:8443"},
		{"Gateway" + bond + "istio-egress/partner", 22, "Gateway istio-egress/|partner"},
		{"\x1b[31mred\u202e", 20, "\ufffd[31mred\ufffd"},
		{"äöüäöüäöü", 4, "äöüä|öüäö|ü"},
	} {
		if got := strings.Join(wrap(c.text, c.width), "|"); got != c.want {
			t.Errorf("%q at %d: got %q, want %q", c.text, c.width, got, c.want)
		}
		// However narrow, nothing is lost, and nothing is too long.
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		for width := 4; width < 60; width++ {
			for _, lines := range [][]string{wrap(c.text, width), wrapHanging(c.text, width, 2)} {
				if got, want := squeeze(strings.Join(lines, " ")), squeeze(clean(c.text)); got != want {
					t.Errorf("%q at %d: got %q, want %q", c.text, width, got, want)
				}
				for _, l := range lines {
					if length(l) > width {
						t.Errorf("%q at %d: %q", c.text, width, l)
					}
				}
			}
		}
	}
}

// TestClosing holds the sentences.
func TestClosing(t *testing.T) {
	simple := func(ca string, names ...string) traffic.Hop {
		return with(direct, func(h *traffic.Hop) {
			h.Wire = traffic.Wire{Mode: traffic.Simple, Layers: 1, SNI: "api.partner.example"}
			h.Verify = verify(ca, "", names...)
			h.Destination.Port = 443
		})
	}
	own := with(direct, func(h *traffic.Hop) {
		h.Wire = traffic.Wire{Mode: traffic.Own, Layers: 1, SNI: "api.partner.example"}
		h.Destination.Port = 443
	})
	twice := simple("system", "api.partner.example")
	twice.Wire.Layers = 2
	plainInside := with(toGateway, func(h *traffic.Hop) { h.Wire, h.Verify = traffic.Wire{Mode: traffic.Plaintext}, traffic.Verify{} })
	plainOutside := with(outwards, func(h *traffic.Hop) { h.Wire, h.Verify = traffic.Wire{Mode: traffic.Plaintext}, traffic.Verify{} })
	within := with(toGateway, func(h *traffic.Hop) { h.Wire.Layers = 2 })
	inbound := traffic.Hop{Proxy: traffic.Sidecar, Workload: "shop/web", Cluster: "inbound|8080||", Wire: traffic.Wire{Mode: traffic.Plaintext}, Destination: traffic.Destination{Port: 8080}}
	application := traffic.Hop{Proxy: traffic.Workload, Workload: "shop/web", Wire: traffic.Wire{Mode: traffic.Plaintext}}
	ownWire := func(h *traffic.Hop) { h.Wire = own.Wire }
	for _, c := range []struct {
		path traffic.Path
		want string
	}{
		{path(traffic.Arrives, "", dials, toGateway, outwards),
			"arrives: api.partner.example:443 by mutual TLS; the server is verified against Secret istio-egress/partner (ca.crt) as api.partner.example, and sees the client certificate of that Secret"},
		{path(traffic.Arrives, "", dials, simple("system", "api.partner.example")),
			"arrives: api.partner.example:443 by TLS; the server is verified against the CAs of the proxy's image as api.partner.example"},
		{path(traffic.Arrives, "", dials, simple("secret orders/ca")),
			"arrives: api.partner.example:443 by TLS; the server is verified against Secret orders/ca (ca.crt), whatever its name"},
		{path(traffic.Arrives, "", dials, simple("")),
			"arrives: api.partner.example:443 by TLS, but the server is not verified: anybody may be there"},
		{path(traffic.Arrives, "", dials, twice),
			"arrives as TLS within TLS: api.partner.example:443 takes off TLS, and finds TLS again"},
		{path(traffic.Arrives, "", dials, own),
			"arrives: api.partner.example:443 by the application's own TLS, which no proxy opens; to verify the server is up to the application"},
		{path(traffic.Arrives, "", dials, direct),
			"arrives in plaintext: nothing is encrypted or verified between the sidecar and api.partner.example:80"},
		{path(traffic.Arrives, "", dials),
			"arrives in plaintext: nothing is encrypted or verified between the application and api.partner.example:80"},
		{path(traffic.Arrives, "", dials, plainInside, outwards),
			"arrives: api.partner.example:443 by mutual TLS; the server is verified against Secret istio-egress/partner (ca.crt) as api.partner.example, and sees the client certificate of that Secret; but it goes in plaintext from the sidecar to istio-egressgateway.istio-egress:8443"},
		{path(traffic.Arrives, "", dials, toGateway, plainOutside),
			"arrives in plaintext: nothing is encrypted or verified between istio-egress/istio-egressgateway and api.partner.example:443"},
		{path(traffic.Arrives, "", dials, plainInside, plainOutside),
			"arrives in plaintext: nothing is encrypted or verified between the sidecar and api.partner.example:443"},
		{path(traffic.Arrives, "", dials, toGateway, inbound, application),
			"arrives: shop/web by mesh mTLS; both sides are verified by the mesh's CA"},
		{path(traffic.Arrives, "", dials, toGateway),
			"arrives: istio-egressgateway.istio-egress:8443 by mesh mTLS; the server must show a certificate of the mesh's CA, which nothing outside the mesh has"},
		{path(traffic.Arrives, "", dials, within, with(inbound, ownWire), with(application, ownWire)),
			"arrives: shop/web by mesh mTLS around the application's own TLS; to verify the server's is up to the application"},
		{path(traffic.Arrives, "", own, with(toGateway, func(h *traffic.Hop) {
			h.Proxy, h.Workload = traffic.Gateway, "istio-ingress/gateway"
			h.Terminates = &traffic.Termination{Credential: "secret istio-ingress/web", ClientCA: "secret istio-ingress/web", Required: true}
		}), inbound, application),
			"arrives: shop/web by mesh mTLS; both sides are verified by the mesh's CA; istio-ingress/gateway takes off the application's TLS and verifies the client against Secret istio-ingress/web"},
		{path(traffic.Arrives, "", own, with(direct, func(h *traffic.Hop) {
			h.Proxy, h.Workload, h.Terminates = traffic.Router, "", &traffic.Termination{Credential: "Route shop/web"}
			h.Destination = traffic.Destination{Host: "web.shop", Port: 8080}
		}), application),
			"arrives in plaintext: nothing is encrypted or verified between the router and shop/web; the router takes off the application's TLS and asks for no client certificate"},
		{path(traffic.Passthrough, "orders/checkout: nothing that is registered takes it: forwarded as it came", dials, direct),
			"passed on as it came: orders/checkout: nothing that is registered takes it; nothing is encrypted or verified"},
		{path(traffic.Response, "istio-egress/istio-egressgateway: answered with 403", dials, toGateway, refused),
			"does not go further: istio-egress/istio-egressgateway: answered with 403"},
		{path(traffic.Unknown, "the files do not hold it", dials), "cannot be told: the files do not hold it"},
		{path(traffic.Loop, "", dials), "does not arrive: goes round"},
	} {
		if got := closing(c.path); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.path.Outcome.Code, got, c.want)
		}
	}
}

func TestWire(t *testing.T) {
	tcp := traffic.Request{To: "tcp://db.example:5432"}
	for _, c := range []struct {
		hop     traffic.Hop
		request traffic.Request
		want    string
	}{
		{dials, partner, "plaintext http"},
		{dials, tcp, "plaintext tcp"},
		{dials, traffic.Request{To: "h2c://a"}, "plaintext HTTP/2"},
		{toGateway, partner, "mesh mTLS, sni api.partner.example"},
		{with(toGateway, func(h *traffic.Hop) {
			h.Wire.SNI = "outbound_.443_.partner_.istio-egressgateway.istio-egress.svc.cluster.local"
		}), partner, "mesh mTLS, Istio's own sni"},
		{with(toGateway, func(h *traffic.Hop) { h.Wire.Layers = 2 }), partner, "TLS within TLS: mesh mTLS, sni api.partner.example"},
		{with(outwards, func(h *traffic.Hop) { h.Wire.SNI = "" }), partner, "mutual TLS, no sni"},
		{refused, partner, none},
	} {
		if got := strings.ReplaceAll(wire(c.hop, c.request), tie, " "); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestFiles holds the short names of files: the base name, unless two files share it.
func TestFiles(t *testing.T) {
	at := func(file string) traffic.Hop {
		return traffic.Hop{DecidedBy: []traffic.Decision{{File: file, Line: 1}}}
	}
	got := shortFiles([]traffic.Path{path(traffic.Arrives, "", at("a/x.yaml"), at("b/x.yaml"), at("c/x.yaml"), at("b/y.yaml"), at("-"))})
	for file, want := range map[string]string{"a/x.yaml": "a/x.yaml", "b/x.yaml": "b/x.yaml", "c/x.yaml": "c/x.yaml", "b/y.yaml": "y.yaml", "-": "stdin"} {
		if got[file] != want {
			t.Errorf("%s is %q, want %q", file, got[file], want)
		}
	}
}

// TestJSON holds what programs count on: an object for one, an array for several, and the target first.
func TestJSON(t *testing.T) {
	p := path(traffic.Arrives, "", dials, toGateway, outwards)
	for _, several := range []bool{false, true} {
		var out bytes.Buffer
		if err := JSON(&out, Trace{Target: "ossm-2.6", Paths: []traffic.Path{p}, Several: several}, Options{}); err != nil {
			t.Fatal(err)
		}
		type object struct {
			Target string
			traffic.Path
		}
		var list []object
		if several {
			if err := json.Unmarshal(out.Bytes(), &list); err != nil {
				t.Fatal(err)
			}
		} else {
			list = make([]object, 1)
			if err := json.Unmarshal(out.Bytes(), &list[0]); err != nil {
				t.Fatal(err)
			}
		}
		if len(list) != 1 || list[0].Target != "ossm-2.6" || list[0].Request.From != partner.From || len(list[0].Hops) != 3 {
			t.Errorf("several %v: got %s", several, out.String())
		}
	}
}
