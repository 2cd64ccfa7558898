package certs

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/cloudflare/cfssl/config"
	"github.com/cloudflare/cfssl/csr"
	"github.com/cloudflare/cfssl/helpers"
	"github.com/cloudflare/cfssl/log"
	"github.com/cloudflare/cfssl/signer"
	"github.com/cloudflare/cfssl/signer/local"
)

// cfssl logs to stderr what it is about to do; what matters of that is in its errors.
func init() { log.Level = log.LevelFatal }

// backdate is how far before now certificates begin to be valid, for clocks that are behind.
const backdate = time.Hour

// An Issuer signs certificates.
type Issuer interface {
	// Sign gives the certificate for a PEM request, and those between it and the root, as PEM. What the certificate says is
	// in r and in the two times, not in the request, of which only the public key counts.
	Sign(ctx context.Context, csr []byte, r Request, notBefore, notAfter time.Time) ([]byte, error)
}

// Subject is whom a certificate is about.
type Subject struct {
	CommonName   string `json:"commonName"`
	Organization string `json:"organization,omitempty"`
}

func (s Subject) check() error {
	for what, text := range map[string]string{"common name": s.CommonName, "organization": s.Organization} {
		if why := badText(text); why != "" {
			return fmt.Errorf("CA: its %s %s", what, why)
		}
	}
	return nil
}

func (s Subject) names() []csr.Name {
	if s.Organization == "" {
		return nil
	}
	return []csr.Name{{O: s.Organization}}
}

// newRoot makes an authority that signs itself. It may sign leaves only, or, above others, authorities that may sign leaves
// only.
func newRoot(s Subject, key Key, above bool, notBefore, notAfter time.Time) (certificate, private []byte, err error) {
	// Not initca.New, which takes neither a time to begin at nor one to end at.
	request, private, err := csr.ParseRequest(&csr.CertificateRequest{CN: s.CommonName, Names: s.names(), KeyRequest: key.request()})
	if err != nil {
		return nil, nil, err
	}
	signs, err := helpers.ParsePrivateKeyPEM(private)
	if err != nil {
		return nil, nil, err
	}
	profile := &config.SigningProfile{
		Usage: []string{"cert sign", "crl sign"}, Expiry: notAfter.Sub(notBefore),
		CAConstraint:                constraint(above),
		ClientProvidesSerialNumbers: true,
	}
	certificate, err = signed(signs, nil, profile, signer.SignRequest{Request: string(request), NotBefore: notBefore, NotAfter: notAfter})
	return certificate, private, err
}

// constraint is what an authority may sign: leaves, or, above others, authorities of leaves.
func constraint(above bool) config.CAConstraint {
	if above {
		return config.CAConstraint{IsCA: true, MaxPathLen: 1}
	}
	return config.CAConstraint{IsCA: true, MaxPathLenZero: true}
}

// An authority is a certificate that issues, with its key.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	// above are the certificates between it and the root, which those it signs have to bring along; with its own first
	// where it is no root itself.
	above []byte
}

// readCA reads the certificate that issues: the first of a chain.
func readCA(chain []byte) (*x509.Certificate, error) {
	all, err := helpers.ParseCertificatesPEM(chain)
	switch {
	case err != nil || len(all) == 0:
		return nil, errors.New("the CA's certificate cannot be read: it is not PEM with CERTIFICATE blocks")
	case !all[0].IsCA:
		return nil, fmt.Errorf("the certificate %s is no CA (CA:FALSE)", all[0].Subject)
	case all[0].KeyUsage != 0 && all[0].KeyUsage&x509.KeyUsageCertSign == 0:
		return nil, fmt.Errorf("the CA %s may not sign certificates: its key usage lacks keyCertSign", all[0].Subject)
	}
	return all[0], nil
}

// readAuthority reads a chain that [readCA] has read, and the key of its first certificate.
func readAuthority(chain, key []byte) (*authority, error) {
	all, err := helpers.ParseCertificatesPEM(chain)
	if err != nil || len(all) == 0 {
		return nil, errors.New("the CA's certificate cannot be read")
	}
	signs, err := helpers.ParsePrivateKeyPEM(key)
	if err != nil {
		return nil, errors.New("the CA's private key cannot be read: it is not PEM, or it is encrypted")
	}
	a := &authority{certificate: all[0], key: signs}
	public, ok := all[0].PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(signs.Public()) {
		return nil, fmt.Errorf("the CA's private key is not that of its certificate %s", all[0].Subject)
	}
	for _, c := range all {
		if !selfSigned(c) {
			a.above = append(a.above, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
		}
	}
	return a, nil
}

func selfSigned(c *x509.Certificate) bool {
	return c.CheckSignatureFrom(c) == nil
}

// Sign implements [Issuer].
func (a *authority) Sign(_ context.Context, request []byte, r Request, notBefore, notAfter time.Time) ([]byte, error) {
	profile := &config.SigningProfile{Usage: r.usages(), Expiry: notAfter.Sub(notBefore), ClientProvidesSerialNumbers: true}
	if r.Purpose == Intermediate {
		if ca := a.certificate; ca.MaxPathLen == 0 && ca.MaxPathLenZero {
			return nil, &AuthorityError{fmt.Errorf("the CA %s may sign leaves only (path length 0), not the CA of a cluster: scenario certs init --intermediates makes one that may", ca.Subject)}
		}
		profile.CAConstraint = constraint(false)
	}
	certificate, err := signed(a.key, a.certificate, profile, signer.SignRequest{
		Hosts: r.hosts(), Request: string(request), Subject: &signer.Subject{CN: r.CommonName},
		NotBefore: notBefore, NotAfter: notAfter,
	})
	return append(certificate, a.above...), err
}

// signed is what cfssl makes of a request, with a number of 128 bits, of which all but the first are random: enough never to
// be drawn twice. RFC 5280 (4.1.2.2) allows 20 bytes.
func signed(key crypto.Signer, by *x509.Certificate, profile *config.SigningProfile, request signer.SignRequest) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return nil, err
	}
	request.Serial = serial.SetBit(serial, 127, 1) // so that every number is as long as any other, and none is 0
	s, err := local.NewSigner(key, by, signer.DefaultSigAlgo(key), &config.Signing{Default: profile})
	if err != nil {
		return nil, err
	}
	return s.Sign(request)
}
