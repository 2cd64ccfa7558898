package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/meshscenario/scenario/bundle"
)

// writeFolder writes a file for each object, all or none: they are made in a folder beside dir first, and moved when
// all are there.
func writeFolder(b *bundle.Bundle, dir string, overwrite, annotate bool) (err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case len(entries) > 0 && !overwrite:
		return &statusError{fmt.Errorf("%s is not empty", dir), exitEnvironment, "name a new folder, or use --overwrite, which replaces files of the same names and leaves others"}
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return err
	}
	stage, err := os.MkdirTemp(parent, ".scenario-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	files := b.Files()
	for _, f := range files {
		var text bytes.Buffer
		if err := (&bundle.Bundle{Objects: []*bundle.Object{f.Object}}).YAML(&text, annotate); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(stage, f.Name), text.Bytes(), 0o666); err != nil {
			return err
		}
		if info, err := os.Stat(filepath.Join(dir, f.Name)); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%s is in the way: not a regular file", filepath.Join(dir, f.Name))
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Rename(filepath.Join(stage, f.Name), filepath.Join(dir, f.Name)); err != nil {
			return err
		}
	}
	return nil
}
