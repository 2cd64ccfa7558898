package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/generator"
	"github.com/meshscenario/scenario/scenarios"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// renderFlags are the flags of render.
type renderFlags struct {
	definitionFlags
	secrets                         inlineFlags
	importDirs                      []string
	overlay, output, to, mesh       string
	annotate, overwrite, noValidate bool
}

func renderCommand(s streams) *cobra.Command {
	var f renderFlags
	cmd := &cobra.Command{
		Use:   "render (ID | -f PATH)",
		Short: "Write the manifests of a scenario",
		Long: `Examples:
  scenario render 1a --mtls > out.yaml                          mutual TLS from the sidecar
  scenario render 1b --host api.partner.example --target ossm-3.4
                                                                TLS from an egress gateway
  scenario render expose --mtls --set expose.pathPrefix=/hello  the service's side
  scenario render 1a --mtls --include all                       the whole laboratory
  scenario render -f definitions/ --to manifests/               many definitions, a file an object
  scenario render -f joined.yaml --mesh east                    one of the two meshes of 2a or 2b

Manifests go to stdout (or, with --to, into a folder) when all of them rendered; else nothing does. On stderr, a line
that begins "hint: needed:" names something that the mesh must already have. Secrets are among it, unless they are
brought: --secrets inline takes those of a folder of certificates (scenario certs), --secrets cert-manager has
cert-manager make them.

What was rendered is checked as scenario validate does; an error there is a defect, and nothing is written.

Exit status: 0 rendered; 1 what was rendered is wrong; 2 wrong use, or a scenario, encryption and target that do not go together; 3 input that cannot
be read or is not valid; 4 the manifests could not be written.`,
		Args:              cobra.ArbitraryArgs,
		RunE:              func(cmd *cobra.Command, args []string) error { return render(s, cmd, f, args) },
		ValidArgsFunction: completeScenarios,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.definitionFlags.add(cmd)
	f.secrets.add(cmd)
	flags.StringVar(&f.overlay, "overlay", "", "Jsonnet file with a function(objects, definition, target) that returns objects")
	flags.StringArrayVarP(&f.importDirs, "jpath", "J", nil, "folder searched for what the overlay imports; repeatable")
	flags.StringVarP(&f.output, "output", "o", "yaml", "yaml, json or name")
	flags.BoolVar(&f.annotate, "annotate", false, "begin each YAML document with a comment that says why it exists")
	flags.StringVar(&f.mesh, "mesh", bothMeshes, "which of the two meshes that 2a and 2b join: its name, or both")
	flags.StringVar(&f.to, "to", "", "write a file for each object into this folder, instead of stdout; of two meshes, into a folder for each below it")
	flags.BoolVar(&f.overwrite, "overwrite", false, "with --to: replace files that are there")
	flags.BoolVar(&f.noValidate, "no-validate", false, "leave out the check of what was rendered")
	completeWith(cmd, "output", []string{"yaml", "json", "name"})
	return cmd
}

func render(s streams, cmd *cobra.Command, f renderFlags, args []string) error {
	write, err := f.check(cmd)
	if err != nil {
		return err
	}
	if err := f.secrets.check(s, cmd, f.output, f.to); err != nil {
		return err
	}
	plans, parts, err := f.plans(s, cmd, args)
	if err != nil {
		return err
	}
	if plans, err = chooseMesh(plans, f.mesh, f.to == ""); err != nil {
		return err
	}
	options := generator.Options{Parts: parts, Why: f.annotate, Overlay: f.overlay, ImportDirs: f.importDirs, Trace: &tracer{to: s.err}}
	secrets, err := f.secrets.open(f.replayed(cmd, args))
	if err != nil {
		return err
	}
	bundles := []side{{plans: plans}}
	if f.to != "" && f.mesh == bothMeshes {
		bundles = sides(plans)
	}
	var needs []scenarios.Need
	var files []file
	for _, of := range bundles {
		b, more, err := renderBundle(of.plans, options, secrets)
		if err != nil {
			return err
		}
		needs = append(needs, more...)
		if len(b.Objects) == 0 && len(bundles) == 1 {
			if err := nothingYet(plans); err != nil {
				return err
			}
		}
		if !f.noValidate {
			if err := checkRendered(of.plans, options, secrets, b); err != nil {
				return err
			}
		}
		if f.to == "" {
			err = write(b, s.out)
		} else {
			files, err = of.files(files, b, f.annotate)
		}
		if err != nil {
			return err
		}
	}
	if f.to != "" {
		if err := writeFiles(files, f.to, f.overwrite); err != nil {
			return err
		}
	} else {
		tellFacts(s, plans)
	}
	secrets.tell(s.err, plans[0].CLI(), scenarios.Needs(plans, options.PartsOf), needs)
	return nil
}

// renderBundle makes the bundle of some plans, with their Secrets or what makes those, where that is wanted.
func renderBundle(plans []*scenarios.Plan, options generator.Options, secrets *supply) (*bundle.Bundle, []scenarios.Need, error) {
	b, err := generator.Render(plans, options)
	if err != nil {
		return nil, nil, input(err)
	}
	needs, err := secrets.bring(b, plans, options.PartsOf)
	return b, needs, err
}

// checkRendered validates what was rendered, for each target and mesh by itself. Whoever asks for manifests gets right ones
// or none.
func checkRendered(plans []*scenarios.Plan, options generator.Options, secrets *supply, all *bundle.Bundle) error {
	of := map[string][]*scenarios.Plan{}
	for _, s := range sides(plans) {
		for _, p := range s.plans {
			name := strings.TrimSuffix(p.Target.Name+" "+s.mesh, " ")
			of[name] = append(of[name], p)
		}
	}
	options.Trace = nil
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(of)) {
		b := all
		if len(of) > 1 {
			var err error
			if b, _, err = renderBundle(of[name], options, secrets); err != nil {
				return err
			}
		}
		asked := validate.Options{Target: of[name][0].Target, Rules: rules.All}
		if secrets.way == secretsInline {
			asked.Now = time.Now() // what was issued expires; the rest is right at any time
		}
		result, err := validate.Run(b, asked)
		if err != nil {
			return input(err)
		}
		for _, f := range result.Findings {
			if f.Severity == validate.Error {
				errs = append(errs, fmt.Errorf("%s: what was rendered is wrong: %s %s: %s", name, f.Rule, f.Object, f.Message))
			}
		}
	}
	if len(errs) == 0 {
		return nil
	}
	hint := "this is a defect of scenario: please report it; --no-validate prints the manifests all the same"
	if options.Overlay != "" {
		hint = "if the overlay did not do it, this is a defect of scenario; --no-validate prints the manifests all the same"
	}
	if secrets.way == secretsInline {
		hint = "scenario certs issue " + secrets.arguments + " issues what is wrong or has expired; if it finds nothing to do, this is a defect of scenario, and --no-validate prints the manifests all the same"
	}
	return &statusError{errors.Join(errs...), exitFindings, hint}
}

