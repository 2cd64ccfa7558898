package rules

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh837 = validate.Rule{
	ID: "MSH837", Name: "tyk-injection-conflict", Category: validate.Duplicate, Severity: validate.Error, Anywhere: true,
	Title: "a pod has already what tyk-k8s is to put into it",
	Check: func(p *validate.Pass) {
		for _, w := range tykPods(p) {
			for _, c := range w.conflicts(p) {
				p.Report(validate.Finding{
					Place: p.At(w.object, w.at(c.field)), Severity: c.severity,
					Message:     fmt.Sprintf("%s has %s, which tyk-k8s adds%s", w.object.ID, c.what, c.when),
					Consequence: c.then,
					Fix:         c.fix,
				})
			}
		}
	},
}

// A tykClash is a part of a pod that injection adds once more.
type tykClash struct {
	field, what, when, then, fix string
	severity                     validate.Severity
}

// conflicts are those of a workload's pods. What TLS alone adds is a warning where the files do not tell whether it is on.
func (w tykPod) conflicts(p *validate.Pass) (all []tykClash) {
	const refused = "the API server refuses each pod: Duplicate value"
	on, known := tykTLS(p)
	grave, when := validate.Error, " with last-mile TLS"
	if !known {
		grave = validate.Warning
	}
	injected := injectedNames(p)
	for i, c := range w.Spec.Containers {
		at := fmt.Sprintf("spec.containers[%d]", i)
		if slices.Contains(injected, c.Name) {
			all = append(all, tykClash{at + ".name", "a container " + c.Name, "", refused, "rename it, or leave the injection to tyk-k8s", validate.Error})
			continue
		}
		for j, port := range c.Ports {
			if port.ContainerPort == tyk.SidecarPort && slices.ContainsFunc(c.Ports, func(o corev1.ContainerPort) bool { return o.ContainerPort == tyk.AppPort }) {
				all = append(all, tykClash{fmt.Sprintf("%s.ports[%d]", at, j), "a container that listens on port 8080", " a sidecar for", "one of the two ends: bind: address already in use", "let the container listen elsewhere", validate.Error})
			}
		}
		for j, m := range c.VolumeMounts {
			if strings.TrimSuffix(m.MountPath, "/") == tyk.CertMount && (on || !known) {
				all = append(all, tykClash{fmt.Sprintf("%s.volumeMounts[%d]", at, j), "a mount at " + tyk.CertMount, when, "the API server refuses each pod: mountPath must be unique", "mount the certificates elsewhere, and name them by SSL_CERT_FILE", grave})
			}
		}
	}
	for i, c := range w.Spec.InitContainers {
		if slices.Contains(injected, c.Name) {
			all = append(all, tykClash{fmt.Sprintf("spec.initContainers[%d].name", i), "an init container " + c.Name, "", refused, "rename it, or leave the injection to tyk-k8s", validate.Error})
		}
	}
	for i, v := range w.Spec.Volumes {
		if (v.Name == tyk.CAVolume || v.Name == tyk.CertVolume) && (on || !known) {
			all = append(all, tykClash{fmt.Sprintf("spec.volumes[%d].name", i), "a volume " + v.Name, when, refused, "give the volume another name", grave})
		}
	}
	return all
}

// injectedNames are the names of the containers that the controller adds: those of its configuration, or of its sample.
func injectedNames(p *validate.Pass) (names []string) {
	add := func(i tyk.Injector) {
		for _, c := range slices.Concat(i.Containers, i.InitContainers) {
			names = append(names, c.Name)
		}
	}
	for _, c := range tykConfigs(p) {
		add(c.Injector)
	}
	if len(names) == 0 {
		add(tyk.Default(false).Injector)
	}
	return names
}
