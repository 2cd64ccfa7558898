package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/scenarios"
)

// drafts come from the scenario named as argument, or from files, or from stdin.
func (f renderFlags) drafts(s streams, args []string) ([]*scenarios.Draft, error) {
	switch {
	case len(args) > 1:
		return nil, usage("render one at a time, or write definitions and use -f", "more than one scenario: %s", strings.Join(args, ", "))
	case len(args) == 1 && len(f.files) > 0:
		return nil, usage("name a scenario, or files of definitions, which name theirs", "both a scenario (%s) and -f", args[0])
	case len(args) == 1:
		if _, ok := scenarios.Lookup(args[0]); !ok {
			hint := "the scenarios are " + strings.Join(scenarios.IDs(), ", ")
			if n := scenarios.Nearest(args[0], scenarios.IDs()); n != "" {
				hint = "did you mean " + n + "? " + hint
			} else if _, err := os.Stat(args[0]); err == nil {
				hint = "definitions are read from a file with -f"
			}
			return nil, usage(hint, "unknown scenario %q", args[0])
		}
		return []*scenarios.Draft{scenarios.New(args[0])}, nil
	case len(f.files) == 0 && isTerminal(s.in):
		return nil, usage("scenario render 1a, or scenario render -f FILE; scenario list shows the scenarios", "no scenario named")
	}
	files := f.files
	if len(files) == 0 {
		files = []string{"-"}
	}
	return readDefinitions(s.in, files)
}

// readDefinitions reads files, folders (recursively, in alphabetical order) and stdin.
func readDefinitions(in io.Reader, paths []string) ([]*scenarios.Draft, error) {
	var drafts []*scenarios.Draft
	var errs []error
	read := func(r io.Reader, name string) {
		d, err := scenarios.Read(r, name)
		drafts = append(drafts, d...)
		errs = append(errs, err)
	}
	readFile := func(name string) {
		file, err := os.Open(name)
		if err != nil {
			errs = append(errs, err)
			return
		}
		defer file.Close()
		read(file, name)
	}
	usedStdin := false
	for _, path := range paths {
		if path == "-" {
			if usedStdin {
				return nil, usage("name stdin once", "-f - twice: stdin can be read once")
			}
			usedStdin = true
			read(in, "stdin")
			continue
		}
		if path == "" {
			return nil, usage("name a file or a folder, or - for stdin", "-f is empty")
		}
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			readFile(path)
			continue
		}
		found := false
		// The separator makes WalkDir enter a link to a folder.
		err := filepath.WalkDir(path+string(filepath.Separator), func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if info, err := os.Stat(name); err != nil || info.IsDir() {
				if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && filepath.Clean(name) != filepath.Clean(path) {
					return fs.SkipDir
				}
				return err
			}
			switch filepath.Ext(name) {
			case ".yaml", ".yml", ".json":
				found = true
				readFile(filepath.Clean(name))
			}
			return nil
		})
		if err == nil && !found {
			err = fmt.Errorf("%s: no .yaml, .yml or .json file in this folder", path)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, input(err)
	}
	return drafts, nil
}

// A setting is one field that a flag sets.
type setting struct{ path, value, flag string }

// settings are the fields that flags set, in the order of the flags.
func (f renderFlags) settings(cmd *cobra.Command) ([]setting, error) {
	var all []setting
	if f.target != "" {
		all = append(all, setting{"spec.target", f.target, "--target"})
	}
	if f.mtls {
		all = append(all, setting{"spec.encryption", scenarios.Mutual, "--mtls"})
	}
	for _, field := range fieldFlags {
		if cmd.Flags().Changed(field.name) {
			value, _ := cmd.Flags().GetString(field.name)
			all = append(all, setting{field.path, value, "--" + field.name})
		}
	}
	for _, kind := range []struct {
		flag string
		sets []string
	}{{"--set", f.sets}, {"--set-file", f.setFiles}} {
		for _, set := range kind.sets {
			path, value, ok := strings.Cut(set, "=")
			if !ok {
				return nil, usage("write "+kind.flag+" service.port=8443", "%s %q has no =", kind.flag, set)
			}
			if kind.flag == "--set-file" {
				data, err := os.ReadFile(value)
				if err != nil {
					return nil, input(fmt.Errorf("--set-file %s: %w", path, err))
				}
				value = string(data)
			}
			all = append(all, setting{scenarios.FullPath(path), value, kind.flag + " " + path})
		}
	}
	seen := map[string]setting{}
	for _, set := range all {
		if other, twice := seen[set.path]; twice && other.value != set.value {
			return nil, usage("leave one of them out", "%s and %s say different things of %s", other.flag, set.flag, set.path)
		}
		seen[set.path] = set
	}
	return all, nil
}

// apply writes the flags into every draft: a flag beats a file.
func (f renderFlags) apply(cmd *cobra.Command, drafts []*scenarios.Draft, named bool) error {
	settings, err := f.settings(cmd)
	if err != nil {
		return err
	}
	for _, set := range settings {
		if set.path == "metadata.name" && len(drafts) > 1 {
			return usage("name each in its document", "%s would give %d definitions the same name", set.flag, len(drafts))
		}
		if set.path == "spec.scenario" && named {
			return usage("leave "+set.flag+" out", "the scenario is named already: %s", drafts[0].Definition.Spec.Scenario)
		}
		for _, d := range drafts {
			if err := d.Set(set.path, set.value, scenarios.Position{Flag: set.flag}); err != nil {
				return &statusError{err, exitUsage, ""}
			}
		}
	}
	return nil
}
