package main

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/tyk"
)

// renewalFlags are the flags of tyk renewal.
type renewalFlags struct {
	records, now, overlap string
	apis                  []string
	output, to            string
	overwrite             bool
}

func tykRenewalCommand(s streams) *cobra.Command {
	var f renewalFlags
	cmd := &cobra.Command{
		Use:   "renewal --records FILE --apis PATH",
		Short: "Plan what to do now for the certificates of last-mile TLS",
		Long: `Examples:
  mongoexport --uri "$MONGO" --collection k8s_ca > k8s_ca.json
  scenario tyk renewal --records k8s_ca.json --apis apis/
                                                   what is to be done now, and when again
  scenario tyk renewal --records k8s_ca.json --apis apis/ --to next/
                                                   and the API definitions as they are to be
  scenario tyk renewal --records k8s_ca.json --apis apis/ --now 2027-01-01T00:00:00Z -o json

tyk-k8s makes a certificate with every pod and renews none. Here, a new one is to be issued when less than a third of the
old one's life is left; it is added beside the old one; both stay for the overlap; then the old one's id is taken out, and
what no API names any more is deleted. Each run starts from what there is: run it again after a step was done, or failed.
Nothing is done here. Give it all API definitions of the organisation: what none of them names is to be deleted, and a sidecar
that misses a certificate breaks off every handshake. They are read as a gateway or a dashboard gives them, and written one
in a file; since when a certificate is there is kept in their config_data. The records' private keys are not read. A client's
record names the APIs that it is shown to in clientegressids.

Exit status: 0 nothing is to be done; 1 something is; 2 wrong use; 3 input that cannot be read.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return tykRenewal(s, f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.records, "records", "", "documents of the collection k8s_ca, as mongoexport writes them")
	flags.StringArrayVar(&f.apis, "apis", nil, "API definitions: JSON files, of one or several, or folders of such; repeatable")
	flags.StringVar(&f.overlap, "overlap", "1d", "how long an old certificate stays beside its successor, in days and hours")
	flags.StringVar(&f.now, "now", "", "plan for this time, as 2027-01-01T00:00:00Z has it (default: now)")
	flags.StringVarP(&f.output, "output", "o", "text", "text or json")
	flags.StringVar(&f.to, "to", "", "write the API definitions that change into this folder")
	flags.BoolVar(&f.overwrite, "overwrite", false, "with --to: replace files that are there")
	completeWith(cmd, "output", []string{"text", "json"})
	return cmd
}

func tykRenewal(s streams, f renewalFlags) error {
	now, overlap, err := f.check()
	if err != nil {
		return err
	}
	if err := needsFolder(f.to, f.overwrite); err != nil {
		return err
	}
	data, err := os.ReadFile(f.records)
	if err != nil {
		return input(err)
	}
	records, err := tyk.ReadRecords(data)
	if err != nil {
		return input(fmt.Errorf("%s: %w", f.records, err))
	}
	apis, err := readAPIs(f.apis)
	if err != nil {
		return input(err)
	}
	plan := tyk.Renewals(records, apis, now, overlap)
	if f.to != "" {
		if err := writeFiles(definitionFiles(plan.APIs), f.to, f.overwrite); err != nil {
			return err
		}
	}
	write := renewalText
	if f.output == "json" {
		write = renewalJSON
	}
	if err := write(s.out, plan, now); err != nil {
		return environment(err)
	}
	if slices.ContainsFunc(plan.Steps, func(s tyk.Step) bool { return s.Action != tyk.Wait }) {
		return errFindings
	}
	return nil
}

func (f renewalFlags) check() (now time.Time, overlap time.Duration, err error) {
	switch {
	case f.output != "text" && f.output != "json":
		return now, 0, usage("the formats are text and json", "unknown format %q", f.output)
	case f.records == "" || len(f.apis) == 0:
		return now, 0, usage("scenario tyk renewal --records k8s_ca.json --apis apis/", "records and API definitions are both needed")
	}
	now = time.Now()
	if f.now != "" {
		if now, err = time.Parse(time.RFC3339, f.now); err != nil {
			return now, 0, usage("write --now 2027-01-01T00:00:00Z", "--now: %q is no time", f.now)
		}
	}
	overlap, err = span("overlap", f.overlap)
	return now, overlap, err
}
