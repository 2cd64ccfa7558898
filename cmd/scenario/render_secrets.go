package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/certmanager"
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

// A supply brings into a bundle what becomes of its Secrets.
type supply struct {
	inlineFlags
	arguments string // of render, for certs issue

	store   *certs.Store
	held    []*bundle.Object
	options certmanager.Options
}

// open reads what the Secrets come from: the folder of certificates, or the file of the other side's CA.
func (f inlineFlags) open(arguments string) (*supply, error) {
	s := &supply{inlineFlags: f, arguments: arguments}
	var err error
	switch f.way {
	case secretsInline:
		if s.store, err = f.pki.open(); err != nil {
			return nil, err
		}
		s.held, err = s.store.Secrets()
		return s, pkiError(err)
	case secretsCertManager:
		if f.issuer != "" {
			if s.options.Issuer, err = certmanager.ParseIssuer(f.issuer); err != nil {
				return nil, usage("write Issuer/NAME, ClusterIssuer/NAME, or KIND.GROUP/NAME for an issuer of another maker", "--issuer: %w", err)
			}
		}
		if f.peerCA != "" {
			data, err := os.ReadFile(f.peerCA)
			if err == nil {
				s.options.PeerCA, err = certmanager.ParseCA(data)
			}
			if err != nil {
				return nil, input(fmt.Errorf("--peer-ca %s: %w", f.peerCA, err))
			}
		}
	}
	return s, nil
}

// bring adds to a bundle of plans the Secrets, or what makes them, and gives what those need.
func (s *supply) bring(b *bundle.Bundle, plans []*scenarios.Plan, partsOf func(*scenarios.Plan) []scenarios.Part) ([]scenarios.Need, error) {
	var objects []*bundle.Object
	var needs []scenarios.Need
	var err error
	switch s.way {
	case secretsInline:
		if objects, err = needed(s.store, scenarios.Secrets(plans, partsOf), s.held); err != nil {
			var known *statusError
			if errors.As(err, &known) {
				known.hint = "scenario certs issue " + s.arguments + " issues what is missing"
			}
			return nil, err
		}
	case secretsCertManager:
		if objects, needs, err = certmanager.Objects(plans, partsOf, s.options); err != nil {
			var refusal *certmanager.Refusal
			if errors.As(err, &refusal) {
				return nil, &statusError{err, exitUsage, refusal.Hint}
			}
			return nil, err
		}
	}
	for _, o := range objects {
		if i := slices.IndexFunc(b.Objects, func(x *bundle.Object) bool { return x.ID == o.ID }); i >= 0 {
			return nil, input(fmt.Errorf("%s is rendered already, by the overlay", o.ID))
		}
	}
	b.Objects = append(b.Objects, objects...)
	b.Sort()
	return needs, nil
}

// tell says on stderr what the bundle counts on.
func (s *supply) tell(w io.Writer, cli string, needs, more []scenarios.Need) {
	secrets := false
	for _, need := range append(needs, more...) {
		if need.Secret != "" && s.way != secretsReference {
			continue
		}
		secrets = secrets || need.Secret != ""
		if need.Command == "" {
			fmt.Fprintf(w, "hint: needed: %s\n", need.Text)
		} else {
			fmt.Fprintf(w, "hint: needed: %s: %s\n", need.Text, need.Command)
		}
	}
	if secrets {
		fmt.Fprintf(w, "hint: or have the certificates made: scenario certs issue %[1]s && scenario certs secret %[1]s | %[2]s apply --server-side -f -\n", s.arguments, cli)
	}
}
