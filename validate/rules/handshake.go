package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A meeting is a TLS on a path: who makes it, and who takes it off.
type meeting struct {
	path   *traffic.Path
	hop    int // of who sends, from 1
	sender *traffic.Hop
	taker  *traffic.Hop
	// server and client are what each shows, and serverCA and clientCA what the other holds against it, as far as the
	// files hold them.
	server, client, serverCA, clientCA *shown
}

type meetingsKey struct{}

// meetings are the findings about the two sides of TLS, by rule.
func meetings(p *validate.Pass) map[string][]validate.Finding {
	return validate.Once(p, meetingsKey{}, func() map[string][]validate.Finding {
		found := map[string][]validate.Finding{}
		for _, path := range p.Paths {
			last := len(path.Hops) - 1
			if path.Outcome.Code == traffic.TLSFailure {
				last-- // what it is about the last one, others say
			}
			for i := range max(last, 0) {
				m, ok := meetingAt(p, path, i)
				if !ok {
					continue
				}
				for rule, f := range m.faults(p) {
					found[rule] = append(found[rule], f)
				}
			}
		}
		return found
	})
}

// meetingFaults reports what the two sides of TLS do not agree about, by one rule.
func meetingFaults(id string) func(*validate.Pass) {
	return func(p *validate.Pass) {
		for _, f := range meetings(p)[id] {
			if id == "MSH226" && f.Object.Kind == "Route" {
				continue // MSH604
			}
			p.Report(f)
		}
	}
}

// meetingAt is the TLS that comes to the hop after one, if that takes it off.
func meetingAt(p *validate.Pass, path *traffic.Path, i int) (meeting, bool) {
	sends, taker := &path.Hops[i], &path.Hops[i+1]
	if taker.Terminates == nil || sends.Wire.Layers == 0 {
		return meeting{}, false
	}
	from := i
	for from > 0 && !originates(path.Hops, from) && path.Hops[from].Terminates == nil {
		from--
	}
	m := meeting{path: path, hop: from + 1, sender: &path.Hops[from], taker: taker}
	m.server = shownAs(p, taker.Terminates.Credential, taker.Workload, false)
	m.clientCA = shownAs(p, taker.Terminates.ClientCA, taker.Workload, true)
	if sends.Wire.Mode != traffic.Own {
		m.client = shownAs(p, sends.Verify.Client.Credential, m.sender.Workload, false)
		m.serverCA = shownAs(p, sends.Verify.Server.CA, m.sender.Workload, true)
	}
	return m, m.server != nil || m.clientCA != nil
}

type shownKey struct {
	ref, workload string
	ca            bool
}

// shownAs is the material that a hop names: a pair, or a CA. It is nil where the files do not hold it, or a proxy could not
// load it.
func shownAs(p *validate.Pass, ref, workload string, ca bool) *shown {
	return validate.Once(p, shownKey{ref, workload, ca}, func() *shown {
		var all []shown
		scheme, name, _ := strings.Cut(ref, " ")
		switch scheme {
		case "secret", "configmap":
			namespace, name, _ := strings.Cut(name, "/")
			all = named{namespace: namespace, name: name, configMap: scheme == "configmap", pair: !ca, ca: ca}.read(p)
		case "file":
			all = slices.Clone(materials(p))
			all = slices.DeleteFunc(all, func(s shown) bool {
				served := s.material.Served
				return s.workload != workload || s.files == nil || name != served.Cert && name != served.CA
			})
		case "Route", "destinationCACertificate":
			all = ofRoute(p, strings.TrimPrefix(ref, "destinationCACertificate of "))
		}
		for _, s := range all {
			has := len(s.material.Chain) > 0
			if ca {
				has = len(s.material.CA) > 0
			}
			if has && !slices.ContainsFunc(s.faults, unloadable) {
				return &s
			}
		}
		return nil
	})
}

// unloadable tells whether a fault keeps a proxy from having the material at all.
func unloadable(f pki.Fault) bool {
	return f.Breaks && (f.Rule == "MSH506" || f.Rule == "MSH519" || f.Kind == pki.LeafNotFirst)
}

