package waive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Configs finds the settings of files: the file .scenario.yaml that is nearest to one, in its folder or in one above it,
// up to the root of the Git work tree or else of the file system. The nearest alone counts, as with golangci-lint or
// Ruff: what it says can be seen in one file.
type Configs struct {
	Known []string // the IDs of all rules
	found map[string]*Config
	all   []*Config
	errs  []error
}

// For is the settings of a file, or nil where there are none. Standard input, "-", and "" have those of the working
// folder.
func (c *Configs) For(file string) *Config {
	folder := filepath.Dir(file)
	if file == "-" {
		folder = "."
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		c.errs = append(c.errs, err)
		return nil
	}
	return c.of(folder)
}

func (c *Configs) of(folder string) *Config {
	if config, known := c.found[folder]; known {
		return config
	}
	if c.found == nil {
		c.found = map[string]*Config{}
	}
	name := filepath.Join(folder, FileName)
	data, err := os.ReadFile(name)
	var config *Config
	switch {
	case err == nil:
		if config, err = ReadConfig(short(name), data, c.Known); err != nil {
			c.errs = append(c.errs, err)
		}
		c.all = append(c.all, config)
	case !errors.Is(err, fs.ErrNotExist):
		c.errs = append(c.errs, err)
	case filepath.Dir(folder) != folder && !root(folder):
		config = c.of(filepath.Dir(folder))
	}
	c.found[folder] = config
	return config
}

// root says whether a folder is that of a Git work tree; .git is a file in those that were added to a repository.
func root(folder string) bool {
	_, err := os.Lstat(filepath.Join(folder, ".git"))
	return err == nil
}

// short is the name of a file from the working folder, where it lies there.
func short(name string) string {
	if here, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(here, name); err == nil && filepath.IsLocal(rel) {
			return rel
		}
	}
	return name
}

// Err joins what is wrong with the settings that were found so far.
func (c *Configs) Err() error { return errors.Join(c.errs...) }

// Assume are the facts of all settings found so far, each once.
func (c *Configs) Assume() (facts []string) {
	for _, config := range c.all {
		for _, f := range config.Assume {
			if !slices.Contains(facts, f) {
				facts = append(facts, f)
			}
		}
	}
	return facts
}

// Agreed is the target and the severity at which to fail that the settings found so far ask for, or "". A bundle is
// checked as a whole, so it is an error when they ask for different ones.
func (c *Configs) Agreed() (target, failOn string, err error) {
	agree := func(what string, get func(*Config) string) (value string) {
		var from *Config
		for _, config := range c.all {
			switch v := get(config); {
			case v == "" || v == value:
			case from == nil:
				value, from = v, config
			default:
				err = errors.Join(err, fmt.Errorf("%s says %s: %s, and %s says %s", from.File, what, value, config.File, v))
			}
		}
		return value
	}
	target = agree("target", func(c *Config) string { return c.Target })
	failOn = agree("failOn", func(c *Config) string { return c.FailOn })
	return target, failOn, err
}
