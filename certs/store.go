package certs

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/cloudflare/cfssl/helpers"
)

// A Store is a folder with an authority, certificates and their keys. Many processes may read it, and one at a time changes
// it.
//
//	index.json                  what there is, without secrets
//	ca.crt                      the CAs to trust
//	certs/NAME/tls.crt tls.key  the certificates; with age, tls.key.age
//	versions/                   where they really are
type Store struct {
	dir     string
	options Options
	x       *index
}

// Options are what a store cannot know by itself. The zero value reads, and changes what is not encrypted.
type Options struct {
	// Now is the clock; nil is the machine's.
	Now func() time.Time
	// Identity is a file with identities of age, for stores whose keys are encrypted.
	Identity string
}

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Init says how to make a store.
type Init struct {
	Subject  Subject
	Key      Key           // "" is DefaultKey
	Validity time.Duration // of the CA; 0 is ten years
	// Chain and PrivateKey are an existing CA, as PEM: the certificate that issues, what lies between it and the root, and
	// the root. Then there is nothing to make.
	Chain, PrivateKey []byte
	// Remote is the CFSSL server that has the private key of Chain.
	Remote *RemoteSource
	// Recipients are public keys of age, to whom all private keys are encrypted.
	Recipients []string
	// InGit allows private keys inside a Git work tree.
	InGit bool
	// Intermediates lets the CA sign CAs, each of which signs leaves only.
	Intermediates bool
}

// DefaultSubject is the CA's where nobody names another.
var DefaultSubject = Subject{CommonName: "scenario CA", Organization: "scenario"}

// DefaultCAValidity is how long a CA lasts.
const DefaultCAValidity = 3650 * day

// Create makes a store in a folder that is empty or not there. When it fails, the folder is as it was.
func Create(dir string, i Init, o Options) (_ *Store, err error) {
	o.fill()
	if i.Subject.CommonName == "" {
		i.Subject = DefaultSubject
	}
	if i.Key == "" {
		i.Key = DefaultKey
	}
	if i.Validity == 0 {
		i.Validity = DefaultCAValidity
	}
	if !i.InGit && len(i.Recipients) == 0 {
		if err := CheckWorkTree(dir); err != nil {
			return nil, err
		}
	}
	if err := i.Subject.check(); err != nil {
		return nil, &RequestError{err}
	}
	if i.Validity < time.Hour {
		return nil, &RequestError{fmt.Errorf("CA: valid for %s, less than an hour", Duration(i.Validity))}
	}
	if !slices.Contains(Keys, i.Key) {
		return nil, &RequestError{fmt.Errorf("CA: unknown kind of key %q: the kinds are %s", i.Key, kinds())}
	}
	c := &change{dir: dir, index: &index{Format: 1, Subject: i.Subject, Recipients: i.Recipients, InGit: i.InGit, Intermediates: i.Intermediates}}
	if c.to, err = ParseRecipients(i.Recipients); err != nil {
		return nil, err
	}
	fresh := !exists(dir)
	if !fresh {
		if err := vacant(dir); err != nil {
			return nil, err
		}
	}
	step("mkdir " + dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	release, err := hold(context.Background(), dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	// Again, now that nobody else makes one here.
	if err := vacant(dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, undo(dir, fresh))
		}
	}()
	if err := clear(dir); err != nil {
		return nil, err
	}
	for _, d := range []string{versionsDir, linksDir} {
		at := filepath.Join(dir, d)
		step("mkdir " + at)
		if err := os.Mkdir(at, 0o700); err != nil {
			return nil, err
		}
	}
	if err := replace(filepath.Join(dir, ".gitignore"), []byte("# Private keys: nothing of this folder belongs into Git.\n*\n"), 0o644); err != nil {
		return nil, err
	}
	now := o.Now().UTC().Truncate(time.Second)
	if err := c.root(i, now); err != nil {
		return nil, err
	}
	c.Changed = now
	if err := c.commit(); err != nil {
		return nil, err
	}
	if err := syncPath(filepath.Dir(filepath.Clean(dir))); err != nil {
		return nil, err
	}
	return &Store{dir, o, c.index}, c.settle()
}

