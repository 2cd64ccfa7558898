package cluster

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"slices"
)

// withheld stands where a value of a Secret was that is no certificate.
const withheld = "withheld"

// withoutKeys keeps of a Secret its metadata and type, and of its values what is public: certificates, revocation lists
// and public keys. A private key becomes its public one, by which a certificate can still be told to fit; every other
// value is withheld.
func withoutKeys(tree map[string]any) {
	for field := range tree {
		if !slices.Contains([]string{"apiVersion", "kind", "metadata", "type", "data"}, field) {
			delete(tree, field)
		}
	}
	data, _ := tree["data"].(map[string]any)
	for key, value := range data {
		text, _ := value.(string)
		raw, err := base64.StdEncoding.DecodeString(text)
		kept := []byte(withheld)
		if err == nil {
			kept = public(raw)
		}
		clear(raw)
		data[key] = base64.StdEncoding.EncodeToString(kept)
	}
}

// public is what may be known of a value: nothing of an empty one, which says that it is missing.
func public(raw []byte) []byte {
	if len(raw) == 0 {
		return nil
	}
	var out bytes.Buffer
	for rest := raw; len(bytes.TrimSpace(rest)) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break // text after the last block
		}
		switch block.Type {
		case "CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CRL", "PUBLIC KEY":
			block.Headers = nil
		default:
			key := publicOf(block)
			clear(block.Bytes)
			if key == nil {
				continue
			}
			block = &pem.Block{Type: "PUBLIC KEY", Bytes: key}
		}
		_ = pem.Encode(&out, block) // to memory
	}
	if out.Len() == 0 {
		return []byte(withheld)
	}
	return out.Bytes()
}

// publicOf is the public half of a private key, or nil.
func publicOf(block *pem.Block) []byte {
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if err != nil {
		key, err = x509.ParseECPrivateKey(block.Bytes)
	}
	if err != nil {
		return nil
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil
	}
	half, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return nil
	}
	return half
}
