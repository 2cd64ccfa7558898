package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cloudflare/cfssl/config"
)

// usages looks at what certificates of a profile are for.
func (l *linter) usages(p profile) {
	if len(p.list("usages")) == 0 && !p.explained("usages") {
		if !p.Default {
			l.refuse("no-usages", p.at("usages"), fmt.Sprintf("%s has no usages", p), `Write "usages": ["signing", "key encipherment", "server auth"]`)
		} else {
			l.add(Error, "no-usages", p.at("usages"), "the default profile has no usages",
				"cfssl takes that, and then fails at every request that names no profile", `Write "usages": ["signing", "key encipherment", "server auth"]`)
		}
		return
	}
	unknown := l.unknownUsages(p)
	if unknown > 0 && unknown == len(p.list("usages")) && !p.Default {
		l.refused = true // said of each of them
	}
	has := p.uses
	authenticates := has("server auth") || has("client auth")
	isCA := p.isCA()
	switch {
	case has("cert sign") && authenticates && (p.leaf() || has("signing") || has("digital signature") || has("key encipherment")):
		l.add(Error, "all-in-one", p.at("usages"), fmt.Sprintf("certificates of %s are for talking and for signing other certificates", p),
			"Who gets the key of one server or client may issue for every other, where its peers let it", `Take "cert sign" out; make CAs by a profile of their own`)
	case has("cert sign") && p.leaf():
		l.add(Error, "cert-sign-without-ca", p.at("usages"), fmt.Sprintf("certificates of %s may sign others, but are no CA", p),
			"RFC 5280 forbids the one without the other: whatever such a certificate signs is refused", `Write "ca_constraint": {"is_ca": true, "max_path_len_zero": true}, or take "cert sign" out`)
	case isCA && !has("cert sign") && unknown == 0:
		l.add(Error, "ca-without-cert-sign", p.at("usages"), fmt.Sprintf("certificates of %s are CAs that may sign no certificate", p),
			"Whatever they sign is refused", `Add "cert sign" and "crl sign"`)
	case has("any"):
		l.add(Warning, "any-usage", p.at("usages"), fmt.Sprintf("certificates of %s are for any purpose", p),
			"A client's certificate serves as a server's, and as that of whoever signs code", `Name the purposes: "server auth", "client auth"`)
	}
}

// isCA says that the profile makes CAs, leaf that it does not; of a wrong type, neither is known.
func (p profile) isCA() bool { return p.get("ca_constraint").bool("is_ca") }

func (p profile) leaf() bool {
	return !p.isCA() && !p.explained("ca_constraint") && !p.get("ca_constraint").explained("is_ca")
}

func (p profile) uses(usage string) bool {
	return slices.ContainsFunc(p.list("usages"), func(x *value) bool { return x.token == usage })
}

// unknownUsages reports usages that cfssl does not know, and counts them.
func (l *linter) unknownUsages(p profile) (n int) {
	known := slices.Concat(slices.Sorted(maps.Keys(config.KeyUsage)), slices.Sorted(maps.Keys(config.ExtKeyUsage)))
	for _, x := range p.list("usages") {
		usage, ok := x.string()
		if !ok || slices.Contains(known, usage) {
			continue
		}
		n++
		l.add(Error, "unknown-usage", x, fmt.Sprintf("cfssl knows no usage %q", usage), "cfssl leaves it out of certificates without a word",
			didYouMean(strings.NewReplacer("_", " ", "-", " ").Replace(usage), known, "Write one of "+strings.Join(known, ", ")))
	}
	return n
}

// constraint looks at what a profile says of certificates of CAs.
func (l *linter) constraint(p profile) {
	c, isCA := p.get("ca_constraint"), p.isCA()
	length, zero := c.int("max_path_len"), c.bool("max_path_len_zero")
	switch at := p.at("ca_constraint"); {
	case c == nil:
	case p.leaf() && (length != 0 || zero):
		l.add(Warning, "ca-constraint-unused", at, fmt.Sprintf("%s limits the path below CAs, but makes no CA", p), "cfssl reads over it", `Write "is_ca": true, or remove it`)
	case !isCA:
	case p.Default:
		l.add(Error, "default-ca", at, "the default profile makes CAs", "Every request that names no profile gets a CA that may sign for every name", "Make CAs by a profile of their own, with an auth_key of its own")
	case length > 0 && zero:
		l.add(Warning, "path-length", at, fmt.Sprintf("%s says max_path_len %d and max_path_len_zero", p, length), "cfssl takes the number", "Remove one of them")
	case length <= 0 && !zero:
		l.add(Warning, "path-length", at, fmt.Sprintf("CAs of %s may make CAs of their own, and so on", p),
			"Who gets into one of them can hide behind any number of new ones", `Write "max_path_len_zero": true, so that they sign leaves only`)
	}
}
