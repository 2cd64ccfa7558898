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

	"github.com/meshscenario/scenario/generator"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/scenarios"
)

// definitionFlags are the flags that say what is wanted: a definition, or which files hold some.
type definitionFlags struct {
	files, include, sets, setFiles []string
	target                         string
	mtls                           bool
}

// fieldFlags are the flags that set one field of a definition.
var fieldFlags = []struct{ name, path, usage string }{
	{"encryption", "spec.encryption", "none, simple, mutual or passthrough (default: the scenario's own)"},
	{"name", "metadata.name", "names the objects (default: made from the host)"},
	{"host", "spec.service.host", "the outside host (default greeting.remote.com)"},
	{"port", "spec.service.port", "its port on the wire (default 443, or 80 with encryption none)"},
	{"client-namespace", "spec.client.namespace", "namespace of the workload that calls (default greetings-client, or the sample's on tyk and contrast)"},
	{"outbound", "spec.mesh.outbound", "the mesh's policy for undeclared hosts: registry-only or allow-any (default registry-only)"},
	{"mesh-mtls", "spec.mesh.mtls", "the mesh's own mutual TLS: strict or permissive (default strict)"},
	{"credentials", "spec.credentials.delivery", "how a sidecar gets its Secret: sds or mount (default sds where the target can, else mount)"},
}

func (f *definitionFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.files, "filename", "f", nil, "file or folder of definitions, or - for stdin; repeatable")
	flags.StringVar(&f.target, "target", "", "the mesh and its version (default $SCENARIO_TARGET, else "+mesh.Default+")")
	flags.BoolVar(&f.mtls, "mtls", false, "short for --encryption mutual")
	for _, field := range fieldFlags {
		flags.String(field.name, "", field.usage)
	}
	flags.StringArrayVar(&f.sets, "set", nil, "set a field of the definition, such as service.port=8443; repeatable")
	flags.StringArrayVar(&f.setFiles, "set-file", nil, "set a field to what a file holds; repeatable")
	flags.StringSliceVar(&f.include, "include", nil, "parts to render: "+partNames(scenarios.Parts)+" or all (default: what the scenario itself is)")
	completeWith(cmd, "target", mesh.Names())
	completeWith(cmd, "encryption", scenarios.Encryptions)
}

func completeScenarios(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return scenarios.IDs(), cobra.ShellCompDirectiveNoFileComp
}

func completeWith(cmd *cobra.Command, flag string, values []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// drafts come from the scenario named as argument, or from files, or from stdin.
func (f definitionFlags) drafts(s streams, args []string) ([]*scenarios.Draft, error) {
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
func (f definitionFlags) settings(cmd *cobra.Command) ([]setting, error) {
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
func (f definitionFlags) apply(cmd *cobra.Command, drafts []*scenarios.Draft, named bool) error {
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

// plans are the definitions that arguments, files and flags give, completed and checked, and the parts asked for.
func (f definitionFlags) plans(s streams, cmd *cobra.Command, args []string) ([]*scenarios.Plan, []scenarios.Part, error) {
	drafts, err := f.written(s, cmd, args)
	if err != nil {
		return nil, nil, err
	}
	return f.resolve(drafts)
}

// written are the definitions that arguments, files and flags give, as far as they say something.
func (f definitionFlags) written(s streams, cmd *cobra.Command, args []string) ([]*scenarios.Draft, error) {
	drafts, err := f.drafts(s, args)
	if err != nil {
		return nil, err
	}
	return drafts, f.apply(cmd, drafts, len(args) == 1)
}

// resolve completes and checks definitions, and the parts asked for.
func (f definitionFlags) resolve(drafts []*scenarios.Draft) ([]*scenarios.Plan, []scenarios.Part, error) {
	target := mesh.Default
	if t := os.Getenv("SCENARIO_TARGET"); t != "" {
		target = t
		for _, d := range drafts {
			if _, ok := mesh.Lookup(t); !ok && d.Definition.Spec.Target == "" {
				return nil, nil, &statusError{scenarios.UnknownTarget(t, scenarios.Position{Flag: "SCENARIO_TARGET"}), exitUsage, ""}
			}
		}
	}
	plans, err := scenarios.Resolve(drafts, target)
	if err != nil {
		return nil, nil, &statusError{err, statusOf(err), ""}
	}
	parts, err := f.parts(plans)
	if err != nil {
		return nil, nil, err
	}
	if err := scenarios.CheckParts(plans, generator.Options{Parts: parts}.PartsOf); err != nil {
		return nil, nil, &statusError{err, statusOf(err), ""}
	}
	return plans, parts, nil
}

// parts checks --include against what the scenarios have.
func (f definitionFlags) parts(plans []*scenarios.Plan) ([]scenarios.Part, error) {
	if len(f.include) == 0 {
		return nil, nil
	}
	has := func(part scenarios.Part) bool {
		for _, p := range plans {
			if p.Scenario.Has(part) {
				return true
			}
		}
		return false
	}
	var all []scenarios.Part
	for _, part := range scenarios.Parts {
		if has(part) {
			all = append(all, part)
		}
	}
	var parts []scenarios.Part
	every := false
	for _, name := range f.include {
		part := scenarios.Part(name)
		switch {
		case name == "all":
			every = true
		case has(part):
			parts = append(parts, part)
		default:
			hint := "the parts are " + partNames(all) + " and all"
			if n := scenarios.Nearest(name, append(strings.Split(partNames(all), ", "), "all")); n != "" {
				hint = "did you mean " + n + "? " + hint
			}
			return nil, usage(hint, "--include: no part %q in scenario %s", name, plans[0].Scenario.ID)
		}
	}
	if every {
		return all, nil
	}
	return parts, nil
}

func partNames(parts []scenarios.Part) string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}
