//go:build !linux

package certs

// syncFolders waits until new folders, with all that is in them, are on the disk.
func syncFolders(dir string, folders []string) error { return syncEach(dir, folders) }

// syncAll has no way to do it here. What has to be on the disk is waited for by syncFolders.
func syncAll(dir string) error { return nil }
