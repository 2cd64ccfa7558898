package certs

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// own are the names that making a store writes, in their order; the index is the last.
var own = []string{versionsDir, linksDir, ".gitignore", "..gitignore.new", "." + indexFile + ".new"}

// leftover tells whether a folder holds nothing but what the making of a store leaves when it is killed before its index is
// there: that is no store, and nobody else's either.
func leftover(dir string, entries []fs.DirEntry) bool {
	for _, e := range entries {
		if !slices.Contains(own, e.Name()) {
			return false
		}
	}
	// Of other people's things, a .gitignore alone is the likeliest.
	return exists(filepath.Join(dir, versionsDir)) && clear(dir, false) == nil
}

// clear takes away what making a store has written, and the folder where it made that too.
func clear(dir string, fresh bool) error {
	for _, name := range append([]string{indexFile, trustFile, lockFile}, own...) {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	if fresh && exists(dir) {
		return os.Remove(dir)
	}
	return nil
}
