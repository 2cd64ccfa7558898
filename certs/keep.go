package certs

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cloudflare/cfssl/helpers"
)

// keepPeers writes other people's CAs into the store.
func (c *change) keepPeers(peers map[string][]byte, now time.Time) error {
	for name, pem := range peers {
		if why := CheckName(name); why != "" {
			return fmt.Errorf("CA of the other side: %s", why)
		}
		all, err := peersOf(pem, now)
		if err != nil {
			return &AuthorityError{fmt.Errorf("CA of the other side: %w", err)}
		}
		pem = onlyCertificates(pem)
		sum := sha256.Sum256(pem)
		p := PeerCA{Name: name, Folder: "peer." + name + "." + hex.EncodeToString(sum[:8])}
		first := slices.MinFunc(all, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
		p.Subject, p.NotBefore, p.NotAfter = first.Subject.String(), first.NotBefore.UTC(), first.NotAfter.UTC()
		i := slices.IndexFunc(c.Peers, func(at PeerCA) bool { return at.Name == name })
		switch {
		case i >= 0 && c.Peers[i].Folder == p.Folder:
			continue
		case i >= 0:
			c.Peers[i] = p
		default:
			c.Peers = append(c.Peers, p)
		}
		c.dirty = true
		if err := c.folder(p.Folder, file{"ca.crt", pem, false}); err != nil {
			return err
		}
	}
	slices.SortFunc(c.Peers, func(a, b PeerCA) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// peersOf reads CAs of others. A server's certificate that signed itself is its own CA; any other that is none verifies
// nobody, and neither does one that has expired. Of several, some may have.
func peersOf(pem []byte, now time.Time) ([]*x509.Certificate, error) {
	all, err := helpers.ParseCertificatesPEM(pem)
	if err != nil || len(all) == 0 {
		return nil, errors.New("it is not PEM with CERTIFICATE blocks")
	}
	for _, p := range all {
		if !p.IsCA && !bytes.Equal(p.RawIssuer, p.RawSubject) {
			return nil, fmt.Errorf("%s is no CA: it was issued by %s, whose certificate belongs here", p.Subject, p.Issuer)
		}
	}
	last := slices.MaxFunc(all, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	if !now.Before(last.NotAfter) {
		return nil, fmt.Errorf("%s expired on %s", last.Subject, last.NotAfter.UTC().Format(time.DateOnly))
	}
	return all, nil
}

// keepSecrets writes down which Secrets carry what, each in one place. A Secret that carried another certificate before now
// carries the one that is wanted.
func (c *change) keepSecrets(w Wanted) error {
	owner := map[string]string{}
	owned := func(r SecretRef) bool { return owner[r.objects()[0]] != "" }
	claim := func(r SecretRef, by string) error {
		for _, o := range r.objects() {
			if other, taken := owner[o]; taken {
				return fmt.Errorf("the %s is to hold both %s and %s", o, other, by)
			}
			owner[o] = by
		}
		for _, peer := range c.Peers {
			if peer.Name == r.Peer {
				return nil
			}
		}
		if r.Peer != "" {
			return fmt.Errorf("the Secret %s: the store holds no CA of %q", r, r.Peer)
		}
		return nil
	}
	for _, r := range w.Certificates {
		for _, ref := range r.Secrets {
			if err := claim(ref, r.Name); err != nil {
				return err
			}
		}
	}
	for _, ref := range w.CASecrets {
		if err := claim(ref, "a CA alone"); err != nil {
			return err
		}
	}
	before := len(c.CASecrets)
	c.CASecrets = slices.DeleteFunc(c.CASecrets, func(r SecretRef) bool { return owned(r) && !slices.Contains(w.CASecrets, r) })
	c.dirty = c.dirty || len(c.CASecrets) != before
	for i := range c.Entries {
		e := &c.Entries[i]
		kept := slices.DeleteFunc(slices.Clone(e.Secrets), owned)
		for _, r := range kept {
			for _, o := range r.objects() {
				if owner[o] != "" {
					return fmt.Errorf("the %s holds the CA of Secret %s, which is split in two, and is to hold %s", o, r, owner[o])
				}
			}
		}
		for _, r := range w.Certificates {
			if r.Name == e.Name {
				kept = append(kept, r.Secrets...)
			}
		}
		slices.SortFunc(kept, compareRefs)
		if !slices.Equal(kept, e.Secrets) {
			e.Secrets, c.dirty = kept, true
		}
	}
	for _, ref := range w.CASecrets {
		if !slices.Contains(c.CASecrets, ref) {
			c.CASecrets, c.dirty = append(c.CASecrets, ref), true
		}
	}
	slices.SortFunc(c.CASecrets, compareRefs)
	return nil
}

func compareRefs(a, b SecretRef) int {
	return strings.Compare(a.String()+"="+string(a.Shape)+a.Peer, b.String()+"="+string(b.Shape)+b.Peer)
}
