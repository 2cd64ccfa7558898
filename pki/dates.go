package pki

import (
	"bytes"
	"fmt"
	"slices"
	"time"
)

// Dates finds certificates and lists that are not valid at a time, or not for that many days more.
func (m Material) Dates(now time.Time, days int) []Fault {
	faults := dates(m.Served.Cert, m.Chain, now, days)
	cas := dates(m.Served.CA, m.CA, now, days)
	out := 0
	for _, f := range cas {
		if f.Breaks {
			out++
		}
	}
	for i := range cas {
		cas[i].Breaks = cas[i].Breaks && out == len(m.CA) // another CA of the bundle may do
		cas[i].Fix = "Remove it from the bundle when nothing is left that it issued, and put its successor beside it"
	}
	faults = append(faults, cas...)
	for _, l := range m.CRLs {
		if !l.NextUpdate.IsZero() && now.After(l.NextUpdate) {
			faults = append(faults, Fault{
				Rule: "MSH518", Kind: CRLExpired, Key: m.Served.CRL, Breaks: true,
				Message:     fmt.Sprintf("the revocation list of %q was to be renewed by %s", short(l.Issuer.String()), day(l.NextUpdate)),
				Consequence: "Envoy refuses every certificate of that issuer", Fix: "Renew the list",
			})
		}
	}
	return sorted(faults)
}

func dates(key string, certificates []Certificate, now time.Time, days int) []Fault {
	var faults []Fault
	for _, c := range certificates {
		f := Fault{
			Rule: "MSH507", Key: key, Index: c.Index, Breaks: true,
			Consequence: "The other side refuses the connection: certificate verification fails", Fix: "Issue it anew",
		}
		said := fmt.Sprintf("certificate %d of %s (%s)", c.Index, key, c)
		switch left := c.NotAfter.Sub(now); {
		case now.After(c.NotAfter):
			f.Kind, f.Message = Expired, fmt.Sprintf("%s expired on %s", said, day(c.NotAfter))
		case now.Before(c.NotBefore):
			f.Kind, f.Message = NotYetValid, fmt.Sprintf("%s is not valid before %s", said, day(c.NotBefore))
			f.Fix = "Wait, or issue it anew; look at the clock of the machine that issued it"
		case left < time.Duration(days)*24*time.Hour:
			f.Kind, f.Message, f.Breaks = Expiring, fmt.Sprintf("%s expires on %s, in %d days", said, day(c.NotAfter), int(left.Hours()/24)), false
			f.Consequence, f.Fix = "From then on, the other side refuses the connection", "Renew it"
		default:
			continue
		}
		faults = append(faults, f)
	}
	return faults
}

// outlives finds certificates that are valid for longer than the CA that issued them, if that is known.
func outlives(key string, chain, cas []Certificate) []Fault {
	var faults []Fault
	all := append(clone(chain), cas...)
	for i, c := range chain {
		if !shorter(c, all) || c.SelfSigned() {
			continue
		}
		at := parentOf(c, all, map[int]bool{i: true})
		if at < 0 || !c.NotAfter.After(all[at].NotAfter) {
			continue
		}
		faults = append(faults, Fault{
			Rule: "MSH507", Kind: OutlivesCA, Key: key, Index: c.Index,
			Message: fmt.Sprintf("certificate %d of %s (%s) is valid until %s, but its issuer %s only until %s",
				c.Index, key, c, day(c.NotAfter), all[at], day(all[at].NotAfter)),
			Consequence: "It is refused when its issuer expires, before its own date", Fix: "Renew the issuer first, then issue from it",
		})
	}
	return faults
}

// shorter tells whether a certificate by the name of the issuer ends earlier: what saves verifying signatures.
func shorter(child Certificate, in []Certificate) bool {
	return slices.ContainsFunc(in, func(c Certificate) bool {
		return bytes.Equal(c.RawSubject, child.RawIssuer) && c.NotAfter.Before(child.NotAfter)
	})
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
