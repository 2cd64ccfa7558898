package rules

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/validate"
)

const pastContrast = "what goes that way is neither encrypted nor asked for a certificate"

var msh863 = validate.Rule{
	ID: "MSH863", Name: "contrast-uncovered", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "connections of a pod pass by Contrast's mesh, which knows TCP over IPv4 alone",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			if c.Spec.HostNetwork {
				p.Report(validate.Finding{
					Place:       p.At(c.object, c.at("spec.hostNetwork")),
					Message:     fmt.Sprintf("%s uses the node's network, and the sidecar changes the iptables of its own", c.object.ID),
					Consequence: "a confidential VM has a network of its own: the pod does not start, or " + pastContrast,
					Fix:         "run it in the pod network",
					Edits:       []validate.Edit{{Object: p.At(c.object, "").Object, Field: c.at("spec.hostNetwork")}},
				})
			}
			for _, one := range c.own() {
				for i, port := range one.Ports {
					if !isTCP(port.Protocol) {
						p.Report(validate.Finding{
							Place:       p.At(c.object, c.at(fmt.Sprintf("%s.ports[%d]", one.field, i))),
							Message:     fmt.Sprintf("port %d of container %s is %s", port.ContainerPort, one.Name, port.Protocol),
							Consequence: pastContrast,
							Fix:         fmt.Sprintf("serve it by TCP; or have the application protect it; at least, let a NetworkPolicy keep %s from the port, if nobody needs it", port.Protocol),
						})
					}
				}
			}
		}
		byIPv6(p)
	},
}

// byIPv6 reports Services that lead IPv6 to pods of the mesh.
func byIPv6(p *validate.Pass) {
	for _, s := range p.Objects.Services {
		i := slices.Index(s.Spec.Spec.IPFamilies, corev1.IPv6Protocol)
		if i < 0 || !slices.ContainsFunc(podsOf(p, s), func(c contrastPod) bool { return c.mesh != nil }) {
			continue
		}
		at := p.At(s.Object, fmt.Sprintf("spec.ipFamilies[%d]", i))
		f := validate.Finding{
			Place:       at,
			Message:     fmt.Sprintf("%s leads IPv6 to pods of Contrast's mesh", s.ID),
			Consequence: "the sidecar sets rules for IPv4 alone, and listens there alone: by IPv6 " + pastContrast,
			Fix:         "set ipFamilies: [IPv4] and ipFamilyPolicy: SingleStack",
		}
		f.Edits = []validate.Edit{{Object: at.Object, Field: "spec.ipFamilies", Value: []any{"IPv4"}}}
		if s.Spec.Spec.IPFamilyPolicy != nil && *s.Spec.Spec.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack {
			f.Edits = append(f.Edits, validate.Edit{Object: at.Object, Field: "spec.ipFamilyPolicy", Value: "SingleStack"})
		}
		p.Report(f)
	}
}
