package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/certs/lint"
	"github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/validate"
)

func certsLintCommand(s streams) *cobra.Command {
	var output []string
	var color string
	cmd := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Say what is wrong in cfssl's configurations and certificate requests",
		Long: `Examples:
  scenario certs lint config.json                 the configuration of a server: signing, auth_keys, remotes
  scenario certs lint csr.json -o json            a certificate request: CN, hosts, key, ca
  kubectl get configmap cfssl -o jsonpath='{.data.config\.json}' | scenario certs lint -

An error: cfssl v1.6 refuses the file, signs for whoever reaches it, or signs what nobody accepts. A warning: it works, and
promises more than it keeps. An info: the file cannot tell. Files and variables that a configuration names are not read,
and no key is printed.

Exit status: 0 no error; 1 an error; 2 wrong use; 3 a file that cannot be read, is not JSON or is neither of the two; 4 the
result could not be written.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			outputs, err := parseOutputs(output, lintFormats)
			if err != nil {
				return err
			}
			if err := keepInputs(outputs, args); err != nil {
				return err
			}
			if !slices.Contains(colors, color) {
				return usage("write auto, always or never", "--color: unknown value %q", color)
			}
			return certsLint(s, outputs, color, args)
		},
	}
	cmd.Flags().StringArrayVarP(&output, "output", "o", nil, "text or json; or FORMAT=FILE; repeatable (default text)")
	cmd.Flags().StringVar(&color, "color", "auto", "auto, always or never; auto is never where NO_COLOR is set or stdout is no terminal")
	completeWith(cmd, "output", lintFormats)
	completeWith(cmd, "color", colors)
	return cmd
}

var lintFormats = []string{"text", "json"}

func certsLint(s streams, outputs []output, color string, files []string) error {
	if len(files) == 0 && isTerminal(s.in) {
		return usage("scenario certs lint FILE, or pipe one in", "no file named")
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	found := report.Findings{}
	found.Version, _ = version()
	var errs []error
	guarded := ""
	for i, name := range files {
		if name == "-" && slices.Contains(files[:i], "-") {
			return usage("name stdin once", "- twice: stdin can be read once")
		}
		r, err := lintFile(s, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if r.Guarded && guarded == "" {
			guarded = name
		}
		found.Files = append(found.Files, name)
		found.Findings = append(found.Findings, lintFindings(r)...)
	}
	if err := errors.Join(errs...); err != nil {
		return input(err)
	}
	err := s.writeOutputs(outputs, func(w io.Writer, o output) error {
		if o.format == "json" {
			return report.FindingsJSON(w, found, s.options(o, color))
		}
		return report.FindingsText(w, found, s.options(o, color))
	})
	if err != nil {
		return err
	}
	if guarded != "" {
		fmt.Fprintf(s.err, "hint: %s: no auth_key guards newcert of cfssl serve, which signs any name for whoever reaches it: start it with -disable newcert\n", oneLine(guarded))
	}
	if slices.ContainsFunc(found.Findings, func(f validate.Finding) bool { return f.Severity == validate.Error }) {
		return errFindings
	}
	return nil
}

func lintFile(s streams, name string) (lint.Result, error) {
	read := func() ([]byte, error) { return os.ReadFile(name) }
	if name == "-" {
		read = func() ([]byte, error) { return io.ReadAll(s.in) }
	}
	text, err := read()
	if err != nil {
		return lint.Result{}, err
	}
	return lint.File(name, text, time.Now())
}

// lintFindings are findings in the words of the reports.
func lintFindings(r lint.Result) []validate.Finding {
	var all []validate.Finding
	for _, f := range r.Findings {
		all = append(all, validate.Finding{
			Rule: f.Check, Name: f.Check, Category: validate.Other, Severity: validate.Severity(f.Severity),
			Place:   validate.Place{Field: f.Field, File: f.File, Line: f.Line, Column: f.Column},
			Message: f.Message, Consequence: f.Consequence, Fix: f.Fix,
		})
	}
	return all
}
