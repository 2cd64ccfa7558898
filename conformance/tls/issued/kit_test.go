package issued

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// A stand is what may stand in the place of what a kit exposes, and what its test.sh must make of that.
type stand struct {
	name  string
	spoil func(*handshake.Port)
	// fails is part of the line that begins with FAILED; "" is that all checks are ok.
	fails string
	// mutual says that only a server that is to ask for certificates can be like that.
	mutual bool
}

func stands(s *strangers) []stand {
	return []stand{
		{name: "as it is meant", spoil: func(*handshake.Port) {}},
		{name: "a server by an authority that nobody trusts", fails: "answers from outside", spoil: func(p *handshake.Port) {
			p.Servers[0].Certificate = s.certificate(p.Servers[0].Names[0])
		}},
		{name: "a server without TLS", fails: "answers from outside", spoil: func(p *handshake.Port) {
			*p = handshake.Port{Plain: true, Servers: []handshake.Server{{Names: p.Servers[0].Names}}}
		}},
		{name: "a server that asks nobody for a certificate", fails: "without a certificate", mutual: true, spoil: func(p *handshake.Port) {
			p.Servers[0].ClientCA = nil
		}},
		{name: "a server that asks, and lets pass who has none", fails: "without a certificate", mutual: true, spoil: func(p *handshake.Port) {
			p.Servers[0].ClientOptional = true
		}},
		{name: "a server that admits other clients", fails: "answers from outside", mutual: true, spoil: func(p *handshake.Port) {
			p.Servers[0].ClientCA = s.authority.PEM()
		}},
	}
}

// TestKits: test.sh of a kit passes where nginx stands for what is exposed, with the Secrets that the kit makes, and fails where
// nginx has another certificate or does not ask for one.
func TestKits(t *testing.T) {
	t.Parallel()
	if noCurl != nil {
		t.Fatal("curl is not on the PATH: apt-get install curl")
	}
	s := newStrangers()
	for _, target := range tested.newest {
		for _, encryption := range []string{"simple", "mutual", "passthrough"} {
			t.Run(target+" "+encryption, func(t *testing.T) {
				t.Parallel()
				// The Deployments of all parts are only there to say what is mounted where.
				c := newCell(t, "expose", "--encryption", encryption, "--target", target)
				c.issue(t)
				c.apply(t)
				legs, _ := c.legs(t)
				kit := filepath.Join(t.TempDir(), "kit")
				tested.does(t, "bootstrap", "expose", "--encryption", encryption, "--target", target, "--include", "traffic", "--to", kit)
				for _, stand := range stands(s) {
					if !stand.mutual || legs[0].server.ClientCA != nil {
						c.stands(t, kit, legs[0].server, stand)
					}
				}
			})
		}
	}
}

// stands runs test.sh of a kit against the server as the stand has it.
func (c *cell) stands(t *testing.T, kit string, server handshake.Server, s stand) {
	t.Helper()
	port := handshake.Port{Servers: []handshake.Server{server}}
	s.spoil(&port)
	nginx, err := handshake.Start(t.Context(), t.TempDir(), port)
	if err != nil {
		t.Fatal(err)
	}
	defer nginx.Close()
	status, lines := c.test(t, kit, nginx.Address(""))
	failed := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.HasPrefix(l, "FAILED: ") })
	ok := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.HasPrefix(l, "ok: ") })
	asForetold := status == 0 && len(failed) == 0 && len(ok) > 0
	if s.fails != "" {
		asForetold = status == 1 && slices.ContainsFunc(failed, func(l string) bool { return strings.Contains(l, s.fails) })
	}
	if !asForetold {
		t.Errorf("%s: test.sh ended with %d:\n%s", s.name, status, strings.Join(lines, "\n"))
		return
	}
	tally.count(map[bool]*int{true: &tally.kitsOK, false: &tally.kitsFailed}[s.fails == ""])
}

// test runs test.sh as a user would whose gateway is at an address. There is no cluster, so whatever asks one fails.
func (c *cell) test(t *testing.T, kit, address string) (int, []string) {
	t.Helper()
	ip, port, _ := strings.Cut(address, ":")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(kit, "test.sh"))
	command.Env = append(os.Environ(), "CLI=false", "PKI="+c.pki, "ADDRESS="+ip, "PORT="+port)
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("test.sh: %v\n%s", errors.Join(err, ctx.Err()), output)
	}
	return command.ProcessState.ExitCode(), strings.Split(strings.TrimSpace(string(output)), "\n")
}
