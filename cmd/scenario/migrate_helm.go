package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/migrate"
	"github.com/meshscenario/scenario/report"
)

// helmFlags are the flags of migrate helm-values.
type helmFlags struct {
	migrateFlags
	set, setString []string
	namespace      string
}

func migrateHelmCommand(s streams) *cobra.Command {
	var f helmFlags
	cmd := &cobra.Command{
		Use:   "helm-values [-f FILE] [--set KEY=VALUE]",
		Short: "Turn values of the chart of Istio 1.0 into those of the charts of today",
		Long: `Examples:
  scenario migrate helm-values --set global.mtls.enabled=true --set global.controlPlaneSecurityEnabled=true > install.sh
  scenario migrate helm-values -f values.yaml --set galley.enabled=false --output-dir istio/ --report markdown=report.md
  helm get values istio | scenario migrate helm-values -f - --verbose > install.sh

The values are those of helm install install/kubernetes/helm/istio, of Istio 1.0.0 to 1.0.9, by the flags that it had. What
comes out is a script that installs the charts base, istiod and gateway with values of theirs, and applies the objects
that took the place of the rest, such as a PeerAuthentication. With --output-dir, values and objects are files beside it.

The report says of each value what became of it, and of what the old chart did without being told where today's charts do
another thing. A value that the old chart did not know is refused: Helm passed over it in silence.

Exit status: 0 migrated, whatever there is to decide; 2 wrong use; 3 values that cannot be read or that the old chart did
not know; 4 a file could not be written.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return migrateHelm(s, cmd, f, args) },
	}
	targets := migrationTargets(mesh.Helm)
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.files, "values", "f", nil, "file of values, or - for stdin; repeatable, and later ones win")
	flags.StringArrayVar(&f.set, "set", nil, "values, as helm install --set takes them; repeatable")
	flags.StringArrayVar(&f.setString, "set-string", nil, "values that are text; repeatable")
	flags.StringVar(&f.to, "to", targets[len(targets)-1], "the target to migrate to: "+targets[0]+" to "+targets[len(targets)-1])
	flags.StringVarP(&f.namespace, "namespace", "n", "istio-system", "the namespace of the control plane, then and now")
	flags.StringVar(&f.dir, "output-dir", "", "write install.sh, values and objects into this folder, instead of one script on stdout")
	flags.BoolVar(&f.overwrite, "overwrite", false, "with --output-dir: replace files that are there")
	flags.StringArrayVar(&f.reports, "report", nil, strings.Join(report.MigrationNames(), ", ")+", or FORMAT=FILE to write a file; repeatable (default text, on stderr)")
	flags.BoolVar(&f.verbose, "verbose", false, "on stderr, tell of what was mapped and dropped too")
	completeWith(cmd, "to", targets)
	completeWith(cmd, "report", report.MigrationNames())
	return cmd
}

func migrateHelm(s streams, cmd *cobra.Command, f helmFlags, args []string) error {
	to, outputs, err := f.check(cmd, args)
	if err != nil {
		return err
	}
	layers, err := f.layers(s)
	if err != nil {
		return input(err)
	}
	r, err := migrate.Helm(layers, migrate.HelmOptions{To: to, Namespace: f.namespace})
	if err != nil {
		return input(err)
	}
	i := installation{release: r}
	if f.dir == "" {
		var script []byte
		if script, err = i.inline(); err == nil {
			_, err = s.out.Write(script)
			err = environment(err)
		}
	} else {
		var files []file
		if files, err = i.files(); err == nil {
			err = writeFiles(files, f.dir, f.overwrite)
		}
	}
	if err != nil {
		return err
	}
	return f.report(s, outputs, r)
}

// check holds the flags against each other, and finds the target and the reports.
func (f *helmFlags) check(cmd *cobra.Command, args []string) (mesh.Target, []output, error) {
	fail := func(err error) (mesh.Target, []output, error) { return mesh.Target{}, nil, err }
	for _, name := range []string{"to", "namespace", "output-dir"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return fail(usage("leave the flag out, or give it a value", "--%s is empty", name))
		}
	}
	switch {
	case len(args) > 0:
		return fail(usage("write -f "+args[0]+", or --set "+args[0], "%s is no flag: values are given with -f and --set", args[0]))
	case len(f.files)+len(f.set)+len(f.setString) == 0:
		return fail(usage("add --set KEY=VALUE, -f FILE or -f - for stdin", "no values given"))
	case f.overwrite && f.dir == "":
		return fail(usage("add --output-dir DIR", "--overwrite without --output-dir"))
	}
	if problems := validation.IsDNS1123Label(f.namespace); len(problems) > 0 {
		return fail(usage("write the name of a namespace, such as istio-system", "--namespace %q: %s", f.namespace, problems[0]))
	}
	to, err := migrationTarget("--to", f.to, mesh.Helm, "its control plane is not installed by Istio's charts")
	if err != nil {
		return fail(err)
	}
	outputs, err := parseOutputs(f.reports, report.MigrationNames())
	if err != nil {
		return fail(err)
	}
	return to, outputs, keepInputs(outputs, f.files)
}

// layers are all values, in the order in which they win: as Helm, files first.
func (f *helmFlags) layers(s streams) ([]migrate.Values, error) {
	var layers []migrate.Values
	var errs []error
	add := func(v migrate.Values, err error) { layers, errs = append(layers, v), append(errs, err) }
	for _, name := range f.files {
		read, shown := os.ReadFile, name
		if name == "-" {
			read, shown = func(string) ([]byte, error) { return io.ReadAll(s.in) }, "stdin"
		}
		data, err := read(name)
		if err != nil {
			return nil, err
		}
		add(migrate.ReadValues(shown, data))
	}
	for _, text := range f.set {
		add(migrate.SetValues("--set", text, false))
	}
	for _, text := range f.setString {
		add(migrate.SetValues("--set-string", text, true))
	}
	return layers, errors.Join(errs...)
}

// An installation is a script, and what it installs.
type installation struct{ release *migrate.Result }

const helmHeader = `#!/bin/sh
# Installs %s from its charts, with what the values of the chart of Istio 1.0 became.
# Of what the report leaves to be decided, this decides nothing. Needs helm and kubectl.
set -eu
`

// inline is a script that holds all.
func (i installation) inline() ([]byte, error) {
	var objects bytes.Buffer
	if err := i.release.Bundle.YAML(&objects, true); err != nil {
		return nil, err
	}
	here := func(text []byte) string { return "- <<'END'\n" + string(text) + "END" }
	return i.script(func(_ string, text []byte) string { return here(text) }, here(objects.Bytes()))
}

// files are the script, and beside it what it installs.
func (i installation) files() ([]file, error) {
	files, err := filesOf(i.release.Bundle, "objects", true)
	if err != nil {
		return nil, err
	}
	script, err := i.script(func(name string, text []byte) string {
		files = append(files, file{name + ".values.yaml", 0o666, text})
		return quoted(name + ".values.yaml")
	}, "objects")
	if err != nil {
		return nil, err
	}
	at := []byte("set -eu\n")
	script = bytes.Replace(script, at, append(at, "cd \"$(dirname \"$0\")\"\n"...), 1)
	return append(files, file{"install.sh", 0o777, script}), nil
}

// script installs the releases, and applies the objects before the gateways, whose proxies obey them from the first
// on. Values and objects are given to the commands as the arguments of -f say.
func (i installation) script(values func(name string, text []byte) string, objects string) ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, helmHeader, i.release.To.Product)
	for _, one := range i.release.Releases {
		if one.Chart == "gateway" && objects != "" {
			i.apply(&out, objects)
			objects = ""
		}
		fmt.Fprintf(&out, "\nhelm upgrade --install %s %s --repo %s --version %s -n %s", quoted(one.Name), one.Chart, mesh.Charts, quoted(i.release.To.Version), quoted(one.Namespace))
		switch one.Chart {
		case "base", "gateway":
			out.WriteString(" --create-namespace")
		case "istiod":
			out.WriteString(" --wait")
		}
		if len(one.Values) > 0 {
			text, err := one.YAML()
			if err != nil {
				return nil, err
			}
			out.WriteString(" -f " + values(one.Name, text))
		}
		out.WriteString("\n")
	}
	i.apply(&out, objects)
	return out.Bytes(), nil
}

func (i installation) apply(out *bytes.Buffer, objects string) {
	if len(i.release.Bundle.Objects) > 0 && objects != "" {
		fmt.Fprintf(out, "\nkubectl apply -f %s\n", objects)
	}
}
