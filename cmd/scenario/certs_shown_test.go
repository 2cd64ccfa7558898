package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// TestNothingMovesTheCursor shows what others have named: characters by which a terminal is told what to do are not among it.
func TestNothingMovesTheCursor(t *testing.T) {
	dir := t.TempDir()
	ca := pkitest.Root("Evil\x1b[2J\x1b[31m")
	file := func(name string, data []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	certificate, key := file("ca.pem", ca.PEM()), file("ca.key", ca.KeyPEM())
	pki := filepath.Join(dir, "pki")
	say := func(args ...string) {
		t.Helper()
		stdout, stderr := called(t, exitDone, append(args, "--pki", pki)...)
		if stdout == "" || strings.ContainsRune(stdout+stderr, '\x1b') {
			t.Errorf("%q: %q, %q", args, stdout, stderr)
		}
	}
	say("certs", "init", "--ca-cert", certificate, "--ca-key", key)
	say("certs", "issue", "ext", "--server", "--dns", "ext.example", "--secret", "shop/ext", "--peer-ca", certificate)
	index := filepath.Join(pki, "index.json")
	put(t, index, strings.ReplaceAll(content(t, index), `"ext.example"`, `"ext\u001b[2J.example"`))
	say("certs", "status")
	put(t, index, strings.ReplaceAll(content(t, index), `"ext\u001b[2J.example"`, `"ext.example"`))
	next := pkitest.Root("Next\x1b[2J")
	for range 3 {
		args := []string{"certs", "rotate-ca"}
		if next != nil {
			args, next = append(args, "--ca-cert", file("next.pem", next.PEM()), "--ca-key", file("next.key", next.KeyPEM())), nil
		}
		say(args...)
	}
}
