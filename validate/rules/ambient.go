package rules

import (
	"slices"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

const (
	waypoint  = "istio.io/use-waypoint"
	dataplane = "istio.io/dataplane-mode"
)

type (
	labelledKey struct{}
	meshes      struct {
		labels  map[string]map[string]string // of the namespaces that the files hold
		ambient []string                     // those of them that are in the ambient mesh
	}
)

func labelled(p *validate.Pass) meshes {
	return validate.Once(p, labelledKey{}, func() meshes {
		m := meshes{labels: map[string]map[string]string{}}
		for _, o := range p.Objects.All {
			if o.Kind == "Namespace" {
				m.labels[o.Name] = labelsOf(o)
				if m.labels[o.Name][dataplane] == "ambient" {
					m.ambient = append(m.ambient, o.Name)
				}
			}
		}
		return m
	})
}

// inAmbient tells whether a workload's requests are ztunnel's, who needs no sidecar.
func inAmbient(p *validate.Pass, pod traffic.Pod) bool {
	ambient := labelled(p).ambient
	return !pod.Sidecar && (pod.Labels[dataplane] == "ambient" || slices.Contains(ambient, pod.Namespace) && pod.Labels[dataplane] != "none")
}

// sidecars tells whether a workload of a namespace has a sidecar in spite of the namespace.
func sidecars(p *validate.Pass, namespace string) bool {
	return slices.ContainsFunc(p.Index.Pods(), func(pod traffic.Pod) bool { return pod.Namespace == namespace && pod.Sidecar })
}
