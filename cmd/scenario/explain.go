package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/scenarios"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

func explainCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [MSHnnn|NAME]...",
		Short: "Say what a rule of validate is about, with examples of what is wrong and what is right",
		Long: `Examples:
  scenario explain                    every rule, a line each
  scenario explain MSH201             one of them, with its examples
  scenario explain double-tls-sidecar the same, by its name

The examples are those that the rule is tested by: a line marked "# want MSHnnn" is where the finding is.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return explainAll(s.out)
			}
			for i, arg := range args {
				rule, err := ruleNamed(arg)
				if err != nil {
					return err
				}
				if i > 0 {
					fmt.Fprintln(s.out)
				}
				if err := explainRule(s.out, rule); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.ValidArgsFunction = cobra.FixedCompletions(ruleIDs(), cobra.ShellCompDirectiveNoFileComp)
	return cmd
}

func ruleIDs() []string {
	ids := make([]string, len(rules.All))
	for i, r := range rules.All {
		ids[i] = r.ID
	}
	return ids
}

func ruleNamed(name string) (*validate.Rule, error) {
	for _, r := range rules.All {
		if strings.EqualFold(r.ID, name) || strings.EqualFold(r.Name, name) {
			return r, nil
		}
	}
	if slices.Contains(rules.Retired, strings.ToUpper(name)) {
		return nil, usage("scenario explain lists the rules there are", "rule %s is retired", strings.ToUpper(name))
	}
	var names []string
	for _, r := range rules.All {
		names = append(names, r.ID, r.Name)
	}
	hint := "scenario explain lists the rules"
	if n := scenarios.Nearest(name, names); n != "" {
		hint = "did you mean " + n + "? " + hint
	}
	return nil, usage(hint, "unknown rule %q", name)
}

func explainAll(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rules.All {
		severity := string(r.Severity)
		if r.Missing != "" {
			severity = "not checked"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.ID, severity, r.Title)
	}
	return table.Flush()
}

// material stands in examples for certificates and keys, which no file holds.
var material = regexp.MustCompile(`"\{\{([^}]+)\}\}"`)

func explainRule(w io.Writer, r *validate.Rule) error {
	data, err := rules.Archive(r.ID)
	if err != nil {
		return err
	}
	archive := txtar.Parse(data)
	fmt.Fprintf(w, "%s %s: %s\n", r.ID, r.Name, r.Title)
	fmt.Fprintf(w, "severity %s, category %s\n\n%s", r.Severity, r.Category, archive.Comment)
	if r.Missing != "" {
		fmt.Fprintf(w, "\nNot checked: %s\n", r.Missing)
	}
	for _, f := range archive.Files {
		fmt.Fprintf(w, "\n--- %s\n%s", strings.TrimSuffix(f.Name, ".yaml"), material.ReplaceAll(f.Data, []byte("# $1")))
	}
	return nil
}
