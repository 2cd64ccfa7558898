package migrate

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/schema"
)

// controlPlane makes the Istio and the IstioCNI that take the place of a ServiceMeshControlPlane.
func (m *migration) controlPlane(p *plane) {
	if getText(p.spec, "version") == "" {
		m.tell(Entry{Class: Mapped, Became: "Istio " + p.istio + ", spec.version", Says: "it is not written, and " + m.from.Name + " was taken for it"}, p.object, "spec.version")
	}
	// What is laid over the rest goes last.
	for _, key := range sorted(p.spec) {
		if key != "techPreview" {
			m.walk(p, []string{key}, p.spec[key])
		}
	}
	if over := p.spec["techPreview"]; over != nil {
		m.walk(p, []string{"techPreview"}, over)
	}
	m.trustPeers(p)
	m.capturedDNS(p)
	m.sampling(p)
	m.unsaidAddons(p)
	m.networkPolicies(p)
	m.metadata(p)
	m.discovery(p)

	istio := tree{
		"apiVersion": "sailoperator.io/v1", "kind": "Istio",
		"metadata": tree{"name": p.istio},
		"spec": tree{
			"namespace": p.namespace, "version": m.to.Version, "updateStrategy": tree{"type": "InPlace"}, "values": p.values,
		},
	}
	if labels := getMap(p.object.Tree(), "metadata", "labels"); len(labels) > 0 {
		set(istio, "metadata.labels", labels)
	}
	m.withoutStrangers(p, istio)
	if len(p.values) == 0 {
		delete(istio["spec"].(tree), "values")
	}
	m.make("the control plane that takes the place of "+p.object.ID.String(), istio)
	m.make("the CNI plugin, which OpenShift needs for sidecars without privileges", tree{
		"apiVersion": "sailoperator.io/v1", "kind": "IstioCNI",
		"metadata": tree{"name": "default"},
		"spec":     tree{"namespace": "istio-cni", "version": m.to.Version},
	})
	m.make("holds the CNI plugin", tree{"apiVersion": "v1", "kind": "Namespace", "metadata": tree{"name": "istio-cni"}})
	m.tell(Entry{
		Class: Changed, Became: "Istio " + p.istio + ", and IstioCNI default",
		Says: "the control plane stays in namespace " + p.namespace + ", so that workloads of both have certificates of one root while they move",
		Do: "install the operator servicemeshoperator3 first; then take the namespaces over one by one: label each maistra.io/ignore-namespace=true, apply what is in it, and restart its pods (oc rollout restart); " +
			"delete " + p.object.ID.String() + " when all have moved",
	}, p.object, "")
}

// withoutStrangers takes out of an Istio what its CRD does not take, and names where it came from.
func (m *migration) withoutStrangers(p *plane, istio tree) {
	for range 20 { // a mistake may hide another
		var found bool
		for _, problem := range schema.Check(object(istio, ""), m.to) {
			path, ok := strings.CutPrefix(problem.Field, "spec.values.")
			if problem.Severity != schema.Error || !ok {
				continue
			}
			path, _, _ = strings.Cut(path, "[") // of a list, all goes
			found = true
			remove(getMap(istio, "spec", "values"), strings.Split(path, ".")...)
			m.untell(p, path)
			m.tell(Entry{
				Class: Decide, Says: fmt.Sprintf("an Istio of %s does not take spec.values.%s: %s", m.to.Name, path, problem.Message),
				Do: "see what it did, and what does the same now",
			}, p.object, p.origin(path))
		}
		if !found {
			return
		}
	}
}

// origin is the field that a value came from.
func (p *plane) origin(path string) string {
	for at := path; at != ""; {
		if from := p.origins[at]; from != "" {
			return from
		}
		i := strings.LastIndexByte(at, '.')
		if i < 0 {
			break
		}
		at = at[:i]
	}
	return "spec"
}

// untell takes back that a field was mapped.
func (m *migration) untell(p *plane, path string) {
	from := p.origin(path)
	kept := m.entries[:0]
	for _, e := range m.entries {
		if e.Object != p.object.ID || e.Field != from || e.Class != Mapped || p.origins[path] == "" {
			kept = append(kept, e)
		}
	}
	m.entries = kept
}

// metadata names what of the object's own metadata is not carried over.
func (m *migration) metadata(p *plane) {
	annotations := getMap(p.object.Tree(), "metadata", "annotations")
	for _, key := range sorted(annotations) {
		if key != "kubectl.kubernetes.io/last-applied-configuration" {
			m.tell(Entry{Class: Dropped, Says: "annotations of the old control plane are for the old operator"}, p.object, fieldOf([]string{"metadata", "annotations", key}))
		}
	}
}

// operatorsOwn tells of objects that are the old operator's own.
func (m *migration) operatorsOwn(o *bundle.Object) bool {
	t := o.Tree()
	labels := getMap(t, "metadata", "labels")
	if labels["maistra.io/owner"] == nil && labels["app.kubernetes.io/managed-by"] != "maistra-istio-operator" || o.Kind == "Secret" {
		return false
	}
	m.tell(Entry{Class: Dropped, Says: "the old operator made it, and takes it away with its control plane"}, o, "")
	return true
}
