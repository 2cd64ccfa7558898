package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh231 = validate.Rule{
	ID: "MSH231", Name: "alpn-h2-only", Category: validate.Protocol, Severity: validate.Info,
	Title: "the proxy offers a service outside HTTP/2 and nothing else",
	Check: func(p *validate.Pass) {
		originating(p, func(path *traffic.Path, i int, h *traffic.Hop, tls block) {
			entry, at, ok := declared(p, h.Destination.Host, clusterOf(h).port)
			if !ok || i+1 < len(path.Hops) || !strings.HasPrefix(path.Request.To, "http://") {
				return // gRPC and h2c need HTTP/2 themselves
			}
			f := validate.Finding{
				Place:       p.At(entry.Object, at+".protocol"),
				Message:     fmt.Sprintf("port %d of %s is declared HTTP2, so %s offers %s HTTP/2 only, whatever the application speaks", clusterOf(h).port, entry.ID, by(h), h.Destination),
				Consequence: "a server that knows HTTP/1.1 only refuses it: 503 UC or UPE, or a reset; one that knows both does not mind",
				Fix:         "declare the port with protocol HTTP, unless the server is known to speak HTTP/2",
				Related:     []validate.Place{p.Of(tls.by)},
			}
			f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: "HTTP"}}
			if !slices.Equal(h.Wire.ALPN, []string{"h2"}) {
				field, ok := upgraded(tls.of.Spec, clusterOf(h))
				if !ok {
					return
				}
				f.Place, f.Related = p.At(tls.of.Object, field), []validate.Place{f.Place}
				f.Edits = cleared(p, tls.of.Object, field)
				f.Message = fmt.Sprintf("%s upgrades what goes to %s to HTTP/2, so that %s offers nothing else", tls.of.ID, h.Destination, by(h))
				f.Fix = fmt.Sprintf("take h2UpgradePolicy out of %s, unless the server is known to speak HTTP/2", tls.of.ID)
			}
			p.Report(validate.Shown(path, i+1, f))
		})
	},
}

// upgraded is where a rule asks for HTTP/2 towards a cluster.
func upgraded(spec *networking.DestinationRule, c cluster) (string, bool) {
	asks := func(s *networking.ConnectionPoolSettings) bool {
		return s.GetHttp().GetH2UpgradePolicy() == networking.ConnectionPoolSettings_HTTPSettings_UPGRADE && !s.GetHttp().GetUseClientProtocol()
	}
	if entry := entryField(spec, c); entry != "" {
		for _, l := range spec.GetTrafficPolicy().GetPortLevelSettings() {
			if int(l.GetPort().GetNumber()) == c.port && asks(l.ConnectionPool) {
				return entry + ".connectionPool.http.h2UpgradePolicy", true
			}
		}
		return "", false
	}
	return "spec.trafficPolicy.connectionPool.http.h2UpgradePolicy", asks(spec.GetTrafficPolicy().GetConnectionPool())
}
