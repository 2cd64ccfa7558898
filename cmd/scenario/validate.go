package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

type validateFlags struct {
	source                                      sourceFlags
	to, output                                  []string
	from, app, target, failOn, threshold, color string
	strict                                      bool
}

func validateCommand(s streams) *cobra.Command {
	var f validateFlags
	cmd := &cobra.Command{
		Use:   "validate [FILE|DIR|-]...",
		Short: "Say what is wrong in manifests, why, and how to mend it; and nothing of what is right",
		Long: `Examples:
  scenario validate manifests/              what is wrong there, on the default target
  scenario render 1b --mtls | scenario validate --target ossm-3.4
  scenario validate out.yaml --to https://api.partner.example
                                            with a call that the manifests do not tell of
  scenario validate manifests/ -o text -o sarif=scenario.sarif -o junit=scenario.xml --fail-on warning

Every request that the manifests tell of is followed, hop by hop, and what keeps it from arriving, or unprotected, is
told once, at the object and line that is wrong. scenario explain MSHnnn says more of a rule.

An error: traffic does not flow, or flows unprotected where protection was asked for. A warning: it works by luck, on
some versions, or promises less than it seems to. An info: it could be simpler, or the manifests do not tell.

` + sourceHelp + `

What the manifests do not hold and the target's installation brings is taken for granted, and so are Secrets that are
named; --strict takes it for missing.

Exit status: 0 nothing at or above --fail-on; 1 something; 2 wrong use; 3 input that cannot be read or is not valid; 4 the
cluster failed, or the result could not be written.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return runValidate(cmd.Context(), s, cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	severities := []string{"error", "warning", "info"}
	flags.StringArrayVarP(&f.output, "output", "o", nil, strings.Join(report.FindingNames(), ", ")+"; or FORMAT=FILE; repeatable (default text)")
	flags.StringVar(&f.failOn, "fail-on", "error", "exit with 1 at this severity or above: "+strings.Join(severities, ", ")+" or never")
	flags.StringVar(&f.threshold, "threshold", "warning", "tell of this severity and above: "+strings.Join(severities, ", "))
	flags.StringArrayVar(&f.to, "to", nil, "follow a call of this URL too; repeatable")
	flags.StringVar(&f.from, "from", "", "who makes those calls: NAMESPACE/WORKLOAD, or outside (default: whom the manifests show)")
	flags.StringVar(&f.app, "app", "", "what all applications send: "+strings.Join(apps, ", "))
	flags.BoolVar(&f.strict, "strict", false, "take what the manifests do not hold for missing")
	flags.StringVar(&f.target, "target", "", "the mesh and its version (default $SCENARIO_TARGET, else "+mesh.Default+")")
	flags.StringVar(&f.color, "color", "auto", "auto, always or never; auto is never where NO_COLOR is set or stdout is no terminal")
	f.source.add(flags)
	completeWith(cmd, "target", mesh.Names())
	completeWith(cmd, "app", apps)
	completeWith(cmd, "output", report.FindingNames())
	completeWith(cmd, "fail-on", append(severities, "never"))
	completeWith(cmd, "threshold", severities)
	completeWith(cmd, "color", colors)
	return cmd
}

func runValidate(ctx context.Context, s streams, cmd *cobra.Command, f validateFlags, args []string) error {
	target, err := f.check(cmd)
	if err != nil {
		return err
	}
	outputs, err := parseOutputs(f.output, report.FindingNames())
	if err != nil {
		return err
	}
	if err := keepInputs(outputs, args); err != nil {
		return err
	}
	b, err := f.source.read(ctx, s, "scenario validate FILE", args, target)
	if err != nil {
		return err
	}
	if err := manifests(b, args, "scenario validate"); err != nil {
		return err
	}
	result, err := validate.Run(b.Bundle, validate.Options{
		Target: target, App: f.app, URLs: f.to, From: f.from, Strict: f.strict, Rules: rules.All,
	})
	if err != nil {
		return input(err)
	}
	found, failed := f.sift(result.Findings)
	if err := s.writeFindings(outputs, f, findings(b, target, found, f.failOn)); err != nil {
		return err
	}
	if n := len(result.Findings) - len(found); n > 0 && len(found) == 0 {
		fmt.Fprintf(s.err, "hint: %d less grave: --threshold info tells of them\n", n)
	}
	if failed {
		return errFindings
	}
	return nil
}

// check holds the flags against each other, and finds the target.
func (f *validateFlags) check(cmd *cobra.Command) (mesh.Target, error) {
	for _, name := range []string{"from", "app", "target", "fail-on", "threshold"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return mesh.Target{}, usage("leave the flag out, or give it a value", "--%s is empty", name)
		}
	}
	for _, one := range []struct{ flag, value, also string }{{"fail-on", f.failOn, "never"}, {"threshold", f.threshold, ""}} {
		if !slices.Contains(validate.Severities, validate.Severity(one.value)) && (one.also == "" || one.value != one.also) {
			return mesh.Target{}, usage("write error, warning or info", "--%s: unknown value %q", one.flag, one.value)
		}
	}
	if f.from != "" && len(f.to) == 0 {
		return mesh.Target{}, usage("add --to URL", "--from without --to")
	}
	t := traceFlags{from: f.from, app: f.app, target: f.target, color: f.color}
	target, err := t.check(cmd)
	if err != nil {
		return target, err
	}
	for i, to := range f.to {
		t := traceFlags{to: to, app: f.app}
		if err := t.checkURL(); err != nil {
			return target, err
		}
		f.to[i] = t.to
	}
	return target, nil
}

// sift keeps the findings that are to be told, and says whether there is one to fail on.
func (f *validateFlags) sift(all []validate.Finding) (kept []validate.Finding, failed bool) {
	for _, one := range all {
		if f.failOn != "never" && one.Severity.AtLeast(validate.Severity(f.failOn)) {
			failed = true
		}
		if one.Severity.AtLeast(validate.Severity(f.threshold)) || f.failOn != "never" && one.Severity.AtLeast(validate.Severity(f.failOn)) {
			kept = append(kept, one)
		}
	}
	return kept, failed
}

// findings is what reports are made of.
func findings(b source, target mesh.Target, found []validate.Finding, failOn string) report.Findings {
	r := report.Findings{Target: target.Name, Findings: found, FailOn: validate.Severity(failOn)}
	r.Version, _ = version()
	if failOn == "never" {
		r.FailOn = validate.Error
	}
	for _, one := range rules.All {
		if one.Missing == "" {
			r.Rules = append(r.Rules, report.RuleInfo{
				ID: one.ID, Name: one.Name, Title: one.Title, Help: helpOf(one), Severity: one.Severity, Category: one.Category,
			})
		}
	}
	for _, o := range b.Objects {
		if file := o.At("").File; file != "" && !slices.Contains(r.Files, file) {
			r.Files = append(r.Files, file)
		}
	}
	r.Dir, _ = os.Getwd()
	r.Root = repository(r.Dir)
	return r
}

// repository is the folder that services of CI name files from: as they say, or the one of Git.
func repository(dir string) string {
	if root := cmp.Or(os.Getenv("GITHUB_WORKSPACE"), os.Getenv("CI_PROJECT_DIR")); root != "" && filepath.IsAbs(root) {
		return root
	}
	for at := dir; at != ""; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return dir
}

func helpOf(r *validate.Rule) string {
	data, err := rules.Archive(r.ID)
	if err != nil {
		return r.Title
	}
	return strings.TrimSpace(string(txtar.Parse(data).Comment))
}

func (s streams) writeFindings(outputs []output, f validateFlags, r report.Findings) error {
	return s.writeOutputs(outputs, func(w io.Writer, o output) error {
		i := slices.Index(report.FindingNames(), o.format)
		return report.FindingFormats[i].Write(w, r, s.options(o, f.color))
	})
}

// manifests refuses what holds none.
func manifests(b source, paths []string, verb string) error {
	if len(b.Objects) == 0 {
		return input(fmt.Errorf("%s: no manifests", b.name))
	}
	if !slices.ContainsFunc(b.Objects, func(o *bundle.Object) bool { return !strings.HasPrefix(o.APIVersion, "meshscenario.io/") }) {
		hint := "render them first: scenario render -f " + cmp.Or(strings.Join(paths, " -f "), "-") + " | " + verb
		return &statusError{fmt.Errorf("%s: definitions, not manifests", b.name), exitInput, hint}
	}
	return nil
}

// errFindings says that the work was done, and that something was found.
var errFindings = &statusError{fmt.Errorf("something was found"), exitFindings, ""}
