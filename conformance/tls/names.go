package handshake

import (
	"crypto/x509"
	"strings"
)

// answersTo says whether a certificate has one of the names, by the rules of Envoy's exact matchers
// (source/common/tls/cert_validator and utility.cc): a DNS name may be answered by a wildcard and in another case, all
// other kinds must be equal, and the common name does not count.
func answersTo(certificate *x509.Certificate, names []string) bool {
	others := otherNames(certificate)
	for _, name := range names {
		for _, pattern := range certificate.DNSNames {
			if dnsMatch(name, pattern) {
				return true
			}
		}
		for _, other := range others {
			if name == other {
				return true
			}
		}
	}
	return false
}

// otherNames are the subject alternative names that are no DNS names.
func otherNames(certificate *x509.Certificate) []string {
	var names []string
	for _, uri := range certificate.URIs {
		names = append(names, uri.String())
	}
	for _, ip := range certificate.IPAddresses {
		names = append(names, ip.String())
	}
	return append(names, certificate.EmailAddresses...)
}

// dnsMatch: a wildcard stands for one label or a part of it, only in the first label, and not in an
// internationalised one.
func dnsMatch(name, pattern string) bool {
	name, pattern = strings.ToLower(name), strings.ToLower(pattern)
	if name == pattern {
		return true
	}
	label, domain, dotted := strings.Cut(name, ".")
	patternLabel, patternDomain, patternDotted := strings.Cut(pattern, ".")
	if !dotted || !patternDotted || domain != patternDomain || strings.Contains(patternDomain, "*") {
		return false
	}
	before, after, wild := strings.Cut(patternLabel, "*")
	if !wild || strings.Contains(after, "*") || strings.HasPrefix(patternLabel, "xn--") {
		return false
	}
	if patternLabel == "*" {
		return true
	}
	return len(patternLabel) <= len(label)+1 && strings.HasPrefix(label, before) && strings.HasSuffix(label, after)
}
