package contrast

// A Place is one of the places from which the mesh is configured.
type Place string

const (
	OnTemplate    Place = "template"    // annotations of the pod template, or of a Pod; what `contrast generate` reads since 1.13
	OnWorkload    Place = "workload"    // annotations of the object around it; what it read up to 1.12
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

// Effective is the source that the pod's sidecar has its configuration from: annotations where `contrast generate` makes
// a sidecar of them, which replaces one that is there already, and else the first sidecar's. It is nil where annotations
// stand alone and nothing reads them, for want of a runtime class of Contrast's.
func (p *Pod) Effective() *Source {
	for i, s := range p.Sources {
		if p.Injected || s.Place == InEnvironment {
			return &p.Sources[i]
		}
	}
	return nil
}
