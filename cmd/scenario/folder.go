package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// filesOf are a file for each object, below a folder or "".
func filesOf(b *bundle.Bundle, folder string, annotate bool) ([]file, error) {
	var files []file
	for _, f := range b.Files() {
		var text bytes.Buffer
		if err := (&bundle.Bundle{Objects: []*bundle.Object{f.Object}}).YAML(&text, annotate); err != nil {
			return nil, err
		}
		mode := fs.FileMode(0o666)
		if f.Object.Kind == "Secret" {
			mode = 0o600 // it may hold a private key
		}
		files = append(files, file{path.Join(folder, f.Name), mode, text.Bytes()})
	}
	return files, nil
}

// needsFolder refuses --overwrite where nothing is written into a folder.
func needsFolder(to string, overwrite bool) error {
	if overwrite && to == "" {
		return usage("add --to DIR", "--overwrite without --to")
	}
	return nil
}

// A file is what is to be written below a folder.
type file struct {
	name string // with slashes
	mode fs.FileMode
	data []byte
}

// writeFiles writes files into a folder, all or none: they are made in a hidden folder inside first, which is on the same
// file system, and moved when all are there.
func writeFiles(files []file, dir string, overwrite bool) (err error) {
	if strings.Contains(dir, "://") {
		return usage("name a folder; scenario trace --to URL follows a request", "%s is an address, and files are to be written there", dir)
	}
	entries, err := os.ReadDir(dir)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err != nil && !fresh {
		return environment(err)
	}
	if len(entries) > 0 && !overwrite {
		return usage("name a new folder, or use --overwrite, which replaces files of the same names and leaves others", "%s is not empty", dir)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return environment(err)
	}
	made := []string{}
	if fresh {
		made = append(made, dir)
	}
	defer func() {
		for _, folder := range slices.Backward(made) {
			if err != nil {
				os.Remove(folder) // while it is empty
			}
		}
	}()
	stage, err := os.MkdirTemp(dir, ".scenario-")
	if err != nil {
		return environment(err)
	}
	defer os.RemoveAll(stage)
	var moves []move
	for _, f := range files {
		m := move{filepath.Join(stage, f.name), filepath.Join(dir, f.name)}
		for _, folder := range []string{filepath.Dir(m.from), filepath.Dir(m.to)} {
			switch err := os.Mkdir(folder, 0o777); {
			case err == nil && folder != filepath.Dir(m.from):
				made = append(made, folder)
			case err != nil && !errors.Is(err, fs.ErrExist):
				return environment(err)
			}
		}
		if err := os.WriteFile(m.from, f.data, f.mode); err != nil {
			return environment(err)
		}
		moves = append(moves, m)
	}
	return environment(moveAll(moves))
}

// A move puts a file in the place of another, or where none was.
type move struct{ from, to string }

// moveAll moves files, all or none: when one cannot be moved, all is left as it was. It needs a name beside each source,
// with .kept behind it.
func moveAll(moves []move) (err error) {
	for _, m := range moves {
		if info, err := os.Lstat(m.to); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%s is in the way: not a regular file", m.to)
		}
	}
	var undo []func() error
	defer func() {
		if err != nil {
			for _, u := range undo {
				err = errors.Join(err, u())
			}
		}
	}()
	for _, m := range moves {
		from, to := m.from, m.to
		kept := from + ".kept"
		switch err := os.Rename(to, kept); {
		case err == nil:
			undo = append(undo, func() error { return os.Rename(kept, to) })
		case errors.Is(err, fs.ErrNotExist):
			undo = append(undo, func() error { return os.RemoveAll(to) })
		default:
			return err
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
	}
	return nil
}

// environment marks an error as the machine's.
func environment(err error) error {
	if err == nil {
		return nil
	}
	return &statusError{err, exitEnvironment, ""}
}
