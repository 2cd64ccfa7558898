package main

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/certs"
	"github.com/meshscenario/scenario/scenarios"
)

// The ways of a rendered bundle with the Secrets that it names.
const (
	secretsNone        = "none"
	secretsReference   = "reference"
	secretsInline      = "inline"
	secretsCertManager = "cert-manager"
)

var secretWays = []string{secretsNone, secretsReference, secretsInline, secretsCertManager}

// inlineFlags say what of Secrets is in a bundle, and where it comes from.
type inlineFlags struct {
	way            string
	pki            pkiFlags
	issuer, peerCA string
}

func (f *inlineFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.way, "secrets", secretsReference, "of the Secrets that are named: none says nothing, reference says how to make them, inline brings those of --pki, cert-manager brings Certificates that make them")
	f.pki.add(cmd)
	flags.StringVar(&f.issuer, "issuer", "", "with cert-manager: who signs, as KIND/NAME or KIND.GROUP/NAME, such as ClusterIssuer/corp (default: a CA of its own)")
	flags.StringVar(&f.peerCA, "peer-ca", "", "with cert-manager: PEM file of the CA that verifies the other side (default: the issuer's own)")
	completeWith(cmd, "secrets", secretWays)
}

// check holds the flags against each other.
func (f *inlineFlags) check(s streams, cmd *cobra.Command, output, to string) error {
	if !slices.Contains(secretWays, f.way) {
		hint := "the ways are " + strings.Join(secretWays, ", ")
		if n := scenarios.Nearest(f.way, secretWays); n != "" {
			hint = "did you mean " + n + "? " + hint
		}
		return usage(hint, "--secrets: unknown value %q", f.way)
	}
	for _, only := range []struct {
		flag string
		ways []string
	}{{"pki", []string{secretsReference, secretsInline}}, {"age-identity", []string{secretsInline}}, {"issuer", []string{secretsCertManager}}, {"peer-ca", []string{secretsCertManager}}} {
		flag := cmd.Flags().Lookup(only.flag)
		if flag.Changed && flag.Value.String() == "" {
			return usage("leave the flag out, or give it a value", "--%s is empty", only.flag)
		}
		if flag.Changed && !slices.Contains(only.ways, f.way) {
			return usage("add --secrets "+only.ways[len(only.ways)-1]+", or leave --"+only.flag+" out", "--%s has no meaning with --secrets %s", only.flag, f.way)
		}
	}
	if f.way != secretsInline || output == "name" {
		return nil
	}
	if screen, ok := s.screen.(*os.File); ok && to == "" && isatty.IsTerminal(screen.Fd()) {
		return usage("send it on, | oc apply --server-side -f -, or into a folder, --to DIR", "Secrets hold private keys, which are not shown on a terminal")
	}
	if to != "" {
		var tree *certs.WorkTreeError
		if err := certs.CheckWorkTree(to); errors.As(err, &tree) {
			return usage("name a folder outside of it, or leave --secrets inline out and apply them apart: scenario certs secret | oc apply --server-side -f -", "--to %w", err)
		} else if err != nil {
			return environment(err)
		}
	}
	return nil
}
