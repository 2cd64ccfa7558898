package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/certs"
)

// rotateFlags are the flags of certs rotate-ca.
type rotateFlags struct {
	pkiFlags
	ca                caFlags
	subject           certs.Subject
	to, key, validity string
	deployed          []string
}

func certsRotateCommand(s streams) *cobra.Command {
	var f rotateFlags
	cmd := &cobra.Command{
		Use:   "rotate-ca",
		Short: "Replace the CA in three steps, between which every connection goes on",
		Long: `Examples:
  scenario certs rotate-ca                         the next step
  scenario certs rotate-ca --to leaves             that step, if it is the next
  oc get secret,configmap -A -o yaml | scenario certs rotate-ca --deployed -
                                                   the next step, if the last one has arrived everywhere
  scenario certs rotate-ca --ca-cert new.pem --ca-key new.key
                                                   to a CA that exists

Each step is a state to be applied everywhere before the next one:

  trust    a new CA is trusted beside the old one, which goes on signing
  leaves   the new one signs, and every certificate is issued anew; both are trusted
  retire   the new one alone is trusted, and the old one's files are gone

Whoever is at one of them gets along with whoever is one step before or behind, and with nobody further away. So a step
is refused out of its turn. Whether it comes too early, only --deployed can tell: it holds the Secrets and ConfigMaps of
the cluster, or of several, against what the folder has. A step that was made already is not made again.

Exit status: 0 done; 2 wrong use, or not the next step; 3 files that cannot be read, or the last step has not arrived
everywhere; 4 the CA or the disk failed.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return rotate(s, cmd, f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	stages := make([]string, len(certs.Stages))
	for i, stage := range certs.Stages {
		stages[i] = string(stage)
	}
	flags.StringVar(&f.to, "to", "", "the step: "+strings.Join(stages, ", ")+" (default: the next)")
	flags.StringArrayVar(&f.deployed, "deployed", nil, "the Secrets and ConfigMaps as they are in the cluster: a file, a folder, or - for stdin; repeatable")
	f.pkiFlags.add(cmd)
	flags.StringVar(&f.subject.CommonName, "name", "", "the new CA's common name (default: the old one's, with the next generation: G2, G3)")
	flags.StringVar(&f.subject.Organization, "organization", certs.DefaultSubject.Organization, "the new CA's organization, with --name")
	flags.StringVar(&f.key, "key", "", "the new CA's kind of key: "+strings.Join(keyNames(), ", ")+" (default: the old one's)")
	flags.StringVar(&f.validity, "validity", "10y", "how long the new CA lasts, in years, days and hours")
	f.ca.add(flags)
	completeWith(cmd, "to", stages)
	completeWith(cmd, "key", keyNames())
	return cmd
}

func rotate(s streams, cmd *cobra.Command, f rotateFlags) error {
	r, err := f.rotation(cmd)
	if err != nil {
		return err
	}
	if len(f.deployed) > 0 {
		if slices.Contains(f.deployed, "-") && isTerminal(s.in) {
			return usage("oc get secret,configmap -A -o yaml | scenario certs rotate-ca --deployed -", "--deployed -: nothing is piped in")
		}
		if r.Deployed, err = bundle.Load(f.deployed, s.in); err != nil {
			return input(err)
		}
	}
	store, err := f.open()
	if err != nil {
		return err
	}
	if err := early(cmd, store.Stage()); err != nil {
		return err
	}
	done, err := store.Rotate(cmd.Context(), r)
	if err != nil {
		return pkiError(err)
	}
	f.tell(s, store, done)
	return nil
}

// rotation is what the flags ask for.
func (f rotateFlags) rotation(cmd *cobra.Command) (r certs.Rotation, err error) {
	if r.To, err = certs.ParseStage(f.to); err != nil {
		return r, usage("leave --to out for the next step", "--to: %w", err)
	}
	if f.key != "" {
		if r.Key, err = certs.ParseKey(f.key); err != nil {
			return r, usage("leave --key out for the old CA's", "--key: %w", err)
		}
	}
	if r.Validity, err = span("validity", f.validity); err != nil {
		return r, err
	}
	if f.subject.CommonName != "" {
		r.Subject = f.subject
	} else if cmd.Flags().Changed("organization") {
		return r, usage("add --name, or leave --organization out", "--organization without --name")
	}
	var ca certs.Init
	err = f.ca.read(&ca)
	r.Chain, r.PrivateKey, r.Remote = ca.Chain, ca.PrivateKey, ca.Remote
	return r, err
}

// early refuses flags about the new CA where there is one already.
func early(cmd *cobra.Command, at certs.Stage) error {
	if at == certs.Steady {
		return nil
	}
	for _, name := range []string{"name", "organization", "key", "validity", "ca-cert", "ca-key"} {
		if cmd.Flags().Changed(name) {
			return usage("leave it out; the next step is "+string(at.Next()), "--%s is about the new CA, which is there since stage %s", name, certs.Trust)
		}
	}
	return nil
}

// tell says what was done, and what is to be done next.
func (f rotateFlags) tell(s streams, store *certs.Store, done certs.Rotated) {
	if done.To == done.From {
		fmt.Fprintf(s.out, "%s is at stage %s already\n", store.Dir(), done.To)
	}
	switch until := done.Signs.NotAfter.UTC().Format(time.DateOnly); {
	case done.To == certs.Retire:
		for _, ca := range done.Gone {
			fmt.Fprintf(s.out, "gone     %s\n", ca.Subject)
		}
		fmt.Fprintf(s.out, "signs    %s, until %s\n", done.Signs.Subject, until)
	case done.To != done.From:
		for _, ca := range done.Added {
			fmt.Fprintf(s.out, "trusted  %s, until %s\n", ca.Subject, ca.NotAfter.UTC().Format(time.DateOnly))
		}
		fmt.Fprintf(s.out, "signs    %s, until %s\n", done.Signs.Subject, until)
		tellOutcomes(s, done.Issued)
	}
	tellNext(s.err, f.pkiFlags, store)
}

// tellNext says how a stage is applied, who sees it when, and what comes after it.
func tellNext(w io.Writer, f pkiFlags, store *certs.Store) {
	fmt.Fprintf(w, "hint: apply this stage everywhere: scenario certs secret%s | oc apply --server-side -f -\n", f.argument())
	fmt.Fprintln(w, "hint: proxies that are given a Secret by name take it at once, mounted files follow within two minutes but for those of a subPath, and applications that read their files once are to be restarted")
	if names := unseen(store); len(names) > 0 {
		fmt.Fprintf(w, "hint: no Secret carries %s: take the new files, and ca.crt, to where they are used\n", strings.Join(names, ", "))
	}
	if store.Stage() == certs.Trust {
		fmt.Fprintf(w, "hint: whoever else verifies these certificates, a partner for one, needs %s before the next stage\n", quoted(filepath.Join(store.Dir(), "ca.crt")))
	}
	if next := store.Stage().Next(); store.Stage() != certs.Steady {
		fmt.Fprintf(w, "hint: then the next stage, %s: oc get secret,configmap -A -o yaml | scenario certs rotate-ca --to %s --deployed -%s\n", next, next, f.argument())
	}
}

// unseen are the certificates that no Secret carries, the first few.
func unseen(store *certs.Store) []string {
	var names []string
	for _, e := range store.Entries() {
		if len(e.Secrets) == 0 {
			names = append(names, e.Name)
		}
	}
	const most = 5
	if more := len(names) - most; more > 0 {
		names = append(names[:most], fmt.Sprintf("and %d more", more))
	}
	return names
}

// notApplied says of each Secret what it lacks.
func notApplied(lag *certs.NotAppliedError) error {
	errs := []error{fmt.Errorf("stage %s has not arrived everywhere, so the next one would break connections", lag.At)}
	for _, what := range lag.Lacks {
		errs = append(errs, errors.New(what))
	}
	hint := "apply them: scenario certs secret | oc apply --server-side -f -; what --deployed names has to hold all Secrets that the folder has certificates for"
	return &statusError{errors.Join(errs...), exitInput, hint}
}
