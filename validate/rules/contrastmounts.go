package rules

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

// fetches is the init container that brings the certificates: the initializer, or, by whatever name, one before the sidecar
// that shares a volume with it; -1 where there is none.
func (c contrastPod) fetches() int {
	if c.mesh.Initializer >= 0 || c.mesh.Sidecar < 0 {
		return c.mesh.Initializer
	}
	own := c.Spec.InitContainers[c.mesh.Sidecar].VolumeMounts
	return slices.IndexFunc(c.Spec.InitContainers[:c.mesh.Sidecar], func(other corev1.Container) bool {
		return slices.ContainsFunc(other.VolumeMounts, func(m corev1.VolumeMount) bool {
			return slices.ContainsFunc(own, func(o corev1.VolumeMount) bool { return o.Name == m.Name })
		})
	})
}

// unmountedCertificates looks at the volume by which a sidecar that is written into the pod gets its certificates.
func unmountedCertificates(p *validate.Pass, c contrastPod) {
	i := c.mesh.Sidecar
	sidecar, field := c.Spec.InitContainers[i], c.at(fmt.Sprintf("spec.initContainers[%d]", i))
	f := validate.Finding{Place: p.At(c.object, field), Consequence: noCertificates}
	mount, from := mountedAt(sidecar)
	fetcher := c.fetches()
	switch {
	case fetcher < 0 && !c.mesh.Injected:
		f.Message = fmt.Sprintf("%s has a sidecar of the mesh (%s), and no initializer before it", c.object.ID, sidecar.Name)
		f.Fix = "put the initializer first among the init containers, with the volume that the sidecar reads; contrast generate adds both to an annotated pod"
	case mount == "":
		want := c.source().Generation.Names().Mount
		f.Message = fmt.Sprintf("the sidecar (%s) mounts no volume at %s", sidecar.Name, want)
		f.Fix = fmt.Sprintf("mount the emptyDir there to which the initializer writes: %s", want)
		if fetcher >= 0 {
			if at, volume := mountedAt(c.Spec.InitContainers[fetcher]); at != "" {
				mounts, _ := fieldValue(c.object, field+".volumeMounts").([]any)
				f.Edits = []validate.Edit{{Object: f.Object, Field: field + ".volumeMounts", Value: append(slices.Clone(mounts), map[string]any{"name": volume, "mountPath": at})}}
			}
		}
	case fetcher >= 0:
		first := c.Spec.InitContainers[fetcher]
		at, volume := mountedAt(first)
		if at == mount && volume == from {
			return
		}
		f.Message = fmt.Sprintf("the sidecar (%s) reads volume %s at %s, and the initializer (%s) writes elsewhere", sidecar.Name, from, mount, first.Name)
		f.Fix = fmt.Sprintf("mount the same emptyDir in both, at %s", mount)
		f.Related = []validate.Place{p.At(c.object, c.at(fmt.Sprintf("spec.initContainers[%d]", fetcher)))}
		if j := slices.IndexFunc(first.VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == at }); j >= 0 {
			f.Edits = []validate.Edit{{Object: f.Object, Field: c.at(fmt.Sprintf("spec.initContainers[%d].volumeMounts[%d]", fetcher, j)), Value: map[string]any{"name": from, "mountPath": mount}}}
		}
	default:
		return
	}
	p.Report(f)
}

// mountedAt is where a container of the mesh has the certificates, and in which volume; "" is nowhere.
func mountedAt(c corev1.Container) (path, volume string) {
	for _, g := range contrast.Generations {
		for _, m := range c.VolumeMounts {
			if strings.TrimSuffix(m.MountPath, "/") == g.Names().Mount {
				return g.Names().Mount, m.Name
			}
		}
	}
	return "", ""
}