// root adds an authority to the index: the one that is given, or a new one.
func (c *change) root(i Init, now time.Time) error {
	r := Root{Kind: Local, Key: i.Key, Remote: i.Remote}
	chain, private := i.Chain, i.PrivateKey
	switch {
	case i.Remote != nil:
		r.Kind, r.Key = Remote, ""
	case chain != nil:
		r.Kind, r.Key = Given, "" // is what it is
	default:
		var err error
		if chain, private, err = newRoot(i.Subject, i.Key, c.Intermediates, now.Add(-backdate), now.Add(i.Validity)); err != nil {
			return fmt.Errorf("CA: %w", err)
		}
	}
	certificate, err := readCA(chain)
	if err == nil && r.Remote == nil {
		_, err = readAuthority(chain, private)
	} else if err == nil {
		_, err = r.Remote.issuer(chain)
	}
	switch {
	case err != nil:
		return &AuthorityError{err}
	case len(rootsOf(chain)) == 0:
		return &AuthorityError{fmt.Errorf("the chain of the CA %s has no root: append the certificates up to the one that is self-signed", certificate.Subject)}
	case !now.Before(certificate.NotAfter):
		return &AuthorityError{fmt.Errorf("the CA %s expired on %s", certificate.Subject, certificate.NotAfter.UTC().Format(time.DateOnly))}
	}
	r.Subject, r.Serial = certificate.Subject.String(), serial(certificate.SerialNumber)
	r.NotBefore, r.NotAfter = certificate.NotBefore, certificate.NotAfter
	r.Folder = "ca." + r.Serial
	if c.authority(r.Serial) != nil {
		return &AuthorityError{fmt.Errorf("the CA %s is the store's already", certificate.Subject)}
	}
	c.Authorities = append(c.Authorities, r)
	if c.Signing == "" {
		c.Signing = r.Serial
	}
	files := []file{{"ca.crt", onlyCertificates(chain), false}}
	if r.Kind != Remote {
		files = append(files, file{"ca.key", private, true})
	}
	return c.folder(r.Folder, files...)
}

// onlyCertificates are the certificates of a PEM file, without what else stands between them: the copy is public.
func onlyCertificates(data []byte) []byte {
	all, _ := helpers.ParseCertificatesPEM(data)
	var out []byte
	for _, c := range all {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

// rootsOf are the self-signed certificates among those of a chain.
func rootsOf(chain []byte) []byte {
	all, _ := helpers.ParseCertificatesPEM(chain)
	var roots []byte
	for _, c := range all {
		if selfSigned(c) {
			roots = append(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
		}
	}
	return roots
}

// Open reads a store.
func Open(dir string, o Options) (*Store, error) {
	o.fill()
	x, err := readIndex(dir)
	if err != nil {
		return nil, err
	}
	return &Store{dir, o, x}, nil
}

// Dir is the store's folder.
func (s *Store) Dir() string { return s.dir }

// Entries are the certificates, by name.
func (s *Store) Entries() []Entry { return s.x.clone().Entries }

// Authorities are the CAs that the store trusts, the oldest first.
func (s *Store) Authorities() []Root { return s.x.clone().Authorities }

// Trust are the CAs that verify what the store issued, as PEM.
func (s *Store) Trust() ([]byte, error) { return trustOf(s.dir, s.x) }

func trustOf(dir string, x *index) ([]byte, error) {
	var all []byte
	for _, a := range x.Authorities {
		chain, err := os.ReadFile(filepath.Join(dir, versionsDir, a.Folder, "ca.crt"))
		if err != nil {
			return nil, err
		}
		for _, root := range bytes.SplitAfter(rootsOf(chain), []byte("-----END CERTIFICATE-----\n")) {
			if !bytes.Contains(all, root) {
				all = append(all, root...)
			}
		}
	}
	return all, nil
}

// Pair is a certificate, with those between it and the root, and its private key, as PEM.
func (s *Store) Pair(name string) (certificate, key []byte, err error) {
	for range 2 {
		e := s.x.entry(name)
		if e == nil {
			return nil, nil, &UnknownError{s.dir, name}
		}
		certificate, err = os.ReadFile(filepath.Join(s.dir, versionsDir, e.Folder, "tls.crt"))
		if err == nil {
			key, err = s.private(e.Folder, "tls.key")
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return certificate, key, err
		}
		// It may have been renewed since the index was read.
		if s.x, err = readIndex(s.dir); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("%s: the files of certificate %s are gone", s.dir, name)
}

// private reads a private key, decrypting it where it has to be.
func (s *Store) private(folder, name string) ([]byte, error) {
	at := filepath.Join(s.dir, versionsDir, folder, name)
	data, err := os.ReadFile(at)
	if !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	sealed, err := os.ReadFile(at + sealedSuffix)
	if err != nil {
		return nil, err
	}
	return unseal(sealed, s.options.Identity)
}

// issuer is the authority that signs.
func (s *Store) issuer(c *change) (Issuer, error) {
	a := c.signs()
	chain, err := os.ReadFile(filepath.Join(s.dir, versionsDir, a.Folder, "ca.crt"))
	if err != nil {
		return nil, err
	}
	if a.Remote != nil {
		return a.Remote.issuer(chain)
	}
	private, err := s.private(a.Folder, "ca.key")
	if err != nil {
		return nil, err
	}
	return readAuthority(chain, private)
}

// An AuthorityError says that the files of an existing CA do not make one.
type AuthorityError struct{ error }

func (e *AuthorityError) Unwrap() error { return e.error }

// An UnknownError says that the store has no certificate of that name.
type UnknownError struct{ Dir, Name string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%s holds no certificate %q", e.Dir, e.Name)
}

// An ExistsError says that a folder holds something already: a store, or what is none.
type ExistsError struct {
	Dir   string
	Store bool
}

func (e *ExistsError) Error() string {
	if e.Store {
		return e.Dir + " holds certificates already"
	}
	return e.Dir + " is not empty, and what it holds is no store of certificates"
}

// serial writes a number as openssl does.
func serial(n *big.Int) string { return fmt.Sprintf("%032x", n) }

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}
