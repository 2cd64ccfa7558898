package contrast

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// strict lists strings with all that is wrong with them: the kind of each fault, the text it points at, and "!" where the
// sidecar does not start with it. The rest is what only we refuse.
var strict = []struct {
	in   Strings
	want string
}{
	{Strings{}, ""},
	{Strings{Ingress: "web#8080#false##metrics#7890#true"}, ""},
	{Strings{Egress: "billing#127.137.0.1:8081#billing-svc:8080##cart#127.137.0.2:8081#cart-svc:8080"}, ""},
	{Strings{Ingress: "##a#80#true####b#81#F##"}, ""},
	{Strings{AdminPort: "9901"}, ""},

	{Strings{Ingress: "web#8080"}, "!entry-syntax web#8080"},
	{Strings{Ingress: "a#80#true#b#81#true"}, "!entry-syntax a#80#true#b#81#true"},
	{Strings{Ingress: "a#80#true###b#81#true"}, "!entry-syntax #b#81#true"},
	{Strings{Ingress: "DISABLED"}, "disabled DISABLED"},
	{Strings{Ingress: "disabled"}, "!entry-syntax disabled"},
	{Strings{Ingress: "a#x#y"}, "!port-syntax x, !tls-syntax y"},
	{Strings{Ingress: "a#80#maybe"}, "!tls-syntax maybe"},
	{Strings{Ingress: "a#0#true##b#65536#true##c#-1#true"}, "port-range 0, port-range 65536, port-range -1"},
	{Strings{Ingress: "a#15006#true##b#15007#false"}, "port-reserved 15006, port-reserved 15007"},
	{Strings{Ingress: "a#80#true##b#80#false"}, "port-taken 80"},
	{Strings{Ingress: "#80#true"}, "name-empty "},
	{Strings{Ingress: "\xff#80#true"}, "name-syntax \xff"},
	{Strings{Ingress: "ingress#80#true##ingress#81#true"}, ""},

	{Strings{Egress: "a#127.0.0.1:81"}, "!entry-syntax a#127.0.0.1:81"},
	{Strings{Egress: "#127.0.0.1:81#b:80"}, "!name-empty "},
	{Strings{Egress: "a\xff#127.0.0.1:81#b:80"}, "!name-syntax a\xff"},
	{Strings{Egress: "a#127.0.0.1:81#b:80##a#127.0.0.2:81#c:80"}, "name-taken a"},
	{Strings{Egress: "ingress#127.0.0.1:81#b:80##BlackHoleCluster#127.0.0.2:81#c:80"}, "name-reserved ingress, name-reserved BlackHoleCluster"},
	{Strings{Egress: "a#127.0.0.1#b:80"}, "!listen-syntax 127.0.0.1"},
	{Strings{Egress: "a#localhost:81#b:80"}, "!listen-syntax localhost:81"},
	{Strings{Egress: "a#10.0.0.1:81#b:80"}, "!listen-outside 10.0.0.1:81"},
	{Strings{Egress: "a#127.0.0.1:0#b:80"}, "!port-range 127.0.0.1:0"},
	{Strings{Egress: "a#127.0.0.1:81#b:80##c#127.0.0.1:81#d:80"}, "listen-taken 127.0.0.1:81"},
	{Strings{Egress: "a#127.0.0.1:081#b:80##c#127.0.0.1:81#d:80"}, "listen-taken 127.0.0.1:81"},
	{Strings{Egress: "a#127.0.0.1:15006#b:80##c#127.0.0.1:9901#d:80", AdminPort: "9901"}, "listen-reserved 127.0.0.1:15006, listen-reserved 127.0.0.1:9901"},
	{Strings{Egress: "a#127.0.0.1:81#b"}, "!remote-syntax b"},
	{Strings{Egress: "a#127.0.0.1:81#:80"}, "!remote-syntax :80"},
	{Strings{Egress: "a#127.0.0.1:81#\xff:80"}, "!remote-syntax \xff:80"},
	{Strings{Egress: "a#127.0.0.1:81#b c:80##d#127.0.0.1:82#https:80"}, "remote-syntax b c:80"},
	{Strings{Egress: "a#127.0.0.1:81#b:http"}, "!port-syntax b:http"},
	{Strings{Egress: "a#127.0.0.1:81#b:70000"}, "port-range b:70000"},
	{Strings{Egress: "a#127.0.0.1:81#127.0.0.1:80##b#127.0.0.1:82#localhost:80##c#127.0.0.1:83#[::1]:80"}, "remote-self 127.0.0.1:80, remote-self localhost:80, remote-self [::1]:80"},
	{Strings{Egress: "a#127.0.0.1:81#[2001:db8::1]:80"}, "remote-ipv6 [2001:db8::1]:80"},

	{Strings{AdminPort: "http"}, "!port-syntax http"},
	{Strings{AdminPort: "0"}, "port-range 0"},
	{Strings{AdminPort: "70000"}, "!port-range 70000"},
	{Strings{AdminPort: "4294977197"}, "port-range 4294977197"},
	{Strings{AdminPort: "15006"}, "port-reserved 15006"},

	// All faults of all strings, each at its place, in the order in which they stand.
	{Strings{Ingress: "##a#x#true##b##c#70000#true", Egress: "##d#1#b:80##e#127.0.0.1:81#c", AdminPort: "-"},
		"!port-syntax x, !entry-syntax b, port-range 70000, !listen-syntax 1, !remote-syntax c, !port-syntax -"},
}

