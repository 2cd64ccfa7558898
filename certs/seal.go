package certs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// sealedSuffix is added to the name of a key that is encrypted.
const sealedSuffix = ".age"

// ParseRecipients reads public keys of age (age1…), to whom private keys are encrypted.
func ParseRecipients(names []string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, name := range names {
		r, err := age.ParseX25519Recipient(name)
		if err != nil {
			return nil, fmt.Errorf("%q is not a public key of age: it begins with age1, and age-keygen prints it", name)
		}
		all = append(all, r)
	}
	return all, nil
}

// seal encrypts a private key, as text.
func seal(private []byte, to []age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	text := armor.NewWriter(&out)
	w, err := age.Encrypt(text, to...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(private); err != nil {
		return nil, err
	}
	if err := errors.Join(w.Close(), text.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil // not before the end of it is written
}

// unseal decrypts what seal made, with a file of identities as age-keygen writes it.
func unseal(sealed []byte, identityFile string) ([]byte, error) {
	if identityFile == "" {
		return nil, &SealedError{}
	}
	f, err := os.Open(identityFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	identities, err := age.ParseIdentities(f)
	if err != nil {
		// Not the library's error, which may repeat a line of the file.
		return nil, fmt.Errorf("%s holds no identities of age: it is the file that age-keygen writes", identityFile)
	}
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), identities...)
	if err != nil {
		return nil, fmt.Errorf("the keys are encrypted for others than the identities in %s", identityFile)
	}
	return io.ReadAll(r)
}

// A SealedError says that a key is encrypted and nobody said how to read it.
type SealedError struct{}

func (*SealedError) Error() string {
	return "the store's private keys are encrypted with age, and no identity was given"
}
