package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh862 = validate.Rule{
	ID: "MSH862", Name: "contrast-admin", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "whoever reaches the pod may command its proxy, or nobody gets to its admin port",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			s := c.source()
			port := s.Config.AdminPort
			if !c.sure() || port == 0 || port > 65535 {
				continue
			}
			at := slices.IndexFunc(s.Config.Ingress, func(i contrast.Ingress) bool { return i.Port == port })
			switch {
			case at < 0:
				p.Report(validate.Finding{
					Severity:    validate.Info,
					Place:       c.where(p, s.AdminPort),
					Message:     fmt.Sprintf("no ingress entry of %s is for its admin port %d, which is plaintext behind the mesh's TLS", c.object.ID, port),
					Consequence: "only workloads of the mesh reach it, through egress entries of their own",
					Fix:         fmt.Sprintf("that is as it should be, unless monitoring is to read it: then add admin#%d#true, and a NetworkPolicy that admits nobody else", port),
				})
			case !c.narrowed(p, port):
				p.Report(validate.Finding{
					Place:       c.where(p, s.Ingress),
					Message:     fmt.Sprintf("the admin port %d of %s is open to whoever reaches the pod: entry %q asks for no certificate, and no NetworkPolicy narrows it", port, c.object.ID, s.Config.Ingress[at].Name),
					Consequence: "anybody may read Envoy's configuration, change its logging and stop it (/quitquitquit), without a password",
					Fix:         "take the entry out, and the admin port where nobody needs it; or let a NetworkPolicy admit the monitoring alone",
					Edits:       append(c.rewritten(p, contrast.InIngress, without(s.Ingress.Text, at)), c.rewritten(p, contrast.InAdminPort, nil)...),
				})
			}
		}
	},
}
