package pki

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// A Question is whether one side of TLS accepts what the other shows.
type Question struct {
	// Chain is what is shown, and Purpose the side that shows it.
	Chain   []Certificate
	Purpose Purpose
	// CA is what the asked side trusts, and CRLs are the lists that come with it.
	CA   []Certificate
	CRLs []CRL
	// Names are those of which the leaf must have one; none means that any will do.
	Names []string
	// Known are other certificates that the bundle has: among them a missing intermediate may be found.
	Known []Certificate
	Now   time.Time
}

// Verify is the first reason to refuse, or nil. It judges as Envoy does: each certificate of CA is an anchor, whether
// self-signed or not (X509_V_FLAG_PARTIAL_CHAIN in source/common/tls/cert_validator of envoyproxy/envoy), the order of what
// is sent does not matter, and lists of revoked certificates are asked for the whole chain. Chains that only a SHA-1
// signature holds together are refused, as by Go and by OpenSSL's default.
//
// The rule is the one about the two sides: MSH225 where a client is refused, MSH226 and MSH227 where a server is; or, where
// the certificate itself is at fault, MSH507, MSH508, MSH510, MSH514, MSH515 or MSH518.
func (q Question) Verify() *Fault {
	if len(q.Chain) == 0 {
		return &Fault{
			Rule: q.rule(), Kind: NoCertificate, Message: fmt.Sprintf("the %s shows no certificate", q.Purpose),
			Consequence: "The other side refuses the connection", Fix: "Give it a certificate and key", Breaks: true,
		}
	}
	leaf := q.Chain[0]
	if f := usage(leaf, q.Purpose); f != nil {
		return f
	}
	usages := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if q.Purpose == Client {
		usages[0] = x509.ExtKeyUsageClientAuth
	}
	chains, err := leaf.Verify(x509.VerifyOptions{
		Roots: pool(q.CA), Intermediates: pool(q.Chain[1:]), CurrentTime: q.Now, KeyUsages: usages,
	})
	if err != nil {
		return q.refusal(err)
	}
	var held *Fault
	for _, chain := range chains {
		if held = revocation(chain, q.CRLs, q.Now); held == nil {
			break
		}
	}
	if held != nil {
		return held
	}
	return q.name(leaf)
}

// rule is that of a chain that the other side does not trust.
func (q Question) rule() string {
	if q.Purpose == Client {
		return "MSH225"
	}
	return "MSH226"
}

func (q Question) name(leaf Certificate) *Fault {
	names := NamesOf(leaf.Certificate)
	if names.AnswerAny(q.Names) {
		return nil
	}
	f := &Fault{
		Rule: "MSH227", Kind: WrongName, Index: leaf.Index, Breaks: true,
		Message:     fmt.Sprintf("the %s's certificate %s answers to none of %s: %s", q.Purpose, leaf, list(q.Names), names.Why(q.Names[0])),
		Consequence: "The connection is refused: the subject alternative names do not match",
		Fix:         "Ask for a name that the certificate has, or issue it anew with the name",
	}
	if len(names.All()) == 0 {
		f.Rule, f.Kind = "MSH509", NoSAN
	}
	return f
}

// refusal says in plain words what crypto/x509 means.
func (q Question) refusal(err error) *Fault {
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) {
		return q.untrusted()
	}
	if f, ok := forbidden(invalid); ok {
		f.Index = q.Chain[0].Index
		return &f
	}
	c := q.known(invalid.Cert)
	f := &Fault{Index: c.Index, Breaks: true, Consequence: "The other side refuses the connection: certificate verification fails"}
	switch invalid.Reason {
	case x509.Expired:
		f.Rule, f.Kind, f.Fix = "MSH507", Expired, "Issue it anew"
		f.Message = fmt.Sprintf("%s, in the chain of the %s, expired on %s", c, q.Purpose, day(c.NotAfter))
		if q.Now.Before(c.NotBefore) {
			f.Kind, f.Message = NotYetValid, fmt.Sprintf("%s, in the chain of the %s, is not valid before %s", c, q.Purpose, day(c.NotBefore))
		}
	case x509.NotAuthorizedToSign:
		return notCA(c)
	case x509.IncompatibleUsage, x509.CANotAuthorizedForExtKeyUsage:
		f.Rule, f.Kind, f.Fix = "MSH510", NoServerAuth, "Issue from a CA that has the usage, or no extended key usages at all"
		if q.Purpose == Client {
			f.Kind = NoClientAuth
		}
		f.Message = fmt.Sprintf("the extended key usages of a CA in the chain of %s do not allow a %s", q.Chain[0], q.Purpose)
	default:
		return q.untrusted()
	}
	return f
}

