package certs

import (
	"context"
	"errors"
	"time"
)

// Renew issues those certificates anew of which less than within is left (0: less than a third of their life), or, where
// names are given, those of that name that are due. With all, they need not be due. Keys are new as well. The outcomes are
// those of all that were looked at.
func (s *Store) Renew(ctx context.Context, names []string, within time.Duration, all bool) ([]Outcome, error) {
	var outcomes []Outcome
	err := s.update(ctx, func(c *change) error {
		var requests []Request
		var todo []int
		var errs []error
		now := s.options.Now()
		if len(names) == 0 {
			for _, e := range c.Entries {
				names = append(names, e.Name)
			}
		}
		for _, name := range names {
			e := c.entry(name)
			if e == nil {
				errs = append(errs, &UnknownError{s.dir, name})
				continue
			}
			r, err := e.request()
			errs = append(errs, err)
			o := Outcome{Name: name, Entry: *e, Issued: all || c.due(*e, now, within), Why: remaining(e.NotAfter, now)}
			if o.Issued {
				todo = append(todo, len(requests))
			} else {
				o.Short = e.Due(now, within)
			}
			requests, outcomes = append(requests, r), append(outcomes, o)
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
		return s.issue(ctx, c, requests, todo, outcomes)
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}
