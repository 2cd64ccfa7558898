package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh730 = validate.Rule{
	ID: "MSH730", Name: "trust-domain-alias", Category: validate.SAN, Severity: validate.Error, Border: true, Special: true,
	Title: "a mesh does not take callers of the other's trust domain",
	Of:    []traffic.Cause{traffic.ClientNotAdmitted},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		if b.Mesh == "" || p.Target.ControlPlane == mesh.SMCP {
			return false
		}
		own, _ := p.Index.TrustDomain()
		theirs, aliases := p.Peer.Index.TrustDomain()
		o, under, ok := values(p.Peer)
		if own == theirs || slices.Contains(aliases, own) || !ok {
			return false
		}
		_, n := b.Last()
		return p.Broken(b, n, validate.Finding{
			Place:       meshValueAt(p, o, under, "meshConfig.trustDomainAliases"),
			Message:     fmt.Sprintf("the workloads of %s take callers of %s, and those of this mesh are of %s", nameOf(p), theirs, own),
			Consequence: "sidecars there end the handshake with every caller of this mesh: 503 (UF)",
			Fix:         fmt.Sprintf("let the other mesh's meshConfig.trustDomainAliases list %s", own),
		})
	},
}
