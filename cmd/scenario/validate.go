package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/edit"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/policy"
	"github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/scenarios"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
	"github.com/meshscenario/scenario/waive"
)

type validateFlags struct {
	source                                      sourceFlags
	peer                                        peerFlag
	to, output, policies, assume                []string
	from, app, target, failOn, threshold, color string
	baseline, writeBaseline                     string
	strict, fix, diff                           bool
	certMinDays                                 int
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
  scenario validate east/ --peer west/      and what does not fit between that mesh and another
  scenario validate manifests/ --diff       what --fix would change in the files
  scenario validate manifests/ -o text -o sarif=scenario.sarif -o junit=scenario.xml --fail-on warning

Every request that the manifests tell of is followed, hop by hop, and what keeps it from arriving, or unprotected, is
told once, at the object and line that is wrong. scenario explain MSHnnn says more of a rule. On targets tyk and contrast
no request is followed: what is wrong there stands in annotations, variables and configuration.

An error: traffic does not flow, or flows unprotected where protection was asked for. A warning: it works by luck, on
some versions, or promises less than it seems to. An info: it could be simpler, or the manifests do not tell.

` + sourceHelp + `

--peer names the manifests of another mesh, or of another cluster of the same, that these are joined with: what does not fit
between the two is found, in whichever it is written, and requests are followed across. Of the rest of the other mesh
nothing is said, and --fix edits none of its files.

--policy adds rules of your own, such as those in the folder policies/ of this project.

Where there is one safe way to mend a finding, --fix edits the files in place and keeps all else of them, comments too.

A finding that you decide to live with is waived by an annotation of its object, meshscenario.io/ignore: "MSH313=reason",
or by a file .scenario.yaml in the folder of the manifests or above it. A waiver that waives nothing is found itself.
--write-baseline FILE keeps all that is found today, and --baseline FILE tells only of what is new.

What the manifests do not hold and the target's installation brings is taken for granted, and so are Secrets that are
named: --threshold info says what, and --strict takes it for missing. What you know of the cluster, say with --assume:
` + factsHelp + `

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
	addAssume(flags, &f.assume)
	flags.IntVar(&f.certMinDays, "cert-min-days", 30, "warn of certificates that expire within that many days; 0 does not")
	flags.StringArrayVar(&f.policies, "policy", nil, "file or folder of rules of your own, in CEL; repeatable")
	flags.BoolVar(&f.fix, "fix", false, "mend in the files what can be mended safely")
	flags.BoolVar(&f.diff, "diff", false, "print what --fix would change, and change nothing")
	flags.StringVar(&f.baseline, "baseline", "", "tell only of what is not in this file")
	flags.StringVar(&f.writeBaseline, "write-baseline", "", "write what is found to this file")
	flags.StringVar(&f.target, "target", "", "the mesh and its version (default $SCENARIO_TARGET, else "+mesh.Default+")")
	flags.StringVar(&f.color, "color", "auto", "auto, always or never; auto is never where NO_COLOR is set or stdout is no terminal")
	f.source.add(flags)
	f.peer.add(flags, "hold the manifests against those of a mesh that they are joined with")
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
	peer, err := f.peer.read(s)
	if err != nil {
		return err
	}
	if err := manifests(b, args, "scenario validate"); err != nil {
		return err
	}
	held, err := f.source.stored()
	if err != nil {
		return err
	}
	held.tell(s.err, held.join(b.Bundle))
	own, err := loadPolicies(f.policies)
	if err != nil {
		return err
	}
	settings, err := f.settings(cmd, b, &target, own)
	if err != nil {
		return err
	}
	if err := elsewhere(cmd, target, f.assume, "to", "from", "app"); err != nil {
		return err
	}
	facts, err := parseFacts(append(settings.Assume(), f.assume...))
	if err != nil {
		return err
	}
	v := &checking{validateFlags: f, target: target, facts: facts, settings: settings, own: own, held: held, other: peer}
	found, err := v.run(s, b)
	if err != nil {
		return err
	}
	if f.fix || f.diff {
		done, err := v.mend(s, b, found)
		if err != nil || f.diff {
			return err
		}
		if done {
			if b, err = f.source.read(ctx, s, "scenario validate FILE", args, target); err != nil {
				return err
			}
			held.join(b.Bundle)
			if found, err = v.run(s, b); err != nil {
				return err
			}
		}
	}
	if f.writeBaseline != "" {
		return v.keep(s, found)
	}
	told, failed := v.sift(found)
	patched(b, told)
	held.name(told)
	if err := s.writeFindings(outputs, f, v.report(b, told)); err != nil {
		return err
	}
	if n := len(found) - len(told); n > 0 && len(told) == 0 {
		fmt.Fprintf(s.err, "hint: %d less grave: --threshold info tells of them\n", n)
	}
	if target.Name == mesh.Default && !cmd.Flags().Changed("target") && slices.ContainsFunc(told, func(f validate.Finding) bool { return f.Rule == "MSH101" }) {
		fmt.Fprintf(s.err, "hint: checked for %s, the default: --target names another mesh\n", target.Name)
	}
	if failed {
		return errFindings
	}
	return nil
}

