package certmanager

import (
	"errors"
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/scenarios"
)

// Options say who signs, and whom.
type Options struct {
	// Issuer signs; nil is a CA of the cluster's own, which is rendered too.
	Issuer *Issuer
	// PeerCA are the CAs that verify the other side, as PEM; nil says that the issuer signs the other side as well.
	PeerCA []byte
}

// A Refusal is a Secret that cert-manager cannot make, or not with these options, and what to do instead.
type Refusal struct{ Message, Hint string }

func (r *Refusal) Error() string { return r.Message }

// made is an object and the sentence that says why it exists.
type made struct {
	why  string
	tree map[string]any
}

// Objects are those by which the Secrets of the plans come to be, given the parts of each that are rendered; and what they
// count on. There are none where no Secret is read.
func Objects(plans []*scenarios.Plan, partsOf func(*scenarios.Plan) []scenarios.Part, o Options) ([]*bundle.Object, []scenarios.Need, error) {
	w := writing{Options: o, by: o.Issuer, secrets: scenarios.Secrets(plans, partsOf)}
	if len(w.secrets) == 0 {
		return nil, nil, nil
	}
	if w.by == nil {
		w.by = own
		w.all = ownRoot()
	}
	labels := labelsOf(plans, partsOf)
	for _, s := range w.secrets {
		w.write(s, labels[s.Namespace+"/"+s.Name])
	}
	w.copies()
	if err := errors.Join(w.errs...); err != nil {
		return nil, nil, err
	}
	var objects []*bundle.Object
	for _, m := range w.all {
		object, err := bundle.NewObject(m.tree)
		if err != nil {
			return nil, nil, err
		}
		object.Why = m.why
		objects = append(objects, object)
	}
	return objects, w.needs(), nil
}

type writing struct {
	Options
	by      *Issuer
	secrets []scenarios.Secret
	all     []made
	copied  []scenarios.Secret // those that hold the cluster's own CA alone
	errs    []error
}

// write adds what makes one Secret.
func (w *writing) write(s scenarios.Secret, labels map[string]any) {
	if s.Pair != nil {
		w.all = append(w.all, certificate(s, w.by, labels))
	}
	switch {
	case !s.CA:
	case w.PeerCA != nil && w.bothSides():
		w.refuse("leave --peer-ca out: the issuer signs both sides", "Secret %s/%s: the CA of the other side is given, and the other side is rendered here too", s.Namespace, s.Name)
	case w.PeerCA != nil && s.Pair == nil:
		w.all = append(w.all, alone(s, w.PeerCA, labels))
	case w.PeerCA != nil && (s.Consumer == scenarios.GatewaySDS || s.Consumer == scenarios.SidecarSDS):
		w.all = append(w.all, apart(s, w.PeerCA, labels))
	case w.PeerCA != nil:
		w.refuse("have the Secret made by scenario certs issue with the same --peer-ca; or, where the target can, set credentials.delivery=sds",
			"Secret %s/%s: %s reads its files, and in those of cert-manager ca.crt is the issuer's CA, not that of the other side", s.Namespace, s.Name, s.Reader)
	case s.Pair != nil:
	case w.Issuer != nil:
		w.refuse("--peer-ca FILE puts the CA of the other side there", "Secret %s/%s: it holds a CA alone, and cert-manager makes no such Secret", s.Namespace, s.Name)
	default:
		w.copied = append(w.copied, s)
	}
}

func (w *writing) refuse(hint, format string, args ...any) {
	w.errs = append(w.errs, &Refusal{fmt.Sprintf(format, args...), hint})
}

// bothSides tells whether a client and the server that it calls are of the same plans.
func (w *writing) bothSides() bool {
	server := func(s scenarios.Secret) bool { return s.Pair != nil && s.Pair.Server }
	return slices.ContainsFunc(w.secrets, server) && slices.ContainsFunc(w.secrets, func(s scenarios.Secret) bool { return !server(s) })
}

// copies adds what writes the cluster's own CA into Secrets, those of one name at once.
func (w *writing) copies() {
	in := map[string][]string{}
	var names []string
	for _, s := range w.copied {
		if in[s.Name] == nil {
			names = append(names, s.Name)
		}
		in[s.Name] = append(in[s.Name], s.Namespace)
	}
	for _, name := range names {
		w.all = append(w.all, copied(name, in[name], map[string]any{managedByLabel: managedBy}))
	}
}
