package tyk

import "slices"

// retire deletes what no API that was given names any more, and what a newer one that an API names stands for. What a plan takes out of an
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
				p.step(Step{Action: Delete, Certificate: r.ID, Why: "none of the API definitions given names it"})
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