func loadPolicies(paths []string) (*policy.Set, error) {
	if len(paths) == 0 {
		return &policy.Set{}, nil
	}
	set, err := policy.Load(paths)
	if err != nil {
		return nil, policyError(err)
	}
	return set, nil
}

// policyError gives what is wrong with policies the status of input, and their advice.
func policyError(err error) error {
	hint := ""
	for _, e := range scenarios.Flatten(err) {
		var problem *policy.Problem
		if errors.As(e, &problem) && hint == "" {
			hint = problem.Hint
		}
	}
	return &statusError{err, exitInput, hint}
}

// settings finds the files .scenario.yaml, and takes from them what no flag says.
func (f *validateFlags) settings(cmd *cobra.Command, b source, target *mesh.Target, own *policy.Set) (*waive.Configs, error) {
	c := &waive.Configs{Known: ruleIDs()}
	for _, r := range own.Rules() {
		c.Known = append(c.Known, r.ID)
	}
	for _, o := range b.Objects {
		if file := o.At("").File; o.At("").Line > 0 {
			c.For(file)
		}
	}
	if err := c.Err(); err != nil {
		return nil, input(err)
	}
	name, failOn, err := c.Agreed()
	if err != nil {
		return nil, input(err)
	}
	if name != "" && !cmd.Flags().Changed("target") && os.Getenv("SCENARIO_TARGET") == "" {
		*target, _ = mesh.Lookup(name)
	}
	if failOn != "" && !cmd.Flags().Changed("fail-on") {
		f.failOn = failOn
	}
	return c, nil
}

// A checking is one run of the command, after its question is clear.
type checking struct {
	validateFlags
	target   mesh.Target
	facts    traffic.Facts
	settings *waive.Configs
	own      *policy.Set
	held     *stored        // what stands beside the manifests
	other    *bundle.Bundle // the manifests of --peer, or nil
	assumed  []string       // what the last run counted on
}

// run gives what counts of what is found: without what is waived, and with what is wrong about waivers.
func (v *checking) run(s streams, b source) ([]validate.Finding, error) {
	result, err := validate.Run(b.Bundle, validate.Options{
		Target: v.target, App: v.app, URLs: v.to, From: v.from, Strict: v.strict, Facts: v.facts,
		Now: time.Now(), CertMinDays: v.certMinDays, Rules: rules.All, Peer: v.other,
	})
	if err != nil {
		return nil, input(err)
	}
	v.assumed = result.Assumed
	own, err := v.own.Check(policy.Data{Target: v.target.Name, Objects: b.Objects, Paths: result.Paths})
	if err != nil {
		return nil, policyError(err)
	}
	found := append(result.Findings, own...)
	slices.SortStableFunc(found, validate.Compare)
	sorted := waive.Apply(waive.Input{
		Findings: found, Objects: b.Objects, Config: v.settings.For, Known: v.settings.Known, Today: time.Now(),
	})
	found = append(sorted.Kept, sorted.Own...)
	if v.baseline == "" {
		return found, nil
	}
	data, err := os.ReadFile(v.baseline)
	if err != nil {
		return nil, input(fmt.Errorf("--baseline: %w", err))
	}
	before, err := waive.ReadBaseline(v.baseline, data)
	if err != nil {
		return nil, input(err)
	}
	fresh, _, gone := before.Apply(found)
	for _, e := range gone {
		fmt.Fprintf(s.err, "hint: mended, so it can leave %s: %s\n", v.baseline, oneLine(e.String()))
	}
	return fresh, nil
}

