package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/certmanager"
	"github.com/meshscenario/scenario/certs"
	"github.com/meshscenario/scenario/scenarios"
)

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
	if len(objects) == 0 {
		return needs, nil
	}
	there := map[bundle.ID]bool{}
	for _, o := range b.Objects {
		there[o.ID] = true
	}
	for _, o := range objects {
		if there[o.ID] {
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
