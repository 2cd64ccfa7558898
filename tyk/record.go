package tyk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// A Record is a certificate as the controller keeps it, a document of the collection k8s_ca
// (https://github.com/TykTechnologies/tyk-k8s/blob/master/ca/ca.go, CertModel), without its key.
type Record struct {
	UID string
	// ID is the id of the certificate in Tyk's store, the Fingerprint of the document's Bundle; History, the ids it had.
	ID      string
	History []string
	Created time.Time
	// NotBefore and Expires are those of the certificate where the document has it; else NotBefore is Created.
	NotBefore, Expires time.Time
	// Names are what the certificate is for, nil where the document does not have it.
	Names []string
	// ClientEgressIDs are the APIs that it is the client's of, ServiceID the one it is the server's of. The controller fills in
	// neither, and says of one certificate alone that it is the mesh's: that which it made at its start.
	ClientEgressIDs []string
	ServiceID       string
	IsMeshCert      bool
}

// A document is a record as it is exported. Go's decoder takes names in letters of either case, and so both those of the
// struct and those in the database, which the driver wrote in lower case. The key is not among them, and is not read.
type document struct {
	UID           string
	Bundle        *bundled
	BundleHistory []bundled
	Created       moment
	Expires       moment

	ClientEgressIDs []string
	ServiceID       string
	IsMeshCert      bool
}

type bundled struct {
	Certificate binary
	Fingerprint string
}

// ReadRecords reads documents of the collection k8s_ca, as mongoexport writes them: one after the other, or in a list. The
// errors name a document by its place, from 1, and say nothing of what is in it.
func ReadRecords(data []byte) (records []Record, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	var raw []json.RawMessage
	for {
		var value json.RawMessage
		if err := d.Decode(&value); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("after %d documents, no JSON: export them with mongoexport --collection k8s_ca", len(raw))
		}
		var list []json.RawMessage
		if json.Unmarshal(value, &list) == nil {
			raw = append(raw, list...)
		} else {
			raw = append(raw, value)
		}
	}
	seen := map[string]int{}
	for i, text := range raw {
		r, err := readRecord(text)
		if err == nil && seen[r.ID] > 0 {
			err = fmt.Errorf("the fingerprint of document %d again", seen[r.ID])
		}
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", i+1, err)
		}
		seen[r.ID] = i + 1
		records = append(records, r)
	}
	return records, nil
}

func readRecord(text []byte) (Record, error) {
	var doc document
	if err := json.Unmarshal(text, &doc); err != nil {
		return Record{}, errors.New("no record of a certificate: a field has another type")
	}
	if doc.Bundle == nil || doc.Bundle.Fingerprint == "" {
		return Record{}, errors.New("bundle.fingerprint: missing, by which API definitions name the certificate")
	}
	r := Record{
		UID: doc.UID, ID: doc.Bundle.Fingerprint, Created: time.Time(doc.Created), NotBefore: time.Time(doc.Created), Expires: time.Time(doc.Expires),
		ClientEgressIDs: doc.ClientEgressIDs, ServiceID: doc.ServiceID, IsMeshCert: doc.IsMeshCert,
	}
	for _, old := range doc.BundleHistory {
		r.History = append(r.History, old.Fingerprint)
	}
	if len(doc.Bundle.Certificate) > 0 {
		c, err := ReadCertificate(doc.Bundle.Certificate)
		if err != nil {
			return r, fmt.Errorf("bundle.certificate: %w", err)
		}
		if got := IDOf(c, "").Public; got != Fingerprint(r.ID) {
			return r, errors.New("bundle.fingerprint: not that of its certificate")
		}
		r.NotBefore, r.Expires, r.Names = c.NotBefore, c.NotAfter, slices.Clone(c.DNSNames)
		if len(r.Names) == 0 && c.Subject.CommonName != "" {
			r.Names = []string{c.Subject.CommonName} // what the gateway of 2.8 serves it by
		}
	}
	if r.Expires.IsZero() {
		return r, errors.New("expires: missing")
	}
	return r, nil
}

// Valid tells whether the certificate is valid at a time.
func (r Record) Valid(now time.Time) bool { return !now.Before(r.NotBefore) && now.Before(r.Expires) }

// RenewFrom is when less than a third of its life is left.
func (r Record) RenewFrom() time.Time {
	return r.Expires.Add(-r.Expires.Sub(r.NotBefore) / 3)
}

// For tells whether the certificate is a server's for an API: by its names, or where the document does not have those, by
// what the document says, or by being there.
func (r Record) For(api Definition) bool {
	if len(r.ClientEgressIDs) > 0 {
		return false
	}
	if len(r.Names) > 0 {
		return slices.Contains(r.Names, api.Domain)
	}
	return r.IsMeshCert && api.Domain == MeshHosts[0] || r.ServiceID != "" && r.ServiceID == api.ID || slices.Contains(api.Certificates, r.ID)
}
