package rules

import (
	"fmt"
	"slices"

	security "istio.io/api/security/v1beta1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh918 = validate.Rule{
	ID: "MSH918", Name: "credential-scope", Category: validate.Other, Severity: validate.Info,
	Title: "whoever reaches the egress gateway may use its client certificate",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			gateway := egress(path)
			if gateway == nil || gateway.Wire.Mode != traffic.Mutual || gateway.Verify.Client.Credential == "" {
				continue
			}
			pod, ok := p.Index.Pod(gateway.Workload)
			rule, decided := validate.Decided(gateway, "DestinationRule")
			if !ok || !decided || slices.ContainsFunc(authorizations(p, pod), asksSource) {
				continue
			}
			p.Report(validate.Shown(path, len(path.Hops), validate.Finding{
				Place:       p.Of(rule),
				Message:     fmt.Sprintf("gateway %s shows %s to %s for whoever sends there by it: no AuthorizationPolicy of the files says who may", gateway.Workload, gateway.Verify.Client.Credential, gateway.Destination.Host),
				Consequence: "every workload that reaches the gateway speaks to the service in the name of that certificate",
				Fix:         fmt.Sprintf("write an AuthorizationPolicy for gateway %s that denies host %s to all but the principals of its clients", gateway.Workload, gateway.Destination.Host),
				Edits:       onlyClients(p, path, p.Object(rule)),
			}))
		}
	},
}

// asksSource tells whether a policy looks at who calls.
func asksSource(a authorization) bool {
	return slices.ContainsFunc(a.Spec.Rules, func(r *security.Rule) bool {
		return slices.ContainsFunc(r.From, func(from *security.Rule_From) bool { return from.GetSource() != nil }) ||
			slices.ContainsFunc(r.When, func(c *security.Condition) bool { return c.Key == "source.principal" || c.Key == "source.namespace" })
	})
}
