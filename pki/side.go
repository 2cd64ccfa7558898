package pki

import (
	"crypto/x509"
	"fmt"
	"slices"
)

// A Purpose is the side of TLS on which a certificate is shown.
type Purpose string

// The sides.
const (
	Server Purpose = "server"
	Client Purpose = "client"
)

// Server finds what keeps the chain from being shown by a server, whatever its name.
func (m Material) Server() []Fault { return m.side(Server) }

// Client finds what keeps the chain from being shown by a client.
func (m Material) Client() []Fault { return m.side(Client) }

func (m Material) side(p Purpose) []Fault {
	leaf, ok := m.Leaf()
	if !ok {
		return nil
	}
	var faults []Fault
	if f := usage(leaf, p); f != nil {
		faults = append(faults, *f)
	}
	if p == Server && len(m.Names().All()) == 0 {
		f := Fault{
			Rule: "MSH509", Kind: NoSAN, Index: leaf.Index, Breaks: true,
			Message:     fmt.Sprintf("the certificate %s has no subject alternative name", leaf),
			Consequence: "Every client that looks at the server's name refuses it: the common name does not count",
			Fix:         "Issue it anew with its DNS names as subject alternative names",
		}
		faults = append(faults, f)
	}
	if leaf.IsCA {
		faults = append(faults, Fault{
			Rule: "MSH514", Kind: LeafIsCA, Index: leaf.Index,
			Message:     fmt.Sprintf("the certificate %s that is shown says CA:TRUE", leaf),
			Consequence: "Who holds its key can issue certificates; some clients refuse it as a server's",
			Fix:         "Issue a leaf with CA:FALSE, and keep the CA's key away from proxies",
		})
	}
	for i := range faults {
		faults[i].Key = m.Served.Cert
	}
	return faults
}

// usage is what BoringSSL and OpenSSL ask of a leaf's key usages: with extended usages, the one for the side (any does not
// do, unlike in Go); with plain ones, signing for a client, and signing or key exchange for a server.
func usage(leaf Certificate, p Purpose) *Fault {
	f := &Fault{
		Rule: "MSH510", Kind: NoServerAuth, Index: leaf.Index, Breaks: true,
		Consequence: "The client refuses the connection: unsupported certificate purpose",
		Fix:         "Issue it anew with extended key usage serverAuth",
	}
	wanted, name, enough := x509.ExtKeyUsageServerAuth, "serverAuth", x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment|x509.KeyUsageKeyAgreement
	if p == Client {
		wanted, name, enough = x509.ExtKeyUsageClientAuth, "clientAuth", x509.KeyUsageDigitalSignature|x509.KeyUsageKeyAgreement
		f.Kind, f.Consequence, f.Fix = NoClientAuth, "The server refuses the connection: unsupported certificate purpose", "Issue it anew with extended key usage clientAuth"
	}
	extended := len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) > 0
	switch {
	case extended && !slices.Contains(leaf.ExtKeyUsage, wanted):
		f.Message = fmt.Sprintf("the certificate %s may not be used by a %s: its extended key usages lack %s", leaf, p, name)
	case leaf.KeyUsage != 0 && leaf.KeyUsage&enough == 0:
		f.Message = fmt.Sprintf("the certificate %s may not be used by a %s: its key usage lacks digitalSignature", leaf, p)
		f.Fix = "Issue it anew with key usage digitalSignature"
	default:
		return nil
	}
	return f
}
