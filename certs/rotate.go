package certs

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/meshscenario/scenario/bundle"
)

// The stages of replacing a CA. Whoever is at one stage gets along with everybody at the same, the one before and the one
// after, and with nobody further away: so each has to be applied everywhere before the next.
const (
	Steady Stage = ""       // one CA, that signs and is trusted
	Trust  Stage = "trust"  // its successor is trusted too, and signs nothing yet
	Leaves Stage = "leaves" // the successor signs, and has signed every certificate; the old one is still trusted
	Retire Stage = "retire" // the old one is gone; this is Steady again, and no store is at it
)

// Stages are the steps of a rotation, in their order.
var Stages = []Stage{Trust, Leaves, Retire}

// String is the stage for people.
func (s Stage) String() string { return cmp.Or(string(s), "steady") }

// Next is the step that follows.
func (s Stage) Next() Stage {
	return map[Stage]Stage{Steady: Trust, Trust: Leaves, Leaves: Retire}[s]
}

// A Rotation is a step to the next stage.
type Rotation struct {
	To Stage // "" is the next
	// The new CA, of use for Trust only. Without a common name its subject is the old one's with the next generation (G2,
	// G3…), and without a Key it is of the old one's kind; the other fields are as in [Init].
	Subject           Subject
	Key               Key
	Validity          time.Duration
	Chain, PrivateKey []byte
	Remote            *RemoteSource
	// Deployed are the Secrets and ConfigMaps as they are where they are used. Where one is not yet as the present stage
	// has it, there is a [NotAppliedError]. With nil, nobody looks.
	Deployed *bundle.Bundle
}

// A Rotated is a step that was made.
type Rotated struct {
	From, To Stage
	Signs    Root      // after the step
	Added    []Root    // by Trust
	Gone     []Root    // by Retire
	Issued   []Outcome // by Leaves
}

// Rotate makes the next step of replacing the CA, all of it or nothing. A step that was made already is none; any other is
// a [StageError].
func (s *Store) Rotate(ctx context.Context, r Rotation) (Rotated, error) {
	var done Rotated
	err := s.update(ctx, func(c *change) error {
		done = Rotated{From: c.Stage, To: cmp.Or(r.To, c.Stage.Next())}
		if done.To == c.Stage {
			return nil
		}
		if err := c.allows(done.To); err != nil {
			return err
		}
		if r.Deployed != nil {
			if err := (&Store{s.dir, s.options, c.index}).applied(r.Deployed); err != nil {
				return err
			}
		}
		c.dirty = true
		switch done.To {
		case Trust:
			return c.succeed(r, &done, s.options.Now().UTC().Truncate(time.Second))
		case Leaves:
			return s.reissue(ctx, c, &done)
		}
		c.Stage = Steady
		done.Gone = slices.DeleteFunc(slices.Clone(c.Authorities), func(a Root) bool { return a.Serial == c.Signing })
		c.Authorities = []Root{*c.signs()}
		return nil
	})
	if err != nil {
		return Rotated{}, err
	}
	done.Signs = *s.x.signs()
	return done, nil
}

// succeed puts the successor beside the CA.
func (c *change) succeed(r Rotation, done *Rotated, now time.Time) error {
	i := Init{Subject: r.Subject, Key: cmp.Or(r.Key, c.signs().Key, DefaultKey), Validity: r.Validity, Chain: r.Chain, PrivateKey: r.PrivateKey, Remote: r.Remote}
	switch {
	case i.Chain != nil || i.Subject.CommonName != "":
	case c.signs().Kind != Local:
		return &ForeignError{c.dir, c.signs().Subject}
	default:
		i.Subject = c.Subject.successor()
	}
	if len(i.Subject.CommonName) > 64 {
		return fmt.Errorf("the common name %q of the new CA is longer than the 64 characters that X.520 allows", i.Subject.CommonName)
	}
	if i.Validity == 0 {
		i.Validity = DefaultCAValidity
	}
	if err := c.root(i, now); err != nil {
		return err
	}
	last := len(c.Authorities) - 1
	if i.Chain == nil {
		c.Subject = i.Subject
	}
	done.Added = c.Authorities[last:]
	c.Stage = Trust
	return nil
}

// reissue lets the successor sign, and has it sign every certificate.
func (s *Store) reissue(ctx context.Context, c *change, done *Rotated) error {
	for _, a := range c.Authorities {
		if a.Serial != c.Signing {
			c.Signing = a.Serial
			break
		}
	}
	requests := make([]Request, len(c.Entries))
	todo := make([]int, len(c.Entries))
	done.Issued = make([]Outcome, len(c.Entries))
	for i, e := range c.Entries {
		var err error
		if requests[i], err = e.request(); err != nil {
			return err
		}
		todo[i], done.Issued[i] = i, Outcome{Name: e.Name, Issued: true, Why: "by the new CA"}
	}
	c.Stage = Leaves
	return s.issue(ctx, c, requests, todo, done.Issued)
}

var generation = regexp.MustCompile(` G(\d{1,4})$`)

// successor is the subject of the CA that comes after. Two CAs of one name would be taken for each other by whoever looks
// for an issuer by its name.
func (s Subject) successor() Subject {
	n := 1
	if m := generation.FindStringSubmatchIndex(s.CommonName); m != nil {
		n, _ = strconv.Atoi(s.CommonName[m[2]:m[3]])
		s.CommonName = s.CommonName[:m[0]]
	}
	s.CommonName += " G" + strconv.Itoa(n+1)
	return s
}
