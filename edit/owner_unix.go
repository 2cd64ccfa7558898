//go:build unix

package edit

import (
	"errors"
	"os"
	"syscall"
)

// replaceable says why a file cannot be replaced by another of its name.
func replaceable(info os.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errors.New("this is no regular file")
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Nlink > 1 {
		return errors.New("the file has several names (hard links), which would come apart")
	}
	return nil
}

// adopt gives a new file the owner of the old one.
func adopt(f *os.File, old os.FileInfo) error {
	s, ok := old.Sys().(*syscall.Stat_t)
	if !ok || int(s.Uid) == os.Geteuid() && int(s.Gid) == os.Getegid() {
		return nil
	}
	return f.Chown(int(s.Uid), int(s.Gid))
}
