package pki

import (
	"crypto/x509"
	"net/url"
	"slices"
	"strings"
)

// Names are a certificate's subject alternative names. The common name is none: neither Envoy nor Go looks at it.
type Names struct{ DNS, IP, URI, Email []string }

// NamesOf reads them from a certificate.
func NamesOf(c *x509.Certificate) Names {
	n := Names{DNS: c.DNSNames, Email: c.EmailAddresses}
	for _, ip := range c.IPAddresses {
		n.IP = append(n.IP, ip.String())
	}
	for _, uri := range c.URIs {
		n.URI = append(n.URI, uri.String())
	}
	return n
}

// All are the names of every kind.
func (n Names) All() []string { return slices.Concat(n.DNS, n.IP, n.URI, n.Email) }

// Answer tells whether the certificate satisfies an entry of a list of names: subjectAltNames of a DestinationRule, or the
// host that auto SAN validation asks for. As in Envoy (source/common/tls/utility.cc and cert_validator), an entry is
// literal, and only a DNS name of the certificate may be a wildcard.
func (n Names) Answer(entry string) bool {
	return slices.ContainsFunc(n.DNS, func(pattern string) bool { return dnsMatch(entry, pattern) }) ||
		slices.Contains(n.IP, entry) || slices.Contains(n.URI, entry) || slices.Contains(n.Email, entry)
}

// AnswerAny tells whether one of the entries is satisfied; an empty list asks for nothing.
func (n Names) AnswerAny(entries []string) bool {
	return len(entries) == 0 || slices.ContainsFunc(entries, n.Answer)
}

// Cover tells whether the certificate is good for all names that a host of a Gateway or Route stands for: a host with a
// wildcard asks for the same wildcard.
func (n Names) Cover(host string) bool {
	if _, after, found := strings.Cut(host, "/"); found { // NAMESPACE/HOST of a Gateway
		host = after
	}
	return n.Answer(host)
}

// dnsMatch: one asterisk in the first label of the pattern stands for that label or a part of it; never for a dot, never
// in an internationalised label.
func dnsMatch(name, pattern string) bool {
	name, pattern = strings.ToLower(name), strings.ToLower(pattern)
	if name == pattern {
		return true
	}
	label, domain, ok := strings.Cut(name, ".")
	star, of, wild := strings.Cut(pattern, ".")
	if !ok || !wild || domain != of || strings.Contains(of, "*") || strings.HasPrefix(star, "xn--") || strings.Count(star, "*") != 1 {
		return false
	}
	before, after, _ := strings.Cut(star, "*")
	if star == "*" {
		return true
	}
	return len(label)+1 >= len(star) && strings.HasPrefix(label, before) && strings.HasSuffix(label, after)
}

// Why says in plain words why an entry is not satisfied.
func (n Names) Why(entry string) string {
	all := n.All()
	switch {
	case len(all) == 0:
		return "the certificate has no subject alternative name"
	case strings.Contains(entry, "*"):
		return "an entry with * is compared as it is, and the certificate has only " + list(all)
	}
	for _, name := range n.DNS {
		parent, wild := strings.CutPrefix(strings.ToLower(name), "*.")
		if !wild {
			continue
		}
		rest, below := strings.CutSuffix(strings.ToLower(entry), "."+parent)
		if below && strings.Contains(rest, ".") {
			return name + " covers one label only"
		}
		if strings.EqualFold(entry, parent) {
			return name + " does not cover " + parent + " itself"
		}
	}
	return "the certificate has only " + list(all)
}

// list writes names for people, not all of a long list.
func list(names []string) string {
	const most = 6
	more := ""
	if len(names) > most {
		names, more = names[:most], ", …"
	}
	return short(strings.Join(names, ", ")) + more
}

// A SPIFFE is a workload's name in a mesh: spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT.
type SPIFFE struct{ TrustDomain, Namespace, ServiceAccount string }

// ParseSPIFFE reads the name as Istio writes it.
func ParseSPIFFE(text string) (SPIFFE, bool) {
	uri, err := url.Parse(text)
	if err != nil || uri.Scheme != "spiffe" || uri.Host == "" {
		return SPIFFE{}, false
	}
	parts := strings.Split(strings.TrimPrefix(uri.Path, "/"), "/")
	if len(parts) != 4 || parts[0] != "ns" || parts[2] != "sa" || parts[1] == "" || parts[3] == "" {
		return SPIFFE{}, false
	}
	return SPIFFE{uri.Host, parts[1], parts[3]}, true
}

// SPIFFE are the workload names among them.
func (n Names) SPIFFE() []SPIFFE {
	var out []SPIFFE
	for _, uri := range n.URI {
		if s, ok := ParseSPIFFE(uri); ok {
			out = append(out, s)
		}
	}
	return out
}
