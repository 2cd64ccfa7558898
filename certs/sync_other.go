//go:build !linux

package certs

// syncFolders waits until new folders, with all that is in them, are on the disk.
func syncFolders(dir string, folders []string) error { return syncEach(dir, folders) }
