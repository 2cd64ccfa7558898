package pki

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// A CRL is a list of revoked certificates.
type CRL struct{ *x509.RevocationList }

// crlsIn are the lists in a value, which may be among CAs.
func crlsIn(data []byte) []CRL {
	if !bytes.Contains(data, []byte("X509 CRL")) {
		return nil
	}
	var out []CRL
	for _, b := range scan(data).blocks {
		if b.name != "X509 CRL" {
			continue
		}
		if list, err := x509.ParseRevocationList(b.der); err == nil {
			out = append(out, CRL{list})
		}
	}
	return out
}

// readCRLs reads a value that is to hold lists. Envoy takes an empty one for none.
func readCRLs(key string, data []byte) ([]CRL, []Fault) {
	if len(data) == 0 {
		return nil, nil
	}
	lists := crlsIn(data)
	t := scan(data)
	if t.veiled {
		return lists, nil
	}
	if len(lists) > 0 && len(lists) == len(t.blocks) && len(t.damaged) == 0 {
		return lists, nil
	}
	f := Fault{
		Rule: "MSH518", Kind: BadCRL, Key: key, Breaks: len(t.damaged) > 0,
		Message:     key + " holds something else than certificate revocation lists that can be read",
		Consequence: "What cannot be read is refused, or revokes nothing",
		Fix:         "Put the CA's list there as PEM: BEGIN X509 CRL",
	}
	if len(lists) == 0 {
		f.Message = key + " holds no certificate revocation list that can be read"
	}
	return lists, []Fault{f}
}

// revocation holds a verified chain against the lists that come with the CAs. With one list, Envoy asks for a list of every
// issuer in the chain, the root among them (CRL_CHECK_ALL; its documentation of trusted_ca and crl).
func revocation(chain []*x509.Certificate, lists []CRL, now time.Time) *Fault {
	if len(lists) == 0 {
		return nil
	}
	for i, c := range chain {
		issuer := chain[min(i+1, len(chain)-1)]
		if f := revoked(c, issuer, lists, now); f != nil {
			return f
		}
	}
	return nil
}

func revoked(c, issuer *x509.Certificate, lists []CRL, now time.Time) *Fault {
	name := Certificate{c, 0}.String()
	f := Fault{Rule: "MSH518", Breaks: true, Consequence: "Envoy refuses the connection: certificate verification fails"}
	err := errNoList
	for _, list := range lists {
		if !bytes.Equal(list.RawIssuer, c.RawIssuer) {
			continue
		}
		if err = list.stands(issuer, now); err != nil {
			continue
		}
		for _, entry := range list.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(c.SerialNumber) == 0 {
				f.Kind, f.Message, f.Fix = Revoked, name+" is revoked", "Issue a new certificate"
				return &f
			}
		}
		return nil
	}
	switch {
	case errors.Is(err, errNoList):
		f.Kind, f.Message = CRLMissing, fmt.Sprintf("there are revocation lists, but none of the issuer of %s", name)
		f.Fix = "Give the lists of all CAs of the chain, or none"
	case errors.Is(err, errListSignature):
		f.Kind, f.Message = BadSignatureCRL, "the revocation list for "+name+" is not signed by its issuer"
		f.Fix = "Fetch the CA's list anew"
	default:
		f.Kind, f.Message = CRLExpired, "the revocation list for "+name+" is out of date"
		f.Fix = "Renew the list, and see to it that it is renewed in time"
	}
	return &f
}

var (
	errNoList        = errors.New("no list")
	errListSignature = errors.New("wrong signature")
	errListTime      = errors.New("not valid now")
)

func (l CRL) stands(issuer *x509.Certificate, now time.Time) error {
	switch {
	case l.CheckSignatureFrom(issuer) != nil:
		return errListSignature
	case now.Before(l.ThisUpdate) || !l.NextUpdate.IsZero() && now.After(l.NextUpdate):
		return errListTime
	}
	return nil
}
