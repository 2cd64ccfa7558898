package certs

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/meshscenario/scenario/pki"
)

// Verify looks at everything in the store as those will who are given it: whether keys fit their certificates, chains lead
// to what is trusted, names and purposes are what was asked for, all is valid now, private keys are the owner's alone, the
// index says what the files hold, and every Secret can be served. Sealed tells that private keys were not looked at,
// because they are encrypted and nobody said how to read them.
func (s *Store) Verify() (found []Finding, sealed bool, err error) {
	for range 3 {
		v := &verifying{Store: &Store{s.dir, s.options, s.x}, now: s.options.Now(), reader: &pki.Reader{}}
		v.run()
		x, err := readIndex(s.dir)
		if err != nil {
			return nil, false, err
		}
		if reflect.DeepEqual(x, s.x.clone()) {
			return v.found, v.sealed, nil
		}
		s.x = x // somebody changed it meanwhile
	}
	return nil, false, fmt.Errorf("%s is changed again and again, so it cannot be looked at", s.dir)
}

type verifying struct {
	*Store
	now    time.Time
	reader *pki.Reader
	trust  []pki.Certificate
	found  []Finding
	sealed bool
}

func (v *verifying) run() {
	for _, a := range v.x.Authorities {
		v.authority(a)
	}
	for _, p := range v.x.Peers {
		v.peer(p)
	}
	for _, e := range v.x.Entries {
		v.entry(e)
	}
	v.secrets()
	v.settled()
	v.modes()
	slices.SortStableFunc(v.found, func(a, b Finding) int { return cmp.Compare(a.File, b.File) })
}

func (v *verifying) add(f Finding) { v.found = append(v.found, f) }

// file reads one of a version, which is shown by another name; where it is not there, that is a finding.
func (v *verifying) file(name, shown string, mend Mend, of string) ([]byte, bool) {
	data, err := os.ReadFile(name)
	if err != nil {
		v.add(Finding{
			Rule: StoreFile, File: shown, Breaks: true, Mend: mend, Name: of,
			Message: "the file cannot be read: " + reason(err), Consequence: "nobody can be given it",
		})
	}
	return data, err == nil
}

// reason is an error of the file system without the name of the file.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}

// key reads a private key, decrypting it where it has to be; not there, or unreadable, is a finding.
func (v *verifying) key(folder, name, shown string, mend Mend, of string) []byte {
	data, err := v.private(folder, name)
	var sealed *SealedError
	switch {
	case err == nil:
		return data
	case errors.As(err, &sealed):
		v.sealed = true
	default:
		v.add(Finding{
			Rule: StoreFile, File: shown, Breaks: true, Mend: mend, Name: of,
			Message: "the private key cannot be read: " + reason(err), Consequence: "nothing can be done with its certificate",
		})
	}
	return nil
}

// authority looks at a CA.
func (v *verifying) authority(a Root) {
	file := filepath.Join(v.dir, versionsDir, a.Folder, "ca.crt")
	data, ok := v.file(file, file, Restore, "")
	if !ok {
		return
	}
	m, faults := v.reader.CAFile(pki.File{Name: "ca.crt", Data: data}, pki.File{})
	faults = append(faults, m.Dates(v.now, 0)...)
	roots, _ := v.reader.CAFile(pki.File{Name: "ca.crt", Data: rootsOf(data)}, pki.File{})
	v.trust = append(v.trust, roots.CA...)
	if a.Serial == v.x.Signing && a.Kind != Remote {
		if key := v.key(a.Folder, "ca.key", filepath.Join(filepath.Dir(file), "ca.key"), Restore, ""); key != nil {
			_, pair := v.reader.PairFiles(pki.File{Name: "ca.crt", Data: data}, pki.File{Name: "ca.key", Data: key})
			faults = append(faults, slices.DeleteFunc(pair, func(f pki.Fault) bool { return f.Key != "ca.key" })...)
		}
	}
	for _, f := range faults {
		one := findingOf(f, file)
		if f.Key == "ca.key" {
			one.File = filepath.Join(filepath.Dir(file), "ca.key")
		}
		if one.Mend = Replace; f.Kind == pki.Expired {
			one.Breaks = true // also beside another CA: what it issued is refused
		}
		v.add(one)
	}
	if len(m.CA) == 0 || len(faults) > 0 {
		return
	}
	switch c := m.CA[0]; {
	case !c.IsCA:
		v.add(Finding{Rule: "MSH514", Kind: pki.NotCA, File: file, Breaks: true, Mend: Restore,
			Message: fmt.Sprintf("%s is no CA", c), Consequence: "nobody accepts what it issued"})
	case serial(c.SerialNumber) != a.Serial || c.Subject.String() != a.Subject || !c.NotAfter.Equal(a.NotAfter):
		v.add(disagrees(file, Restore, "", fmt.Sprintf("it is %s, and index.json knows %q, serial %s", c, a.Subject, a.Serial)))
	}
}

