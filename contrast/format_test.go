package contrast

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// The strings of Contrast's own documentation, from a model: a web server without client authentication and plain
// metrics, and two services that are called, whose sockets are allotted beside ports that are in use.
func TestStringsOfTheDocumentation(t *testing.T) {
	config := Config{
		Ingress: []Ingress{{"web", 8080, ServerTLS}, {"metrics", 7890, NoTLS}, {"internal", 9090, MutualTLS}},
		Egress:  Allot([]Egress{{"billing", "", "billing-svc:8080"}, {"cart", "", "cart-svc:8080"}}, 8080, 7890, 9090),
	}
	if err := config.Check(); err != nil {
		t.Error(err)
	}
	want := Strings{
		Ingress: "web#8080#false##metrics#7890#true",
		Egress:  "billing#127.137.0.1:8081#billing-svc:8080##cart#127.137.0.2:8081#cart-svc:8080",
	}
	if got := config.Strings(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Every model without faults comes back from its strings, but for the ports with mutual TLS, which those do not name.
func TestRoundTripOfModels(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var c Config
		for i := range r.IntN(5) {
			c.Ingress = append(c.Ingress, Ingress{fmt.Sprintf("port-%d", i), 1 + i*3000 + r.IntN(3000), []TLS{MutualTLS, ServerTLS, NoTLS}[r.IntN(3)]})
		}
		for i := range r.IntN(5) {
			c.Egress = append(c.Egress, Egress{fmt.Sprintf("service-%d", i), "", fmt.Sprintf("host-%d.example:%d", i, 1+r.IntN(65535))})
		}
		if r.IntN(2) == 0 {
			c.AdminPort = 20000 + r.IntN(1000)
		}
		c.Egress = Allot(c.Egress, c.AdminPort)
		if err := c.Check(); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		c.Ingress = slices.DeleteFunc(c.Ingress, func(i Ingress) bool { return i.TLS == MutualTLS })
		if len(c.Ingress) == 0 {
			c.Ingress = nil
		}
		back, err := Parse(c.Strings())
		if err != nil || !reflect.DeepEqual(c, back) {
			t.Fatalf("%+v comes back as %+v, with %v", c, back, err)
		}
	}
}

// FuzzParse holds that no string makes Parse panic, that every fault is inside of its string, and that what is
// understood is written in one way, which is understood as the same.
func FuzzParse(f *testing.F) {
	for _, tc := range strict {
		f.Add(tc.in.Ingress, tc.in.Egress, tc.in.AdminPort)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		s := randomStrings(r)
		f.Add(s.Ingress, s.Egress, s.AdminPort)
	}
	f.Fuzz(func(t *testing.T, ingress, egress, adminPort string) {
		in := Strings{ingress, egress, adminPort}
		for _, g := range Generations {
			config, err := g.Parse(in)
			faults := FaultsOf(err)
			for _, fault := range faults {
				text := map[Field]string{InIngress: ingress, InEgress: egress, InAdminPort: adminPort}[fault.Field]
				if fault.Offset < 0 || fault.Length < 0 || fault.Offset+fault.Length > len(text) {
					t.Errorf("%q: %s is at %d, %d long", text, fault.Kind, fault.Offset, fault.Length)
				}
			}
			written := config.Strings()
			again, err := g.Parse(written)
			if FaultsOf(err).Crash() && !faults.Crash() {
				t.Errorf("%q is taken, and not as it is written then, %q: %v", in, written, err)
			}
			if again.Strings() != written {
				t.Errorf("%q is written as %q, and then as %q", in, written, again.Strings())
			}
		}
	})
}
