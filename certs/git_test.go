package certs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGit makes stores in and beside repositories as git itself makes them: in a work tree only where that is allowed by
// name, or where all keys are encrypted.
func TestGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("git is not installed: this repository needs it, too")
	}
	// Links are resolved, as the error names the real folder.
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(root, name) }
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v: %s", args, err, out)
		}
	}
	git("init", "-q", in("tree"))
	git("-C", in("tree"), "commit", "-q", "--allow-empty", "-m", "first")
	git("-C", in("tree"), "worktree", "add", "-q", in("linked"))
	git("init", "-q", "--bare", in("bare"))
	for _, dir := range []string{"plain", "tree/deep", "elsewhere"} {
		if err := os.MkdirAll(in(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"into": in("tree/deep"), "tree/out": in("elsewhere")} {
		if err := os.Symlink(to, in(link)); err != nil {
			t.Fatal(err)
		}
	}
	_, recipient := identities(t)
	for dir, tree := range map[string]string{
		"tree/pki": "tree", "tree/deep/er/pki": "tree", "linked/pki": "linked", "into/pki": "tree", "into/new/pki": "tree",
		"plain/pki": "", "bare/pki": "", "tree/out/pki": "", "none/pki": "",
	} {
		_, err := Create(in(dir), Init{}, at(start))
		var inside *WorkTreeError
		if got := errors.As(err, &inside); got != (tree != "") || got && inside.Root != in(tree) || !got && err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		if tree == "" {
			continue
		}
		if exists(in(dir)) {
			t.Errorf("%s was made", dir)
		}
		for _, i := range []Init{{InGit: true}, {Recipients: []string{recipient}}} {
			s, err := Create(in(dir), i, at(start))
			if err != nil {
				t.Fatalf("%s: %v", dir, err)
			}
			if i.InGit {
				issue(t, s, server)
			}
			// Whatever is allowed, git takes nothing of it.
			cmd := exec.Command("git", "-C", in(dir), "status", "--porcelain", "--untracked-files=all", ".")
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s: %v: git sees\n%s", dir, err, out)
			}
			if err := os.RemoveAll(in(dir)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestGitLater turns the folder around a store into a work tree.
func TestGitLater(t *testing.T) {
	s := newStore(t, Init{})
	if err := os.Mkdir(filepath.Join(filepath.Dir(s.Dir()), ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	var inside *WorkTreeError
	if _, err := s.Issue(t.Context(), Wanted{Certificates: []Request{server}}); !errors.As(err, &inside) {
		t.Errorf("%v", err)
	}
}
