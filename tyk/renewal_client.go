package tyk

import (
	"fmt"
	"slices"
	"time"
)

// knows tells whether a definition lets a client's certificate in, or shows it.
func (d Definition) knows(r Record) bool {
	for _, id := range d.Upstream {
		if id == r.ID {
			return true
		}
	}
	return slices.Contains(d.Client, Fingerprint(r.ID))
}

// successor is the client's certificate of the same name that is valid, was created last and after another, among those that
// pass.
func (p *planner) successor(r Record, pass func(Record) bool) (after Record, ok bool) {
	for _, n := range p.records {
		same := len(n.ClientEgressIDs) > 0 && len(n.Names) > 0 && len(r.Names) > 0 && n.Names[0] == r.Names[0]
		if same && n.Valid(p.now) && n.Created.After(r.Created) && pass(n) && (!ok || n.Created.After(after.Created)) {
			after, ok = n, true
		}
	}
	return after, ok
}

// clients plans for the clients' certificates, one old one after the other.
func (p *planner) clients() {
	for _, old := range p.records {
		var accepting, showing []*change
		for _, c := range p.changes {
			if slices.Contains(c.client, Fingerprint(old.ID)) {
				accepting = append(accepting, c)
			}
			for _, id := range c.upstream {
				if id == old.ID {
					showing = append(showing, c)
				}
			}
		}
		if len(accepting)+len(showing) == 0 {
			continue
		}
		fresh, found := p.successor(old, func(Record) bool { return true })
		switch {
		case found:
			p.replace(old, fresh, accepting, showing)
		case p.now.Before(old.RenewFrom()):
			p.next(old.RenewFrom())
		case len(old.Names) > 0 && !p.issued["client "+old.Names[0]]:
			p.issued["client "+old.Names[0]] = true
			p.step(Step{Action: Issue, Names: old.Names[:1], Client: true, Why: "less than a third of its life is left: it ends " + day(old.Expires)})
		}
	}
}

// replace takes the next of the three steps from a client's old certificate to its new one.
func (p *planner) replace(old, fresh Record, accepting, showing []*change) {
	public := Fingerprint(fresh.ID)
	var since time.Time // when the last of those that let the client in got the new one
	waiting := false
	for _, c := range accepting {
		if !slices.Contains(c.client, public) {
			c.client = append(c.client, public)
			c.since[public] = p.now
			waiting = true
			p.step(Step{Action: Accept, API: c.api.Slug, Certificate: public, Why: fmt.Sprintf("%s has a new certificate; the old one ends %s", fresh.Names[0], day(old.Expires))})
		}
		since = latest(since, c.since[public])
	}
	if waiting || p.now.Before(since.Add(p.overlap)) {
		p.wait(waiting, fresh, since, "every gateway is to let the new certificate in before its caller shows it")
		return
	}
	if len(showing) > 0 {
		for _, c := range showing {
			for host, id := range c.upstream {
				if id == old.ID {
					c.upstream[host] = fresh.ID
				}
			}
			c.since[fresh.ID] = p.now
			p.step(Step{Action: Show, API: c.api.Slug, Certificate: fresh.ID, Why: "every gateway lets it in since " + minute(since)})
		}
		p.next(p.now.Add(p.overlap))
		return
	}
	for _, c := range p.changes {
		for _, id := range c.upstream {
			if id == fresh.ID {
				since = latest(since, c.since[fresh.ID])
			}
		}
	}
	if p.now.Before(since.Add(p.overlap)) {
		p.wait(false, fresh, since, "every caller's sidecar is to show the new certificate before the old one is refused")
		return
	}
	for _, c := range accepting {
		c.client = slices.DeleteFunc(c.client, func(id string) bool { return id == Fingerprint(old.ID) })
		p.step(Step{Action: Refuse, API: c.api.Slug, Certificate: Fingerprint(old.ID), Why: "its successor is shown since " + minute(since)})
	}
}

// wait says until when, or just begun, that there is something to do then.
func (p *planner) wait(begun bool, fresh Record, since time.Time, why string) {
	until := since.Add(p.overlap)
	if !begun {
		p.step(Step{Action: Wait, Certificate: fresh.ID, Until: until, Why: why})
	}
	p.next(until)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
