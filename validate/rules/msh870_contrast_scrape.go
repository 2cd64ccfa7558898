package rules

import (
	"fmt"
	"strconv"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

// The annotations by which pods tell Prometheus where their metrics are.
const (
	scrape       = "prometheus.io/scrape"
	scrapePort   = "prometheus.io/port"
	scrapeScheme = "prometheus.io/scheme"
)

var msh870 = validate.Rule{
	ID: "MSH870", Name: "contrast-scrape", Category: validate.PlaintextToTLS, Severity: validate.Warning, Anywhere: true,
	Title: "Prometheus is sent to a port of a pod whose sidecar asks it for TLS",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			port, err := strconv.Atoi(c.Metadata.Annotations[scrapePort])
			if c.Metadata.Annotations[scrape] != "true" || err != nil || !c.sure() || !c.mesh.Injected && c.mesh.Sidecar < 0 {
				continue
			}
			tls := c.tls(port)
			https := c.Metadata.Annotations[scrapeScheme] == "https"
			if tls == contrast.NoTLS || tls == contrast.ServerTLS && https {
				continue
			}
			at := p.At(c.object, c.at(fmt.Sprintf("metadata.annotations[%q]", scrapePort)))
			f := validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("Prometheus is to ask port %d, where the sidecar wants TLS with a certificate of the mesh", port),
				Consequence: "each scrape fails, unless Prometheus is a workload of the mesh with such a certificate: there are no metrics of the pod",
				Fix:         fmt.Sprintf("leave the port to the application, by the ingress entry metrics#%d#true, and let a NetworkPolicy admit Prometheus alone", port),
				Related:     []validate.Place{c.where(p, c.source().Ingress)},
			}
			if tls == contrast.ServerTLS {
				f.Message = fmt.Sprintf("Prometheus is to ask port %d in the clear, where the sidecar wants TLS", port)
				f.Fix = fmt.Sprintf("set %s: https; Prometheus then verifies it by mesh-ca.pem", scrapeScheme)
				f.Edits = []validate.Edit{{Object: at.Object, Field: c.at(fmt.Sprintf("metadata.annotations[%q]", scrapeScheme)), Value: "https"}}
			}
			p.Report(f)
		}
	},
}
