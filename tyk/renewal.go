package tyk

import (
	"cmp"
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

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
