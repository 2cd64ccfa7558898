package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/tyk"
)

// tykAPIFlags are the flags of the commands that write API definitions.
type tykAPIFlags struct {
	tykFlags
	output, to string
	overwrite  bool
}

func (f *tykAPIFlags) add(cmd *cobra.Command, formats ...string) {
	f.tykFlags.add(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.output, "output", "o", formats[0], strings.Join(formats, " or "))
	flags.StringVar(&f.to, "to", "", "write a file for each API definition into this folder")
	flags.BoolVar(&f.overwrite, "overwrite", false, "with --to: replace files that are there")
	completeWith(cmd, "output", formats)
}

func tykAPIsCommand(s streams) *cobra.Command {
	var f tykAPIFlags
	cmd := &cobra.Command{
		Use:   "apis [FILE|-]...",
		Short: "Show the two API definitions that tyk-k8s makes of each workload",
		Long: `Examples:
  scenario tyk apis app.yaml --org 5e9d9544a1dcd60001d0ed20
                                                   as JSON, for the API of a dashboard or a gateway
  scenario tyk apis app.yaml --tls --to apis/      a file each, with last-mile TLS
  scenario tyk apis app.yaml --tls -o operator | kubectl apply -f -
                                                   as ApiDefinitions of Tyk Operator, the successor

Of each meshed workload there is the mesh API, by which callers' sidecars reach it, and the inbound API, by which its own
sidecar reaches the application. They are as the built-in template has them, and annotations set fields of the inbound API
alone. With last-mile TLS the controller appends the ids of certificates when it has them; Tyk Operator takes them from the
Secrets ` + tyk.MeshSecret + ` and APP-inbound-tls of the workload's namespace.

Exit status: 0 done; 2 wrong use; 3 input that cannot be read, or that the controller refuses.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return tykAPIs(s, f, args) },
	}
	f.add(cmd, "json", "operator")
	return cmd
}

func tykAPIs(s streams, f tykAPIFlags, args []string) error {
	if f.output != "json" && f.output != "operator" {
		return usage("the formats are json and operator", "unknown format %q", f.output)
	}
	if err := needsFolder(f.to, f.overwrite); err != nil {
		return err
	}
	in, err := f.read(s, "scenario tyk apis FILE", args)
	if err != nil {
		return err
	}
	var all []tyk.Definition
	var operator bundle.Bundle
	var errs []error
	slugs := map[string]bundle.ID{}
	for _, o := range in.objects {
		if o.workload == nil || !o.workload.Meshed() {
			continue
		}
		mesh, inbound, err := o.definitions(s, in.controller, slugs)
		if err != nil {
			errs = append(errs, o.at(err))
			continue
		}
		for _, d := range []tyk.Definition{mesh, inbound} {
			all = append(all, d)
			if f.output == "operator" {
				object, err := o.operator(s, d, in.controller.Injector.EnableMeshTLS)
				if err != nil {
					errs = append(errs, o.at(err))
					continue
				}
				operator.Objects = append(operator.Objects, object)
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return input(err)
	}
	if len(all) == 0 {
		return input(fmt.Errorf("no workload here is meshed: a pod template asks for it by the annotation %s: \"true\"", tyk.InjectKey))
	}
	if f.output == "json" {
		return f.writeDefinitions(s, all)
	}
	if f.to == "" {
		return environment(operator.YAML(s.out, false))
	}
	files, err := filesOf(&operator, "", false)
	if err != nil {
		return environment(err)
	}
	return writeFiles(files, f.to, f.overwrite)
}

// at says of an error which workload it is about.
func (o meshed) at(err error) error {
	return fmt.Errorf("%s: %s: %w", o.object.At(o.workload.Field), o.object.ID, err)
}

// definitions are the two of a workload. What of its annotations does nothing is said on stderr.
func (o meshed) definitions(s streams, c tyk.Controller, slugs map[string]bundle.ID) (mesh, inbound tyk.Definition, err error) {
	w := *o.workload
	if w.App == "" {
		return mesh, inbound, errors.New("the pods have no label app, by which API definitions are named")
	}
	if mesh, inbound, err = tyk.Definitions(w, c); err != nil {
		return mesh, inbound, err
	}
	if other, ok := slugs[w.App]; ok {
		return mesh, inbound, fmt.Errorf("its API definitions are named by app: %s, as those of %s are: tyk-k8s would give it those", w.App, other)
	}
	slugs[w.App] = o.object.ID
	for _, setting := range tyk.Settings(w.Annotations) {
		if setting.Unread {
			fmt.Fprintf(s.err, "scenario: %s: annotation %s: the gateway reads no field %s\n", o.object.ID, oneLine(setting.Key), oneLine(setting.Path))
		}
	}
	switch folder := c.Dashboard.Templates; {
	case folder != "":
		fmt.Fprintf(s.err, "scenario: %s: the controller takes its templates from %s; what is shown is of the built-in one\n", o.object.ID, oneLine(folder))
	case w.Template != "":
		fmt.Fprintf(s.err, "scenario: %s: annotation %s: does nothing, for the configuration names no folder of templates (Tyk.templates)\n", o.object.ID, tyk.TemplateKey)
	}
	return mesh, inbound, nil
}

func (o meshed) operator(s streams, d tyk.Definition, tls bool) (*bundle.Object, error) {
	tree, leftOut, err := tyk.Operator(*o.workload, d, tls)
	if err != nil {
		return nil, err
	}
	if len(leftOut) > 0 {
		fmt.Fprintf(s.err, "scenario: %s: %s: Tyk Operator has no place for %s\n", o.object.ID, d.Slug, strings.Join(leftOut, ", "))
	}
	return bundle.NewObject(tree)
}
