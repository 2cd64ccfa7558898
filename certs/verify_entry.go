package certs

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki"
)

// entry looks at a certificate and its key.
func (v *verifying) entry(e Entry) {
	folder := filepath.Join(v.dir, versionsDir, e.Folder)
	shown := filepath.Join(v.dir, linksDir, e.Name)
	data, ok := v.file(filepath.Join(folder, "tls.crt"), filepath.Join(shown, "tls.crt"), Reissue, e.Name)
	if !ok {
		return
	}
	key := v.key(e.Folder, "tls.key", filepath.Join(shown, "tls.key"), Reissue, e.Name)
	m, faults := v.reader.PairFiles(pki.File{Name: "tls.crt", Data: data}, pki.File{Name: "tls.key", Data: key})
	faults = append(faults, m.Dates(v.now, 0)...)
	faults = append(faults, v.judged(e, m)...)
	told := map[pki.Kind]bool{}
	for _, f := range faults {
		one := findingOf(f, filepath.Join(shown, cmp.Or(f.Key, "tls.crt")))
		if one.Mend, one.Name = Reissue, e.Name; !told[f.Kind] {
			v.add(one)
		}
		told[f.Kind] = true
	}
	leaf, is := m.Leaf()
	if !is || len(faults) > 0 {
		return // of another certificate, the index says other things
	}
	file := filepath.Join(shown, "tls.crt")
	switch {
	case serial(leaf.SerialNumber) != e.Serial || !leaf.NotAfter.Equal(e.NotAfter) || !sameSet(m.Names().All(), e.Names()):
		v.add(disagrees(file, Reissue, e.Name, fmt.Sprintf("it is %s for %s, and index.json knows serial %s for %s",
			leaf, strings.Join(m.Names().All(), ", "), e.Serial, strings.Join(e.Names(), ", "))))
	case v.x.authority(e.Authority) == nil:
		v.add(disagrees(file, Reissue, e.Name, "index.json does not know the CA that issued it"))
	}
}

// judged is what the other side will find wrong with what is shown.
func (v *verifying) judged(e Entry, m pki.Material) []pki.Fault {
	leaf, is := m.Leaf()
	if !is {
		return nil
	}
	if e.Purpose == Intermediate {
		return v.intermediate(m)
	}
	purpose, faults := pki.Purpose(e.Purpose), m.Client()
	if e.Purpose == Server {
		faults = m.Server()
	}
	q := pki.Question{Chain: m.Chain, Purpose: purpose, CA: v.trust, Now: v.now}
	if f := q.Verify(); f != nil {
		faults = append(faults, *f)
	}
	has := m.Names()
	for _, name := range e.Names() {
		if !has.Answer(name) && len(has.All()) > 0 {
			faults = append(faults, pki.Fault{
				Rule: "MSH227", Kind: pki.WrongName, Key: "tls.crt", Index: leaf.Index, Breaks: true,
				Message:     fmt.Sprintf("the certificate %s was issued for %s, and does not answer to it: %s", leaf, name, has.Why(name)),
				Consequence: "The connection is refused: the subject alternative names do not match",
			})
			break
		}
	}
	return faults
}

// secrets looks at the Secrets as istiod does that hands them out. What is wrong with a certificate itself was said.
func (v *verifying) secrets() {
	objects, _, err := v.Carriers()
	if err != nil {
		return // a file is missing, which was said
	}
	held := func(namespace, name string) (pki.Secret, bool) {
		for _, c := range objects {
			if c.Object.Kind == "Secret" && c.Object.Namespace == namespace && c.Object.Name == name {
				typed, _ := c.Object.Tree()["type"].(string)
				return pki.Secret{Type: typed, Data: valuesOf(c.Object)}, true
			}
		}
		return pki.Secret{}, false
	}
	look := func(r SecretRef, e *Entry) {
		if r.Shape == ConfigMap || r.Shape == CACerts {
			return // CAs, which were looked at
		}
		use := pki.ClientSimple
		switch {
		case e != nil && r.Shape == Pair:
			use = pki.GatewaySimple
		case e != nil && e.Purpose == Server:
			use = pki.GatewayMutual
		case e != nil:
			use = pki.ClientMutual
		}
		_, faults := v.reader.Credential(r.Name, use, func(name string) (pki.Secret, bool) { return held(r.Namespace, name) })
		if i := slices.IndexFunc(faults, func(f pki.Fault) bool { return !v.said(f) }); i >= 0 {
			f := faults[i] // the others follow from it
			one := findingOf(f, filepath.Join(v.dir, indexFile))
			one.Object = bundle.ID{Kind: "Secret", Namespace: r.Namespace, Name: r.Name}
			v.add(one)
		}
	}
	for i, e := range v.x.Entries {
		if slices.ContainsFunc(v.found, func(f Finding) bool { return f.Name == e.Name }) {
			continue // its Secrets are as wrong as it is
		}
		for _, r := range e.Secrets {
			look(r, &v.x.Entries[i])
		}
	}
	for _, r := range v.x.CASecrets {
		look(r, nil)
	}
}

// said tells whether a fault was found before, where it lies.
func (v *verifying) said(f pki.Fault) bool {
	return f.Kind == pki.PublicKey || slices.ContainsFunc(v.found, func(one Finding) bool { return one.Kind == f.Kind && one.Rule == f.Rule })
}
