package judge

import (
	"cmp"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	istiomodel "istio.io/istio/pkg/model"
	"istio.io/istio/pkg/network"
)

// A border is where a connection leaves one world for a pod of another.
type border struct {
	world *World
	pod   *pod
	port  int // of the pod
}

// Join says that what is sent to an address and port comes to a Service of another world, written NAMESPACE/NAME: the two
// are meshes of their own, each with an istiod that knows its own objects alone.
func (w *World) Join(address string, port int, other *World, service string) error {
	for _, s := range other.services {
		if s.Namespace+"/"+s.Name != service {
			continue
		}
		for _, p := range other.pods {
			if p.namespace != s.Namespace || !labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.labels)) {
				continue
			}
			for _, of := range s.Spec.Ports {
				if int(of.Port) != port && int(of.NodePort) != port {
					continue
				}
				if w.borders == nil {
					w.borders = map[string]border{}
				}
				w.borders[joinHost(address, port)] = border{other, p, targetPort(of, p)}
				return nil
			}
			return fmt.Errorf("join: Service %s has no port %d", service, port)
		}
		return fmt.Errorf("join: Service %s has no pods", service)
	}
	return fmt.Errorf("join: no Service %s", service)
}

// networkOf is the network that injection tells a pod's proxy: the pod's own label, else that of the whole mesh, which the
// label of the root namespace says too.
func (w *World) networkOf(p *pod) network.ID {
	const label = "topology.istio.io/network"
	return network.ID(cmp.Or(p.labels[label], w.namespaces[w.mesh.RootNamespace][label]))
}

// networkView are the networks whose endpoints a gateway asks for; none means all.
func (p *pod) networkView() istiomodel.StringList {
	for _, c := range p.containers {
		for _, e := range c.Env {
			if e.Name == "ISTIO_META_REQUESTED_NETWORK_VIEW" && e.Value != "" {
				return strings.Split(e.Value, ",")
			}
		}
	}
	return nil
}