// faults says, by rule, why one side refuses the other.
func (m meeting) faults(p *validate.Pass) map[string]validate.Finding {
	found := map[string]validate.Finding{}
	verify := m.sender.Verify.Server
	own := m.sender.Wire.Mode == traffic.Own
	switch {
	case m.server == nil:
	case m.server.request && !own:
		m.wrongName(p, verify.Names, found)
	case m.serverCA != nil && !own:
		q := pki.Question{Chain: m.server.material.Chain, Purpose: pki.Server, CA: m.serverCA.material.CA, CRLs: m.serverCA.material.CRLs, Names: verify.Names}
		if f := m.ask(p, q); f != nil && !m.server.says(f.Rule) && !m.serverCA.says(f.Rule) {
			m.refusedServer(p, f, found)
		}
	case own && m.calledBy() != "":
		m.wrongName(p, []string{m.calledBy()}, found)
	case !own && verify.CA != "" && verify.CA != "service CA": // MSH604
		m.wrongName(p, verify.Names, found)
	}
	if m.client != nil && !m.client.request && m.clientCA != nil && len(found) == 0 {
		q := pki.Question{
			Chain: m.client.material.Chain, Purpose: pki.Client, CA: m.clientCA.material.CA, CRLs: m.clientCA.material.CRLs,
			Names: m.taker.Terminates.ClientNames,
		}
		if f := m.ask(p, q); f != nil && !m.client.says(f.Rule) && !m.clientCA.says(f.Rule) {
			m.refusedClient(p, f, found)
		}
	}
	return found
}

// says tells whether material is found to be broken by a rule already.
func (s *shown) says(rule string) bool {
	return slices.ContainsFunc(s.faults, func(f pki.Fault) bool { return f.Rule == rule && f.Breaks })
}

// ask asks the question now or, without a clock, at every time when something begins to be valid: what is accepted at
// one of them is accepted.
func (m meeting) ask(p *validate.Pass, q pki.Question) *pki.Fault {
	for _, s := range materials(p) {
		if s.request {
			continue
		}
		q.Known = append(append(q.Known, s.material.Chain...), s.material.CA...)
	}
	times := []time.Time{p.Now}
	if p.Now.IsZero() {
		times = nil
		for _, c := range append(slices.Clone(q.Chain), q.CA...) {
			times = append(times, c.NotBefore)
		}
		for _, l := range q.CRLs {
			times = append(times, l.ThisUpdate)
		}
	}
	var first *pki.Fault
	for _, q.Now = range times {
		f := q.Verify()
		if f == nil {
			return nil
		}
		dated := p.Now.IsZero() && (f.Rule == "MSH507" || f.Kind == pki.CRLExpired)
		if first == nil && !dated {
			first = f
		}
	}
	return first
}

// calledBy is the name that an application's own TLS asks for, if the files say so: a host that stands for a wildcard is
// nobody's.
func (m meeting) calledBy() string {
	_, host, _ := strings.Cut(m.path.Request.To, "://")
	host, _, _ = strings.Cut(host, "/")
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if m.path.Request.Guess && !slices.Contains(m.taker.Terminates.ServerNames, host) && !strings.HasPrefix(m.taker.Terminates.Credential, "Route ") {
		return ""
	}
	return host
}

// place is where who sends names what it shows or trusts, by the field for a file.
func (m meeting) place(p *validate.Pass, file string) validate.Place {
	if rule, ok := validate.Decided(m.sender, "DestinationRule"); ok {
		if o := p.Object(rule); o != nil && o.Has(rule.Field+"."+file) {
			return p.At(o, rule.Field+"."+file)
		}
		return credentialAt(p, rule)
	}
	if route, ok := validate.Decided(m.sender, "Route"); ok {
		return p.At(p.Object(route), "spec.tls.destinationCACertificate")
	}
	return validate.Place{}
}

// by names who sends, for people.
func (m meeting) by() string {
	if route, ok := validate.Decided(m.sender, "Route"); ok && m.sender.Proxy == traffic.Router {
		return "the router, for " + route.String() + ","
	}
	return byAny(m.sender)
}

func (m meeting) takenBy(p *validate.Pass) []validate.Place { return related(p, m.taker, "Gateway") }

func (s *shown) value(p *validate.Pass, key string) validate.Place {
	return s.at(p, pki.Fault{Key: key})
}

// wrongName holds the server's certificate against names alone.
func (m meeting) wrongName(p *validate.Pass, asked []string, found map[string]validate.Finding) {
	names := m.server.material.Names()
	leaf, _ := m.server.material.Leaf()
	if names.AnswerAny(asked) || m.server.says("MSH509") {
		return
	}
	f := &pki.Fault{Rule: "MSH227", Message: fmt.Sprintf("the server's certificate %s answers to none of %s: %s", leaf, strings.Join(asked, ", "), names.Why(asked[0]))}
	if m.sender.Wire.Mode == traffic.Own {
		f.Rule = "MSH509"
	}
	m.refusedServer(p, f, found)
}
