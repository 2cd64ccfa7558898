package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh701 = validate.Rule{
	ID: "MSH701", Name: "peer-not-reciprocal", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "a mesh names another as its peer, and that one does not know it",
	Check: func(p *validate.Pass) {
		facing, ok := p.Index.Facing()
		if len(federated(p)) == 0 || !ok {
			return
		}
		theirs, ok := p.Peer.Index.Facing()
		if !ok {
			p.Report(validate.Finding{
				Place:       p.At(facing.Object, "metadata.name"),
				Message:     fmt.Sprintf("%s names %s as a peer, and its files have no ServiceMeshPeer for this mesh", facing.ID, nameOf(p)),
				Consequence: "the other mesh refuses discovery and calls: nothing is imported from it",
				Fix:         "let its owner write a ServiceMeshPeer for this mesh in the namespace of its control plane",
			})
			return
		}
		for i, address := range facing.Spec.Spec.Remote.Addresses {
			known := entrances(p.Peer, theirs.Spec.Spec.Gateways.Ingress.Name, theirs.ID.Namespace)
			if len(known) == 0 || slices.Contains(known, address) {
				continue
			}
			f := validate.Finding{
				Place:       p.At(facing.Object, fmt.Sprintf("spec.remote.addresses[%d]", i)),
				Message:     fmt.Sprintf("%s reaches %s at %s, and its gateway %s is at %s", facing.ID, nameOf(p), address, theirs.Spec.Spec.Gateways.Ingress.Name, strings.Join(known, ", ")),
				Consequence: "discovery and calls go to something else: the peer is never connected",
				Fix:         "write the address of that gateway",
			}
			if len(known) == 1 && len(facing.Spec.Spec.Remote.Addresses) == 1 {
				f.Edits, f.Safe = set(p, facing.Object, f.Field, known[0]), true
			}
			p.Report(f)
		}
	},
}

// entrances are the addresses by which a gateway's Service says that it is reached from outside.
func entrances(p *validate.Pass, gateway, namespace string) []string {
	var all []string
	for _, s := range p.Objects.Services {
		if s.ID.Name != gateway || s.ID.Namespace != namespace {
			continue
		}
		all = append(all, s.Spec.Spec.ExternalIPs...)
		for _, i := range s.Spec.Status.LoadBalancer.Ingress {
			for _, a := range []string{i.IP, i.Hostname} {
				if a != "" {
					all = append(all, a)
				}
			}
		}
	}
	return all
}
