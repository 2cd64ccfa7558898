package main

import (
	"crypto/tls"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/certs"
)

// TestKilledFromOutside kills the command at moments that nobody has chosen, while it renews and rotates. Whatever the moment,
// the folder is whole, and the next command works. In package certs, each step of it is met by design.
func TestKilledFromOutside(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "scenario")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	dir := filepath.Join(t.TempDir(), "pki")
	command := func(args string) *exec.Cmd {
		cmd := exec.Command(binary, append(strings.Fields(args), "--pki", dir)...)
		cmd.Env = append(os.Environ(), "SCENARIO_PKI=")
		return cmd
	}
	do := func(args string) {
		t.Helper()
		if out, err := command(args).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", args, err, out)
		}
	}
	do("certs init")
	do("certs issue 1b --mtls --include service")
	do("certs issue 1a --mtls --include service")
	began := time.Now()
	do("certs renew --all")
	whole := time.Since(began)
	killed := 0
	for range 20 {
		cmd := command([]string{"certs renew --all", "certs rotate-ca"}[rand.IntN(2)])
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		end := time.AfterFunc(rand.N(whole), func() { cmd.Process.Kill() })
		if cmd.Wait() != nil {
			killed++
		}
		end.Stop()
		s, err := certs.Open(dir, certs.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range s.Entries() {
			certificate, key, err := s.Pair(e.Name)
			if err == nil {
				_, err = tls.X509KeyPair(certificate, key)
			}
			if err != nil {
				t.Fatalf("%s: %v", e.Name, err)
			}
		}
		// Links may still lead to what was before, which is there as long: the next command brings them into line.
		do("certs renew")
		do("certs verify")
	}
	do("certs renew --all")
	// Two for the CAs of a rotation under way, at the most; nothing hidden, and nothing that is not named.
	versions, err := os.ReadDir(filepath.Join(dir, "versions"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := certs.Open(dir, certs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := len(s.Entries()) + len(s.Authorities()); len(versions) != want {
		t.Errorf("%d folders of versions, and %d are named", len(versions), want)
	}
	t.Logf("%d of 20 commands were killed", killed)
}
