package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
)

// Public keeps of a text of PEM what is public: certificates, revocation lists and public keys. A private key becomes its
// public one, by which a certificate can still be told to fit. It is empty where nothing is left.
func Public(raw []byte) []byte {
	var out bytes.Buffer
	for rest := raw; len(bytes.TrimSpace(rest)) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break // text after the last block
		}
		switch block.Type {
		case "CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CRL", publicKey:
			block.Headers = nil
		default:
			key := publicOf(block.Bytes)
			clear(block.Bytes)
			half, err := x509.MarshalPKIXPublicKey(key)
			if err != nil {
				continue
			}
			block = &pem.Block{Type: publicKey, Bytes: half}
		}
		_ = pem.Encode(&out, block) // to memory
	}
	return out.Bytes()
}
