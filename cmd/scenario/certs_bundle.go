package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/certs"
	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/validate"
)

// stored are the Secrets of a folder of certificates, to stand beside manifests as if they had been applied.
type stored struct {
	dir      string
	carriers []certs.Carrier
	sealed   bool
}

// storeSecrets reads them, without their private keys, and changes nothing.
func storeSecrets(f pkiFlags) (*stored, error) {
	store, err := f.open()
	if err != nil {
		return nil, err
	}
	st := &stored{dir: store.Dir()}
	st.carriers, st.sealed, err = store.Carriers()
	return st, pkiError(err)
}

// join puts the Secrets into a bundle: before what files hold, and after what a cluster does. A file that has the same
// Secret counts, for it is what was named; unless there is no certificate in it, and it waits to be filled. Those that
// differ are what to tell the user of.
func (st *stored) join(b *bundle.Bundle) (differing []string) {
	if st == nil {
		return nil
	}
	isFile := func(o *bundle.Object) bool { return o.At("").Line > 0 }
	written := map[bundle.ID]*bundle.Object{}
	for _, o := range b.Objects {
		if isFile(o) {
			written[o.ID] = o
		}
	}
	var before, after []*bundle.Object
	for _, c := range st.carriers {
		o := written[c.Object.ID]
		if o == nil {
			before = append(before, c.Object)
			continue
		}
		switch in, here := certificates(o), certificates(c.Object); {
		case len(in) == 0:
			after = append(after, c.Object)
		case !bytes.Equal(in, here):
			differing = append(differing, fmt.Sprintf("%s is in %s, and another of that name in %s: the one of the file counts", o.ID, o.At(""), st.dir))
		}
	}
	first := slices.IndexFunc(b.Objects, isFile)
	if first < 0 {
		first = len(b.Objects)
	}
	b.Objects = slices.Concat(b.Objects[:first], before, b.Objects[first:], after)
	return differing
}

// tell says on stderr what of the folder does not count.
func (st *stored) tell(w io.Writer, differing []string) {
	if st == nil {
		return
	}
	for _, d := range differing {
		fmt.Fprintf(w, "scenario: %s\n", oneLine(d))
	}
	if st.sealed {
		fmt.Fprintf(w, "scenario: %s: its private keys are encrypted, so whether they fit their certificates was not checked; --age-identity FILE reads them\n", st.dir)
	}
}

// certificates are what is public of tls.crt and ca.crt.
func certificates(o *bundle.Object) []byte {
	typed, err := o.Typed()
	if err != nil {
		return nil
	}
	value := func(string) []byte { return nil }
	switch t := typed.(type) {
	case *corev1.Secret:
		value = func(key string) []byte {
			if text, ok := t.StringData[key]; ok {
				return []byte(text)
			}
			return t.Data[key]
		}
	case *corev1.ConfigMap:
		value = func(key string) []byte { return []byte(t.Data[key]) }
	}
	return slices.Concat(pki.Public(value("tls.crt")), pki.Public(value("ca.crt")))
}

// name says of findings about what the folder holds which certificate it is, and what makes it anew.
func (st *stored) name(found []validate.Finding) {
	if st == nil {
		return
	}
	for i := range found {
		f := &found[i]
		at := slices.IndexFunc(st.carriers, func(c certs.Carrier) bool { return c.Certificate != "" && f.File == c.Object.At("").File })
		if at < 0 {
			continue
		}
		name := st.carriers[at].Certificate
		f.Fix += fmt.Sprintf("; it is certificate %s of %s", name, st.dir)
		if f.Category == validate.Expired {
			f.Fix += fmt.Sprintf(": scenario certs renew %s --pki %s", name, quoted(st.dir))
		} else {
			f.Fix += ", which scenario certs issue makes"
		}
	}
}

// own tells whether a file is one of the folder, which nobody named.
func (st *stored) own(file string) bool {
	return st != nil && slices.ContainsFunc(st.carriers, func(c certs.Carrier) bool { return c.Object.At("").File == file })
}
