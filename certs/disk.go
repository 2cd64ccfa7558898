package certs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// step is called before each thing that is done to the disk. A test kills the process there.
var step = func(what string) {}

// writeNew writes a file that must not be there yet.
func writeNew(name string, data []byte, mode fs.FileMode) error {
	step("create " + filepath.Base(name))
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	step("write " + filepath.Base(name))
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
	dir := filepath.Dir(name)
	temporary := filepath.Join(dir, "."+filepath.Base(name)+".new")
	if err := os.RemoveAll(temporary); err != nil {
		return err
	}
	if err := writeNew(temporary, data, mode); err != nil {
		return err
	}
	if err := syncPath(temporary); err != nil {
		return err
	}
	step("rename " + filepath.Base(name))
	if err := os.Rename(temporary, name); err != nil {
		return err
	}
	return syncPath(dir)
}

// link makes a symbolic link, or leads it elsewhere, at once.
func link(name, target string) error {
	at, err := os.Readlink(name)
	if err == nil && at == target {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		step("link " + filepath.Base(name))
		return os.Symlink(target, name)
	}
	temporary := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".new")
	if err := os.RemoveAll(temporary); err != nil {
		return err
	}
	step("link " + filepath.Base(name))
	if err := os.Symlink(target, temporary); err != nil {
		return err
	}
	step("rename link " + filepath.Base(name))
	return os.Rename(temporary, name)
}

// syncPath waits until a file, or the list of a folder, is on the disk.
func syncPath(name string) error {
	step("sync " + filepath.Base(name))
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
