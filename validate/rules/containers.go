package rules

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshscenario/scenario/contrast"
)

// A container is one of a pod, with its field of the pod.
type container struct {
	corev1.Container
	field string
}

// containers are those of the pod, in the order in which they start.
func (t template) containers() []container {
	var all []container
	for i, c := range t.Spec.InitContainers {
		all = append(all, container{c, fmt.Sprintf("spec.initContainers[%d]", i)})
	}
	for i, c := range t.Spec.Containers {
		all = append(all, container{c, fmt.Sprintf("spec.containers[%d]", i)})
	}
	return all
}

// own are the pod's containers without those of the mesh.
func (c contrastPod) own() []container {
	if c.mesh == nil {
		return c.containers()
	}
	return slices.DeleteFunc(c.containers(), func(one container) bool {
		return slices.ContainsFunc(c.mesh.Sources, func(s contrast.Source) bool { return s.Container == c.at(one.field) }) ||
			one.field == fmt.Sprintf("spec.initContainers[%d]", c.mesh.Initializer)
	})
}

// port is the number of a container's port by its name; 0 where there is none.
func (t template) port(name string) int {
	for _, c := range t.containers() {
		for _, one := range c.Ports {
			if one.Name == name {
				return int(one.ContainerPort)
			}
		}
	}
	return 0
}

// number is a port of a container, by number or name.
func (t template) number(of container, port intstr.IntOrString) int {
	if port.Type == intstr.Int {
		return port.IntValue()
	}
	for _, one := range of.Ports {
		if one.Name == port.StrVal {
			return int(one.ContainerPort)
		}
	}
	return 0
}
