package contrast

import (
	corev1 "k8s.io/api/core/v1"
)

// A Workload is what may start a pod with the mesh.
type Workload struct {
	// Annotations are the object's own, which `contrast generate` reads; those of its pod template it does not read.
	Annotations         map[string]string
	TemplateAnnotations map[string]string
	// TemplateField is where the pod template stands, as "spec.template"; "" where the object is a Pod.
	TemplateField string
	Spec          corev1.PodSpec
}

// A Value is one of the strings, with where it stands in the object.
type Value struct {
	Text  string
	Field string // as metadata.annotations["…"] or spec.template.spec.initContainers[1].env[0].value
	Set   bool   // an annotation may be set and empty
}

// A Source is a place of a pod that configures the mesh: its annotations, or the environment of its sidecar.
type Source struct {
	Generation                 Generation
	Annotations                bool // not the environment
	Ingress, Egress, AdminPort Value
	Config                     Config
	Faults                     Faults
}

// A Pod is one that has configuration of the mesh.
type Pod struct {
	// Sources are all of it: the annotations first, then the sidecars in their order. More than one is a mistake unless
	// `contrast generate` wrote the second from the first.
	Sources []Source
	// Unread are the mesh's annotations on the pod template, where nothing reads them, as fields of the object.
	Unread []string
	// Injected says that `contrast generate` adds the containers: annotations, and a runtime class of Contrast's.
	Injected bool
	// Initializer and Sidecar are indexes of the pod's init containers; -1 where there is none.
	Initializer, Sidecar int
}
