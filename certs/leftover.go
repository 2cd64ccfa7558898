package certs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// own are the names that making a store writes before its index.
var own = []string{lockFile, versionsDir, linksDir, ".gitignore", "..gitignore.new", "." + indexFile + ".new"}

// rootFolder is the folder of a CA, the only one that is there before the index.
var rootFolder = regexp.MustCompile(`^ca\.[0-9a-f]+$`)

// vacant gives an [ExistsError] for a folder in which a store cannot be made.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 && !leftover(dir, entries) {
		return &ExistsError{dir, exists(filepath.Join(dir, indexFile))}
	}
	return nil
}

// leftover tells whether a folder holds nothing but what the making of a store leaves when it is killed before its index is
// there: that is no store, and nobody else's either.
func leftover(dir string, entries []fs.DirEntry) bool {
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !slices.Contains(own, e.Name()) }) {
		return false
	}
	links, _ := os.ReadDir(filepath.Join(dir, linksDir))
	versions, _ := os.ReadDir(filepath.Join(dir, versionsDir))
	if len(links) > 0 || slices.ContainsFunc(versions, func(e fs.DirEntry) bool { return !rootFolder.MatchString(e.Name()) }) {
		return false
	}
	// The lock is the first that is written, the folder of versions the next. Of other people's things, a .gitignore alone is
	// the likeliest.
	return exists(filepath.Join(dir, lockFile)) && (len(entries) == 1 || exists(filepath.Join(dir, versionsDir)))
}

// clear takes away what making a store has written, but for the lock.
func clear(dir string) error {
	for _, name := range append([]string{indexFile, trustFile, "." + trustFile + ".new"}, own[1:]...) {
		step("remove " + filepath.Join(dir, name))
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// undo leaves a folder as it was before a store was to be made in it.
func undo(dir string, fresh bool) error {
	if err := clear(dir); err != nil {
		return err
	}
	if err := unlink(filepath.Join(dir, lockFile)); err != nil || !fresh {
		return err
	}
	return os.Remove(dir)
}
