package certs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// index is what the store holds, without anything secret. It is the truth: files that it does not name are not there, and
// the store changes from one state to the next when its file is replaced.
type index struct {
	Format     int      `json:"format"` // 1
	Issuer     Source   `json:"issuer"`
	Subject    Subject  `json:"subject"`
	Recipients []string `json:"ageRecipients,omitempty"`
	InGit      bool     `json:"inGit,omitempty"`
	// Intermediates says that the CA may sign CAs.
	Intermediates bool `json:"intermediates,omitempty"`
	// Stage is how far the rotation of the CA has come; "" is that there is none.
	Stage       Stage       `json:"rotation,omitempty"`
	Authorities []Root      `json:"authorities"`
	Signing     string      `json:"signing"` // the serial of the one that signs
	Entries     []Entry     `json:"certificates"`
	CASecrets   []SecretRef `json:"caSecrets,omitempty"` // those with nothing but the CAs that verify somebody
	Peers       []PeerCA    `json:"peers,omitempty"`
	Changed     time.Time   `json:"changed"`
}

// A Stage is how far the rotation of the CA has come.
type Stage string

// A Source says who signs.
type Source struct {
	Kind string `json:"kind"` // local, given (an existing CA's files) or cfssl
}

// A Root is an authority that the store knows. Whatever it signed is trusted as long as it is trusted.
type Root struct {
	Subject   string    `json:"subject"`
	Serial    string    `json:"serial"`
	Key       Key       `json:"key,omitempty"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	Folder    string    `json:"folder"`
}

// An Entry is one certificate of the store.
type Entry struct {
	Name       string      `json:"name"`
	Purpose    Purpose     `json:"purpose"`
	CommonName string      `json:"commonName,omitempty"`
	DNS        []string    `json:"dns,omitempty"`
	IPs        []string    `json:"ips,omitempty"`
	URIs       []string    `json:"uris,omitempty"`
	Key        Key         `json:"key"`
	Validity   string      `json:"validity"`
	Secrets    []SecretRef `json:"secrets,omitempty"`
	Serial     string      `json:"serial"`
	Authority  string      `json:"authority"` // the serial of its root
	NotBefore  time.Time   `json:"notBefore"`
	NotAfter   time.Time   `json:"notAfter"`
	Folder     string      `json:"folder"`
}

// A PeerCA is another's CA, of which the store keeps the certificate.
type PeerCA struct {
	Name   string `json:"name"`
	Folder string `json:"folder"`
}

// Names are all subject alternative names of the certificate.
func (e Entry) Names() []string { return slices.Concat(e.DNS, e.IPs, e.URIs) }

const (
	indexFile   = "index.json"
	lockFile    = ".lock"
	versionsDir = "versions"
	linksDir    = "certs"
	trustFile   = "ca.crt"
)

// readIndex reads the index of a folder. A folder without one is no store.
func readIndex(dir string) (*index, error) {
	data, err := os.ReadFile(filepath.Join(dir, indexFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NoStoreError{dir}
	}
	if err != nil {
		return nil, err
	}
	var x index
	if err := json.Unmarshal(data, &x); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, indexFile), err)
	}
	if x.Format != 1 {
		return nil, fmt.Errorf("%s has format %d: it was written by a newer scenario, which has to read it", filepath.Join(dir, indexFile), x.Format)
	}
	return &x, x.check(dir)
}

// check refuses an index that leads out of the store: somebody may have written it by hand.
func (x *index) check(dir string) error {
	var folders []string
	for _, a := range x.Authorities {
		folders = append(folders, a.Folder)
	}
	for _, e := range x.Entries {
		folders = append(folders, e.Folder)
		if why := CheckName(e.Name); why != "" {
			return fmt.Errorf("%s: %s", filepath.Join(dir, indexFile), why)
		}
	}
	for _, p := range x.Peers {
		folders = append(folders, p.Folder)
	}
	for _, f := range folders {
		if f == "" || f != filepath.Base(f) || f == "." || f == ".." {
			return fmt.Errorf("%s: %q is not the name of a folder in %s", filepath.Join(dir, indexFile), f, versionsDir)
		}
	}
	if x.signs() == nil {
		return fmt.Errorf("%s names no authority that signs", filepath.Join(dir, indexFile))
	}
	return nil
}

// signs is the authority that issues.
func (x *index) signs() *Root { return x.authority(x.Signing) }

func (x *index) authority(serial string) *Root {
	for i := range x.Authorities {
		if x.Authorities[i].Serial == serial {
			return &x.Authorities[i]
		}
	}
	return nil
}

func (x *index) entry(name string) *Entry {
	for i := range x.Entries {
		if x.Entries[i].Name == name {
			return &x.Entries[i]
		}
	}
	return nil
}

func (x *index) clone() *index {
	data, err := json.Marshal(x)
	if err != nil {
		panic(err) // plain data
	}
	var c index
	if err := json.Unmarshal(data, &c); err != nil {
		panic(err)
	}
	return &c
}

// A NoStoreError says that a folder is no store.
type NoStoreError struct{ Dir string }

func (e *NoStoreError) Error() string {
	return e.Dir + " holds no certificates: it has no " + indexFile
}
