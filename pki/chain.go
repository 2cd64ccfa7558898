package pki

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// path follows the issuers from the first certificate through the others.
func path(certificates []Certificate) []Certificate {
	if len(certificates) == 0 {
		return nil
	}
	out := certificates[:1:1]
	used := map[int]bool{0: true}
	for !out[len(out)-1].SelfSigned() {
		at := parentOf(out[len(out)-1], certificates, used)
		if at < 0 {
			break
		}
		used[at] = true
		out = append(out, certificates[at])
	}
	return out
}

// parentOf is where the issuer is: of several, the one that is good for longest, as after a renewal of the CA.
func parentOf(child Certificate, in []Certificate, used map[int]bool) int {
	at := -1
	for i, c := range in {
		if !used[i] && issued(c, child) && (at < 0 || c.NotAfter.After(in[at].NotAfter)) {
			at = i
		}
	}
	return at
}

// order finds what is wrong with the certificates of a chain as a row.
func order(key string, chain []Certificate) []Fault {
	if len(chain) < 2 {
		return nil
	}
	if c, ok := leafBehind(chain); ok {
		return []Fault{leafNotFirst(key, c)}
	}
	var faults []Fault
	add := func(rule string, kind Kind, c Certificate, message, consequence, fix string) {
		faults = append(faults, Fault{
			Rule: rule, Kind: kind, Key: key, Index: c.Index, Consequence: consequence, Fix: fix,
			Message: fmt.Sprintf("certificate %d of %s (%s) %s", c.Index, key, c, message),
		})
	}
	row := path(chain)
	in := map[int]bool{}
	for i, c := range row {
		in[c.Index] = true
		if i == 0 {
			continue
		}
		if !c.IsCA {
			add("MSH514", NotCA, c, "issued the one before it, but does not say CA:TRUE", "Nobody accepts what it issued", "Issue the intermediate anew with CA:TRUE and keyCertSign")
			faults[len(faults)-1].Breaks = true
		}
		if c.SelfSigned() {
			add("MSH508", RootSent, c, "is a root", "Every handshake sends it, and nobody needs it: who trusts it has it", "Leave it out; trust it through the CA of the other side")
		}
	}
	for i, c := range chain {
		switch {
		case !in[c.Index] && !twin(c, chain[:i]):
			add("MSH508", Unrelated, c, "is no issuer of those before it", "It is sent for nothing; if an intermediate was meant, that is missing", "Put the intermediate there that issued the leaf, or remove it")
		case in[c.Index] && i < len(row) && row[i].Index != c.Index && len(row) == len(chain):
			add("MSH508", WrongOrder, c, fmt.Sprintf("should be number %d", position(row, c)), "Most peers sort it out; TLS 1.2 allows them to refuse", "Write the leaf first, then each certificate before its issuer")
		}
	}
	return append(faults, constraints(key, row)...)
}

// leafBehind finds the leaf behind the CA that leads a chain.
func leafBehind(chain []Certificate) (Certificate, bool) {
	for _, c := range chain[1:] {
		if chain[0].IsCA && !c.IsCA && issued(chain[0], c) {
			return c, true
		}
	}
	return Certificate{}, false
}

func leafNotFirst(key string, leaf Certificate) Fault {
	return Fault{
		Rule: "MSH508", Kind: LeafNotFirst, Key: key, Index: leaf.Index,
		Message:     fmt.Sprintf("the leaf, %s, is not the first of %s", leaf, key),
		Consequence: "The first certificate is taken for the leaf, and does not match the private key. " + refused,
		Fix:         "Write the leaf first, then each certificate before its issuer", Breaks: true,
	}
}

func twin(c Certificate, before []Certificate) bool {
	for _, b := range before {
		if c.same(b) {
			return true
		}
	}
	return false
}

func position(row []Certificate, c Certificate) int {
	for i, r := range row {
		if r.Index == c.Index {
			return i + 1
		}
	}
	return 0
}

// constraints finds what the CAs of a row forbid: too long a chain, or a name. The verdict is that of crypto/x509, at a time
// when all of them are valid.
func constraints(key string, row []Certificate) []Fault {
	if len(row) < 2 {
		return nil
	}
	from, to := row[0].NotBefore, row[0].NotAfter
	for _, c := range row[1:] {
		from, to = latest(from, c.NotBefore), earliest(to, c.NotAfter)
	}
	if to.Before(from) {
		return nil
	}
	top := len(row) - 1
	_, err := row[0].Verify(x509.VerifyOptions{
		Roots: pool(row[top:]), Intermediates: pool(row[1:top]), CurrentTime: from,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) {
		return nil
	}
	f, ok := forbidden(invalid)
	f.Key, f.Index = key, row[0].Index
	return map[bool][]Fault{true: {f}}[ok]
}

// forbidden says what a CA forbids to those below it.
func forbidden(invalid x509.CertificateInvalidError) (Fault, bool) {
	f := Fault{Rule: "MSH508", Breaks: true, Consequence: "Every peer that verifies refuses the chain"}
	switch invalid.Reason {
	case x509.TooManyIntermediates:
		f.Kind, f.Message = PathLength, "a CA of the chain allows fewer intermediates below it than there are (its path length)"
		f.Fix = "Issue the leaf from a CA higher up, or renew that CA with a greater path length"
	case x509.CANotAuthorizedForThisName, x509.NameConstraintsWithoutSANs, x509.UnconstrainedName:
		f.Kind, f.Message = NameConstraint, "a CA of the chain may not issue for the leaf's names (its name constraints)"
		f.Fix = "Issue from a CA that may, or for other names"
	case x509.TooManyConstraints:
		f.Kind, f.Message = NameConstraint, "the name constraints of the chain are too many to be checked"
		f.Fix = "Issue with fewer names"
	default:
		return Fault{}, false
	}
	return f, true
}

func pool(certificates []Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certificates {
		p.AddCert(c.Certificate)
	}
	return p
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// notCAs finds certificates among the trusted that are no CAs.
func notCAs(key string, certificates []Certificate) []Fault {
	var faults []Fault
	for _, c := range certificates {
		if c.IsCA || c.SelfSigned() { // a root of old times, or a server that vouches for itself
			continue
		}
		faults = append(faults, Fault{
			Rule: "MSH514", Kind: NotCA, Key: key, Index: c.Index,
			Message:     fmt.Sprintf("certificate %d of %s (%s) is no CA", c.Index, key, c),
			Consequence: "Envoy trusts this one certificate and nothing that another CA issued: a renewed certificate is refused; OpenSSL refuses even this one",
			Fix:         "Put the CA there that issued the other side's certificate",
		})
	}
	return faults
}
