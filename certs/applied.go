package certs

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki"
)

// applied finds out whether the Secrets where they are used have come as far as the store: whoever trusts, trusts all that
// the store trusts, and whatever is shown is of the CA that signs. Certificates that no Secret carries are not seen.
func (s *Store) applied(there *bundle.Bundle) error {
	root, err := trustOf(s.dir, &index{Authorities: []Root{*s.x.signs()}})
	if err != nil {
		return err
	}
	var r pki.Reader
	signs, _ := r.CAFile(pki.File{Name: "ca.crt", Data: root}, pki.File{})
	carriers, _, err := s.Carriers()
	if err != nil {
		return err
	}
	held := map[bundle.ID]*bundle.Object{}
	for _, o := range there.Objects {
		held[o.ID] = o
	}
	var lacks []string
	for _, wanted := range carriers {
		id := wanted.Object.ID
		o := held[id]
		if o == nil {
			lacks = append(lacks, id.String()+" is not there")
			continue
		}
		want, has := valuesOf(wanted.Object), valuesOf(o)
		if e := s.x.entry(wanted.Certificate); e != nil {
			shown, _ := r.PairFiles(pki.File{Name: "tls.crt", Data: has["tls.crt"]}, pki.File{})
			q := pki.Question{Chain: shown.Chain, Purpose: pki.Purpose(e.Purpose), CA: signs.CA, Now: s.x.signs().NotBefore}
			if leaf, ok := shown.Leaf(); ok && leaf.NotBefore.After(q.Now) {
				q.Now = leaf.NotBefore // whether it has expired is another question
			}
			if why := q.Verify(); why != nil {
				lacks = append(lacks, fmt.Sprintf("%s: tls.crt is not of the CA that signs now, %s", id, s.x.signs().Subject))
			}
		}
		lacks = append(lacks, missingFrom(id.String(), has["ca.crt"], want["ca.crt"], &r)...)
	}
	if len(lacks) > 0 {
		return &NotAppliedError{s.x.Stage, lacks}
	}
	return nil
}

// missingFrom are the CAs that a bundle of them does not hold.
func missingFrom(where string, held, wanted []byte, r *pki.Reader) []string {
	has := map[string]bool{}
	there, _ := r.CAFile(pki.File{Name: "ca.crt", Data: held}, pki.File{})
	for _, c := range there.CA {
		has[string(c.Raw)] = true
	}
	all, _ := r.CAFile(pki.File{Name: "ca.crt", Data: wanted}, pki.File{})
	var lacks []string
	for _, c := range all.CA {
		if !has[string(c.Raw)] {
			lacks = append(lacks, fmt.Sprintf("%s: ca.crt lacks the CA %s", where, c))
		}
	}
	return lacks
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
