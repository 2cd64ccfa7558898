package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh724 = validate.Rule{
	ID: "MSH724", Name: "cluster-network", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "networks that are apart have one name, or a cluster's network two",
	Check: func(p *validate.Pass) {
		o, under, ok := values(p)
		if !ok {
			return
		}
		_, _, network := p.Index.Cluster()
		if oneMesh(p) && !p.Back {
			_, _, other := p.Peer.Index.Cluster()
			if network == other && len(openServers(p))+len(openServers(p.Peer)) > 0 {
				p.Report(validate.Finding{
					Place:       meshValueAt(p, o, under, "global.network"),
					Message:     fmt.Sprintf("%s and the other cluster of its mesh are on one network, %q, and there is a gateway between the two", idOf(o), network),
					Consequence: "istiod takes the other cluster's pods to be reachable, and sends to their addresses: calls time out",
					Fix:         "give each a values.global.network of its own; or take the gateway out, where pods reach each other",
				})
				return
			}
		}
		if network == "" {
			return
		}
		differs := func(at validate.Place, what, label string, edit []validate.Edit) {
			p.Report(validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("%s is labelled with the network %s, and %s says %s", what, label, idOf(o), network),
				Consequence: "istiod finds no gateway for the cluster's network: the other cluster has no way to its pods",
				Fix:         "write " + network,
				Related:     []validate.Place{meshValueAt(p, o, under, "global.network")},
				Edits:       edit, Safe: true,
			})
		}
		field := fmt.Sprintf("metadata.labels[%q]", networkLabel)
		root, _, _ := p.Index.Mesh()
		for _, one := range p.Objects.All {
			if label := labelsOf(one)[networkLabel]; one.Kind == "Namespace" && one.Name == root && label != "" && label != network {
				differs(p.At(one, field), idOf(one), label, set(p, one, field, network))
			}
		}
		for _, s := range p.Objects.Services {
			if label := s.Spec.Labels[networkLabel]; label != "" && label != network {
				differs(p.At(s.Object, field), s.ID.String(), label, set(p, s.Object, field, network))
			}
		}
	},
}
