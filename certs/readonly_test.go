package certs

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReadOnly takes the right to write from each folder of a store in turn: what cannot be done is an error, and the store
// is as it was.
func TestReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		asNobody(t)
		return
	}
	for _, folder := range []string{"", versionsDir} {
		t.Run("pki/"+folder, func(t *testing.T) {
			s := newStore(t, Init{})
			issue(t, s, server)
			locked := filepath.Join(s.Dir(), folder)
			if err := os.Chmod(locked, 0o500); err != nil {
				t.Fatal(err)
			}
			before := listing(t, s.Dir())
			_, err := s.Issue(t.Context(), Wanted{Certificates: []Request{other}})
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%v", err)
			}
			unchanged(t, before, listing(t, s.Dir()))
			if err := os.Chmod(locked, 0o700); err != nil {
				t.Fatal(err)
			}
			issue(t, s, other)
			exact(t, s.Dir())
		})
	}
	parent := t.TempDir()
	if err := os.Chmod(parent, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(filepath.Join(parent, "pki"), Init{}, at(start)); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
}

// asNobody runs the test once more, as a user whom modes hold off: root may write everywhere.
func asNobody(t *testing.T) {
	t.Helper()
	const nobody = 65534
	dir, err := os.MkdirTemp("", "nobody") // t.TempDir lies in a folder that others may not enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "certs.test")
	if err := errors.Join(os.WriteFile(program, self, 0o755), os.Chmod(program, 0o755), os.Chown(dir, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), program, "-test.run", "^"+t.Name()+"$", "-test.v")
	run.Dir, run.Env = dir, append(os.Environ(), "TMPDIR="+dir, "HOME="+dir)
	run.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := run.CombinedOutput(); err != nil || strings.Count(string(out), "--- PASS: "+t.Name()+"/") != 2 {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}
