package rules

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/validate"
)

const podSecurity = "pod-security.kubernetes.io/enforce"

var msh859 = validate.Rule{
	ID: "MSH859", Name: "contrast-rights", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "the sidecar of Contrast's mesh may not change the pod's iptables",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			if i := c.mesh.Sidecar; i >= 0 && !mayFilter(c.Spec.InitContainers[i].SecurityContext) {
				field := c.at(fmt.Sprintf("spec.initContainers[%d]", i))
				at := p.At(c.object, field)
				p.Report(validate.Finding{
					Place:       at,
					Message:     fmt.Sprintf("the sidecar (%s) is neither privileged nor has it the capability NET_ADMIN", c.Spec.InitContainers[i].Name),
					Consequence: c.source().Generation.Stopped(),
					Fix:         "set securityContext: {privileged: true, capabilities: {add: [NET_ADMIN]}}, as contrast generate does: the rights are those within the confidential VM",
					Edits: []validate.Edit{
						{Object: at.Object, Field: field + ".securityContext.privileged", Value: true},
						{Object: at.Object, Field: field + ".securityContext.capabilities.add", Value: []any{"NET_ADMIN"}},
					},
				})
			}
		}
		refusedByNamespace(p)
	},
}

func mayFilter(s *corev1.SecurityContext) bool {
	return s != nil && (s.Privileged != nil && *s.Privileged ||
		s.Capabilities != nil && slices.ContainsFunc(s.Capabilities.Add, func(c corev1.Capability) bool {
			return c == "NET_ADMIN" || c == "CAP_NET_ADMIN" || c == "ALL"
		}))
}

// refusedByNamespace reports namespaces whose pod security standard refuses the sidecar's rights.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/
func refusedByNamespace(p *validate.Pass) {
	for _, o := range p.Objects.All {
		if o.Kind != "Namespace" {
			continue
		}
		level := labelsOf(o)[podSecurity]
		if level != "baseline" && level != "restricted" {
			continue
		}
		for _, c := range meshedPods(p) {
			if c.namespace != o.Name || !c.mesh.Injected && c.mesh.Sidecar < 0 {
				continue
			}
			at := p.At(o, fmt.Sprintf("metadata.labels[%q]", podSecurity))
			p.Report(validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("Namespace %s admits no privileged containers (%s), and the sidecar of Contrast's mesh is one", o.Name, level),
				Consequence: fmt.Sprintf("the API server refuses the pods of %s: none is made", c.object.ID),
				Fix:         "set the label to privileged; Contrast's pods are confined by their VM and policy",
				Related:     []validate.Place{p.At(c.object, c.at("spec"))},
				Edits:       []validate.Edit{{Object: at.Object, Field: at.Field, Value: "privileged"}},
			})
			break
		}
	}
}
