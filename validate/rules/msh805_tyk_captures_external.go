package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk-k8s/blob/master/docker/initContainer/entrypoint: no rule of it leaves a user out.
var msh805 = validate.Rule{
	ID: "MSH805", Name: "tyk-captures-external", Category: validate.NoRoute, Severity: validate.Error, Anywhere: true,
	Title: "a workload of Tyk's mesh calls what is not in it, at a port that its sidecar takes",
	Check: func(p *validate.Pass) {
		for _, w := range tykPods(p) {
			for _, c := range tykCalls(p, w.template) {
				if !c.captured() || c.Host == meshHost {
					continue
				}
				if _, _, ok := meshedAt(p, w, c); ok {
					continue // MSH827
				}
				p.Report(validate.Finding{
					Place:       c.at,
					Message:     fmt.Sprintf("%s calls %s, and its sidecar takes whatever is sent to ports 80 and 443: no API definition of it is for host %s", w.object.ID, c, c.Host),
					Consequence: lostTo(p, c),
					Fix:         fmt.Sprintf("have it call %s by a port that is neither 80 nor 443, such as that of a proxy for what leaves the cluster, or leave %s out of the mesh; an API definition for the host does not help, as the sidecar's own call to the port comes back to it", c.Host, w.object.ID),
				})
			}
		}
	},
}

// lostTo says what becomes of a call that the sidecar takes and has no API definition for.
func lostTo(p *validate.Pass, c tykCall) string {
	on, known := tykTLS(p)
	switch {
	case !byDomain(p):
		return "the sidecar leads it by its path alone: most paths come back to the workload itself, whose inbound API has the path /"
	case c.tls() && known && !on:
		return "the sidecar speaks no TLS: the handshake ends in wrong version number (SSL routines)"
	case c.tls():
		return fmt.Sprintf("the sidecar answers with its own certificate, which is not for %s; a client that does not verify it gets 404", c.Host)
	case known && on:
		return "the sidecar serves TLS: it answers 400, Client sent an HTTP request to an HTTPS server"
	}
	return "the sidecar answers 404, Not Found"
}
