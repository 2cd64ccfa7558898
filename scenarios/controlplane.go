package scenarios

import (
	"fmt"

	"github.com/meshscenario/scenario/mesh"
)

// controlPlane: the mesh itself.
var controlPlane = Scenario{
	ID:         "control-plane",
	Title:      "the control plane, its gateways and its members",
	Encryption: None,
	Parts:      []Part{Namespaces, ControlPlane, Members, Workload},
	Default:    []Part{Namespaces, ControlPlane, Members},
	Uses:       []string{"client", "egress", "expose.gateway"},
	Impossible: noEncryption("control-plane makes the mesh itself; it calls nothing outside"),
	fill:       func(p *Plan) { setDefault(&p.Metadata.Name, p.Spec.Mesh.Namespace) },
	check: func(p *Plan, r *report) {
		if p.draft.Written("spec.mesh.addons") && p.Spec.Mesh.Addons == "all" && p.Target.ControlPlane != mesh.SMCP {
			r.refuse(fmt.Sprintf("%s brings no tracing, Kiali, Prometheus or Grafana", p.Target.Product), "install them by their own operators or charts, and leave mesh.addons out")
		}
	},
	claims: func(p *Plan) []claim { return nil },
	needs: func(p *Plan, has func(Part) bool) []Need {
		switch {
		case p.Target.ControlPlane == mesh.SMCP:
			return []Need{{Text: "the operator of OpenShift Service Mesh 2 (package servicemeshoperator) installed for all namespaces"}}
		case p.Target.ControlPlane == mesh.Sail:
			return []Need{{Text: "the operator of OpenShift Service Mesh 3 (package servicemeshoperator3) installed"}}
		default:
			return helmNeeds(p)
		}
	},
}

// helmNeeds: a chart's values are no object that a cluster acts on, so the charts must be installed with them.
func helmNeeds(p *Plan) []Need {
	ns := p.Spec.Mesh.Namespace
	return []Need{
		{
			Text:    "the charts of Istio, installed with the values in ConfigMap " + ns + "/scenario-helm-values: before the gateways, whose pods istiod injects",
			Command: fmt.Sprintf("helm upgrade --install istio-base base --repo https://istio-release.storage.googleapis.com/charts --version '%s' -n %s --create-namespace", p.Target.Version, ns),
		},
		{
			Text:    "istiod itself",
			Command: fmt.Sprintf("kubectl get configmap scenario-helm-values -n %[1]s -o jsonpath='{.data.istiod\\.yaml}' | helm upgrade --install istiod istiod --repo https://istio-release.storage.googleapis.com/charts --version '%[2]s' -n %[1]s -f - --wait", ns, p.Target.Version),
		},
	}
}
