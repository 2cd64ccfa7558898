package rules

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/validate"
)

var msh726 = validate.Rule{
	ID: "MSH726", Name: "east-west-gateway", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "the gateway for other clusters is none that they find",
	Check: func(p *validate.Pass) {
		meshID, _, network := p.Index.Cluster()
		if meshID == "" || network == "" || byHand(p) {
			return // calls come to the gateway by an address that somebody wrote
		}
		for _, open := range openServers(p) {
			services := gatewayServices(p, open.gateway)
			if len(services) == 0 || slices.ContainsFunc(services, func(s kubeServiceOf) bool { return s.Spec.Labels[networkLabel] != "" && eastWestPort(s) }) {
				continue
			}
			for _, s := range services {
				f := validate.Finding{
					Consequence: "istiod of the other cluster finds no gateway for network " + network + ": it gives its proxies no endpoint of this cluster",
					Related:     []validate.Place{p.At(open.gateway.Object, fmt.Sprintf("spec.servers[%d]", open.at))},
				}
				if s.Spec.Labels[networkLabel] == "" {
					field := fmt.Sprintf("metadata.labels[%q]", networkLabel)
					f.Place = p.At(s.Object, writtenAt(s.Object, "metadata.labels", "metadata.name"))
					f.Message = fmt.Sprintf("%s leads to the gateway for other clusters, and does not say of which network it is", s.ID)
					f.Fix = fmt.Sprintf("label it %s: %s", networkLabel, network)
					f.Edits, f.Safe = set(p, s.Object, field, network), true
				} else {
					f.Place = p.At(s.Object, "spec.ports")
					f.Message = fmt.Sprintf("%s leads to the gateway for other clusters, and has no port %d", s.ID, callsPort)
					f.Fix = fmt.Sprintf("add the port %d, named tls", callsPort)
					f.Edits = set(p, s.Object, fmt.Sprintf("spec.ports[%d]", len(s.Spec.Spec.Ports)), map[string]any{"name": "tls", "port": callsPort})
				}
				p.Report(f)
			}
		}
	},
}

func eastWestPort(s kubeServiceOf) bool {
	return slices.ContainsFunc(s.Spec.Spec.Ports, func(p corev1.ServicePort) bool { return p.Port == callsPort })
}
