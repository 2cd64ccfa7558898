package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func certsRenewCommand(s streams) *cobra.Command {
	var f pkiFlags
	var within string
	var all bool
	cmd := &cobra.Command{
		Use:   "renew [NAME]...",
		Short: "Issue anew what is about to expire",
		Long: `Examples:
  scenario certs renew                             what has less than a third of its life left
  scenario certs renew --within 30d                what ends within 30 days
  scenario certs renew shop --all                  that one, whether it is due or not

Keys are new as well. The Secrets that carry what was renewed have to be applied again: certs secret gives them.

Exit status: 0 nothing is due any more; 2 wrong use; 3 no such certificate; 4 the CA or the disk failed.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			left, err := span("within", within)
			if err != nil {
				return err
			}
			store, err := f.open()
			if err != nil {
				return err
			}
			outcomes, err := store.Renew(cmd.Context(), args, left, all)
			if err != nil {
				return f.failed(err)
			}
			tellOutcomes(s, f, outcomes)
			if renewed := adviseApply(s.err, f, outcomes); !renewed && len(args) > 0 && !all {
				fmt.Fprintln(s.err, "hint: what is not due stays as it is, unless --all is there too")
			}
			return nil
		},
	}
	cmd.Flags().SortFlags = false
	f.add(cmd)
	cmd.Flags().StringVar(&within, "within", "", "renew what ends within this time (default: a third of its life)")
	cmd.Flags().BoolVar(&all, "all", false, "renew what is not due, too")
	return cmd
}
