package contrast

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// What random strings are made of: what is right, what is nearly right, and what is wrong, for each place of an entry.
var (
	someNames   = []string{"web", "billing", "a", "", "ingress", "IngressCluster", "ü", "a b", "web:1", "\xff", "x/y", "DISABLED"}
	somePorts   = []string{"80", "8080", "7890", "443", "65535", "0", "1", "15006", "15007", "65536", "70000", "-1", "+80", "080", "", " 80", "8_0", "0x50", "http", "99999999999999999999", "4294975296", "9223372036854775807"}
	someBools   = []string{"true", "false", "1", "0", "t", "f", "T", "F", "TRUE", "FALSE", "True", "False", "", "yes", "tRUE", " true", "truefalse"}
	someHosts   = []string{"127.137.0.1", "127.0.0.1", "127.137.0.2", "127.255.255.255", "127.0.0.0", "128.0.0.1", "126.255.255.255", "10.0.0.1", "0.0.0.0", "localhost", "127.1", "127.0.0.01", "[::1]", "::1", "[::ffff:127.0.0.1]", "[fe80::1%eth0]", "", "billing-svc", "billing-svc.shop.svc.cluster.local", "203.0.113.7", "a b", "x_y", "\xff", "http://x", "-"}
	someLetters = []string{"#", "##", "###", ":", "[", "]", "%", ".", "-", "+", " ", "\n", "\x00", "a", "1", "127.0.0.1", "true"}
)

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// right makes half of the choices the first of their list, so that many strings have one mistake, and some none.
func right(r *rand.Rand, from []string) string {
	if r.IntN(3) > 0 {
		return from[r.IntN(min(2, len(from)))]
	}
	return pick(r, from)
}

func randomStrings(r *rand.Rand) Strings {
	var ingress, egress []string
	for range r.IntN(4) {
		ingress = append(ingress, right(r, someNames)+"#"+right(r, somePorts)+"#"+right(r, someBools))
	}
	for range r.IntN(4) {
		egress = append(egress, right(r, someNames)+"#"+right(r, someHosts)+":"+right(r, somePorts)+"#"+right(r, someHosts[16:])+":"+right(r, somePorts))
	}
	s := Strings{Ingress: strings.Join(ingress, "##"), Egress: strings.Join(egress, "##")}
	if r.IntN(4) == 0 {
		s.AdminPort = right(r, somePorts)
	}
	if r.IntN(2) == 0 {
		s.Ingress, s.Egress = mutate(r, s.Ingress), mutate(r, s.Egress)
	}
	return s
}

// mutate takes bytes out of a string and puts others in.
func mutate(r *rand.Rand, s string) string {
	for range r.IntN(3) {
		at := r.IntN(len(s) + 1)
		end := min(len(s), at+r.IntN(3))
		s = s[:at] + pick(r, someLetters) + s[end:]
	}
	return s
}

// TestJudges asks the sidecars' own code about many random strings.
func TestJudges(t *testing.T) {
	const many = 100_000
	for _, g := range Generations {
		r := rand.New(rand.NewPCG(8, 1))
		var asked []Strings
		var questions []question
		for range many {
			s := randomStrings(r)
			if g == Legacy {
				s.AdminPort = ""
			}
			asked, questions = append(asked, s), append(questions, questionOf(s))
		}
		taken, wrong := 0, 0
		for i, a := range ask(t, g, questions) {
			if a.OK {
				taken++
			}
			if diff := compare(g, asked[i], a.OK, a.strings()); diff != "" && wrong < 10 {
				t.Error(diff)
				wrong++
			}
		}
		if taken < many/20 || taken > many/20*19 {
			t.Errorf("%s takes %d of %d strings: too few of one sort", g, taken, many)
		}
		t.Logf("%s takes %d of %d random strings, and so do we", g, taken, many)
	}
}
