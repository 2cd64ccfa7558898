package tyk

import (
	"fmt"
	"slices"
)

// best is the certificate for an API, among those that pass, that is valid now and was created last.
func (p *planner) best(api Definition, pass func(Record) bool) (best Record, ok bool) {
	for _, r := range p.records {
		if r.For(api) && r.Valid(p.now) && pass(r) && (!ok || r.Created.After(best.Created)) {
			best, ok = r, true
		}
	}
	return best, ok
}

// api plans for the server's certificates of one API definition.
func (p *planner) api(c *change) {
	api := c.api
	if api.Domain == "" {
		return
	}
	there := func(r Record) bool { return slices.Contains(api.Certificates, r.ID) }
	served, serves := p.best(api, there)
	fresh, found := p.best(api, func(r Record) bool { return !there(r) && (!serves || r.Created.After(served.Created)) })
	switch {
	case found:
		c.ids = append(c.ids, fresh.ID)
		c.since[fresh.ID] = p.now
		p.step(Step{Action: Add, API: api.Slug, Domain: api.Domain, Certificate: fresh.ID, Why: p.whyAdd(served, serves)})
		if api.Domain == MeshHosts[0] {
			p.once(Step{Action: Set, Certificate: fresh.ID, Why: "with every pod it appends again the id that it has in memory"})
		}
		p.next(p.now.Add(p.overlap))
	case serves:
		p.settle(c, served)
	}
	p.issue(api, served, serves, found)
}

func (p *planner) whyAdd(served Record, serves bool) string {
	if !serves {
		return "nothing valid is there"
	}
	return "newer than what is served, which ends " + day(served.Expires)
}

// issue asks for a certificate where what is served ends soon, or nothing is.
func (p *planner) issue(api Definition, served Record, serves, found bool) {
	if found || p.issued[api.Domain] {
		return
	}
	why := ""
	switch {
	case serves && p.now.Before(served.RenewFrom()):
		p.next(served.RenewFrom())
		return
	case serves:
		why = "less than a third of its life is left: it ends " + day(served.Expires)
	case slices.ContainsFunc(api.Certificates, func(id string) bool { _, ok := p.record(id); return !ok }):
		p.step(Step{Action: Ask, API: api.Slug, Domain: api.Domain, Why: "none of its certificates that have a record is valid, and of the others nothing is known"})
		return
	case len(api.Certificates) > 0:
		why = "what is served has ended, or is not for this domain: callers are refused"
	default:
		why = "no certificate is there: callers are refused"
	}
	p.issued[api.Domain] = true
	names := []string{api.Domain}
	if api.Domain == MeshHosts[0] {
		names = slices.Clone(MeshHosts)
	}
	p.step(Step{Action: Issue, Domain: api.Domain, Names: names, Why: why})
}

// settle brings the list of an API, which serves a valid certificate, to that one: it last, each id once, and those before
// it out when the overlap is over.
func (p *planner) settle(c *change, served Record) {
	slug := c.api.Slug
	if slices.Index(c.ids, served.ID) != len(c.ids)-1 {
		c.ids = append(slices.DeleteFunc(c.ids, func(id string) bool { return id == served.ID }), served.ID)
		p.step(Step{Action: Order, API: slug, Domain: c.api.Domain, Certificate: served.ID, Why: "a gateway serves what stands last, and this is the newest"})
	}
	since, ok := c.since[served.ID]
	if !ok {
		since = served.Created
	}
	until := since.Add(p.overlap)
	waiting := false
	for _, id := range slices.Clone(c.ids) {
		old, known := p.record(id)
		switch {
		case id == served.ID || !known:
		case p.now.Before(until):
			waiting = true
		default:
			c.ids = slices.DeleteFunc(c.ids, func(other string) bool { return other == id })
			delete(c.since, id)
			p.step(Step{Action: Remove, API: slug, Domain: c.api.Domain, Certificate: id, Why: fmt.Sprintf("its successor is served since %s; it ends %s", minute(since), day(old.Expires))})
		}
	}
	if waiting {
		p.step(Step{Action: Wait, API: slug, Domain: c.api.Domain, Until: until, Why: "both certificates stay until every gateway has the new one"})
		p.next(until)
	}
}
