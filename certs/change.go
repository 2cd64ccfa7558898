package certs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
)

// A change is a next state of the store in the making. Its files are new folders that nothing names until the index does.
type change struct {
	*index
	dir   string
	to    []age.Recipient
	dirty bool
	// kept are the folders of the state that is changed.
	kept map[string]bool

	folders []string
}

// file is a file of a new folder.
type file struct {
	name   string
	data   []byte
	secret bool
}

// update makes a change, alone: the state that f sees is the one that it changes. When f fails, nothing has changed.
func (s *Store) update(ctx context.Context, f func(*change) error) (err error) {
	release, err := hold(ctx, s.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	x, err := readIndex(s.dir)
	if err != nil {
		return err
	}
	if len(x.Recipients) == 0 && !x.InGit {
		if err := CheckWorkTree(s.dir); err != nil {
			return err
		}
	}
	c := &change{index: x.clone(), dir: s.dir, kept: x.named()}
	if c.to, err = ParseRecipients(x.Recipients); err != nil {
		return err
	}
	if err := f(c); err != nil {
		return errors.Join(err, c.abandon())
	}
	if c.dirty {
		c.Changed = s.options.Now().UTC().Truncate(time.Second)
		if err := c.commit(); err != nil {
			return errors.Join(err, c.abandon())
		}
	}
	s.x = c.index
	if err := c.settle(); err != nil {
		return fmt.Errorf("%s has changed, and the next change will bring its links and %s into line: %w", s.dir, trustFile, err)
	}
	return nil
}

// abandon takes away what a change has written that came to no end. The index on the disk says what that is: it may be the
// new one already, when the wait for the disk has failed.
func (c *change) abandon() error {
	x, err := readIndex(c.dir)
	if err != nil {
		return err
	}
	named := x.named()
	for _, folder := range c.folders {
		if !named[folder] {
			err = errors.Join(err, os.RemoveAll(filepath.Join(c.dir, versionsDir, folder)))
		}
	}
	return errors.Join(err, c.tidy())
}

// tidy takes away the files that were to be put into the place of others.
func (c *change) tidy() error {
	return errors.Join(unlink(temporary(filepath.Join(c.dir, indexFile))), unlink(temporary(filepath.Join(c.dir, trustFile))))
}

// folder makes a new folder of files. Private keys are encrypted where the store wants that.
func (c *change) folder(name string, files ...file) error {
	at := filepath.Join(c.dir, versionsDir, name)
	if c.kept[name] {
		return fmt.Errorf("%s is there already", at)
	}
	c.folders = append(c.folders, name)
	step("mkdir " + at)
	err := os.Mkdir(at, 0o700)
	if errors.Is(err, fs.ErrExist) {
		// A process that was killed has left it.
		if err = os.RemoveAll(at); err == nil {
			err = os.Mkdir(at, 0o700)
		}
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		mode := fs.FileMode(0o644)
		if f.secret {
			mode = 0o600
			if len(c.to) > 0 {
				sealed, err := seal(f.data, c.to)
				if err != nil {
					return err
				}
				f.name, f.data = f.name+sealedSuffix, sealed
			}
		}
		if err := writeNew(filepath.Join(at, f.name), f.data, mode); err != nil {
			return err
		}
	}
	return nil
}

// commit makes the change the state of the store: everything new is on the disk before the index that names it.
func (c *change) commit() error {
	if err := syncFolders(filepath.Join(c.dir, versionsDir), c.folders); err != nil {
		return err
	}
	data, err := json.MarshalIndent(c.index, "", "  ")
	if err != nil {
		return err
	}
	return replace(filepath.Join(c.dir, indexFile), append(data, '\n'), 0o644)
}

// settle brings what follows from the index into line with it: the links, the bundle of CAs, and the folders that nothing
// names any more. It mends what a process that was killed has left.
func (c *change) settle() error {
	trust, err := trustOf(c.dir, c.index)
	if err != nil {
		return err
	}
	name := filepath.Join(c.dir, trustFile)
	if at, err := os.ReadFile(name); err != nil || string(at) != string(trust) {
		if err := replace(name, trust, 0o644); err != nil {
			return err
		}
	}
	if err := c.tidy(); err != nil {
		return err
	}
	links := map[string]bool{}
	for _, e := range c.Entries {
		links[e.Name] = true
		if err := link(filepath.Join(c.dir, linksDir, e.Name), filepath.Join("..", versionsDir, e.Folder)); err != nil {
			return err
		}
	}
	if err := keepOnly(filepath.Join(c.dir, linksDir), links); err != nil {
		return err
	}
	if c.dirty {
		// Before what they led to goes, the links are on the disk.
		if err := syncPath(filepath.Join(c.dir, linksDir)); err != nil {
			return err
		}
	}
	return keepOnly(filepath.Join(c.dir, versionsDir), c.named())
}

// named are the folders that the index names.
func (x *index) named() map[string]bool {
	named := map[string]bool{}
	for _, a := range x.Authorities {
		named[a.Folder] = true
	}
	for _, e := range x.Entries {
		named[e.Folder] = true
	}
	for _, p := range x.Peers {
		named[p.Folder] = true
	}
	return named
}

func keepOnly(dir string, names map[string]bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !names[e.Name()] {
			name := filepath.Join(dir, e.Name())
			step("remove " + name)
			if err := os.RemoveAll(name); err != nil {
				return err
			}
		}
	}
	return nil
}