func disagrees(file string, mend Mend, name, message string) Finding {
	return Finding{
		Rule: StoreIndex, File: file, Mend: mend, Name: name, Breaks: true, Message: message,
		Consequence: "what is said of the store is not what it gives out",
	}
}

// peer looks at another's CA.
func (v *verifying) peer(p PeerCA) {
	file := filepath.Join(v.dir, versionsDir, p.Folder, "ca.crt")
	data, ok := v.file(file, file, Peer, p.Name)
	if !ok {
		return
	}
	m, faults := v.reader.CAFile(pki.File{Name: "ca.crt", Data: data}, pki.File{})
	for _, f := range append(faults, m.Dates(v.now, 0)...) {
		one := findingOf(f, file)
		one.Mend, one.Name = Peer, p.Name
		v.add(one)
	}
}

// settled looks at what follows from the index: the links, and the CAs in one file.
func (v *verifying) settled() {
	trust, err := v.Trust()
	if err == nil {
		name := filepath.Join(v.dir, trustFile)
		if at, err := os.ReadFile(name); err != nil || !bytes.Equal(at, trust) {
			v.add(Finding{
				Rule: StoreFile, File: name, Breaks: true, Mend: Settle,
				Message: "it does not hold the CAs that the store trusts", Consequence: "who takes the CAs from there trusts others",
			})
		}
	}
	for _, e := range v.x.Entries {
		name := filepath.Join(v.dir, linksDir, e.Name)
		if at, err := os.Readlink(name); err != nil || at != filepath.Join("..", versionsDir, e.Folder) {
			v.add(Finding{
				Rule: StoreFile, File: name, Breaks: true, Mend: Settle,
				Message: "it does not lead to the certificate that counts", Consequence: "who takes it from there has another",
			})
		}
	}
}

// modes looks at who may read private keys.
func (v *verifying) modes() {
	root := filepath.Join(v.dir, versionsDir)
	keys, _ := filepath.Glob(filepath.Join(root, "*", "*.key"))
	for _, name := range keys {
		info, err := os.Lstat(name)
		if err != nil {
			continue
		}
		of := v.nameOf(filepath.Base(filepath.Dir(name)))
		if of != "" {
			name = filepath.Join(v.dir, linksDir, of, filepath.Base(name))
		}
		if open := info.Mode().Perm() &^ 0o600; open != 0 {
			v.add(Finding{
				Rule: KeyReadable, File: name, Breaks: true, Mend: Chmod,
				Message:     fmt.Sprintf("the private key has mode %#o instead of 0600", info.Mode().Perm()),
				Consequence: "who reads it can show the certificate as his own",
			})
		}
		if v.Sealed() {
			v.add(Finding{
				Rule: KeyUnencrypted, File: name, Breaks: true, Mend: Reissue, Name: of,
				Message: "the private key is in the clear, and those of this store are encrypted", Consequence: "who gets the folder has the key",
			})
		}
	}
}

// nameOf is the certificate whose folder it is, or "".
func (v *verifying) nameOf(folder string) string {
	for _, e := range v.x.Entries {
		if e.Folder == folder {
			return e.Name
		}
	}
	return ""
}