func notCA(c Certificate) *Fault {
	return &Fault{
		Rule: "MSH514", Kind: NotCA, Index: c.Index, Breaks: true,
		Message:     fmt.Sprintf("%s issued a certificate of the chain, but is no CA", c),
		Consequence: "The other side refuses the connection: certificate verification fails",
		Fix:         "Issue that one anew with CA:TRUE and keyCertSign, or issue from a CA",
	}
}

// known is a certificate with its place in the chain, which it has if the chain holds it.
func (q Question) known(c *x509.Certificate) Certificate {
	for _, at := range q.Chain {
		if c != nil && bytes.Equal(at.Raw, c.Raw) {
			return at
		}
	}
	if c == nil {
		return q.Chain[0]
	}
	return Certificate{c, 0}
}

// untrusted says where the chain ends, and why no CA takes it up.
func (q Question) untrusted() *Fault {
	row := path(q.Chain)
	last := row[len(row)-1]
	f := &Fault{
		Rule: q.rule(), Kind: UnknownCA, Index: last.Index, Breaks: true,
		Consequence: "The connection is refused: certificate verification fails, unable to get the issuer's certificate",
		Fix:         fmt.Sprintf("Put the CA that issued the %s's certificate into what the other side trusts, or issue it from one that is trusted", q.Purpose),
	}
	issuer := short(last.Issuer.String())
	for _, c := range row[1:] {
		if !c.IsCA {
			return notCA(c)
		}
	}
	for _, c := range append(clone(row[1:]), q.CA...) {
		if f := insecure(c, row); f != nil {
			return f
		}
	}
	for _, k := range q.Known {
		if !k.IsCA || !issued(k, last) {
			continue
		}
		further := q
		further.Chain, further.Known = append(clone(q.Chain), k), nil
		if g := further.Verify(); g == nil || g.Kind != UnknownCA {
			f.Rule, f.Kind = "MSH508", NoIntermediate
			f.Message = fmt.Sprintf("the chain of the %s ends at %s, and the intermediate that issued it, %s, is not sent", q.Purpose, last, k)
			f.Fix = "Append the intermediate to the chain"
			return f
		}
	}
	switch twin := q.sameName(last); {
	case last.SelfSigned() && len(row) == 1:
		f.Message = fmt.Sprintf("the %s's certificate %s is self-signed, and not itself trusted", q.Purpose, last)
	case twin != nil:
		f.Message = fmt.Sprintf("%s says that %q issued it, and a CA of that name is trusted, but with another key", last, issuer)
		f.Fix = "Two CAs have one name: put the one there that issued the certificate"
	case last.SelfSigned():
		f.Message = fmt.Sprintf("the chain of the %s leads to %s, which is not among the trusted", q.Purpose, last)
	default:
		f.Message = fmt.Sprintf("the chain of the %s ends at %s, issued by %q, which is neither sent nor trusted", q.Purpose, last, issuer)
	}
	f.Message += trusted(q.CA)
	return f
}

// insecure is a link of the chain that only MD5 or SHA-1 vouches for.
func insecure(parent Certificate, row []Certificate) *Fault {
	for _, c := range row {
		if bytes.Equal(parent.RawSubject, c.RawIssuer) && !bytes.Equal(parent.Raw, c.Raw) && signed(parent.Certificate, c.Certificate) {
			if f, is := weakSignature("what is shown", c); is {
				f.Key, f.Breaks = "", true
				return &f
			}
		}
	}
	return nil
}

func (q Question) sameName(last Certificate) *Certificate {
	for _, c := range q.CA {
		if bytes.Equal(c.RawSubject, last.RawIssuer) && !issued(c, last) {
			return &c
		}
	}
	return nil
}

func trusted(cas []Certificate) string {
	var names []string
	for _, c := range cas {
		names = append(names, fmt.Sprintf("%q", short(c.Subject.String())))
	}
	if len(names) == 0 {
		return "; no CA is trusted at all"
	}
	return "; trusted: " + list(names)
}
