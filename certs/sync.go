package certs

import (
	"os"
	"path/filepath"
)

func syncEach(dir string, folders []string) error {
	for _, folder := range folders {
		at := filepath.Join(dir, folder)
		entries, err := os.ReadDir(at)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := syncPath(filepath.Join(at, e.Name())); err != nil {
				return err
			}
		}
		if err := syncPath(at); err != nil {
			return err
		}
	}
	if len(folders) == 0 {
		return nil
	}
	return syncPath(dir)
}
