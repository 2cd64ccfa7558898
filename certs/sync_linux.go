package certs

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncFolders waits until new folders, with all that is in them, are on the disk. For many, all that the file system has to
// write costs less than to wait for each.
func syncFolders(dir string, folders []string) error {
	const few = 8
	if len(folders) <= few {
		return syncEach(dir, folders)
	}
	return syncAll(dir)
}

// syncAll waits until all that the file system of a folder has to write is on the disk.
func syncAll(dir string) error {
	step("syncfs " + dir)
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Syncfs(int(f.Fd()))
}
