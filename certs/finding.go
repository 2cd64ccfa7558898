package certs

import (
	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki"
)

// A Finding is one thing that is wrong with a store, or with what a server shows.
type Finding struct {
	// Rule is that of the catalogue (MSH506 and so on) where certificates are at fault wherever they lie, and else one of
	// the rules of this package.
	Rule string
	Kind pki.Kind // finer than the rule; "" for rules of this package
	// Where it is: a file of the store, with the Secret that is wrong if it is one's; or a server, HOST:PORT.
	File   string
	Object bundle.ID
	Server string
	// Message says what is wrong, Consequence what comes of it, Fix how it is mended where Mend does not say so.
	Message, Consequence, Fix string
	Breaks                    bool // somebody refuses it, or a key is open
	Mend                      Mend
	Name                      string // of the certificate or the peer that Mend is about
}

// The rules of this package.
const (
	StoreFile      = "store-file"            // a file that the index names is not there, or is another
	StoreIndex     = "store-index"           // the index and a certificate do not say the same
	KeyReadable    = "store-key-readable"    // others may read a private key
	KeyUnencrypted = "store-key-unencrypted" // a private key in the clear, where keys are encrypted
	NoTLS          = "connect-tls"           // a server with which no TLS can be had
	ClientOptional = "connect-client"        // a server that lets in who shows no certificate
)

// Titles of the rules say what is wrong where they find something.
var Titles = map[string]string{
	StoreFile:      "a file that the index names is not there, or is another",
	StoreIndex:     "the index and a certificate do not say the same",
	KeyReadable:    "others may read a private key",
	KeyUnencrypted: "a private key is in the clear where keys are encrypted",
	NoTLS:          "no TLS can be had with the server",
	ClientOptional: "the server lets in who shows no certificate",
}

// A Mend is what mends a finding.
type Mend string

// The ways to mend.
const (
	Reissue Mend = "reissue" // issue the certificate anew
	Settle  Mend = "settle"  // any change brings it into line
	Replace Mend = "replace" // replace the CA
	Peer    Mend = "peer"    // give the peer's CA again
	Restore Mend = "restore" // bring the file back
	Chmod   Mend = "chmod"   // take the others' rights away
	Apply   Mend = "apply"   // put the store's Secret in its place
)

// findingOf makes a finding of what package pki found.
func findingOf(f pki.Fault, file string) Finding {
	return Finding{
		Rule: f.Rule, Kind: f.Kind, File: file, Message: f.Message, Consequence: f.Consequence, Fix: f.Fix, Breaks: f.Breaks,
	}
}
