package certs

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/cloudflare/cfssl/helpers"
)

// check holds an answer against what was asked for, and gives the certificate with what lies between it and its root.
func (r *remote) check(answer, csr []byte, q Request, notBefore, notAfter time.Time) ([]byte, error) {
	all, err := helpers.ParseCertificatesPEM(answer)
	if err != nil || len(all) == 0 {
		return nil, errors.New("its answer holds no certificate")
	}
	leaf := all[0]
	if why := errors.Join(otherKey(leaf, csr), otherNames(leaf, q), otherPurpose(leaf, q), otherTime(leaf, notBefore, notAfter)); why != nil {
		return nil, why
	}
	between := r.between.Clone()
	for _, c := range all[1:] {
		between.AddCert(c)
	}
	var chain []*x509.Certificate
	// A certificate of the CA that ends sooner is found at the end.
	for _, now := range []time.Time{latest(leaf.NotBefore, notBefore), leaf.NotAfter} {
		chains, err := leaf.Verify(x509.VerifyOptions{Roots: r.roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		if err != nil {
			return nil, fmt.Errorf("what it signed does not lead to the CA that was given, at %s: %w", now.UTC().Format(time.DateTime), err)
		}
		chain = chains[0]
	}
	var text bytes.Buffer
	for _, c := range chain[:len(chain)-1] {
		if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func otherKey(leaf *x509.Certificate, csr []byte) error {
	block, _ := pem.Decode(csr)
	if block == nil {
		return errors.New("the request is not PEM")
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return err
	}
	public, ok := leaf.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(request.PublicKey) {
		return errors.New("the certificate is for another key than was sent")
	}
	return nil
}

// otherNames: names that were left out make it useless, and names that were added make it somebody else's too.
func otherNames(leaf *x509.Certificate, q Request) error {
	if leaf.Subject.CommonName != q.CommonName || len(leaf.Subject.Names) > 1 {
		return fmt.Errorf("the certificate is about %q, not %q", leaf.Subject, "CN="+q.CommonName)
	}
	want := slices.Concat(q.DNS, q.URIs)
	for _, ip := range q.IPs {
		want = append(want, net.ParseIP(ip).String()) // there are many ways to write one
	}
	if got := namesOf(leaf); !sameSet(got, want) {
		return fmt.Errorf("the certificate names %s, not %s", strings.Join(got, ", "), strings.Join(want, ", "))
	}
	return nil
}

func namesOf(c *x509.Certificate) []string {
	all := slices.Concat(c.DNSNames, c.EmailAddresses)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	for _, u := range c.URIs {
		all = append(all, u.String())
	}
	return all
}

// otherPurpose: one that serves for more than was asked for can be stolen here and used there.
func otherPurpose(leaf *x509.Certificate, q Request) error {
	want := x509.ExtKeyUsageServerAuth
	if q.Purpose == Client {
		want = x509.ExtKeyUsageClientAuth
	}
	advice := fmt.Sprintf(`: name a profile with the usages "signing" and %q`, string(q.Purpose)+" auth")
	switch {
	case leaf.IsCA || leaf.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0:
		return errors.New("the certificate is that of a CA" + advice)
	case !slices.Equal(leaf.ExtKeyUsage, []x509.ExtKeyUsage{want}) || len(leaf.UnknownExtKeyUsage) > 0:
		return fmt.Errorf("the certificate is for %s, not for a %s alone%s", purposes(leaf), q.Purpose, advice)
	case leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return errors.New("the certificate's key may not sign, as TLS needs it to" + advice)
	}
	return nil
}

func purposes(c *x509.Certificate) string {
	var all []string
	for _, u := range c.ExtKeyUsage {
		switch u {
		case x509.ExtKeyUsageServerAuth:
			all = append(all, "servers")
		case x509.ExtKeyUsageClientAuth:
			all = append(all, "clients")
		default:
			all = append(all, "other things")
		}
	}
	if len(all) == 0 {
		return "anything"
	}
	return strings.Join(all, " and ")
}

func otherTime(leaf *x509.Certificate, notBefore, notAfter time.Time) error {
	switch {
	case leaf.NotAfter.After(notAfter):
		return fmt.Errorf("the certificate ends on %s, later than %s, which was asked for: ask for as long as the profile's expiry, or name another profile",
			leaf.NotAfter.UTC().Format(time.DateTime), notAfter.UTC().Format(time.DateTime))
	case !leaf.NotAfter.After(latest(leaf.NotBefore, notBefore)):
		return fmt.Errorf("the certificate had expired on %s, before it was made", leaf.NotAfter.UTC().Format(time.DateTime))
	}
	return nil
}
