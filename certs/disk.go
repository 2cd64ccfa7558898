package certs

import (
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
		// The mode is exact, whatever the umask.
		err = f.Chmod(mode)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
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
	if at, err := os.Readlink(name); err == nil && at == target {
		return nil
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
