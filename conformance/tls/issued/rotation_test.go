package issued

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// stages are those of replacing a CA, as rotate-ca tells of them: by whom the certificates are signed, and who is trusted.
// After the last, the store is as before the first, with another CA.
var stages = []struct{ name, signs, trusts string }{
	{"steady", "old", "old"},
	{"trust", "old", "old new"},
	{"leaves", "new", "old new"},
	{"retire", "new", "new"},
}

// refusal is who must refuse, with the server at one stage and the client at another; "" is nobody. The client looks first.
func refusal(server, client int) handshake.Side {
	switch {
	case !strings.Contains(stages[client].trusts, stages[server].signs):
		return handshake.TheClient
	case !strings.Contains(stages[server].trusts, stages[client].signs):
		return handshake.TheServer
	}
	return ""
}

// TestRotation: while the CA is replaced, both sides of a mutual TLS can be one stage apart, either before the other; two
// stages apart one of them refuses, and rotate-ca skips none.
func TestRotation(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"1b", "--encryption", "mutual", "--target", tested.newest[0]},
		{"1a", "--encryption", "mutual", "--target", tested.newest[len(tested.newest)-1], "--credentials", "mount"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			c := newCell(t, args...)
			c.issue(t)
			var at []leg
			for i, stage := range stages {
				if i > 0 {
					c.rotate(t, stage.name)
				}
				c.apply(t)
				legs, _ := c.legs(t)
				if len(legs) != 1 || legs[0].client.Certificate == nil || legs[0].server.ClientCA == nil {
					t.Fatalf("not one mutual TLS, but %d TLS", len(legs))
				}
				at = append(at, legs[0])
				c.refusesOthers(t, i%(len(stages)-1))
			}
			tryStages(t, at)
		})
	}
}

// rotate makes the next step. A step comes too early where a Secret is not as the stage before has it.
func (c *cell) rotate(t *testing.T, stage string) {
	t.Helper()
	args := []string{"certs", "rotate-ca", "--to", stage, "--pki", c.pki, "--deployed", c.secrets}
	if last := c.late; last != "" {
		before := c.state(t)
		r := tested.run(t, append(args[:len(args)-1:len(args)-1], last)...)
		if r.status != 3 || c.state(t) != before {
			t.Errorf("rotate-ca --to %s, where the Secrets are those of two stages before: exit status %d, store changed: %v\n%s", stage, r.status, c.state(t) != before, r.errors)
		}
		tally.count(&tally.refused)
	}
	tested.does(t, args...)
	c.late = filepath.Join(t.TempDir(), "late.json")
	if err := os.WriteFile(c.late, must(os.ReadFile(c.secrets)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// refusesOthers: of the stages, rotate-ca goes to the next alone. To stay at the present one is no step.
func (c *cell) refusesOthers(t *testing.T, at int) {
	t.Helper()
	for i, stage := range stages {
		if i == 0 || i == at || i == at+1 {
			continue
		}
		before := c.state(t)
		r := tested.run(t, "certs", "rotate-ca", "--to", stage.name, "--pki", c.pki)
		if r.status != 2 || c.state(t) != before {
			t.Errorf("rotate-ca --to %s at stage %s: exit status %d, store changed: %v\n%s", stage.name, stages[at].name, r.status, c.state(t) != before, r.errors)
		}
		tally.count(&tally.refused)
	}
}

// state is a fingerprint of all that the store holds.
func (c *cell) state(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	err := filepath.WalkDir(c.pki, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fmt.Fprintln(sum, name, entry.Type())
		if entry.Type().IsRegular() {
			sum.Write(must(os.ReadFile(name)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// tryStages does the TLS of every two stages.
func tryStages(t *testing.T, at []leg) {
	var ports []handshake.Port
	for i, l := range at {
		ports = append(ports, handshake.Port{Name: stages[i].name, Servers: []handshake.Server{l.server}})
	}
	nginx, err := handshake.Start(t.Context(), t.TempDir(), ports...)
	if err != nil {
		t.Fatal(err)
	}
	defer nginx.Close()
	for i := range at {
		for j := range at {
			by := refusal(i, j)
			if adjacent := max(i-j, j-i) <= 1; adjacent != (by == "") {
				t.Errorf("the server at %s and the client at %s: refused by %q", stages[i].name, stages[j].name, by)
			}
			x := trial{what: fmt.Sprintf("the server at %s, the client at %s", stages[i].name, stages[j].name), client: at[j].client, server: at[i].server, by: by}
			for _, version := range versions {
				if why := attempt(t, nginx, stages[i].name, x, version); why != "" {
					t.Error(why)
				}
			}
			secondOpinions(t, opinions, nginx.Address(stages[i].name), x)
			tally.count(map[bool]*int{true: &tally.together, false: &tally.apart}[by == ""])
		}
	}
}
