package contrast

import corev1 "k8s.io/api/core/v1"

// A Workload is an object that starts pods, or a Pod.
type Workload struct {
	// Annotations are the object's own.
	Annotations map[string]string
	// TemplateField is where the pod template stands, as "spec.template"; "" where the object is a Pod.
	TemplateField string
	// TemplateAnnotations are the pod template's. A Pod has none.
	TemplateAnnotations map[string]string
	Spec                corev1.PodSpec
}

// At is a field of the pod, as a field of the object.
func (w Workload) At(field string) string {
	if w.TemplateField == "" {
		return field
	}
	return w.TemplateField + "." + field
}

// A Place is one of the places from which the mesh is configured.
type Place string

const (
	OnTemplate    Place = "template"    // annotations of the pod template, or of a Pod; what today's `contrast generate` reads
	OnWorkload    Place = "workload"    // annotations of the object around it; what `contrast generate` read before
	InEnvironment Place = "environment" // the variables of a sidecar
)

// A Value is one of the strings, with where it stands.
type Value struct {
	Text  string
	Field string // of the object: metadata.annotations["…"], or spec.template.spec.initContainers[1].env[0].value
	Set   bool   // annotations may be there and empty
	// Elsewhere says that the variable gets its value from a ConfigMap or Secret, which is not read: Text is empty.
	Elsewhere bool
}

// A Source is a configuration of the mesh, as one place gives it.
type Source struct {
	Place      Place
	Generation Generation
	// Container is the sidecar's field, as spec.template.spec.initContainers[1]; "" of annotations.
	Container                  string
	Ingress, Egress, AdminPort Value
	Config                     Config
	Faults                     Faults
}

// Value is the string of a field.
func (s Source) Value(field Field) Value {
	switch field {
	case InIngress:
		return s.Ingress
	case InEgress:
		return s.Egress
	default:
		return s.AdminPort
	}
}

// Elsewhere tells whether a part of the configuration is not known.
func (s Source) Elsewhere() bool {
	return s.Ingress.Elsewhere || s.Egress.Elsewhere || s.AdminPort.Elsewhere
}

// Strings are the source's, as the sidecar reads them.
func (s Source) Strings() Strings {
	return Strings{Ingress: s.Ingress.Text, Egress: s.Egress.Text, AdminPort: s.AdminPort.Text}
}

// A Pod is one that has configuration of the mesh.
type Pod struct {
	// Sources are all of it, never empty: annotations of the template, those of the workload, then sidecars as they stand
	// in the pod. `contrast generate` makes a sidecar of annotations and leaves these in place, so that two sources are a
	// mistake only where their strings differ.
	Sources []Source
	// Injected says that `contrast generate` adds the containers: there are annotations, and a runtime class of Contrast's.
	Injected bool
	// Initializer and Sidecar are indexes of the pod's init containers; -1 where there is none by the names that a
	// generation gives, or by its image.
	Initializer, Sidecar int
}

// Config is what the pod's mesh does: what its first source says.
func (p *Pod) Config() Config { return p.Sources[0].Config }
