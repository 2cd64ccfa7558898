package rules

import (
	"bytes"
	"crypto/x509"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// Examples about certificates hold none: a file names them in comments, and they are made when the test runs, so that no
// private key is ever in the repository.
//
//	# pki: NAME root                       a CA that signs itself
//	# pki: NAME ca by NAME                 a CA below another
//	# pki: NAME leaf by NAME for HOSTS     a certificate for both sides of TLS
//
// After that come options: days N (until it expires), for NAMES (with commas; none for no name at all), only server or only
// client, rsa BITS, isca. A leaf may do without by: it signs itself. Where a value is to be, a double-quoted text
// stands for it:
//
//	"{{certificate NAME ...}}"   PEM of one or more, the first first
//	"{{key NAME}}"               its private key
//	"{{revoked by NAME: NAME}}"  a list of what a CA revokes
//
// Scenario explain shows such a text as a comment.
var (
	declares    = regexp.MustCompile(`(?m)^# pki: (\S+) (.+)$`)
	placeholder = regexp.MustCompile(`\{\{(certificate|key|revoked by) ([^}]+)\}\}`)
)

// filled puts material in the place of an example's placeholders.
func filled(t *testing.T, f txtar.File) txtar.File {
	t.Helper()
	pairs := map[string]*pkitest.Pair{}
	for _, d := range declares.FindAllSubmatch(f.Data, -1) {
		pairs[string(d[1])] = made(t, pairs, string(d[1]), strings.Fields(string(d[2])))
	}
	named := func(names string) []*pkitest.Pair {
		var all []*pkitest.Pair
		for _, n := range strings.Fields(names) {
			if pairs[n] == nil {
				t.Fatalf("%s: nothing is declared as %q", f.Name, n)
			}
			all = append(all, pairs[n])
		}
		return all
	}
	f.Data = placeholder.ReplaceAllFunc(f.Data, func(text []byte) []byte {
		m := placeholder.FindSubmatch(text)
		var pem []byte
		switch what, of := string(m[1]), string(m[2]); what {
		case "key":
			pem = named(of)[0].KeyPEM()
		case "certificate":
			all := named(of)
			pem = all[0].PEM(all[1:]...)
		default:
			by, revoked, _ := strings.Cut(of, ":")
			pem = named(by)[0].CRL(time.Now().AddDate(1, 0, 0), named(revoked)...)
		}
		return bytes.ReplaceAll(pem, []byte("\n"), []byte(`\n`))
	})
	return f
}

// made makes what a line declares.
func made(t *testing.T, pairs map[string]*pkitest.Pair, name string, words []string) *pkitest.Pair {
	t.Helper()
	var by *pkitest.Pair
	var edits []pkitest.Edit
	var hosts []string
	for i := 1; i < len(words); i++ {
		option, value := words[i], ""
		if option != "isca" {
			if i++; i == len(words) {
				t.Fatalf("%s: %s needs a value", name, option)
			}
			value = words[i]
		}
		switch option {
		case "by":
			if by = pairs[value]; by == nil {
				t.Fatalf("%s: by %s, which is not declared before", name, value)
			}
		case "for":
			hosts = strings.Split(value, ",")
		default:
			edits = append(edits, edit(t, name, option, value))
		}
	}
	switch {
	case words[0] == "root":
		return pkitest.Root(name, edits...)
	case words[0] == "ca" && by != nil:
		return by.CA(name, edits...)
	case words[0] == "leaf":
		named := func(t *pkitest.Template) {
			t.Subject.CommonName, t.DNSNames = name, nil
			for _, h := range hosts {
				if uri, err := url.Parse(h); err == nil && uri.Scheme != "" {
					t.URIs = append(t.URIs, uri)
				} else if h != "none" {
					t.DNSNames = append(t.DNSNames, h)
				}
			}
		}
		return by.Leaf(nil, append([]pkitest.Edit{named}, edits...)...)
	}
	t.Fatalf("%s: want root, ca by NAME or leaf, not %s", name, strings.Join(words, " "))
	return nil
}

func edit(t *testing.T, name, option, value string) pkitest.Edit {
	t.Helper()
	number, err := strconv.Atoi(value)
	switch {
	case option == "days" && err == nil:
		return func(t *pkitest.Template) {
			t.NotAfter = time.Now().AddDate(0, 0, number).Add(time.Hour)
			t.NotBefore = t.NotAfter.AddDate(0, 0, -90)
		}
	case option == "rsa" && err == nil:
		return func(t *pkitest.Template) { t.Key = pkitest.RSA(number) }
	case option == "only" && value == "server":
		return func(t *pkitest.Template) { t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	case option == "only" && value == "client":
		return func(t *pkitest.Template) { t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }
	case option == "isca":
		return func(t *pkitest.Template) { t.IsCA = true }
	}
	t.Fatalf("%s: unknown option %s %s", name, option, value)
	return nil
}
