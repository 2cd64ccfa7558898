package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// patient is how long a server that took a certificate has to take that back.
const patient = 3 * time.Second

// welcome finds out whether a server lets us in after the handshake. In TLS 1.3 a client has done its part before the
// server looks at its certificate (RFC 8446, 2), and nginx looks only when a request comes, which it answers with 400. So
// a request is made, of HTTP, and who answers it or waits for more has let us in.
func (c Call) welcome(conn *tls.Conn) Verdict {
	conn.SetDeadline(time.Now().Add(min(patient, c.Timeout)))
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: scenario\r\nConnection: close\r\n\r\n", c.ServerName)
	// Not the error of that: what the server said before is still to be read.
	const enough = 4096
	answer, err := io.ReadAll(io.LimitReader(conn, enough))
	var timeout net.Error
	switch {
	case bytes.HasPrefix(answer, []byte("HTTP/1.")) && bytes.Contains(answer[:min(len(answer), len("HTTP/1.1 400"))], []byte(" 400")) && bytes.Contains(answer, []byte("SSL certificate")):
		return Verdict{Asked: true, Why: "it answers a request with 400, for want of a certificate that it accepts"}
	case len(answer) > 0, err == nil, errors.As(err, &timeout) && timeout.Timeout():
		return Verdict{Asked: true, Accepted: true}
	}
	return Verdict{Asked: true, Why: why(err)}
}

// names are those of the CAs that a server names, as their certificates write them.
func names(raw [][]byte) []string {
	var all []string
	for _, der := range raw {
		var rdn pkix.RDNSequence
		if rest, err := asn1.Unmarshal(der, &rdn); err != nil || len(rest) > 0 {
			continue
		}
		var name pkix.Name
		name.FillFromRDNSequence(&rdn)
		all = append(all, name.String())
	}
	return all
}
