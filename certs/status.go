package certs

import (
	"cmp"
	"slices"
	"time"
)

// A State is what there is to do about a certificate.
type State string

// The states.
const (
	OK      State = "ok"
	Renewal State = "renew" // little is left of its life: renew it, or of a CA, rotate it
	Expired State = "expired"
)

// A Status is what a store holds at a time, and what there is to do about it. Its JSON is for programs: fields are added,
// never renamed.
type Status struct {
	Dir string `json:"store"`
	// Issuer is who signs: local, given (the files of an existing CA) or cfssl (a server).
	Issuer string `json:"issuer"`
	// Rotation is how far replacing the CA has come: steady, trust or leaves.
	Rotation string `json:"rotation"`
	// Next is the step that the rotation needs; "" where none is under way.
	Next        string            `json:"nextStage,omitempty"`
	Time        time.Time         `json:"time"`
	Authorities []AuthorityStatus `json:"authorities"` // the oldest first
	// Peers are the CAs of others that the store keeps, by name.
	Peers []PeerStatus `json:"peers"`
	// Certificates are by name.
	Certificates []CertificateStatus `json:"certificates"`
}

// AuthorityStatus is about a CA.
type AuthorityStatus struct {
	Subject string `json:"subject"`
	Serial  string `json:"serial"` // in hexadecimal
	Signs   bool   `json:"signs"`  // at most one does; the others are trusted only
	Life
}

// PeerStatus is about another's CA. Nobody but the other renews it.
type PeerStatus struct {
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Life
}

// CertificateStatus is about a leaf.
type CertificateStatus struct {
	Name       string   `json:"name"`
	Purpose    Purpose  `json:"purpose"` // server or client
	CommonName string   `json:"commonName,omitempty"`
	Names      []string `json:"names"` // all subject alternative names
	Key        Key      `json:"key"`
	Serial     string   `json:"serial"`    // in hexadecimal
	Authority  string   `json:"authority"` // the subject of the CA
	Secrets    []string `json:"secrets"`   // NAMESPACE/NAME of those that carry it
	// Short says that it ends with its CA: a new one would end no later.
	Short bool `json:"endsWithCA,omitempty"`
	Life
}

// A Life is how long something is valid.
type Life struct {
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	RenewFrom time.Time `json:"renewFrom"`        // from then on its state is renew
	Left      int64     `json:"remainingSeconds"` // negative after the end
	State     State     `json:"state"`
}

// Status says how everything in the store stands. A certificate is to be renewed when less than within is left of it, or
// with 0, a third of its life; the CA that signs is to be replaced when a certificate that it issued now would have to end
// with it. A CA that is only trusted, and is on its way out, needs nothing until it expires; another's has to be asked for
// within the time, or 30 days, before.
func (s *Store) Status(within time.Duration) Status {
	now := s.options.Now().UTC().Truncate(time.Second)
	x := s.x.clone()
	all := Status{
		Dir: s.dir, Issuer: string(x.signs().Kind), Rotation: x.Stage.String(), Time: now,
		Authorities: []AuthorityStatus{}, Peers: []PeerStatus{}, Certificates: []CertificateStatus{},
	}
	if x.Stage != Steady {
		all.Next = string(x.Stage.Next())
	}
	for _, a := range x.Authorities {
		from := a.NotAfter
		if a.Serial == x.Signing {
			from = from.Add(-max(within, x.longest()))
		}
		all.Authorities = append(all.Authorities, AuthorityStatus{a.Subject, a.Serial, a.Serial == x.Signing, lifeOf(a.NotBefore, a.NotAfter, from, now)})
	}
	for _, p := range x.Peers {
		all.Peers = append(all.Peers, PeerStatus{p.Name, p.Subject, lifeOf(p.NotBefore, p.NotAfter, p.NotAfter.Add(-cmp.Or(within, DefaultWithin)), now)})
	}
	for _, e := range x.Entries {
		c := CertificateStatus{
			Name: e.Name, Purpose: e.Purpose, CommonName: e.CommonName, Names: e.Names(), Key: e.Key, Serial: e.Serial,
			Authority: e.Authority, Secrets: []string{},
			Life: lifeOf(e.NotBefore, e.NotAfter, e.NotAfter.Add(-cmp.Or(within, e.NotAfter.Sub(e.NotBefore)/3)), now),
		}
		if a := x.authority(e.Authority); a != nil {
			c.Authority, c.Short = a.Subject, !e.NotAfter.Before(a.NotAfter)
		}
		for _, r := range e.Secrets {
			c.Secrets = append(c.Secrets, r.String())
		}
		slices.Sort(c.Secrets)
		all.Certificates = append(all.Certificates, c)
	}
	return all
}

// longest is the longest life that was asked for.
func (x *index) longest() time.Duration {
	longest := time.Duration(0)
	for _, e := range x.Entries {
		if asked, err := ParseDuration(e.Validity); err == nil {
			longest = max(longest, asked)
		}
	}
	return cmp.Or(longest, DefaultValidity)
}

func lifeOf(notBefore, notAfter, from, now time.Time) Life {
	l := Life{NotBefore: notBefore.UTC(), NotAfter: notAfter.UTC(), RenewFrom: from.UTC(), Left: int64(notAfter.Sub(now) / time.Second), State: OK}
	switch {
	case !now.Before(notAfter):
		l.State = Expired
	case now.After(from):
		l.State = Renewal
	}
	return l
}

// Due tells whether there is something to do.
func (s Status) Due() bool {
	for _, a := range s.Authorities {
		if a.State != OK {
			return true
		}
	}
	for _, p := range s.Peers {
		if p.State != OK {
			return true
		}
	}
	for _, c := range s.Certificates {
		if c.State != OK {
			return true
		}
	}
	return false
}