// mend edits the files as the findings say, or with --diff shows how it would. It says whether it did something.
func (v *checking) mend(s streams, b source, found []validate.Finding) (bool, error) {
	plan := edit.NewPlan(b.Bundle)
	var fixes [][]validate.Edit
	var of []validate.Finding
	for _, f := range found {
		if f.Safe && len(f.Edits) > 0 {
			fixes, of = append(fixes, f.Edits), append(of, f)
		}
	}
	for i, err := range plan.Add(fixes...) {
		if err != nil {
			fmt.Fprintf(s.err, "hint: not mended: %s: %s\n", of[i].Rule, oneLine(err.Error()))
		}
	}
	if len(fixes) == 0 {
		fmt.Fprintln(s.err, "hint: nothing that can be mended safely; findings show patches to look at")
	}
	if v.diff {
		changes, err := plan.Changes()
		if err != nil {
			return false, input(err)
		}
		for _, c := range changes {
			if _, err := s.out.Write(c.Diff()); err != nil {
				return false, err
			}
		}
		return false, nil
	}
	changes, err := plan.Write()
	if err != nil {
		return false, environment(err)
	}
	for _, c := range changes {
		fmt.Fprintf(s.err, "hint: mended %s\n", c.File)
	}
	return len(changes) > 0, nil
}

// patched shows in findings what their edits would change. Where the text cannot be edited, as in a stream or with
// anchors, the words of the fix are all there is.
func patched(b source, found []validate.Finding) {
	plan := edit.NewPlan(b.Bundle)
	for i, f := range found {
		if len(f.Edits) > 0 {
			found[i].Patch, _ = plan.Patch(f.Edits)
		}
	}
}

// keep writes the baseline.
func (v *checking) keep(s streams, found []validate.Finding) error {
	o := output{file: v.writeBaseline}
	return s.writeOutputs([]output{o}, func(w io.Writer, _ output) error {
		_, err := w.Write(waive.NewBaseline(found).JSON())
		return err
	})
}

// check holds the flags against each other, and finds the target.
func (f *validateFlags) check(cmd *cobra.Command) (mesh.Target, error) {
	for _, name := range []string{"from", "app", "target", "fail-on", "threshold", "baseline", "write-baseline"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return mesh.Target{}, usage("leave the flag out, or give it a value", "--%s is empty", name)
		}
	}
	for _, one := range []struct{ flag, value, also string }{{"fail-on", f.failOn, "never"}, {"threshold", f.threshold, ""}} {
		if !slices.Contains(validate.Severities, validate.Severity(one.value)) && (one.also == "" || one.value != one.also) {
			return mesh.Target{}, usage("write error, warning or info", "--%s: unknown value %q", one.flag, one.value)
		}
	}
	if f.fix && f.diff {
		return mesh.Target{}, usage("leave one of them out", "--fix and --diff say two things")
	}
	if f.from != "" && len(f.to) == 0 {
		return mesh.Target{}, usage("add --to URL", "--from without --to")
	}
	if f.certMinDays < 0 {
		return mesh.Target{}, usage("write a number of days, 0 for no warning", "--cert-min-days: %d is negative", f.certMinDays)
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
func (v *checking) sift(all []validate.Finding) (kept []validate.Finding, failed bool) {
	for _, one := range all {
		if v.failOn != "never" && one.Severity.AtLeast(validate.Severity(v.failOn)) {
			failed = true
		}
		if one.Severity.AtLeast(validate.Severity(v.threshold)) || v.failOn != "never" && one.Severity.AtLeast(validate.Severity(v.failOn)) {
			kept = append(kept, one)
		}
	}
	return kept, failed
}

// report is what reports are made of.
func (v *checking) report(b source, found []validate.Finding) report.Findings {
	r := report.Findings{Target: v.target.Name, Findings: found, Assumed: v.assumed, FailOn: validate.Severity(v.failOn)}
	r.Version, _ = version()
	if v.failOn == "never" {
		r.FailOn = validate.Error
	}
	for _, one := range rules.All {
		if one.Missing == "" {
			r.Rules = append(r.Rules, report.RuleInfo{
				ID: one.ID, Name: one.Name, Title: one.Title, Help: helpOf(one), Severity: one.Severity, Category: one.Category,
			})
		}
	}
	for _, one := range v.own.Rules() {
		r.Rules = append(r.Rules, report.RuleInfo{ID: one.ID, Name: one.Policy, Title: one.Title, Help: one.Title, Severity: one.Severity, Category: validate.Other})
	}
	for _, o := range b.Objects {
		if file := o.At("").File; file != "" && !(o.At("").Line == 0 && v.held.own(file)) && !slices.Contains(r.Files, file) {
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
		options := s.options(o, f.color)
		options.Verbose = f.threshold == string(validate.Info)
		return report.FindingFormats[i].Write(w, r, options)
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
