package certs

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/cloudflare/cfssl/helpers"
)

// given verifies the chain of a CA from elsewhere, and gives the end of what it signs: no certificate outlives any of those
// above it. A chain that leads nowhere is found here, before anything is signed that nobody would accept.
func given(chain []byte, now time.Time) (end time.Time, err error) {
	roots, between := pools(chain)
	all, err := helpers.ParseCertificatesPEM(chain)
	if err != nil {
		return end, err
	}
	ca := all[0]
	if now.Before(ca.NotBefore) {
		return end, fmt.Errorf("the CA %s is not valid before %s: is the clock right, which says %s?",
			ca.Subject, ca.NotBefore.UTC().Format(time.DateTime), now.UTC().Format(time.DateTime))
	}
	if k, is := ca.PublicKey.(*rsa.PublicKey); is && k.N.BitLen() < 2048 {
		return end, fmt.Errorf("the CA %s has an RSA key of %d bits, and what it signs is refused: 2048 are the least", ca.Subject, k.N.BitLen())
	}
	chains, err := ca.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return end, fmt.Errorf("the CA %s does not lead to a root among the certificates with it: %w", ca.Subject, err)
	}
	for _, way := range chains {
		first := way[0].NotAfter
		for _, c := range way[1:] {
			if c.NotAfter.Before(first) {
				first = c.NotAfter
			}
		}
		end = latest(end, first)
	}
	return end, nil
}

// pools are the roots of a chain, and the others.
func pools(chain []byte) (roots, between *x509.CertPool) {
	roots, between = x509.NewCertPool(), x509.NewCertPool()
	all, _ := helpers.ParseCertificatesPEM(chain)
	for _, c := range all {
		if selfSigned(c) {
			roots.AddCert(c)
		} else {
			between.AddCert(c)
		}
	}
	return roots, between
}

// A careful issuer verifies what it signs: a CA from elsewhere may be limited to some names or purposes, or by its path
// length. That of a CA the store made itself would be wasted time.
type careful struct {
	Issuer
	subject        string
	roots, between *x509.CertPool
}

// Sign implements [Issuer].
func (c *careful) Sign(ctx context.Context, csr []byte, r Request, notBefore, notAfter time.Time) ([]byte, error) {
	chain, err := c.Issuer.Sign(ctx, csr, r, notBefore, notAfter)
	if err != nil {
		return nil, err
	}
	all, err := helpers.ParseCertificatesPEM(chain)
	if err != nil {
		return nil, err
	}
	leaf := all[0]
	usage := x509.ExtKeyUsageServerAuth
	if r.Purpose == Client {
		usage = x509.ExtKeyUsageClientAuth
	}
	// At the end, when everything above has begun to be valid.
	_, err = leaf.Verify(x509.VerifyOptions{Roots: c.roots, Intermediates: c.between, CurrentTime: leaf.NotAfter, KeyUsages: []x509.ExtKeyUsage{usage}})
	if err != nil {
		return nil, &AuthorityError{fmt.Errorf("certificate %s, for a %s: everybody would refuse it, because %s or a CA above it may not issue it: %w", r.Name, r.Purpose, c.subject, err)}
	}
	return chain, nil
}
