package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
Nothing is done here. API definitions are read as a gateway or a dashboard gives them, and written one in a file; since when
a certificate is there is kept in their config_data. The records' private keys are not read. A client's record names the
APIs that it is shown to in clientegressids.

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

// readAPIs reads API definitions out of files and folders. A slug that comes twice is one too many: which of the two
// Tyk has, cannot be known.
func readAPIs(paths []string) (all []tyk.Definition, err error) {
	slugs := map[string]string{}
	for _, path := range paths {
		files := []string{path}
		if info, err := os.Stat(path); err != nil {
			return nil, err
		} else if info.IsDir() {
			files, _ = filepath.Glob(filepath.Join(path, "*.json"))
			if len(files) == 0 {
				return nil, fmt.Errorf("%s: no JSON files", path)
			}
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			items, err := definitionsIn(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			for _, item := range items {
				d, err := tyk.ReadDefinition(item)
				if err == nil && d.Slug == "" {
					err = errors.New("no API definition: slug: missing")
				}
				if other := slugs[d.Slug]; err == nil && other != "" {
					err = fmt.Errorf("the slug %s again, as in %s", d.Slug, other)
				}
				if err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				slugs[d.Slug] = name
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// definitionsIn takes a file apart: one definition, a list as a gateway gives it, or what a dashboard's /api/apis answers,
// which has more about each.
func definitionsIn(data []byte) (items []json.RawMessage, err error) {
	var answer struct {
		APIs []struct {
			Definition json.RawMessage `json:"api_definition"`
		} `json:"apis"`
	}
	switch {
	case strings.HasPrefix(strings.TrimSpace(string(data)), "["):
		err = json.Unmarshal(data, &items)
	case json.Unmarshal(data, &answer) == nil && answer.APIs != nil:
		for _, api := range answer.APIs {
			items = append(items, api.Definition)
		}
	default:
		items = []json.RawMessage{data}
	}
	return items, err
}

func renewalText(w io.Writer, p tyk.Plan, now time.Time) error {
	var out strings.Builder
	for i, s := range p.Steps {
		fmt.Fprintf(&out, "%d. %s\n", i+1, renewalStep(s))
		fmt.Fprintf(&out, "   %s\n", s.Why)
	}
	if len(p.Steps) == 0 {
		fmt.Fprintf(&out, "nothing to do at %s\n", now.UTC().Format("2006-01-02 15:04 MST"))
	}
	if !p.Next.IsZero() {
		fmt.Fprintf(&out, "plan again at %s\n", p.Next.UTC().Format("2006-01-02 15:04 MST"))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// renewalStep is a step for people.
func renewalStep(s tyk.Step) string {
	switch s.Action {
	case tyk.Issue:
		side := map[bool]string{true: "clients", false: "servers"}[s.Client]
		return fmt.Sprintf("issue a certificate for %s, for %s; store it in Tyk, then in k8s_ca", strings.Join(s.Names, " and "), side)
	case tyk.Add:
		return fmt.Sprintf("add %s to the certificates of %s, last", s.Certificate, s.API)
	case tyk.Order:
		return fmt.Sprintf("put %s last among the certificates of %s, once", s.Certificate, s.API)
	case tyk.Remove:
		return fmt.Sprintf("remove %s from the certificates of %s", s.Certificate, s.API)
	case tyk.Accept:
		return fmt.Sprintf("store the certificate of %s without its key, and add it to the client_certificates of %s", s.Certificate, s.API)
	case tyk.Show:
		return fmt.Sprintf("put %s into the upstream_certificates of %s", s.Certificate, s.API)
	case tyk.Refuse:
		return fmt.Sprintf("remove %s from the client_certificates of %s", s.Certificate, s.API)
	case tyk.Reload:
		return "reload the gateways"
	case tyk.Wait:
		return fmt.Sprintf("wait with %s until %s", cmp.Or(s.API, s.Certificate), s.Until.UTC().Format("2006-01-02 15:04 MST"))
	case tyk.Delete:
		return "delete " + s.Certificate + " from Tyk's store"
	case tyk.Past:
		return "move the bundle of " + s.Certificate + " into the history of its successor's record"
	case tyk.Set:
		return "set Injector.meshCertificateID of the controller to " + s.Certificate + ", and restart it"
	}
	return "look at the certificates of " + s.API
}

func renewalJSON(w io.Writer, p tyk.Plan, now time.Time) error {
	out := struct {
		Time  time.Time         `json:"time"`
		Next  time.Time         `json:"next,omitzero"`
		Steps []tyk.Step        `json:"steps"`
		APIs  []json.RawMessage `json:"apis"`
	}{now.UTC(), p.Next.UTC(), append([]tyk.Step{}, p.Steps...), []json.RawMessage{}}
	if p.Next.IsZero() {
		out.Next = time.Time{}
	}
	for _, d := range p.APIs {
		out.APIs = append(out.APIs, d.JSON)
	}
	return writeJSON(w, out)
}
