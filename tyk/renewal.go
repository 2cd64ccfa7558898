package tyk

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// DefaultOverlap is how long two certificates stay beside each other. A gateway keeps certificates in memory for five
// minutes, and the configuration of TLS for a server's name for one (certs/manager.go, cert.go of the gateway); the rest is
// for gateways that reload late, and for who is called when something went wrong.
const DefaultOverlap = 24 * time.Hour

// The actions of a plan, in the order in which they are to be done.
const (
	Issue  = "issue"  // make a key and a certificate, store it in Tyk, and only then in the collection
	Add    = "add"    // append its id to the API's certificates: the last one is what is served
	Order  = "order"  // move its id to the end, or take its second mention away
	Remove = "remove" // take the id out of the API's certificates
	Reload = "reload" // have the gateways load the API definitions
	Accept = "accept" // let in a client's new certificate beside the old one
	Show   = "show"   // have a caller's sidecar show its new certificate
	Refuse = "refuse" // let in the old one no more
	Wait   = "wait"   // nothing, until then
	Delete = "delete" // delete the certificate from Tyk's store, which no API names any more
	Past   = "past"   // move its bundle to the history of its successor's record
	Set    = "set"    // set the controller's Injector.meshCertificateID to it, and restart the controller
	Ask    = "ask"    // look at the API's certificates, of which nothing is known
)

var actions = []string{Issue, Add, Order, Remove, Accept, Show, Refuse, Reload, Wait, Delete, Past, Set, Ask}

// A Step is one action of a plan.
type Step struct {
	Action string `json:"action"`
	// API is the slug of the API definition, Domain its domain, and Certificate an id of Tyk's store.
	API         string `json:"api,omitempty"`
	Domain      string `json:"domain,omitempty"`
	Certificate string `json:"certificate,omitempty"`
	// Names are what a certificate to issue is for, the first its common name; Client, that it is for a client.
	Names  []string `json:"names,omitempty"`
	Client bool     `json:"client,omitempty"`
	// Until is when to go on, of a step that waits.
	Until time.Time `json:"until,omitzero"`
	Why   string    `json:"why"`
}

// A Plan is what a renewal does now.
type Plan struct {
	Steps []Step
	// APIs are the API definitions that change, as they are to be.
	APIs []Definition
	// Next is when there is something to do again if nothing else happens; zero if never.
	Next time.Time
}

// Renewals plans what is to be done now for the server certificates of API definitions: a new one is issued when less than a
// third of the old one's life is left; it is appended beside the old one; both stay for the overlap; then the old one's id is
// taken out, and in the next plan, when no gateway can serve it any more, it is deleted. Each plan starts from what there is,
// so a step that was not done is planned again.
//
// Since when an id is there is written down in the definition itself, in its config_data, which is for plugins and which a
// gateway does not look into. Where it is not written, the controller appended the id, at once when the record was created.
//
// Clients' certificates, those of [Matrix.APIs], come in the other order: all that let a caller in let in the new one beside
// the old; after the overlap the caller shows it; after another, the old one is let in no more. A client's record has
// ClientEgressIDs.
//
// Of ids without a record nothing is known; they are left alone, and asked about where nothing else is valid.
func Renewals(records []Record, apis []Definition, now time.Time, overlap time.Duration) Plan {
	p := planner{records: records, now: now, overlap: overlap, issued: map[string]bool{}}
	for _, api := range apis {
		p.changes = append(p.changes, newChange(api))
	}
	for _, c := range p.changes {
		p.api(c)
	}
	p.clients()
	p.retire(apis)
	for _, c := range p.changes {
		c.apply(&p)
	}
	if len(p.plan.APIs) > 0 {
		p.step(Step{Action: Reload, Why: "the gateways read API definitions when told; saving them in the dashboard tells them"})
	}
	slices.SortStableFunc(p.plan.Steps, func(a, b Step) int {
		return cmp.Compare(slices.Index(actions, a.Action), slices.Index(actions, b.Action))
	})
	return p.plan
}

type planner struct {
	records []Record
	now     time.Time
	overlap time.Duration
	plan    Plan
	changes []*change       // of every API definition, in their order
	issued  map[string]bool // the domains that a certificate is to be issued for: once for all APIs of a domain
}

func (p *planner) step(s Step) { p.plan.Steps = append(p.plan.Steps, s) }

// next says that there is something to do at a time.
func (p *planner) next(t time.Time) {
	if t.After(p.now) && (p.plan.Next.IsZero() || t.Before(p.plan.Next)) {
		p.plan.Next = t
	}
}

// record finds the record of an id.
func (p *planner) record(id string) (Record, bool) {
	i := slices.IndexFunc(p.records, func(r Record) bool { return r.ID == id })
	if i < 0 {
		return Record{}, false
	}
	return p.records[i], true
}

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

// retire deletes what no API names any more, and what a newer one that an API names stands for. What a plan takes out of an
// API goes in the next, when the gateways have reloaded: a sidecar of 2.8 that loads an API with the id of a certificate that
// is not in the store breaks off every handshake, for whatever host (cert.go of v2.8.4, getTLSConfigForClient).
func (p *planner) retire(apis []Definition) {
	named := func(r Record) bool {
		return slices.ContainsFunc(apis, func(d Definition) bool { return slices.Contains(d.Certificates, r.ID) || d.knows(r) })
	}
	for _, r := range p.records {
		if named(r) {
			continue
		}
		for _, api := range apis {
			var after Record
			var ok bool
			if len(r.ClientEgressIDs) > 0 {
				after, ok = p.successor(r, named)
			} else if r.For(api) {
				after, ok = p.best(api, func(n Record) bool { return named(n) && n.Created.After(r.Created) })
			}
			if ok {
				p.step(Step{Action: Delete, Certificate: r.ID, Why: "no API definition names it"})
				p.step(Step{Action: Past, Certificate: r.ID, Why: "that is record " + after.UID})
				break
			}
		}
	}
}

// once is a step that is the same for several APIs.
func (p *planner) once(s Step) {
	if !slices.ContainsFunc(p.plan.Steps, func(o Step) bool { return o.Action == s.Action && o.Certificate == s.Certificate }) {
		p.step(s)
	}
}

func day(t time.Time) string    { return t.UTC().Format(time.DateOnly) }
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
