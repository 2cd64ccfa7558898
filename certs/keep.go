package certs

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/cloudflare/cfssl/helpers"
)

// keepPeers writes other people's CAs into the store.
func (c *change) keepPeers(peers map[string][]byte) error {
	for name, pem := range peers {
		if why := CheckName(name); why != "" {
			return fmt.Errorf("CA of the other side: %s", why)
		}
		all, err := helpers.ParseCertificatesPEM(pem)
		if err != nil || len(all) == 0 {
			return fmt.Errorf("CA of the other side, %s: it is not PEM with CERTIFICATE blocks", name)
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

// keepSecrets writes down which Secrets carry what, each in one place. A Secret that carried another certificate before now
// carries the one that is wanted.
func (c *change) keepSecrets(w Wanted) error {
	owner := map[string]string{}
	claim := func(r SecretRef, by string) error {
		if other, taken := owner[r.String()]; taken {
			return fmt.Errorf("the Secret %s is to hold both %s and %s", r, other, by)
		}
		owner[r.String()] = by
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
	c.CASecrets = slices.DeleteFunc(c.CASecrets, func(r SecretRef) bool { return owner[r.String()] != "" && !slices.Contains(w.CASecrets, r) })
	c.dirty = c.dirty || len(c.CASecrets) != before
	for i := range c.Entries {
		e := &c.Entries[i]
		kept := slices.DeleteFunc(slices.Clone(e.Secrets), func(r SecretRef) bool { by := owner[r.String()]; return by != "" })
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
