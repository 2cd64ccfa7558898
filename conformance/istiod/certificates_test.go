package istiod

import (
	"encoding/base64"
	"fmt"
	"strings"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// authorities are those of the world in which the cells are judged, and what they issued.
type authorities struct {
	partner *handshake.Authority // signs the services outside, and what this side exposes
	public  *handshake.Authority // stands for those that a proxy image's bundle trusts
	clients *handshake.Authority // signs the certificates of clients, here and outside
	mesh    *handshake.Authority
	nobody  *handshake.Authority // whom nobody trusts

	issued map[string]*handshake.Certificate // by the purpose
}

var pki authorities

// clientName is in every client's certificate.
const clientName = "client.partner.example"

func newAuthorities() (authorities, error) {
	a := authorities{issued: map[string]*handshake.Certificate{}}
	for name, at := range map[string]**handshake.Authority{
		"partner": &a.partner, "public": &a.public, "clients": &a.clients, "mesh": &a.mesh, "nobody": &a.nobody,
	} {
		made, err := handshake.NewAuthority(name)
		if err != nil {
			return a, err
		}
		*at = made
	}
	return a, nil
}

// issue makes one certificate for each purpose.
func (a *authorities) issue(by *handshake.Authority, purpose string, leaf handshake.Leaf) *handshake.Certificate {
	key := fmt.Sprintf("%p %s %v", by, purpose, leaf)
	if a.issued[key] == nil {
		made, err := by.Issue(leaf)
		if err != nil {
			panic(err) // no input of a user's is in it
		}
		a.issued[key] = &made
	}
	return a.issued[key]
}

// ofSecret is the certificate in a Secret of cells.yaml: a server's where it is for hosts, otherwise a client's.
func (a *authorities) ofSecret(entry string) (name string, own *handshake.Certificate, ca []byte) {
	name, hosts, isServer := strings.Cut(entry, " for ")
	if isServer {
		return name, a.issue(a.partner, name, handshake.Leaf{DNS: strings.Fields(hosts)}), a.clients.PEM()
	}
	return name, a.issue(a.clients, name, handshake.Leaf{CommonName: name, DNS: []string{clientName}}), a.partner.PEM()
}

// secrets writes Secrets of cells.yaml.
func (a *authorities) secrets(entries []string) string {
	var all strings.Builder
	for _, entry := range entries {
		name, own, ca := a.ofSecret(entry)
		namespace, name, _ := strings.Cut(name, "/")
		fmt.Fprintf(&all, "---\napiVersion: v1\nkind: Secret\nmetadata: {namespace: %s, name: %s}\ndata:\n", namespace, name)
		for _, key := range []struct {
			name string
			data []byte
		}{{"tls.crt", own.CertPEM}, {"tls.key", own.KeyPEM}, {"ca.crt", ca}} {
			fmt.Fprintf(&all, "  %s: %s\n", key.name, base64.StdEncoding.EncodeToString(key.data))
		}
	}
	return all.String()
}
