package certmanager

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// ParseCA reads certificates of CAs out of a text of PEM, and drops what is around them. Anything else that is in PEM is an
// error: a private key must not get into a manifest.
func ParseCA(text []byte) ([]byte, error) {
	var out bytes.Buffer
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("it holds a block %q: the certificates of CAs belong there, and nothing else", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("a certificate in it cannot be read: %w", err)
		}
		if !c.IsCA {
			return nil, fmt.Errorf("%q is not the certificate of a CA", c.Subject)
		}
		if err := pem.Encode(&out, &pem.Block{Type: block.Type, Bytes: block.Bytes}); err != nil {
			return nil, err
		}
	}
	if out.Len() == 0 {
		return nil, errors.New("it is not PEM with CERTIFICATE blocks")
	}
	return out.Bytes(), nil
}
