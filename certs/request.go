package certs

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation"
)

// A Purpose is the side of TLS on which a certificate is shown. A certificate of both sides can be stolen from one and used
// on the other, so there is none.
type Purpose string

// The purposes.
const (
	Server Purpose = "server"
	Client Purpose = "client"
	// Intermediate is no side of TLS: an authority of its own, such as a cluster's, under the store's. It signs leaves only.
	Intermediate Purpose = "intermediate"
)

// DefaultValidity is how long a leaf lasts, and DefaultWithin how long before its end it is renewed, unless a third of its
// life is longer.
const (
	DefaultValidity = 90 * day
	DefaultWithin   = 30 * day
)

// A Request says what a certificate is to be.
type Request struct {
	// Name is what the store calls it.
	Name    string
	Purpose Purpose
	// CommonName is for people; "" is none. No client looks for a server's name there.
	CommonName string
	// The subject alternative names, of which there must be at least one. A DNS name may begin with "*.".
	DNS, IPs, URIs []string
	Key            Key
	Validity       time.Duration // 0 is DefaultValidity
	// Secrets are those that carry the certificate.
	Secrets []SecretRef
}

// commonest characters of names that are files, and arguments of commands.
var storeName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,178}[a-z0-9])?$`)

// CheckName says what is wrong with a certificate's name in a store; "" if nothing is.
func CheckName(name string) string {
	if !storeName.MatchString(name) || strings.Contains(name, "..") {
		return fmt.Sprintf("%q is not a name for a certificate: at most 180 lower case letters, digits, inner hyphens and dots", name)
	}
	return ""
}

// check completes the request and says everything that is wrong with it.
func (r *Request) check() error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("certificate %s: %s", r.Name, fmt.Sprintf(format, args...)))
	}
	if why := CheckName(r.Name); why != "" {
		return errors.New(why)
	}
	if r.Purpose != Server && r.Purpose != Client && r.Purpose != Intermediate {
		wrong("its purpose is server, client or intermediate, not %q", r.Purpose)
	}
	if r.Purpose == Intermediate && r.CommonName == "" {
		wrong("a CA has a name, by which its certificates say who signed them")
	}
	if r.Key == "" {
		r.Key = DefaultKey
	}
	if !slices.Contains(Keys, r.Key) {
		wrong("unknown kind of key %q", r.Key)
	}
	if r.Validity == 0 {
		r.Validity = DefaultValidity
	}
	if r.Validity < time.Hour {
		wrong("valid for %s, less than an hour: clocks of two machines differ by more", Duration(r.Validity))
	}
	if why := badText(r.CommonName); why != "" {
		wrong("its common name %s", why)
	}
	if len(r.DNS)+len(r.IPs)+len(r.URIs) == 0 && r.Purpose != Intermediate {
		wrong("no subject alternative name, without which no client accepts a server and no rule can name a client")
	}
	for _, name := range r.DNS {
		if len(validation.IsDNS1123Subdomain(strings.TrimPrefix(name, "*."))) > 0 || len(name) > 253 || longLabel(name) {
			wrong("%q is not a DNS name in lower case", name)
		} else if _, err := netip.ParseAddr(name); err == nil {
			wrong("%s is an address, not a DNS name", name)
		}
	}
	for _, ip := range r.IPs {
		if addr, err := netip.ParseAddr(ip); err != nil || addr.Zone() != "" {
			wrong("%q is not an IP address", ip)
		}
	}
	for _, uri := range r.URIs {
		if why := badURI(uri); why != "" {
			wrong("%s", why)
		}
	}
	hosts := r.hosts()
	for i, host := range hosts {
		if slices.Contains(hosts[:i], host) {
			wrong("%s is among its names twice", host)
		}
	}
	for _, s := range r.Secrets {
		if err := s.check(); err != nil {
			wrong("%s", err)
		} else if (s.Shape == CACerts) != (r.Purpose == Intermediate) {
			wrong("Secret %s: shape %s is for certificates of purpose %s, and they are for no other", s, CACerts, Intermediate)
		}
	}
	return errors.Join(errs...)
}

// badText says what is wrong with a text of a certificate's subject. X.520 allows 64 characters of a name; programs that
// show one may take others than printable ones for commands.
func badText(text string) string {
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }):
		return fmt.Sprintf("%q has characters that cannot be printed", text)
	case strings.TrimSpace(text) != text:
		return fmt.Sprintf("%q begins or ends with a space", text)
	case len(text) > 64:
		return "is longer than the 64 bytes that every program takes (X.520, ub-common-name)"
	}
	return ""
}

func longLabel(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "."), func(label string) bool { return len(label) > validation.DNS1123LabelMaxLength })
}

// badURI: a SPIFFE ID has a trust domain and a path, and nothing else (SPIFFE-ID.md, section 2); of other URIs only that they
// are absolute.
func badURI(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme == "" || u.Host == "" || u.String() != text || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }):
		return fmt.Sprintf("%q is not a URI with a scheme and a host", text)
	case u.Scheme == "spiffe" && (u.User != nil || u.Port() != "" || u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(u.Path, "/")):
		return fmt.Sprintf("%q is not a SPIFFE ID: spiffe://TRUST-DOMAIN/PATH, without user, port, query, fragment and a slash at its end", text)
	}
	return ""
}

// hosts are the names in the one list that cfssl takes, which sorts them out again.
func (r Request) hosts() []string { return slices.Concat(r.DNS, r.IPs, r.URIs) }

// usages are the least that the side needs: with RSA keys, TLS 1.2 may exchange keys by encryption (RFC 5246, 7.4.2).
func (r Request) usages() []string {
	if r.Purpose == Intermediate {
		return []string{"cert sign", "crl sign"}
	}
	u := []string{"digital signature"}
	if r.Key.RSA() && r.Purpose == Server {
		u = append(u, "key encipherment")
	}
	return append(u, string(r.Purpose)+" auth")
}
