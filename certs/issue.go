package certs

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cloudflare/cfssl/csr"
	"github.com/cloudflare/cfssl/helpers"
)

// An Outcome is what became of one request.
type Outcome struct {
	Name string
	// Issued says that there is a new certificate, and Why what was wrong with the old one; "" where there was none.
	Issued bool
	Why    string
	Entry  Entry
	// Short says that the certificate ends with its CA, before the time that was asked for.
	Short bool
}

// Wanted is what a store is to hold.
type Wanted struct {
	Certificates []Request
	// CASecrets are Secrets and ConfigMaps that hold nothing but CAs.
	CASecrets []SecretRef
	// Peers are other people's CAs by their names, as PEM, for the Secrets that name them.
	Peers map[string][]byte
}

// Issue makes the certificates that are wanted and not there: all of them or none. One that is there and says the same stays,
// unless it is due. The outcomes are in the order of the requests.
func (s *Store) Issue(ctx context.Context, w Wanted) ([]Outcome, error) {
	requests, err := checked(w)
	if err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, len(requests))
	err = s.update(ctx, func(c *change) error {
		if err := c.keepPeers(w.Peers); err != nil {
			return err
		}
		if err := c.keepSecrets(w); err != nil {
			return err
		}
		var todo []int
		now := s.options.Now()
		for i, r := range requests {
			outcomes[i] = Outcome{Name: r.Name, Issued: true}
			if e := c.entry(r.Name); e != nil {
				outcomes[i].Why, outcomes[i].Entry = c.stale(*e, r, now), *e
				if outcomes[i].Issued = outcomes[i].Why != ""; !outcomes[i].Issued {
					continue
				}
			}
			todo = append(todo, i)
		}
		return s.issue(ctx, c, requests, todo, outcomes)
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// checked are the requests, complete, and each name once.
func checked(w Wanted) ([]Request, error) {
	requests := slices.Clone(w.Certificates)
	var errs []error
	seen := map[string]bool{}
	for i := range requests {
		errs = append(errs, requests[i].check())
		if seen[requests[i].Name] {
			errs = append(errs, fmt.Errorf("certificate %s is asked for twice", requests[i].Name))
		}
		seen[requests[i].Name] = true
	}
	for _, ref := range w.CASecrets {
		errs = append(errs, ref.check())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, &RequestError{err}
	}
	return requests, nil
}

// A RequestError says that what is asked for cannot be a certificate, or should not.
type RequestError struct{ error }

func (e *RequestError) Unwrap() error { return e.error }

// stale says why a certificate has to be issued anew to be what is wanted; "" if it has not.
func (c *change) stale(e Entry, r Request, now time.Time) string {
	var differs []string
	for _, d := range []struct {
		what string
		same bool
	}{
		{"purpose", e.Purpose == r.Purpose},
		{"common name", e.CommonName == r.CommonName},
		{"names", sameSet(e.Names(), r.hosts())},
		{"kind of key", e.Key == r.Key},
		{"validity", e.Validity == Duration(r.Validity)},
	} {
		if !d.same {
			differs = append(differs, d.what)
		}
	}
	switch {
	case len(differs) > 0:
		return "it differs in " + strings.Join(differs, ", ")
	case c.authority(e.Authority) == nil:
		return "its CA is no longer trusted"
	case c.due(e, now, 0):
		return remaining(e.NotAfter, now)
	}
	return ""
}

func remaining(end, now time.Time) string {
	if !now.Before(end) {
		return "it expired " + Duration(now.Sub(end)) + " ago"
	}
	return "it ends in " + Duration(end.Sub(now))
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// Due tells whether a certificate is to be renewed: when less than within is left of it; with 0, less than a third of its
// life.
func (e Entry) Due(now time.Time, within time.Duration) bool {
	if within == 0 {
		within = e.NotAfter.Sub(e.NotBefore) / 3
	}
	return e.NotAfter.Sub(now) < within
}

// due is [Entry.Due], but for a certificate that ends with its CA already: a new one would end no later.
func (c *change) due(e Entry, now time.Time, within time.Duration) bool {
	ca := c.signs()
	return e.Due(now, within) && !(e.Authority == ca.Serial && !e.NotAfter.Before(ca.NotAfter) && now.Before(e.NotAfter))
}

// issue makes the certificates that are to do and writes them into the index.
func (s *Store) issue(ctx context.Context, c *change, requests []Request, todo []int, outcomes []Outcome) error {
	if len(todo) == 0 {
		return nil
	}
	issuer, err := s.issuer(c)
	if err != nil {
		return err
	}
	wanted := make([]Request, len(todo))
	for i, n := range todo {
		wanted[i] = requests[n]
	}
	made, err := c.produce(ctx, issuer, wanted, s.options.Now())
	if err != nil {
		return err
	}
	at := map[string]int{}
	for i, e := range c.Entries {
		at[e.Name] = i
	}
	for i, n := range todo {
		outcomes[n].Entry = made[i]
		outcomes[n].Short = !made[i].NotAfter.Before(c.signs().NotAfter)
		if old, is := at[made[i].Name]; is {
			made[i].Secrets = c.Entries[old].Secrets
			c.Entries[old] = made[i]
		} else {
			c.Entries = append(c.Entries, made[i])
		}
	}
	slices.SortFunc(c.Entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	c.dirty = true
	return nil
}

// make makes one certificate with its key: what the index says of it, and its files.
func (c *change) make(ctx context.Context, issuer Issuer, r Request, now time.Time) (Entry, []file, error) {
	wrong := func(err error) (Entry, []file, error) {
		return Entry{}, nil, fmt.Errorf("certificate %s: %w", r.Name, err)
	}
	ca := c.signs()
	notBefore, notAfter := now.UTC().Truncate(time.Second).Add(-backdate), now.UTC().Truncate(time.Second).Add(r.Validity)
	if notBefore.Before(ca.NotBefore) {
		notBefore = ca.NotBefore
	}
	if notAfter.After(ca.NotAfter) {
		notAfter = ca.NotAfter
	}
	if !now.Before(notAfter) {
		return wrong(fmt.Errorf("the CA %s expired on %s, and signs nothing any more", ca.Subject, ca.NotAfter.UTC().Format(time.DateOnly)))
	}
	request, private, err := csr.ParseRequest(&csr.CertificateRequest{CN: r.CommonName, KeyRequest: r.Key.request()})
	if err != nil {
		return wrong(err)
	}
	chain, err := issuer.Sign(ctx, request, r, notBefore, notAfter)
	if err != nil {
		return wrong(err)
	}
	all, err := helpers.ParseCertificatesPEM(chain)
	if err != nil || len(all) == 0 {
		return wrong(errors.New("the CA's answer is no certificate"))
	}
	return entryOf(r, all[0], ca.Serial), []file{{"tls.crt", chain, false}, {"tls.key", private, true}}, nil
}

func entryOf(r Request, leaf *x509.Certificate, authority string) Entry {
	e := Entry{
		Name: r.Name, Purpose: r.Purpose, CommonName: r.CommonName, DNS: r.DNS, IPs: r.IPs, URIs: r.URIs,
		Key: r.Key, Validity: Duration(r.Validity), Secrets: slices.Clone(r.Secrets),
		Serial: serial(leaf.SerialNumber), Authority: authority,
		NotBefore: leaf.NotBefore.UTC(), NotAfter: leaf.NotAfter.UTC(),
	}
	slices.SortFunc(e.Secrets, compareRefs)
	e.Folder = e.Name + "." + e.Serial
	return e
}

// request is what an entry was made from, checked once more: the index may have been written by hand.
func (e Entry) request() (Request, error) {
	validity, err := ParseDuration(e.Validity)
	r := Request{
		Name: e.Name, Purpose: e.Purpose, CommonName: e.CommonName, DNS: e.DNS, IPs: e.IPs, URIs: e.URIs,
		Key: e.Key, Validity: validity, Secrets: e.Secrets,
	}
	return r, errors.Join(err, r.check())
}
