package rules

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh721 = validate.Rule{
	ID: "MSH721", Name: "export-several-ports", Category: validate.Peer, Severity: validate.Warning, Border: true,
	Title: "a service with several ports is exported",
	Check: func(p *validate.Pass) {
		if len(federated(p)) == 0 {
			return
		}
		for _, set := range p.Objects.Exports {
			if _, ok := peerOfSet(p, set.ID); !ok {
				continue
			}
			for i, r := range set.Spec.Spec.ExportRules {
				for _, s := range p.Objects.Services {
					if r.NameSelector == nil || !offered(r.NameSelector, s.ID.Namespace+"/"+s.ID.Name) || star(r.NameSelector.Name) == "*" || streams(s) < 2 {
						continue
					}
					p.Report(validate.Finding{
						Place:       p.At(set.Object, fmt.Sprintf("spec.exportRules[%d]", i)),
						Message:     fmt.Sprintf("%s exports %s, which has %d ports", set.ID, s.ID, streams(s)),
						Consequence: "the gateways lead by the service alone: with several ports they take port 15443 of it, which it does not have, and the connection is closed",
						Fix:         "export a Service with the one port that is called, by the same selector",
						Related:     []validate.Place{p.At(s.Object, "spec.ports")},
					})
				}
			}
		}
	},
}

// streams counts the ports of a Service that are not UDP's.
func streams(s traffic.Of[*corev1.Service]) int {
	n := 0
	for _, port := range s.Spec.Spec.Ports {
		if port.Protocol != corev1.ProtocolUDP {
			n++
		}
	}
	return n
}
