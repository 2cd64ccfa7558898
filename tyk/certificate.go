package tyk

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
)

// ReadCertificate reads the first certificate of a PEM file. Of a key that stands beside it, it takes no notice.
func ReadCertificate(data []byte) (*x509.Certificate, error) {
	for {
		block, rest := pem.Decode(data)
		switch {
		case block == nil:
			return nil, errors.New("no certificate in PEM")
		case block.Type == "CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, errors.New("a certificate that cannot be read")
			}
			return c, nil
		}
		data = rest
	}
}

// An ID is what Tyk's store calls a client certificate, twice: a gateway before 3.2 lets in only certificates stored without
// their key, and shows only those stored with it, while the store has one place for each id
// (https://github.com/TykTechnologies/tyk/blob/v2.8.4/certs/manager.go, isCertCanBeListed). So a caller's certificate is
// stored with its key for its organisation, and once more without both: the ids differ by the organisation's.
type ID struct {
	Private string // with the key: the value of upstream_certificates
	Public  string // without: an item of client_certificates
}

// IDOf is what a certificate is called in the store of an organisation.
func IDOf(c *x509.Certificate, org string) ID {
	sum := sha256.Sum256(c.Raw)
	print := hex.EncodeToString(sum[:])
	return ID{Private: org + print, Public: print}
}

// Fingerprint is the part of an id that is made of the certificate: its last 64 letters.
func Fingerprint(id string) string { return id[max(len(id)-2*sha256.Size, 0):] }
