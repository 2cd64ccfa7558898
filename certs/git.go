package certs

import (
	"fmt"
	"os"
	"path/filepath"
)

// A WorkTreeError says that private keys would be written where Git would take them up.
type WorkTreeError struct{ Dir, Root string }

func (e *WorkTreeError) Error() string {
	return fmt.Sprintf("%s is inside the Git work tree %s, where private keys end up in commits", e.Dir, e.Root)
}

// workTree is the root of the Git work tree that a path is in, or "". The path need not exist. In linked work trees and
// submodules .git is a file.
func workTree(path string) (string, error) {
	at, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	// Where links lead counts: Git sees the folder there.
	for tail := ""; ; {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			at = filepath.Join(real, tail)
			break
		}
		parent := filepath.Dir(at)
		if parent == at {
			break
		}
		tail, at = filepath.Join(filepath.Base(at), tail), parent
	}
	for {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at, nil
		}
		parent := filepath.Dir(at)
		if parent == at {
			return "", nil
		}
		at = parent
	}
}

// CheckWorkTree gives a [WorkTreeError] for a path in a Git work tree.
func CheckWorkTree(path string) error {
	root, err := workTree(path)
	if err != nil || root == "" {
		return err
	}
	return &WorkTreeError{path, root}
}
