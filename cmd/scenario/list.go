package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/scenarios"
)

func listCommand(s streams) *cobra.Command {
	var format, target string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show every scenario, with each encryption, on each target: supported, or why not",
		Long: `Examples:
  scenario list                       everything
  scenario list --target ossm-3.4     what one mesh can do
  scenario list -o json               the same, for programs`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cells := scenarios.Matrix()
			if cmd.Flags().Changed("target") {
				if _, ok := mesh.Lookup(target); !ok {
					err := scenarios.UnknownTarget(target, scenarios.Position{Flag: "--target"})
					return &statusError{err, exitUsage, ""}
				}
				kept := cells[:0]
				for _, c := range cells {
					if c.Target == target {
						kept = append(kept, c)
					}
				}
				cells = kept
			}
			switch format {
			case "json":
				e := json.NewEncoder(s.out)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				return e.Encode(cells)
			case "text":
				listText(s, cells)
				return nil
			}
			return usage("the formats are text and json", "unknown format %q", format)
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "text", "text or json")
	cmd.Flags().StringVar(&target, "target", "", "only this target")
	completeWith(cmd, "target", mesh.Names())
	completeWith(cmd, "output", []string{"text", "json"})
	return cmd
}

// listText writes what there is, what it is, and what is refused.
func listText(s streams, cells []scenarios.Cell) {
	refused := listCells(s.out, cells)
	listed := map[mesh.Family]bool{}
	for _, c := range cells {
		target, _ := mesh.Lookup(c.Target)
		listed[target.Family] = true
	}
	fmt.Fprintln(s.out, "\nWhat they are:")
	for _, c := range scenarios.All {
		fmt.Fprintf(s.out, "  %-14s %s\n", c.ID, c.Title)
		for _, v := range c.Variants() {
			if listed[v.Family] {
				fmt.Fprintf(s.out, "  %-14s on %s: %s\n", "", v.Family, v.Title)
			}
		}
	}
	listRefused(s.out, refused)
}

// A refusedCell is encryptions of a scenario that are refused for one reason.
type refusedCell struct {
	scenario, targets, reason string
	encryptions               []string
}

// listCells writes a line for each scenario and encryption, one more wherever targets differ, and gives what is refused.
func listCells(w io.Writer, cells []scenarios.Cell) (refused []*refusedCell) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SCENARIO\tENCRYPTION\tTARGETS")
	for i := 0; i < len(cells); {
		first := cells[i]
		answers := map[string][]string{}
		var reasons []string
		for ; i < len(cells) && cells[i].Scenario == first.Scenario && cells[i].Encryption == first.Encryption; i++ {
			reason := cells[i].Reason
			if answers[reason] == nil {
				reasons = append(reasons, reason)
			}
			answers[reason] = append(answers[reason], cells[i].Target)
		}
		for _, reason := range reasons {
			targets := mesh.Ranges(answers[reason])
			if reason == "" {
				fmt.Fprintf(table, "%s\t%s\t%s\n", first.Scenario, first.Encryption, targets)
				continue
			}
			same := slices.IndexFunc(refused, func(r *refusedCell) bool {
				return r.scenario == first.Scenario && r.targets == targets && r.reason == reason
			})
			if same >= 0 {
				refused[same].encryptions = append(refused[same].encryptions, first.Encryption)
			} else {
				refused = append(refused, &refusedCell{first.Scenario, targets, reason, []string{first.Encryption}})
			}
		}
	}
	table.Flush()
	return refused
}

func listRefused(w io.Writer, refused []*refusedCell) {
	if len(refused) > 0 {
		fmt.Fprintln(w, "\nNot to be had:")
	}
	for _, r := range refused {
		fmt.Fprintf(w, "  %s with %s, on %s:\n    %s\n", r.scenario, strings.Join(r.encryptions, ", "), r.targets, r.reason)
	}
}
