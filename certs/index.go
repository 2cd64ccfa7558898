package certs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// index is what the store holds, without anything secret. It is the truth: files that it does not name are not there, and
// the store changes from one state to the next when its file is replaced.
type index struct {
	Format     int      `json:"format"` // 1
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

// A Kind says where an authority comes from.
type Kind string

// The kinds.
const (
	Local  Kind = "local" // the store made it
	Given  Kind = "given" // its files were there before
	Remote Kind = "cfssl" // a CFSSL server holds its key
)

// A RemoteSource is the CFSSL server that signs for an authority.
type RemoteSource struct {
	URL string `json:"url"`
	// ServerProfile and ClientProfile are its signing profiles for the two purposes; "" is server and client. What it has no
	// profile for, it signs by its default one.
	ServerProfile string `json:"serverProfile,omitempty"`
	ClientProfile string `json:"clientProfile,omitempty"`
	// Label chooses among several CAs of one server.
	Label string `json:"label,omitempty"`
	// KeyFile is an absolute path, or "" for the environment ([RemoteKey]). The key itself is never in the store.
	KeyFile string `json:"keyFile,omitempty"`
	// ServerCA verifies the server's own certificate, as PEM.
	ServerCA []byte `json:"serverCA,omitempty"`
}

// A Root is an authority that the store knows. Whatever it signed is trusted as long as it is trusted.
type Root struct {
	Subject   string        `json:"subject"`
	Serial    string        `json:"serial"`
	Kind      Kind          `json:"kind"`
	Remote    *RemoteSource `json:"remote,omitempty"`
	Key       Key           `json:"key,omitempty"`
	NotBefore time.Time     `json:"notBefore"`
	NotAfter  time.Time     `json:"notAfter"`
	Folder    string        `json:"folder"`
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

// A PeerCA is another's CA, of which the store keeps the certificate; or several, of which the first to expire counts.
type PeerCA struct {
	Name      string    `json:"name"`
	Subject   string    `json:"subject"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	Folder    string    `json:"folder"`
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

// check refuses an index that leads out of the store, or says two things of one: somebody may have written it by hand.
func (x *index) check(dir string) error {
	at := filepath.Join(dir, indexFile)
	var folders, names []string
	for _, a := range x.Authorities {
		folders, names = append(folders, a.Folder), append(names, "CA "+a.Serial)
	}
	for _, e := range x.Entries {
		if why := CheckName(e.Name); why != "" {
			return fmt.Errorf("%s: %s", at, why)
		}
		folders, names = append(folders, e.Folder), append(names, "certificate "+e.Name)
	}
	for _, p := range x.Peers {
		folders, names = append(folders, p.Folder), append(names, "CA of another, "+p.Name)
	}
	seen := map[string]bool{}
	for i, f := range folders {
		// What begins with a dot is on its way to another name.
		if f == "" || f != filepath.Base(f) || strings.HasPrefix(f, ".") {
			return fmt.Errorf("%s: %q is not the name of a folder in %s", at, f, versionsDir)
		}
		if seen["folder "+f] || seen[names[i]] {
			return fmt.Errorf("%s: %s, in folder %s, is there twice", at, names[i], f)
		}
		seen["folder "+f], seen[names[i]] = true, true
	}
	if x.signs() == nil {
		return fmt.Errorf("%s names no authority that signs", at)
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
