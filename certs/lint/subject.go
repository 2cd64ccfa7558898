package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudflare/cfssl/csr"
)

// subject looks at whom a request is for.
func (l *linter) subject(root *value) {
	named := !root.lacks("CN")
	for _, n := range root.list("names") {
		if n.token != byte('{') {
			continue
		}
		empty := !slices.ContainsFunc([]string{"C", "ST", "L", "O", "OU"}, func(f string) bool { return strings.TrimSpace(n.str(f)) != "" || n.explained(f) })
		if empty && root.lacks("CN") {
			l.refuse("no-subject", n, "there is no CN, and these names say nothing", "Write a CN")
			return
		}
		named = true
		l.country(n)
		for _, e := range n.each("OID") {
			if _, err := csr.OIDFromString(e.name); err != nil {
				l.refuse("bad-oid", e.value, fmt.Sprintf("%q is no object identifier", e.name), "Write numbers and dots, such as 1.2.840.113549.1.9.2")
			}
		}
	}
	if !named && !root.explained("CN") && !root.explained("names") {
		l.refuse("no-subject", root, "there is neither a CN nor names", `Write "CN": …`)
	}
}

var twoLetters = regexp.MustCompile(`^[A-Z]{2}$`)

func (l *linter) country(n *value) {
	c := n.str("C")
	fix := "Write the two capital letters of ISO 3166, such as GB"
	switch {
	case c == "" || c != "UK" && twoLetters.MatchString(c):
		return
	case twoLetters.MatchString(strings.ToUpper(c)) && strings.ToUpper(c) != "UK":
		fix = "Write " + strings.ToUpper(c)
	case strings.EqualFold(c, "UK"):
		fix = "Write GB"
	}
	l.add(Warning, "country", n.at("C"), fmt.Sprintf("%q is no country of ISO 3166", c), "Strict CAs and linters refuse the certificate", fix)
}

// key looks at the key that cfssl is to make; without one it makes ECDSA P-256.
func (l *linter) key(root *value) {
	k := root.get("key")
	if k == nil {
		return
	}
	algorithm, size := k.str("algo"), k.int("size")
	at := k.at("size")
	const fix = `Write {"algo": "ecdsa", "size": 256}`
	switch {
	case k.explained("algo") || k.explained("size"):
	case algorithm == "rsa" && size < 2048:
		l.refuse("weak-key", at, fmt.Sprintf("RSA of %d bits is too weak", size), `Write "size": 3072, or better {"algo": "ecdsa", "size": 256}`)
	case algorithm == "rsa" && size > 8192:
		l.refuse("key-size", at, fmt.Sprintf("cfssl makes no RSA key of %d bits", size), `Write "size": 3072, or better {"algo": "ecdsa", "size": 256}`)
	case algorithm == "ecdsa" && size != 256 && size != 384 && size != 521:
		l.refuse("key-size", at, fmt.Sprintf("there is no curve of %d bits that cfssl knows", size), fix)
	case algorithm == "ed25519":
		l.add(Warning, "ed25519", k.at("algo"), "the key is Ed25519", "Envoy's TLS, and browsers, take no certificate of that kind: only RSA and ECDSA", fix)
	case algorithm == "ecdsa" && size == 521:
		l.add(Warning, "p-521", at, "the key is on the curve P-521", "Envoy's TLS offers no signature of that kind", fix)
	case algorithm != "rsa" && algorithm != "ecdsa":
		l.refuse("key-algorithm", k.at("algo"), fmt.Sprintf("cfssl knows no key algorithm %q", algorithm), didYouMean(algorithm, []string{"ecdsa", "rsa"}, fix))
	}
}