func TestStrict(t *testing.T) {
	kinds := map[Kind]bool{}
	for _, tc := range strict {
		_, err := Parse(tc.in)
		var got []string
		for _, f := range FaultsOf(err) {
			text := map[Field]string{InIngress: tc.in.Ingress, InEgress: tc.in.Egress, InAdminPort: tc.in.AdminPort}[f.Field]
			mark := "!"
			if f.Stricter {
				mark = ""
			}
			got = append(got, mark+string(f.Kind)+" "+text[f.Offset:f.Offset+f.Length])
			kinds[f.Kind] = true
			for name, said := range map[string]string{"What": f.What, "Why": f.Why, "Fix": f.Fix} {
				if said == "" || strings.HasSuffix(said, ".") || strings.Contains(said, "%!") {
					t.Errorf("%+v: %s of %s is %q", tc.in, name, f.Kind, said)
				}
			}
		}
		if got := strings.Join(got, ", "); got != tc.want {
			t.Errorf("%+v:\ngot  %s\nwant %s", tc.in, got, tc.want)
		}
	}
	if len(kinds) != 18 {
		t.Errorf("the strings have %d kinds of faults, want all 18", len(kinds))
	}
}

// A fault says where it is in the model that the string is of: entries that are empty do not count.
func TestPlaces(t *testing.T) {
	_, err := Parse(Strings{Ingress: "##a#80#true####b#0#true##c", Egress: "x##d#127.0.0.1:81#b:0", AdminPort: "0"})
	var got []string
	for _, f := range FaultsOf(err) {
		got = append(got, f.Place())
	}
	if want := []string{"ingress[1].port", "ingress[2]", "egress[0]", "egress[1].remote", "admin-port"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Of a model too all faults are found, and those that no string can have.
func TestCheck(t *testing.T) {
	err := Config{
		Ingress:   []Ingress{{"a", 80, MutualTLS}, {"b", 80, ServerTLS}, {"c#", 81, "tls"}},
		Egress:    []Egress{{"d", "", "e:80"}, {"d", "127.0.0.1:9901", "e"}},
		AdminPort: 9901,
	}.Check()
	var got []string
	for _, f := range FaultsOf(err) {
		got = append(got, fmt.Sprintf("%s %s", f.Place(), f.Kind))
	}
	want := []string{"ingress[1].port port-taken", "ingress[2].name name-syntax", "ingress[2].tls tls-syntax",
		"egress[0].listen listen-syntax", "egress[1].name name-taken", "egress[1].listen listen-reserved", "egress[1].remote remote-syntax"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
