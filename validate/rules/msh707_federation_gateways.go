package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh707 = validate.Rule{
	ID: "MSH707", Name: "federation-gateways", Category: validate.Dangling, Severity: validate.Error, Border: true,
	Title: "a peer names a gateway that the control plane does not have",
	Check: func(p *validate.Pass) {
		for _, one := range federated(p) {
			g := one.Spec.Spec.Gateways
			for _, way := range []struct{ name, field, list string }{
				{g.Ingress.Name, "spec.gateways.ingress", "additionalIngress"},
				{g.Egress.Name, "spec.gateways.egress", "additionalEgress"},
			} {
				gatewayNotHeld(p, one, way.name, way.field, way.list)
			}
			for _, way := range wayGateways(p, one) {
				if len(way.Service.Metadata.Labels) == 0 {
					sharedPods(p, way)
				}
			}
		}
	},
}

// gatewayNotHeld reports a gateway that neither the control plane nor a Service of the files is.
func gatewayNotHeld(p *validate.Pass, one peerOf, name, field, list string) {
	f := validate.Finding{
		Place:       p.At(one.Object, writtenAt(one.Object, field+".name", writtenAt(one.Object, field, "spec"))),
		Consequence: "no proxy takes up what istiod writes for the peer: nothing goes to it, or nothing comes from it",
	}
	if name == "" {
		f.Message = fmt.Sprintf("%s names no gateway in %s", one.ID, field)
		f.Fix = "name one of " + list + " of the control plane"
		p.Report(f)
		return
	}
	c, ok := planeOf(p, one.ID.Namespace)
	if !ok || holdsService(p, one.ID.Namespace, name) || name == "istio-ingressgateway" || name == "istio-egressgateway" {
		return // the files do not tell, or it is one that somebody installed
	}
	of := map[string]map[string]planeGateway{"additionalIngress": c.Spec.Gateways.AdditionalIngress, "additionalEgress": c.Spec.Gateways.AdditionalEgress}
	held, there := of[list][name]
	f.Related = []validate.Place{p.At(c.object, writtenAt(c.object, "spec.gateways."+list, "spec"))}
	switch {
	case !there:
		f.Message = fmt.Sprintf("%s names the gateway %s, and %s has none of that name in %s", one.ID, name, planeID(c), list)
		f.Fix = fmt.Sprintf("add it to spec.gateways.%s of %s, with the ports of federation; or correct the name", list, planeID(c))
		var names []string
		for other := range of[list] {
			names = append(names, other)
		}
		if len(names) == 1 && !namedByPeer(p, names[0]) {
			f.Fix = "name " + names[0] + ", the only one of " + list
			f.Edits = set(p, one.Object, field+".name", names[0])
		}
		p.Report(f)
	case held.Enabled != nil && !*held.Enabled:
		field := fmt.Sprintf("spec.gateways.%s[%q].enabled", list, name)
		f.Place, f.Related = p.At(c.object, field), []validate.Place{f.Place}
		f.Message = fmt.Sprintf("%s switches off the gateway %s, which %s names", planeID(c), name, one.ID)
		f.Fix = "set enabled: true"
		f.Edits, f.Safe = set(p, c.object, field, true), true
		p.Report(f)
	}
}

// namedByPeer tells whether a peer names a gateway.
func namedByPeer(p *validate.Pass, gateway string) bool {
	for _, one := range p.Objects.Peers {
		if one.Spec.Spec.Gateways.Ingress.Name == gateway || one.Spec.Spec.Gateways.Egress.Name == gateway {
			return true
		}
	}
	return false
}

func holdsService(p *validate.Pass, namespace, name string) bool {
	for _, s := range p.Objects.Services {
		if s.ID.Namespace == namespace && s.ID.Name == name {
			return true
		}
	}
	return false
}

// sharedPods reports a gateway without labels of its own: its Service selects by the labels that the default one has.
func sharedPods(p *validate.Pass, way wayGateway) {
	label, of := "federation.maistra.io/egress-for", "egress"
	if way.in {
		label, of = "federation.maistra.io/ingress-for", "ingress"
	}
	p.Report(validate.Finding{
		Place: p.At(way.plane.object, way.field), Severity: validate.Warning,
		Message:     fmt.Sprintf("gateway %s of %s has no label of its own", way.name, planeID(way.plane)),
		Consequence: fmt.Sprintf("its Service selects the pods of the default %s gateway too, which know nothing of the peer: some calls fail", of),
		Fix:         "add service.metadata.labels, such as " + label + ": " + strings.TrimPrefix(strings.TrimPrefix(way.name, "egress-"), "ingress-"),
		Edits:       set(p, way.plane.object, way.field+".service.metadata.labels", map[string]any{label: way.name}),
	})
}
