package pki

import (
	"encoding/pem"
	"testing"
	"time"
)

// FuzzValue: any value is read under every key without a panic; where nothing breaks, encoding/pem finds the blocks too;
// and every fault says all that there is to say.
func FuzzValue(f *testing.F) {
	w := world
	for _, seed := range [][]byte{
		w.leaf.PEM(w.middle), w.leaf.KeyPEM(), w.leaf.Raw, twiceEncoded(w.leaf.PEM()), w.root.CRL(time.Now()), []byte("-----BEGIN X-----\n\n"),
		[]byte("-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END PRIVATE KEY-----"), glue(w.root.PEM(), w.root.KeyPEM()),
	} {
		f.Add(seed)
	}
	good := w.leaf.Secret(w.root, w.middle)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, key := range []string{"tls.crt", "tls.key", "ca.crt", "ca.crl"} {
			m, faults := FromSecret(with(good, key, data), "kubernetes.io/tls")
			faults = append(faults, m.Dates(time.Now(), 30)...)
			faults = append(append(faults, m.Server()...), m.Client()...)
			for _, use := range []Use{GatewaySimple, GatewayMutual, ClientSimple, ClientMutual} {
				faults = append(faults, m.Lacks(use)...)
			}
			if v := (Question{Chain: m.Chain, Purpose: Server, CA: m.CA, CRLs: m.CRLs, Names: []string{"a"}, Now: time.Now()}).Verify(); v != nil {
				faults = append(faults, *v)
			}
			for _, fault := range faults {
				if fault.Rule == "" || fault.Kind == "" || fault.Message == "" || fault.Consequence == "" || fault.Fix == "" {
					t.Fatalf("not all is said: %+v", fault)
				}
			}
		}
		mine := scan(data)
		if len(mine.damaged) > 0 || mine.inside {
			return
		}
		rest := data
		for _, b := range mine.blocks {
			var theirs *pem.Block
			if theirs, rest = pem.Decode(rest); theirs == nil || theirs.Type != b.name || string(theirs.Bytes) != string(b.der) {
				return // encoding/pem is stricter about headers and names, and looser elsewhere
			}
		}
	})
}

// FuzzNames: the comparison never panics, and a literal name always answers to itself.
func FuzzNames(f *testing.F) {
	f.Add("a.example", "*.example")
	f.Fuzz(func(t *testing.T, entry, name string) {
		n := Names{DNS: []string{name}}
		if n.Answer(entry) && n.Why(entry) == "" || !n.Answer(name) {
			t.Errorf("%q and %q", entry, name)
		}
		n.Cover(entry)
		ParseSPIFFE(entry)
	})
}
