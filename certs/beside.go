package certs

import (
	"fmt"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki"
)

// Beside holds Secrets and ConfigMaps of a bundle against those of the same names that the store carries: whoever reads
// the one has to get along with whoever reads another of the store's. What is wrong with a Secret whatever is beside it is
// for the rules to find. There is at most one finding for each object.
func (s *Store) Beside(b *bundle.Bundle) ([]Finding, error) {
	trust, err := s.Trust()
	if err != nil {
		return nil, err
	}
	carriers, _, err := s.Carriers()
	if err != nil {
		return nil, err
	}
	var r pki.Reader
	roots, _ := r.CAFile(pki.File{Name: "ca.crt", Data: trust}, pki.File{})
	own := map[bundle.ID]Carrier{}
	for _, c := range carriers {
		own[c.Object.ID] = c
	}
	var found []Finding
	for _, o := range b.Objects {
		ours, ok := own[o.ID]
		if !ok {
			continue
		}
		has, want := valuesOf(o), valuesOf(ours.Object)
		f := s.apart(s.x.entry(ours.Certificate), has, roots.CA, &r)
		if lacks := missingFrom(o.ID.String(), has["ca.crt"], want["ca.crt"], &r); f == nil && len(has["ca.crt"]) > 0 && len(lacks) > 0 {
			f = &pki.Fault{
				Rule: "MSH226", Kind: pki.UnknownCA, Key: "ca.crt", Message: lacks[0], Breaks: true,
				Consequence: "Who trusts it refuses what the store issued",
			}
			if e := s.x.entry(ours.Certificate); e != nil && e.Purpose == Server {
				f.Rule = "MSH225"
			}
		}
		if f != nil {
			one := findingOf(*f, o.At("").File)
			one.Object, one.Mend, one.Name = o.ID, Apply, ours.Certificate
			found = append(found, one)
		}
	}
	return found, nil
}

// apart says why a certificate that stands where one of the store's should is refused by whoever trusts the store.
func (s *Store) apart(e *Entry, has map[string][]byte, roots []pki.Certificate, r *pki.Reader) *pki.Fault {
	if e == nil || len(has["tls.crt"]) == 0 {
		return nil
	}
	m, _ := r.PairFiles(pki.File{Name: "tls.crt", Data: has["tls.crt"]}, pki.File{})
	q := pki.Question{Chain: m.Chain, Purpose: pki.Purpose(e.Purpose), CA: roots, Now: s.options.Now()}
	if f := q.Verify(); f != nil {
		if f.Kind == pki.UnknownCA {
			return f
		}
		return nil
	}
	for _, name := range e.Names() {
		if !m.Names().Answer(name) {
			return &pki.Fault{
				Rule: "MSH227", Kind: pki.WrongName, Key: "tls.crt", Breaks: true,
				Message:     fmt.Sprintf("its certificate is not for %s, as the store's is: %s", name, m.Names().Why(name)),
				Consequence: "Who asks for that name refuses it",
			}
		}
	}
	return nil
}
