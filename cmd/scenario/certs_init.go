package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/certs"
)

func certsInitCommand(s streams) *cobra.Command {
	var f pkiFlags
	var subject certs.Subject
	var ca caFlags
	var key, validity string
	var i certs.Init
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a folder for certificates, with a CA",
		Long: `Examples:
  scenario certs init                              a CA in ./pki, for ten years
  scenario certs init --pki /srv/pki --name 'Shop CA' --organization Shop --validity 5y
  scenario certs init --ca-cert chain.pem --ca-key ca.key
                                                   a CA that exists: its certificate first, its root last
  scenario certs init --intermediates              a CA above those of two clusters, for 2a and 2b
  scenario certs init --cfssl https://ca.example:8888 --ca-cert chain.pem --cfssl-key-file auth.key
                                                   a CFSSL server signs, and keeps the CA's key

The CA signs leaves only (path length 0); with --intermediates, also CAs that sign leaves only (path length 1). The folder
is readable by its owner alone. With --age-recipient, private keys are encrypted, and reading them takes --age-identity.

Exit status: 0 made; 2 wrong use, or the folder is not empty; 3 files that cannot be read; 4 it could not be written.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("the folder is named by --pki, the CA by --name", "certs init takes no argument: %s", args[0])
			}
			var err error
			if i.Key, err = certs.ParseKey(key); err != nil {
				return usage("leave --key out for "+string(certs.DefaultKey), "--key: %w", err)
			}
			if i.Validity, err = span("validity", validity); err != nil {
				return err
			}
			if err := ca.read(&i); err != nil {
				return err
			}
			if subject.CommonName == "" {
				subject.CommonName = certs.DefaultSubject.CommonName
			}
			i.Subject = subject
			if _, err := certs.ParseRecipients(i.Recipients); err != nil {
				return usage("", "--age-recipient: %w", err)
			}
			store, err := certs.Create(f.folder(), i, f.options())
			if err != nil {
				return pkiError(err)
			}
			for _, ca := range store.Authorities() {
				fmt.Fprintf(s.out, "%s: CA %s, until %s\n", store.Dir(), ca.Subject, ca.NotAfter.UTC().Format(time.DateOnly))
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.add(cmd)
	flags.StringVar(&subject.CommonName, "name", "", "the CA's common name (default "+certs.DefaultSubject.CommonName+")")
	flags.StringVar(&subject.Organization, "organization", certs.DefaultSubject.Organization, "the CA's organization")
	flags.StringVar(&key, "key", "", keyUsage)
	flags.StringVar(&validity, "validity", "10y", "how long the CA lasts, in years, days and hours")
	ca.add(flags)
	flags.StringArrayVar(&i.Recipients, "age-recipient", nil, "encrypt private keys to this public key of age; repeatable")
	flags.BoolVar(&i.Intermediates, "intermediates", false, "let the CA sign the CAs of clusters too, for meshes that share its root")
	flags.BoolVar(&i.InGit, "in-git", false, "allow private keys inside a Git work tree")
	completeWith(cmd, "key", keyNames())
	return cmd
}

var keyUsage = "kind of key: " + strings.Join(keyNames(), ", ") + " (default " + string(certs.DefaultKey) + ")"

func keyNames() []string {
	names := make([]string, len(certs.Keys))
	for i, k := range certs.Keys {
		names[i] = string(k)
	}
	return names
}

// span reads the value of a flag that is a time span; "" is 0.
func span(flag, value string) (time.Duration, error) {
	if value == "" {
		return 0, nil
	}
	d, err := certs.ParseDuration(value)
	if err != nil {
		return 0, usage("write it as 90d, 36h or 10y", "--%s: %w", flag, err)
	}
	return d, nil
}
