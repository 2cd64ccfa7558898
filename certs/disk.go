package certs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// step is called before each thing that is done to the disk, with a verb and a path. A test kills the process there.
var step = func(what string) {}

// writeNew writes a file that must not be there yet.
func writeNew(name string, data []byte, mode fs.FileMode) error {
	step("create " + name)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	step("write " + name)
	if _, err = f.Write(data); err == nil {
		err = setMode(f, mode)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// setMode makes the mode exact, whatever the umask.
func setMode(f *os.File, mode fs.FileMode) error {
	info, err := f.Stat()
	if err != nil || info.Mode().Perm() == mode {
		return err
	}
	return f.Chmod(mode)
}

// replace puts a file in the place of another, at once: who reads it sees the old or the new, and after a power cut too.
func replace(name string, data []byte, mode fs.FileMode) error {
	next := temporary(name)
	if err := unlink(next); err != nil {
		return err
	}
	if err := writeNew(next, data, mode); err != nil {
		return err
	}
	if err := syncPath(next); err != nil {
		return err
	}
	step("rename " + name)
	if err := os.Rename(next, name); err != nil {
		return err
	}
	return syncPath(filepath.Dir(name))
}

// temporary is where a file is written that is to take the place of another.
func temporary(name string) string {
	return filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".new")
}

// unlink takes a file away that may not be there.
func unlink(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// link makes a symbolic link, or leads it elsewhere, at once.
func link(name, target string) error {
	at, err := os.Readlink(name)
	if err == nil && at == target {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		step("link " + name)
		return os.Symlink(target, name)
	}
	next := temporary(name)
	if err := unlink(next); err != nil {
		return err
	}
	step("link " + name)
	if err := os.Symlink(target, next); err != nil {
		return err
	}
	step("rename " + name)
	return os.Rename(next, name)
}

// syncPath waits until a file, or the list of a folder, is on the disk.
func syncPath(name string) error {
	step("sync " + name)
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
