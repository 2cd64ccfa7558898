package edit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Write writes what the plan changes. A file is replaced as a whole, so that nobody ever sees half of one; its mode
// stays, and of a symbolic link what it leads to is replaced. Nothing at all is written where one of the files has
// changed since it was read, or may not be written. Should the disk fail in the middle, the error names the files that
// were written by then.
func (p *Plan) Write() ([]Change, error) {
	changes, err := p.Changes()
	if err != nil {
		return nil, err
	}
	drafts := make([]*draft, len(changes))
	defer func() {
		for _, d := range drafts {
			d.discard()
		}
	}()
	var errs []error
	for i, c := range changes {
		if drafts[i], err = newDraft(c); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.File, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for i, d := range drafts {
		if err := d.publish(changes[i]); err != nil {
			err = fmt.Errorf("%s: %w", changes[i].File, err)
			for _, c := range changes[:i] {
				err = fmt.Errorf("%w; %s is written", err, c.File)
			}
			return changes[:i], err
		}
	}
	return changes, nil
}

// A draft is a new file beside the one that it will replace.
type draft struct{ temporary, target string }

func newDraft(c Change) (d *draft, err error) {
	target, err := filepath.EvalSymlinks(c.File)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(target)
	if err != nil {
		return nil, err
	}
	if err := replaceable(info); err != nil {
		return nil, err
	}
	old, err := os.OpenFile(target, os.O_WRONLY, 0) // may it be written at all?
	if err != nil {
		return nil, err
	}
	old.Close()
	if err := unchanged(target, c.Before); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return nil, err
	}
	d = &draft{f.Name(), target}
	_, err = f.Write(c.After)
	err = errors.Join(err, adopt(f, info), f.Chmod(info.Mode().Perm()), f.Sync(), f.Close())
	if err != nil {
		d.discard()
		return nil, err
	}
	return d, nil
}

func unchanged(name string, before []byte) error {
	now, err := os.ReadFile(name)
	if err == nil && !bytes.Equal(now, before) {
		return errChanged
	}
	return err
}

// publish puts a draft in the place of its file.
func (d *draft) publish(c Change) error {
	if err := unchanged(d.target, c.Before); err != nil {
		return err
	}
	if err := os.Rename(d.temporary, d.target); err != nil {
		return err
	}
	d.temporary = ""
	if folder, err := os.Open(filepath.Dir(d.target)); err == nil {
		_ = folder.Sync() // not all file systems can
		folder.Close()
	}
	return nil
}

func (d *draft) discard() {
	if d != nil && d.temporary != "" {
		os.Remove(d.temporary)
	}
}
