package certs

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki"
)

// applied finds out whether the Secrets where they are used have come as far as the store: whoever trusts, trusts all that
// the store trusts, and whatever is shown is of the CA that signs. Certificates that no Secret carries are not seen.
func (c *change) applied(there *bundle.Bundle) error {
	trust, err := trustOf(c.dir, c.index)
	if err != nil {
		return err
	}
	signing := &index{Authorities: []Root{*c.signs()}}
	root, err := trustOf(c.dir, signing)
	if err != nil {
		return err
	}
	var r pki.Reader
	roots, _ := r.CAFile(pki.File{Name: "ca.crt", Data: trust}, pki.File{})
	signs, _ := r.CAFile(pki.File{Name: "ca.crt", Data: root}, pki.File{})
	held := map[string]*bundle.Object{}
	for _, o := range there.Objects {
		held[o.ID.String()] = o
	}
	var lacks []string
	for _, p := range c.carriers() {
		o := held[p.String()]
		if o == nil {
			lacks = append(lacks, p.String()+" is not there")
			continue
		}
		data := valuesOf(o)
		if p.pair {
			shown, _ := r.PairFiles(pki.File{Name: "tls.crt", Data: data["tls.crt"]}, pki.File{})
			q := pki.Question{Chain: shown.Chain, Purpose: pki.Purpose(p.entry.Purpose), CA: signs.CA, Now: c.signs().NotBefore}
			if leaf, ok := shown.Leaf(); ok && leaf.NotBefore.After(q.Now) {
				q.Now = leaf.NotBefore // whether it has expired is another question
			}
			if why := q.Verify(); why != nil {
				lacks = append(lacks, fmt.Sprintf("%s: tls.crt is not of the CA that signs now, %s", p, c.signs().Subject))
			}
		}
		if p.trust {
			lacks = append(lacks, missingFrom(p.String(), data["ca.crt"], roots.CA, &r)...)
		}
	}
	if len(lacks) > 0 {
		return &NotAppliedError{c.Stage, lacks}
	}
	return nil
}

// missingFrom are the CAs that a bundle of them does not hold.
func missingFrom(where string, held []byte, wanted []pki.Certificate, r *pki.Reader) []string {
	m, _ := r.CAFile(pki.File{Name: "ca.crt", Data: held}, pki.File{})
	has := map[string]bool{}
	for _, c := range m.CA {
		has[string(c.Raw)] = true
	}
	var lacks []string
	for _, c := range wanted {
		if !has[string(c.Raw)] {
			lacks = append(lacks, fmt.Sprintf("%s: ca.crt lacks the CA %s", where, c))
		}
	}
	return lacks
}

// A carrier is a Secret or ConfigMap with something of the store in it that a rotation changes.
type carrier struct {
	bundle.ID
	entry *Entry
	pair  bool // the certificate
	trust bool // the store's own CAs
}

// carriers are those of the index.
func (x *index) carriers() []carrier {
	var all []carrier
	add := func(r SecretRef, e *Entry) {
		first := carrier{bundle.ID{Kind: "Secret", Namespace: r.Namespace, Name: r.Name}, e, r.Shape.hasPair(), r.Shape != Pair && r.Peer == ""}
		switch r.Shape {
		case ConfigMap:
			first.Kind = "ConfigMap"
		case Split:
			second := first
			second.Name, second.pair = r.Name+"-cacert", false
			first.trust = false
			all = append(all, second)
		}
		all = append(all, first)
	}
	for i, e := range x.Entries {
		for _, r := range e.Secrets {
			add(r, &x.Entries[i])
		}
	}
	for _, r := range x.CASecrets {
		add(r, nil)
	}
	return all
}

// valuesOf are the values of a Secret or ConfigMap, decoded. What cannot be decoded is left out.
func valuesOf(o *bundle.Object) map[string][]byte {
	values := map[string][]byte{}
	tree := o.Tree()
	for _, field := range []string{"data", "stringData"} {
		fields, _ := tree[field].(map[string]any)
		for key, value := range fields {
			text, _ := value.(string)
			values[key] = []byte(text)
			if field == "data" && o.Kind == "Secret" {
				values[key], _ = pki.Base64(key, strings.TrimSpace(text))
			}
		}
	}
	return values
}
