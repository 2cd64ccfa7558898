package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh201 = validate.Rule{
	ID: "MSH201", Name: "double-tls-sidecar", Category: validate.DoubleTLS, Severity: validate.Error,
	Title: "the sidecar puts TLS around the application's own",
	Of:    []traffic.Cause{traffic.DoubleTLS},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := originator(b)
		if h == nil || h.Proxy != traffic.Sidecar {
			return false
		}
		rule, _ := validate.Decided(h, "DestinationRule")
		severity, what := validate.Error, "the application's own"
		if b.Request.Guess { // nobody is known to make TLS
			severity, what = validate.Warning, "what comes to a port that is declared for applications with TLS of their own"
			if led(p, h) { // the port is there for a gateway, or for proxies themselves, whatever else keeps requests from it
				severity = validate.Info
			}
		}
		edits, how := leftAlone(p, h)
		or := fmt.Sprintf("have it call http://%s at a port that leads to %d (targetPort), so that the sidecar alone makes the TLS", h.Destination.Host, h.Destination.Port)
		if last, _ := b.Last(); last.Proxy == traffic.Gateway && h.Wire.Mode == traffic.IstioMutual {
			or = fmt.Sprintf("let gateway %s take the mesh's TLS off (tls.mode ISTIO_MUTUAL at its server), and lead on by tcp routes what is inside", last.Workload)
		}
		return p.Broken(b, n, validate.Finding{
			Severity:    severity,
			Place:       p.Of(rule),
			Message:     fmt.Sprintf("the sidecar makes TLS to %s around %s", h.Destination, what),
			Consequence: "the server takes one layer of TLS off and finds another: the call fails with a TLS error such as WRONG_VERSION_NUMBER, or a reset",
			Fix:         how + " and leave the TLS to the application; or " + or,
			Edits:       edits,
			Related:     related(p, h, "ServiceEntry"),
		})
	},
}

// led tells whether a gateway is led, in the files, to where a hop sends, or proxies call that by themselves.
func led(p *validate.Pass, to *traffic.Hop) bool {
	c := clusterOf(to)
	if slices.ContainsFunc(providers(p), func(one provider) bool { return one.host == c.host && one.port == c.port }) {
		return true
	}
	return validate.Once(p, ledKey{}, func() map[string]bool {
		all := map[string]bool{}
		for _, path := range p.Paths {
			for i := range path.Hops {
				if h := &path.Hops[i]; h.Proxy == traffic.Gateway {
					own := clusterOf(h)
					all[fmt.Sprint(own.host, " ", own.port)] = true
				}
			}
		}
		return all
	})[fmt.Sprint(c.host, " ", c.port)]
}

type ledKey struct{}