// A tracer writes what an overlay says by std.trace as lines of this command.
type tracer struct{ to io.Writer }

func (t *tracer) Write(data []byte) (int, error) {
	for line := range strings.Lines(string(data)) {
		if _, err := fmt.Fprintf(t.to, "scenario: %s\n", oneLine(line)); err != nil {
			return 0, err
		}
	}
	return len(data), nil
}

// statusOf is 3 when the mistake stands in a file, 2 when it stands on the command line or asks for what cannot be had.
func statusOf(err error) int {
	for _, e := range scenarios.Flatten(err) {
		var problem *scenarios.Problem
		if errors.As(e, &problem) && !problem.At.IsFlag() {
			return exitInput
		}
	}
	return exitUsage
}

// check holds the flags against each other, and finds the writer of the format.
func (f renderFlags) check(cmd *cobra.Command) (func(*bundle.Bundle, io.Writer) error, error) {
	for _, name := range []string{"target", "overlay", "to", "include", "output"} {
		if cmd.Flags().Changed(name) && cmd.Flags().Lookup(name).Value.String() == "" || name == "include" && cmd.Flags().Changed(name) && len(f.include) == 0 {
			return nil, usage("leave the flag out, or give it a value", "--%s is empty", name)
		}
	}
	if err := needsFolder(f.to, f.overwrite); err != nil {
		return nil, err
	}
	if len(f.importDirs) > 0 && f.overlay == "" {
		return nil, usage("add --overlay FILE", "-J without --overlay")
	}
	for _, dir := range f.importDirs {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, input(fmt.Errorf("-J: %s is no folder", dir))
		}
	}
	if f.overlay != "" {
		if info, err := os.Stat(f.overlay); err != nil {
			return nil, input(fmt.Errorf("--overlay: %w", err))
		} else if info.IsDir() {
			return nil, input(fmt.Errorf("--overlay: %s is a folder", f.overlay))
		}
	}
	if f.to != "" && f.output != "yaml" {
		return nil, usage("leave -o out", "--to writes YAML, not %s", f.output)
	}
	return writerOf(f.output, f.annotate)
}

// writerOf finds the writer of a format of manifests.
func writerOf(format string, annotate bool) (func(*bundle.Bundle, io.Writer) error, error) {
	if annotate && format != "yaml" {
		return nil, usage("leave --annotate out", "%s has no comments", format)
	}
	switch format {
	case "yaml":
		return func(b *bundle.Bundle, w io.Writer) error { return b.YAML(w, annotate) }, nil
	case "json":
		return (*bundle.Bundle).JSON, nil
	case "name":
		return (*bundle.Bundle).Names, nil
	}
	return nil, usage("the formats are yaml, json and name", "unknown format %q", format)
}
