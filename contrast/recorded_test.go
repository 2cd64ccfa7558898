package contrast

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// TestRandom holds Parse against what the sidecars' own code said of 30,000 random strings: which it takes, and how it
// understands them. testdata/random.txt has a digest of each thousand of its answers.
func TestRandom(t *testing.T) {
	const thousands = 15
	var made []string
	for _, g := range Generations {
		r := rand.New(rand.NewPCG(8, 2))
		for n := range thousands {
			var ours, theirs []string
			var questions []question
			for range 1000 {
				s := randomStrings(r)
				if g == Legacy {
					s.AdminPort = ""
				}
				questions = append(questions, questionOf(s))
				config, err := g.Parse(s)
				// The judges are of before 1.13, and do not take Disabled.
				ours = append(ours, said(!FaultsOf(err).Crash() && !config.IngressDisabled, s, config.Strings()))
			}
			if *update {
				for i, a := range ask(t, g, questions) {
					q := questions[i]
					theirs = append(theirs, said(a.OK, Strings{string(q.Ingress), string(q.Egress), string(q.AdminPort)}, a.strings()))
				}
			} else {
				theirs = ours
			}
			made = append(made, fmt.Sprintf("%s %d %x", g, n+1, sha256.Sum256([]byte(strings.Join(theirs, "\n")))))
		}
	}
	const file = "testdata/random.txt"
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(made, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(want) != len(made) {
		t.Fatalf("%d digests, want %d", len(want), len(made))
	}
	for i := range made {
		if made[i] != want[i] {
			t.Errorf("%s: the sidecar's own code said something else (%s): TestJudges tells of which string; where the strings themselves have changed, ask it again (testdata/README)", made[i], want[i])
		}
	}
}

// said is an answer: the strings, and how they are understood where they are taken.
func said(takes bool, in, reading Strings) string {
	if !takes {
		return fmt.Sprintf("%q refused", in)
	}
	return fmt.Sprintf("%q taken as %q", in, reading)
}
