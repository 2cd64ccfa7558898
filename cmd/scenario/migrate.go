package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/migrate"
	"github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/scenarios"
)

// migrateFlags are the flags of migrate. --to is the target, as people say it; the folder has a name of its own.
type migrateFlags struct {
	files                        []string
	to, from, output, dir        string
	reports                      []string
	annotate, overwrite, verbose bool
	policies                     bool
}

func migrateCommand(s streams) *cobra.Command {
	var f migrateFlags
	cmd := &cobra.Command{
		Use:   "migrate -f PATH --to TARGET",
		Short: "Turn manifests of OpenShift Service Mesh 2 into those of OpenShift Service Mesh 3",
		Long: `Examples:
  scenario migrate -f mesh/ --to ossm-3.4 > new.yaml           manifests on stdout, the report on stderr
  scenario migrate -f mesh/ --to ossm-3.4 --output-dir new/ --report markdown=report.md
  oc get smcp,smmr,gateways.networking.istio.io,dr,vs,se,pa,route -A -o yaml | scenario migrate -f - --to ossm-3.4

A ServiceMeshControlPlane becomes an Istio and an IstioCNI, gateways of their own, a PeerAuthentication and Telemetry;
members become labels of namespaces; Routes that the operator made of Gateways are written out. Names and namespaces
stay, so that what speaks of them stays as it is. All else passes through, with the apiVersion of the target.

The report says of each thing what became of it, with its file and line: what a person must decide, what changed in its
meaning, what was dropped, what was mapped. No field of a control plane is left out in silence. Each request that the
manifests tell of is followed through both meshes, hop by hop, and each difference is told with what it comes of. On
stderr the report leaves out what was mapped or dropped, without --verbose; a file holds all.

Nothing is written when something cannot be read.

Exit status: 0 migrated, whatever there is to decide; 2 wrong use; 3 input that cannot be read or is not valid; 4 a file
could not be written.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return migrateBundle(s, cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.files, "file", "f", nil, "file or folder of manifests, or - for stdin; repeatable")
	flags.StringVar(&f.to, "to", "", "the target to migrate to: "+strings.Join(migrationTargets(mesh.Sail), ", "))
	flags.StringVar(&f.from, "from", "", "the target of what is there (default: as the ServiceMeshControlPlane says, else "+mesh.Default+")")
	flags.BoolVar(&f.policies, "network-policies", false, "write out the NetworkPolicies that the old operator made: it makes none any more")
	flags.StringVarP(&f.output, "output", "o", "yaml", "yaml, json or name")
	flags.StringVar(&f.dir, "output-dir", "", "write a file for each object into this folder, instead of stdout")
	flags.BoolVar(&f.overwrite, "overwrite", false, "with --output-dir: replace files that are there")
	flags.BoolVar(&f.annotate, "annotate", false, "begin what was made with a comment that says why it exists")
	flags.StringArrayVar(&f.reports, "report", nil, strings.Join(report.MigrationNames(), ", ")+", or FORMAT=FILE to write a file; repeatable (default text, on stderr)")
	flags.BoolVar(&f.verbose, "verbose", false, "on stderr, tell of what was mapped and dropped too")
	completeWith(cmd, "to", migrationTargets(mesh.Sail))
	completeWith(cmd, "from", migrationTargets(mesh.SMCP))
	completeWith(cmd, "output", []string{"yaml", "json", "name"})
	completeWith(cmd, "report", report.MigrationNames())
	cmd.AddCommand(migrateHelmCommand(s))
	return cmd
}

// migrationTargets are those with one kind of control plane.
func migrationTargets(api mesh.ControlPlaneAPI) []string {
	var names []string
	for _, t := range mesh.Targets {
		if t.ControlPlane == api {
			names = append(names, t.Name)
		}
	}
	return names
}

func migrateBundle(s streams, cmd *cobra.Command, f migrateFlags, args []string) error {
	write, to, outputs, err := f.check(cmd, args)
	if err != nil {
		return err
	}
	b, err := bundle.Load(f.files, s.in)
	if err != nil {
		return input(err)
	}
	tellAside(s.err, b.Aside)
	if err := manifests(source{b, strings.Join(f.files, ", ")}, f.files, "scenario migrate -f - --to "+f.to); err != nil {
		return err
	}
	from, err := f.source(b)
	if err != nil {
		return err
	}
	r, err := migrate.Run(b, migrate.Options{From: from, To: to, NetworkPolicies: f.policies})
	if err != nil {
		return input(err)
	}
	if f.dir != "" {
		var files []file
		if files, err = filesOf(r.Bundle, "", f.annotate); err == nil {
			err = writeFiles(files, f.dir, f.overwrite)
		}
	} else {
		err = write(r.Bundle, s.out)
	}
	if err != nil {
		return err
	}
	return f.report(s, outputs, r)
}

// report writes the files that are asked for, and for people what is on stderr.
func (f *migrateFlags) report(s streams, outputs []output, r *migrate.Result) error {
	format := func(w io.Writer, o output, verbose bool) error {
		i := slices.Index(report.MigrationNames(), o.format)
		options := s.options(o, "never")
		options.Verbose = verbose
		return report.MigrationFormats[i].Write(w, r, options)
	}
	files := slices.DeleteFunc(slices.Clone(outputs), func(o output) bool { return o.file == "" })
	if err := s.writeOutputs(files, func(w io.Writer, o output) error { return format(w, o, true) }); err != nil {
		return err
	}
	for _, o := range outputs {
		if o.file == "" {
			var text bytes.Buffer
			if err := format(&text, o, f.verbose); err != nil {
				return err
			}
			if _, err := s.err.Write(text.Bytes()); err != nil {
				return environment(err)
			}
		}
	}
	return nil
}

// check holds the flags against each other, and finds the writer of the format, the target and the reports.
func (f *migrateFlags) check(cmd *cobra.Command, args []string) (func(*bundle.Bundle, io.Writer) error, mesh.Target, []output, error) {
	fail := func(err error) (func(*bundle.Bundle, io.Writer) error, mesh.Target, []output, error) {
		return nil, mesh.Target{}, nil, err
	}
	for _, name := range []string{"file", "to", "from", "output", "output-dir"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed && (flag.Value.String() == "" || name == "file" && slices.Contains(f.files, "")) {
			return fail(usage("leave the flag out, or give it a value", "--%s is empty", name))
		}
	}
	if len(args) > 0 {
		return fail(usage("write -f "+args[0], "%s is no flag: files are named with -f", args[0]))
	}
	if len(f.files) == 0 {
		return fail(usage("add -f FILE, -f DIR, or -f - for stdin", "no manifests named"))
	}
	if f.overwrite && f.dir == "" {
		return fail(usage("add --output-dir DIR", "--overwrite without --output-dir"))
	}
	if f.dir != "" && cmd.Flags().Changed("output") {
		return fail(usage("leave one of them out: a folder holds YAML", "--output-dir and -o say two things"))
	}
	if f.to == "" {
		return fail(usage("add --to "+mesh.Newest()[1].Name, "--to names no target"))
	}
	to, err := migrationTarget("--to", f.to, mesh.Sail, "migrate leads to OpenShift Service Mesh 3")
	if err != nil {
		return fail(err)
	}
	write, err := writerOf(f.output, f.annotate)
	if err != nil {
		return fail(err)
	}
	outputs, err := parseOutputs(f.reports, report.MigrationNames())
	if err != nil {
		return fail(err)
	}
	return write, to, outputs, keepInputs(outputs, f.files)
}

// migrationTarget finds a target that has one kind of control plane.
func migrationTarget(flag, name string, api mesh.ControlPlaneAPI, why string) (mesh.Target, error) {
	target, ok := mesh.Lookup(name)
	if !ok {
		return target, &statusError{scenarios.UnknownTarget(name, scenarios.Position{Flag: flag}), exitUsage, ""}
	}
	if target.ControlPlane != api {
		return target, usage("the targets are "+strings.Join(migrationTargets(api), ", "), "%s %s: %s", flag, name, why)
	}
	return target, nil
}

// source is the target of what is there: as --from says, or else the control planes, which must agree.
func (f *migrateFlags) source(b *bundle.Bundle) (mesh.Target, error) {
	if f.from != "" {
		return migrationTarget("--from", f.from, mesh.SMCP, "migrate starts from OpenShift Service Mesh 2")
	}
	said, by := "", ""
	for _, o := range b.Latest().Objects {
		if o.Kind != "ServiceMeshControlPlane" {
			continue
		}
		spec, _ := o.Tree()["spec"].(map[string]any)
		version, _ := spec["version"].(string)
		if version == "" {
			continue
		}
		name := "ossm-" + strings.TrimPrefix(version, "v")
		if _, known := mesh.Lookup(name); !known {
			return mesh.Target{}, input(fmt.Errorf("%s: %s: version %q: migrate starts from v2.1 to v2.6", o.At("spec.version"), o.ID, version))
		}
		if said != "" && said != name {
			return mesh.Target{}, input(fmt.Errorf("%s: %s is of %s, and another control plane, at %s, of %s: migrate them one after the other", o.At("spec.version"), o.ID, name, by, said))
		}
		said, by = name, o.At("spec.version").String()
	}
	target, _ := mesh.Lookup(cmp.Or(said, mesh.Default))
	return target, nil
}
