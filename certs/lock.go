package certs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// patience is how long a change waits for another to end.
var patience = 10 * time.Second

// A BusyError says that another process is changing the store, for longer than this one waits.
type BusyError struct {
	Dir string
	For time.Duration
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("%s is being changed by another process, for %s already", e.Dir, e.For)
}

// hold makes the caller the only one who changes a folder, until it is released or the process ends.
func hold(ctx context.Context, dir string) (release func() error, err error) {
	name := filepath.Join(dir, lockFile)
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		step("lock " + name)
		lock := flock.New(name, flock.SetPermissions(0o600))
		locked, err := lock.TryLockContext(wait, 20*time.Millisecond)
		switch {
		case ctx.Err() != nil:
			err = ctx.Err()
		case !locked && wait.Err() != nil:
			err = &BusyError{dir, patience}
		case err == nil && sameFile(lock, name):
			return lock.Close, nil
		}
		// What was locked may be the file of a folder that was taken away meanwhile: then once more.
		if closed := lock.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return nil, err
		}
	}
}

func sameFile(lock *flock.Flock, name string) bool {
	locked, err := lock.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && os.SameFile(locked, named)
}
