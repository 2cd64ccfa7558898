package lint

import (
	"fmt"
	"regexp"
	"time"
)

var caName = regexp.MustCompile(`(?i)\b(ca|root|authority|issuer)\b`)

// looksLikeCA says whether a request without a ca section is nevertheless one for cfssl gencert -initca: by its name, and
// that it is for no host.
func (l *linter) looksLikeCA(root *value) bool {
	return root.written("ca") != nil || root.meant["ca"] || len(root.list("hosts")) == 0 && caName.MatchString(root.str("CN"))
}

// authority looks at the request of a CA, which may say nothing of what it is.
func (l *linter) authority(root, ca *value) {
	if root.explained("ca") {
		return
	}
	at := root
	if ca != nil {
		at = ca
	}
	if hosts := root.get("hosts"); hosts != nil && len(hosts.items) > 0 {
		l.add(Warning, "ca-hosts", hosts, "a CA has hosts", "cfssl leaves them out of its certificate: a CA is no server", "Remove hosts, or remove ca to ask for a server's certificate")
	}
	l.caLifetime(ca, at)
	l.caPath(ca, at)
}

func (l *linter) caLifetime(ca, at *value) {
	if ca.lacks("expiry") {
		l.add(Warning, "ca-expiry", at, "nothing says how long the CA is valid", "cfssl makes it 5 years", `Write "ca": {"expiry": "87600h", "pathlenzero": true}, which is 10 years`)
	}
	expiry, known := l.duration("bad-expiry", ca.get("expiry"))
	backdate, _ := l.duration("bad-backdate", ca.get("backdate"))
	switch x := ca.get("expiry"); {
	case !known:
	case expiry == 0:
		l.refuse("expired", x, "the CA is valid for no time", `Write "87600h", which is 10 years`)
	case expiry < 0 || backdate >= expiry:
		l.add(Error, "expired", x, "the CA has expired when it is made", "Nobody accepts what it signs", `Write "87600h", which is 10 years`)
	case expiry <= longest:
		l.add(Warning, "ca-expiry", x, fmt.Sprintf("the CA is valid for %d days", expiry/(24*time.Hour)),
			"A certificate is of no use when its CA has expired: those that it signs late end early, all at once", `Write "87600h", which is 10 years, and rotate it before its last leaves must outlive it`)
	}
}

func (l *linter) caPath(ca, at *value) {
	length, zero := ca.int("pathlen"), ca.bool("pathlenzero")
	switch {
	case ca.explained("pathlen") || ca.explained("pathlenzero"):
	case length > 0 && zero:
		l.add(Warning, "path-length", ca.at("pathlenzero"), fmt.Sprintf("the CA says pathlen %d and pathlenzero", length), "cfssl takes the number", "Remove one of them")
	case length <= 0 && !zero && ca != nil:
		l.add(Warning, "path-length", at, "the CA may make CAs of its own, and so on", "Who gets it to sign one can hide behind any number of new ones", `Write "pathlenzero": true, so that it signs leaves only`)
	}
}
