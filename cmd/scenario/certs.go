package main

import (
	"cmp"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/certs"
)

func certsCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "certs",
		Short: "Make, renew and check certificates, and lay them into Secrets",
		Long: `Examples:
  scenario certs init                              a CA in the folder ./pki
  scenario certs issue 1b --mtls                   what that scenario needs
  scenario certs secret 1b --mtls | oc apply --server-side -f -
                                                   its Secrets, into the cluster
  scenario certs issue shop --server --dns shop.example
                                                   a certificate of one's own

Where cert-manager is to make them, no folder is needed: scenario render --secrets cert-manager.

The folder is named by --pki or $SCENARIO_PKI. It holds private keys, each readable by its owner alone; no other output
than that of certs secret has any.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(certsInitCommand(s), certsIssueCommand(s), certsRenewCommand(s), certsRotateCommand(s),
		certsSecretCommand(s), certsStatusCommand(s), certsVerifyCommand(s), certsLintCommand(s))
	return cmd
}

// pkiFlags say where the certificates are kept.
type pkiFlags struct{ dir, identity string }

const defaultPKI = "pki"

func (f *pkiFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dir, "pki", "", folderUsage)
	cmd.Flags().StringVar(&f.identity, "age-identity", "", identityUsage)
}

const folderUsage = "the folder of certificates and keys (default $SCENARIO_PKI, else ./" + defaultPKI + ")"

const identityUsage = "file of the age identity that reads encrypted keys (default $SCENARIO_AGE_IDENTITY)"

// folder is the one that is named, or else the usual one.
func (f pkiFlags) folder() string { return cmp.Or(f.dir, os.Getenv("SCENARIO_PKI"), defaultPKI) }

// argument is how a command that is to be copied names the folder.
func (f pkiFlags) argument() string {
	if f.dir == "" {
		return ""
	}
	return " --pki " + quoted(f.dir)
}

func (f pkiFlags) options() certs.Options {
	return certs.Options{Identity: cmp.Or(f.identity, os.Getenv("SCENARIO_AGE_IDENTITY"))}
}

// open reads the store.
func (f pkiFlags) open() (*certs.Store, error) {
	s, err := certs.Open(f.folder(), f.options())
	return s, pkiError(err)
}

// pkiError gives the errors of a store their exit status and advice.
func pkiError(err error) error {
	var none *certs.NoStoreError
	var tree *certs.WorkTreeError
	var exists *certs.ExistsError
	var sealed *certs.SealedError
	var unknown *certs.UnknownError
	var request *certs.RequestError
	var authority *certs.AuthorityError
	var stage *certs.StageError
	var foreign *certs.ForeignError
	var lag *certs.NotAppliedError
	var peer *certs.NoPeerError
	var remote *certs.RemoteError
	var known *statusError
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.As(err, &stage):
		return &statusError{err, exitUsage, "the next stage is " + string(stage.At.Next()) + ": scenario certs rotate-ca --help says what each is for"}
	case errors.As(err, &foreign):
		return &statusError{err, exitUsage, "name its successor with --ca-cert and --ca-key; or with --name, one that the store makes"}
	case errors.As(err, &peer):
		return &statusError{err, exitInput, "certs issue takes it up with --peer-ca"}
	case errors.As(err, &lag):
		return notApplied(lag)
	case errors.As(err, &request):
		return &statusError{request.Unwrap(), exitUsage, ""}
	case errors.As(err, &authority):
		return input(authority.Unwrap())
	case errors.As(err, &remote):
		return &statusError{err, exitEnvironment, remote.Hint}
	case errors.As(err, &none):
		return &statusError{err, exitInput, "scenario certs init --pki " + quoted(none.Dir) + " makes it; --pki or SCENARIO_PKI names another"}
	case errors.As(err, &tree):
		return &statusError{err, exitUsage, "choose a folder outside of it, encrypt the keys with --age-recipient, or say --in-git"}
	case errors.As(err, &exists) && exists.Store:
		return &statusError{err, exitUsage, "they stay as they are; scenario certs rotate-ca replaces a CA, and --pki names another folder"}
	case errors.As(err, &exists):
		return &statusError{err, exitUsage, "name a new folder with --pki"}
	case errors.As(err, &sealed):
		return &statusError{err, exitUsage, "name the file that age-keygen wrote, with --age-identity or SCENARIO_AGE_IDENTITY"}
	case errors.As(err, &unknown):
		return &statusError{err, exitInput, "scenario certs status --pki " + quoted(unknown.Dir) + " lists what it holds"}
	}
	return environment(err)
}
