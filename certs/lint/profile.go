package lint

import (
	"fmt"
	"time"
)

// longest is what browsers take of a server's certificate, and about a year of what can be done with a stolen key.
const longest = 398 * 24 * time.Hour

// profile looks at one profile by itself.
func (l *linter) profile(p profile) {
	if p.remote() {
		l.skipped(p)
	} else {
		l.lifetime(p)
		l.usages(p)
		l.constraint(p)
	}
	l.whitelist(p)
	if p.bool("copy_extensions") {
		l.add(Warning, "copy-extensions", p.at("copy_extensions"), fmt.Sprintf("%s copies extensions from the request", p),
			"Whoever may ask decides what the certificate says, not this file", "Remove copy_extensions; allowed_extensions lets in what is needed")
	}
	if w := p.get("CSRWhitelist"); w != nil && !w.bool("PublicKey") && w.lacks("PublicKey") {
		l.add(Error, "whitelist-without-key", w, fmt.Sprintf("the CSRWhitelist of %s lets in no PublicKey", p),
			"cfssl leaves the key out, and fails at every request", `Write "PublicKey": true`)
	}
}

// lifetime looks at how long certificates of a profile are valid.
func (l *linter) lifetime(p profile) {
	if p.lacks("expiry") {
		l.refuse("no-expiry", p.value, fmt.Sprintf("%s has no expiry", p), `Write "expiry": "2160h", which is 90 days`)
	}
	expiry, known := l.duration("bad-expiry", p.get("expiry"))
	if known {
		l.expiry(p, expiry)
	}
	backdate, _ := l.duration("bad-backdate", p.get("backdate"))
	if x := p.get("backdate"); backdate < 0 {
		l.add(Error, "negative-backdate", x, fmt.Sprintf("%s dates certificates forward by %s", p, -backdate),
			"Nobody accepts a new certificate before then", "Write a time without minus")
	} else if known && expiry > 0 && backdate >= expiry {
		l.add(Error, "expired", x, fmt.Sprintf("%s dates certificates back by as long as they are valid", p),
			"cfssl counts the expiry from there: each has expired when it is made", `Leave backdate out: cfssl dates back by 5 minutes`)
	}
	l.fixed(p)
}

func (l *linter) expiry(p profile, expiry time.Duration) {
	at := p.at("expiry")
	switch {
	case expiry == 0 && p.Default:
		l.refuse("no-expiry", at, "the default profile has an expiry of nothing", `Write "2160h", which is 90 days`)
	case expiry == 0:
		l.add(Error, "zero-expiry", at, fmt.Sprintf("%s has an expiry of nothing", p),
			"cfssl takes that of the default profile without a word", `Write how long, such as "2160h", which is 90 days`)
	case expiry < 0:
		l.add(Error, "expired", at, fmt.Sprintf("%s has a negative expiry", p), "Each certificate has expired when it is made", `Write "2160h", which is 90 days`)
	case expiry > longest && p.leaf() && p.lacks("not_after"):
		l.add(Warning, "long-lived", at, fmt.Sprintf("%s makes certificates that are valid for %d days", p, (expiry+24*time.Hour-1)/(24*time.Hour)),
			"Who steals a key uses it until then: proxies look at no revocation list that they were not given. Browsers refuse servers beyond 398 days",
			`Write "2160h", which is 90 days, and renew`)
	}
}

// fixed looks at certificates that end at one moment, whenever they are made.
func (l *linter) fixed(p profile) {
	before, after := p.time("not_before"), p.time("not_after")
	switch {
	case !before.IsZero() && !after.IsZero() && after.Before(before):
		l.refuse("bad-validity", p.at("not_after"), fmt.Sprintf("certificates of %s end before they begin", p), "Write a not_after behind not_before, or leave both out")
	case !after.IsZero() && !after.After(l.now):
		l.add(Error, "expired", p.at("not_after"), fmt.Sprintf("certificates of %s ended %s", p, after.Format(time.DateOnly)),
			"Each has expired when it is made", "Leave not_after out: expiry counts from when a certificate is made")
	}
}

// skipped are settings that only the server that signs has a say in.
func (l *linter) skipped(p profile) {
	for _, name := range []string{"usages", "issuer_urls", "ocsp_url", "crl_url", "ca_constraint", "expiry", "backdate", "not_before", "not_after", "cert_store", "ct_log_servers"} {
		if x := p.get(name); x != nil {
			l.add(Warning, "skipped", x, fmt.Sprintf("%s leaves signing to another server, and says %s nevertheless", p, name),
				"cfssl skips it: the other server decides", "Remove it here, and write it there")
			return // the others are the same mistake
		}
	}
}
