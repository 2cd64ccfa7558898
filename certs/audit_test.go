package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// audit reads everything that a store holds: each certificate is signed by a CA that is trusted, each key is that of its
// certificate, each link leads to a pair, and nobody else can read a key.
func audit(t *testing.T, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := s.Trust()
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(trust)
	for _, e := range s.Entries() {
		certificate, key, err := s.Pair(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		pair, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: e.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		if serial(pair.Leaf.SerialNumber) != e.Serial {
			t.Errorf("%s is another certificate than the index says", e.Name)
		}
	}
	if _, err := s.issuer(&change{index: s.x, dir: dir}); err != nil {
		t.Error(err)
	}
	links, err := os.ReadDir(filepath.Join(dir, linksDir))
	if err != nil {
		t.Error(err)
	}
	for _, l := range links {
		if strings.HasPrefix(l.Name(), ".") {
			continue // on its way into the place of another
		}
		if o.Identity != "" {
			continue
		}
		at := filepath.Join(dir, linksDir, l.Name())
		if _, err := tls.LoadX509KeyPair(filepath.Join(at, "tls.crt"), filepath.Join(at, "tls.key")); err != nil {
			t.Errorf("certs/%s: %v", l.Name(), err)
		}
	}
	private(t, dir)
	return s
}

// private looks for files and folders of a store that others than their owner may reach and must not.
func private(t *testing.T, dir string) {
	t.Helper()
	public := []string{indexFile, trustFile, ".gitignore", "." + indexFile + ".new", "." + trustFile + ".new", "..gitignore.new", "tls.crt", "ca.crt"}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir || d.Type() == fs.ModeSymlink {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 && !(info.Mode().IsRegular() && slices.Contains(public, d.Name())) {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// exact holds the files of a store against its index: nothing is missing, and nothing else is there.
func exact(t *testing.T, dir string) {
	t.Helper()
	x, err := readIndex(dir)
	if err != nil {
		t.Fatal(err)
	}
	suffix := ""
	if len(x.Recipients) > 0 {
		suffix = sealedSuffix
	}
	want := []string{".", indexFile, trustFile, lockFile, ".gitignore", versionsDir, linksDir}
	pair := func(folder, name string) {
		at := filepath.Join(versionsDir, folder)
		want = append(want, at, filepath.Join(at, name+".crt"), filepath.Join(at, name+".key"+suffix))
	}
	for _, a := range x.Authorities {
		pair(a.Folder, "ca")
	}
	for _, e := range x.Entries {
		pair(e.Folder, "tls")
		want = append(want, filepath.Join(linksDir, e.Name)+" -> ../versions/"+e.Folder)
	}
	for _, p := range x.Peers {
		at := filepath.Join(versionsDir, p.Folder)
		want = append(want, at, filepath.Join(at, "ca.crt"))
	}
	var got []string
	for name := range listing(t, dir) {
		got = append(got, name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s holds\n%s\nand the index says\n%s", dir, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	s := &Store{dir: dir, x: x}
	trust, err := s.Trust()
	if at, readErr := os.ReadFile(filepath.Join(dir, trustFile)); err != nil || readErr != nil || !bytes.Equal(trust, at) {
		t.Errorf("%s is not what is trusted: %v, %v", trustFile, err, readErr)
	}
}

// listing is a folder with all that is in it: names, where links lead, modes and contents.
func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		info, err := d.Info()
		if err != nil {
			return err
		}
		var data []byte
		switch {
		case d.Type() == fs.ModeSymlink:
			target, _ := os.Readlink(path)
			name += " -> " + target
		case d.Type().IsRegular():
			if data, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		all[name] = fmt.Sprintf("%s %x", info.Mode(), data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
