package rules

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh826 = validate.Rule{
	ID: "MSH826", Name: "tyk-init-volumes", Category: validate.Dangling, Severity: validate.Error, Anywhere: true,
	Title: "what tyk-k8s injects mounts volumes that it does not add",
	Check: func(p *validate.Pass) {
		for _, c := range tykConfigs(p) {
			unfounded(p, c, "Injector.initContainers", c.Injector.InitContainers)
			unfounded(p, c, "Injector.containers", c.Injector.Containers)
		}
	},
}

// unfounded reports mounts of containers to be injected whose volume nobody adds.
func unfounded(p *validate.Pass, c tykConfig, list string, containers []corev1.Container) {
	for i, one := range containers {
		for j, m := range one.VolumeMounts {
			own := m.Name == tyk.CAVolume || m.Name == tyk.CertVolume
			if own && c.Injector.EnableMeshTLS {
				continue
			}
			f := validate.Finding{
				Place:       c.place(p, fmt.Sprintf("%s[%d].volumeMounts[%d]", list, i, j)),
				Message:     fmt.Sprintf("container %s mounts volume %s, and the controller adds volumes %s and %s alone, with enableMeshTLS", one.Name, m.Name, tyk.CAVolume, tyk.CertVolume),
				Consequence: "the API server refuses each pod that has no such volume of its own: volumeMounts.name: Not found",
				Fix:         "take the mount out: without TLS the init container needs none; or set enableMeshTLS: true",
			}
			if !own {
				f.Fix = "take the mount out, and have the file in the container's image"
			}
			p.Report(f)
		}
	}
}
