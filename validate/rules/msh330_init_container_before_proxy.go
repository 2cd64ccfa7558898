package rules

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// nativeSidecar is the annotation by which a pod asks for a sidecar that starts before init containers.
const nativeSidecar = "sidecar.istio.io/nativeSidecar"

// proxyID is the user and group whose connections are never led to the sidecar.
const proxyID = 1337

var msh330 = validate.Rule{
	ID: "MSH330", Name: "init-container-before-proxy", Category: validate.Other, Severity: validate.Error,
	Title: "an init container calls out while its pod's connections lead to a sidecar that does not run yet",
	Check: func(p *validate.Pass) {
		if !p.Target.Routes { // elsewhere istio-init changes the pod's network behind all other init containers
			return
		}
		for _, t := range templates(p) {
			pod, ok := p.Index.Pod(t.namespace + "/" + t.object.Name)
			if !ok || !pod.Sidecar || pod.Annotations[nativeSidecar] == "true" {
				continue
			}
			severity, condition := validate.Error, ""
			if p.Target.Has(mesh.NativeSidecars) && pod.Annotations[nativeSidecar] != "false" {
				severity, condition = validate.Info, " unless Kubernetes is 1.33 or later, where sidecars start first"
			}
			for i, c := range t.Spec.InitContainers {
				if c.Name == "istio-proxy" {
					break // its own sidecar runs from here on
				}
				field, called, ok := callsOut(pod, t.Spec.SecurityContext, c)
				if !ok {
					continue
				}
				at := p.At(t.object, "").Object
				p.Report(validate.Finding{
					Edits:       []validate.Edit{{Object: at, Field: t.at(fmt.Sprintf("spec.initContainers[%d].securityContext.runAsUser", i)), Value: proxyID}},
					Severity:    severity,
					Place:       p.At(t.object, t.at(fmt.Sprintf("spec.initContainers[%d]%s", i, field))),
					Message:     fmt.Sprintf("init container %s of %s calls %s:%d before the pod has a sidecar, and the CNI plugin already leads the pod's connections there%s", c.Name, t.object.ID, called.Host, called.Port, condition),
					Consequence: "connection refused: the init container fails, and the pod stays in Init",
					Fix:         fmt.Sprintf("set runAsUser: %d in the securityContext of the init container; or except the port by the annotation %sexcludeOutboundPorts: %q, for the application too", proxyID, captureAnnotation, fmt.Sprint(called.Port)),
				})
			}
		}
	},
}

// callsOut finds what an init container calls that would be led to the sidecar, and where that is written.
func callsOut(pod traffic.Pod, above *corev1.PodSecurityContext, c corev1.Container) (field string, called traffic.Endpoint, ok bool) {
	user, group := (*int64)(nil), (*int64)(nil)
	if above != nil {
		user, group = above.RunAsUser, above.RunAsGroup
	}
	if own := c.SecurityContext; own != nil {
		if own.RunAsUser != nil {
			user = own.RunAsUser
		}
		if own.RunAsGroup != nil {
			group = own.RunAsGroup
		}
	}
	if user != nil && *user == proxyID || group != nil && *group == proxyID {
		return "", called, false
	}
	in := func(text, at string) {
		for _, e := range traffic.Endpoints(text) {
			if !ok && uncaptured(pod, e.Port) == "" {
				field, called, ok = at, e, true
			}
		}
	}
	for i, e := range c.Env {
		in(e.Value, fmt.Sprintf(".env[%d].value", i))
	}
	in(strings.Join(c.Command, " "), ".command")
	in(strings.Join(c.Args, " "), ".args")
	return field, called, ok
}
