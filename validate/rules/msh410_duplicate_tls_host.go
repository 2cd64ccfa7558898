package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/validate"
)

var msh410 = validate.Rule{
	ID: "MSH410", Name: "duplicate-tls-host", Category: validate.Duplicate, Severity: validate.Error,
	Title: "two servers of one gateway's TLS port have the same host",
	Check: func(p *validate.Pass) {
		for _, c := range conflicts(p) {
			if c.host != "" && !slices.ContainsFunc(p.Paths, c.breaks) {
				p.Report(c.ofHost(p))
			}
		}
	},
	Of:      conflictCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		c, ok := brokenBy(p, b.Path, true)
		_, n := b.Last()
		f := validate.Finding{}
		if ok {
			f = c.ofHost(p)
			f.Severity = validate.Error
		}
		return ok && p.Broken(b, n, f)
	},
}

func (c conflict) ofHost(p *validate.Pass) validate.Finding {
	number := c.left.GetPort().GetNumber()
	f := validate.Finding{
		Severity:    validate.Warning,
		Place:       p.At(c.left.of.Object, c.left.field+".hosts"),
		Message:     fmt.Sprintf("%s and %s both take %s on TLS port %d of gateway %s, and an SNI can choose one only", c.kept.of.ID, c.left.of.ID, c.host, number, podName(c.pod)),
		Consequence: "istiod leaves the younger server out with all its hosts, and says so in its log only",
		Related:     []validate.Place{p.At(c.kept.of.Object, c.kept.field+".hosts")},
	}
	lost := slices.ContainsFunc(c.left.Hosts, func(h string) bool { return !slices.Contains(c.kept.Hosts, h) })
	switch r, alone := c.alone(p); {
	case c.left.GetTls().GetHttpsRedirect() && c.kept.GetTls().GetHttpsRedirect() && !lost:
		f.Severity = validate.Info
		f.Message = fmt.Sprintf("%s and %s both send %s on port %d of gateway %s to https", c.kept.of.ID, c.left.of.ID, c.host, number, podName(c.pod))
	case alone:
		f.Severity = validate.Error
		f.Consequence += fmt.Sprintf(": of %s nothing counts there", r.ID)
	case lost:
		f.Severity = validate.Error
		f.Consequence += ", those that the other does not have too"
	case unlike(c.left.Tls, c.kept.Tls):
		f.Consequence += ": its certificate and its mode do not count"
	default:
		f.Severity = validate.Info
	}
	f.Fix, f.Edits = c.left.without(p, c.kept)
	return f
}
