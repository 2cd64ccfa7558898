package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh731 = validate.Rule{
	ID: "MSH731", Name: "breaks-beyond", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "a call gets to the other mesh, and no further",
	Of: []traffic.Cause{
		traffic.NoListener, traffic.NoFilterChain, traffic.StrictRefuses, traffic.TLSExpected, traffic.HTTPExpected, traffic.BytesExpectedHTTP,
		traffic.UntrustedServer, traffic.WrongName, traffic.UntrustedClient, traffic.ClientNotAdmitted, traffic.ClientCertificate,
		traffic.NoVirtualHost, traffic.NoRouteFits, traffic.Unregistered, traffic.UnknownService, traffic.UnknownPort, traffic.UnknownSubset,
		traffic.NothingToResolve, traffic.NobodyBehind, traffic.MeshTLSNoSidecar, traffic.TLSToPlaintext, traffic.PlaintextToTLS, traffic.DoubleTLS,
		traffic.TooManyHops, traffic.ZeroWeights,
	},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		if b.Mesh == "" && !(b.Outcome.Cause == traffic.UnknownPort && leavesFor(p, b)) || refusedByPeer(p, b) {
			return false
		}
		sender, n := crossing(b)
		if sender == nil {
			return false
		}
		f := validate.Finding{
			Message:     fmt.Sprintf("a call to %s goes to %s, and does not arrive there: %s", b.Request.To, nameOf(p), b.Outcome.Reason),
			Consequence: "every such call fails",
			Fix:         "let the owner of the other mesh see it: scenario trace shows the way, with --peer",
		}
		if b.Outcome.Cause == traffic.NoListener || b.Outcome.Cause == traffic.NoFilterChain {
			f.Fix = "let the other mesh open the service at its gateway: an AUTO_PASSTHROUGH server with the host that is called"
		}
		if subset := sender.Destination.Subset; subset != "" && b.Outcome.Cause == traffic.NoFilterChain {
			f.Fix = fmt.Sprintf("apply the DestinationRule with subset %s in the other cluster too: its gateway is asked for the subset by SNI, and istiod there reads its own rules only", subset)
		}
		for i := len(sender.DecidedBy) - 1; i >= 0 && f.File == ""; i-- {
			f.Place = p.Of(sender.DecidedBy[i])
		}
		if last, _ := b.Last(); last.Mesh != "" {
			for _, d := range last.DecidedBy {
				f.Related = append(f.Related, p.Of(d))
			}
		}
		return p.Broken(b, n, f)
	},
}

// leavesFor tells whether a way ends at the name of a service that another mesh exports.
func leavesFor(p *validate.Pass, b *validate.Break) bool {
	host := hostIn(b.Request.To)
	for _, i := range importedHosts(p) {
		if i.Host == host {
			return true
		}
	}
	return false
}

// refusedByPeer tells whether it is the two peers' own words that keep their gateways apart: those are rules of their own.
func refusedByPeer(p *validate.Pass, b *validate.Break) bool {
	if p.Target.ControlPlane != mesh.SMCP {
		return false
	}
	last, _ := b.Last()
	switch b.Outcome.Cause {
	case traffic.UntrustedServer, traffic.UntrustedClient, traffic.ClientNotAdmitted:
		return last.Proxy == traffic.Gateway
	}
	return false
}
