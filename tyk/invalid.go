package tyk

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// invalid is why an API server refuses a pod after injection, or "": what the injector appends can clash with what is
// there, and mount what is not.
func invalid(spec corev1.PodSpec) string {
	volumes, names := map[string]bool{}, map[string]bool{}
	for i, v := range spec.Volumes {
		if volumes[v.Name] {
			return fmt.Sprintf("spec.volumes[%d] is a second volume %s", i, v.Name)
		}
		volumes[v.Name] = true
	}
	check := func(list string, containers []corev1.Container) string {
		for i, c := range containers {
			if names[c.Name] {
				return fmt.Sprintf("spec.%s[%d] is a second container %s", list, i, c.Name)
			}
			names[c.Name] = true
			paths := map[string]bool{}
			for j, m := range c.VolumeMounts {
				at := fmt.Sprintf("spec.%s[%d].volumeMounts[%d]", list, i, j)
				if !volumes[m.Name] {
					return fmt.Sprintf("%s mounts the volume %s, which is not there", at, m.Name)
				}
				if paths[m.MountPath] {
					return fmt.Sprintf("%s is a second mount at %s", at, m.MountPath)
				}
				paths[m.MountPath] = true
			}
		}
		return ""
	}
	if why := check("containers", spec.Containers); why != "" {
		return why
	}
	return check("initContainers", spec.InitContainers)
}
