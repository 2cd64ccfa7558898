package walk

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
)

// A Mesh is what the files hold of workloads and Services. Walks through it may run side by side.
type Mesh struct {
	workloads []*workload
	services  []*service
	configs   map[string]map[string]string // ConfigMaps by NAMESPACE/NAME
	policies  []*policy
	labels    map[string]map[string]string // of namespaces
}

// A workload is one replica of what a Deployment or its like starts.
type workload struct {
	namespace, name string
	labels          map[string]string
	spec            *corev1.PodSpec
	object          *bundle.Object
	// source is the configuration of its sidecar; nil where the pod has none.
	source *contrast.Source
	// initialized says that its containers are given a certificate of the mesh CA.
	initialized bool
	texts       []string // what its containers are told: variables and arguments
}

func (w *workload) String() string { return w.namespace + "/" + w.name }

// New reads the objects of an index.
func New(objects *traffic.Objects) *Mesh {
	m := &Mesh{configs: map[string]map[string]string{}, labels: map[string]map[string]string{}}
	for _, c := range objects.ConfigMaps {
		m.configs[c.ID.Namespace+"/"+c.ID.Name] = c.Spec.Data
	}
	for _, s := range objects.Services {
		m.services = append(m.services, &service{namespace: s.ID.Namespace, name: s.ID.Name, spec: s.Spec, object: s.Object})
	}
	for i, object := range objects.All {
		if n, ok := objects.Typed[i].(*corev1.Namespace); ok {
			m.labels[n.Name] = n.Labels
		}
		m.addWorkload(object, objects.Typed[i])
	}
	for _, p := range objects.NetworkPolicies {
		m.policies = append(m.policies, &policy{p.ID, p.Spec.Spec})
	}
	return m
}

func (m *Mesh) addWorkload(object *bundle.Object, typed any) {
	of, ok := contrast.WorkloadOf(typed)
	if !ok {
		return
	}
	w := &workload{namespace: cmp.Or(object.Namespace, "default"), name: object.Name, labels: of.Labels, spec: &of.Spec, object: object}
	if p := contrast.Read(of); p != nil {
		w.source = p.Effective()
		w.initialized = w.source != nil || p.Initializer >= 0
	}
	w.texts = m.told(w.namespace, w.spec)
	m.workloads = append(m.workloads, w)
}

// told is what the containers of a pod are told, in their order.
func (m *Mesh) told(namespace string, spec *corev1.PodSpec) []string {
	var all []string
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		if isSidecar(c) {
			continue
		}
		for _, e := range c.Env {
			all = append(all, e.Value)
			if ref := e.ValueFrom; ref != nil && ref.ConfigMapKeyRef != nil {
				all = append(all, m.configs[namespace+"/"+ref.ConfigMapKeyRef.Name][ref.ConfigMapKeyRef.Key])
			}
		}
		for _, from := range c.EnvFrom {
			if from.ConfigMapRef != nil {
				data := m.configs[namespace+"/"+from.ConfigMapRef.Name]
				for _, key := range sortedKeys(data) {
					all = append(all, data[key])
				}
			}
		}
		all = append(all, c.Command...)
		all = append(all, c.Args...)
	}
	return all
}

// isSidecar tells whether a container is the mesh's own, whose variables name remotes that the application does not call.
func isSidecar(c corev1.Container) bool {
	return slices.ContainsFunc(c.Env, func(e corev1.EnvVar) bool {
		for _, g := range contrast.Generations {
			if n := g.Names(); e.Name == n.IngressEnv || e.Name == n.EgressEnv || e.Name == n.AdminPortEnv {
				return true
			}
		}
		return false
	})
}
