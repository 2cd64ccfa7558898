package main

import (
	"bytes"
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
	"github.com/meshscenario/scenario/waive"
)

func explainCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [SCENARIO|MSHnnn|NAME]...",
		Short: "Say what a scenario is, when to choose it and what it costs; or what a rule of validate is about",
		Long: `Examples:
  scenario explain                    every scenario and every rule, a line each
  scenario explain 1b                 a scenario: what it is, when to choose it, what it costs
  scenario explain MSH201             a rule, with examples of what is wrong and what is right
  scenario explain double-tls-sidecar the same, by its name
  scenario explain contrast --ingress 'web#8080#false'
                                      what strings of Contrast's service mesh do

The examples of a rule are those that it is tested by: a line marked "# want MSHnnn" is where the finding is.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return explainAll(s.out)
			}
			var out bytes.Buffer
			for i, arg := range args {
				if i > 0 {
					out.WriteByte('\n')
				}
				if err := explainOne(&out, arg); err != nil {
					return err
				}
			}
			_, err := s.out.Write(out.Bytes())
			return err
		},
	}
	cmd.ValidArgsFunction = cobra.FixedCompletions(append(scenarios.IDs(), ruleIDs()...), cobra.ShellCompDirectiveNoFileComp)
	cmd.AddCommand(explainContrastCommand(s))
	return cmd
}

// allRules are those of validate, and those about waivers.
func allRules() []*validate.Rule { return slices.Concat(waive.Rules, rules.All) }

func ruleIDs() []string {
	var ids []string
	for _, r := range rules.All {
		ids = append(ids, r.ID)
	}
	return ids
}

func explainOne(w io.Writer, name string) error {
	names := []string{"contrast"}
	for _, scenario := range scenarios.All {
		if strings.EqualFold(scenario.ID, name) {
			return explainScenario(w, scenario)
		}
		names = append(names, scenario.ID)
	}
	for _, r := range allRules() {
		if strings.EqualFold(r.ID, name) || strings.EqualFold(r.Name, name) {
			return explainRule(w, r)
		}
		names = append(names, r.ID, r.Name)
	}
	if slices.Contains(rules.Retired, strings.ToUpper(name)) {
		return usage("scenario explain lists the rules there are", "rule %s is retired", strings.ToUpper(name))
	}
	hint := "scenario explain lists the scenarios and rules"
	if n := scenarios.Nearest(name, names); n != "" {
		hint = "did you mean " + n + "? " + hint
	}
	return usage(hint, "unknown scenario or rule %q", name)
}

func explainAll(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, scenario := range scenarios.All {
		fmt.Fprintf(table, "%s\t%s\t%s\n", scenario.ID, "scenario", scenario.Title)
	}
	for _, r := range allRules() {
		severity := string(r.Severity)
		if r.Missing != "" {
			severity = "not checked"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.ID, severity, r.Title)
	}
	return table.Flush()
}

// explainScenario says what a scenario is, and what there is of it.
func explainScenario(w io.Writer, s scenarios.Scenario) error {
	about, err := s.About()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: %s\n\n%s\n", s.ID, s.Title, about)
	for _, v := range s.Variants() {
		about, err := v.About()
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "On target %s: %s\n\n%s\n", v.Family, v.Title, about)
	}
	cells := slices.DeleteFunc(scenarios.Matrix(), func(c scenarios.Cell) bool { return c.Scenario != s.ID })
	listRefused(w, listCells(w, cells))
	return nil
}

// material stands in examples for certificates and keys, which no file holds.
var material = regexp.MustCompile(`"\{\{([^}]+)\}\}"`)

func explainRule(w io.Writer, r *validate.Rule) error {
	from := rules.Archive
	if slices.Contains(waive.Rules, r) {
		from = waive.Archive
	}
	data, err := from(r.ID)
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
