package migrate

import (
	"fmt"

	"github.com/meshscenario/scenario/mesh"
)

// basic are the settings of the control plane as a whole. What each became in the values of Istio's charts was read in
// maistra/istio-operator, pkg/apis/maistra/conversion, and in the CRD of sailoperator.io/v1.
var basic = []setting{
	{path: "version", by: version},
	{path: "mode", class: Dropped, says: "istiod sees the whole cluster, less what discoverySelectors leave out: there is no other mode",
		do: "see that nobody relied on a member's namespace being all that istiod could read: it may read the cluster's now"},
	{path: "profiles", by: profiles},
	{path: "general.validationMessages", to: "global.istiod.enableAnalysis"},
	{path: "general.logging.logAsJSON", to: "global.logAsJson"},
	{path: "general.logging.componentLevels", to: "global.logging.level", as: levels},
	{path: "policy", by: mixer("policy")},
	{path: "telemetry", by: mixer("telemetry")},
	{path: "tracing.type", by: tracingType},
	{path: "tracing.sampling", by: func(*migration, *plane, field) {}}, // with the type
	{path: "cluster.name", to: "global.multiCluster.clusterName"},
	{path: "cluster.network", to: "global.network"},
	{path: "cluster.multiCluster.enabled", to: "global.multiCluster.enabled"},
	{path: "cluster.multiCluster.meshNetworks", to: "global.meshNetworks"},
	{path: "cluster.meshExpansion", class: Decide, says: "virtual machines join a mesh in another way: by an east-west gateway, WorkloadGroups and istioctl",
		do: "install an east-west gateway (15012, 15017 and 15443) and register the machines by WorkloadGroup"},
	{path: "meshConfig.extensionProviders", to: "meshConfig.extensionProviders"},
	{path: "meshConfig.discoverySelectors", by: func(m *migration, p *plane, f field) {
		list, _ := f.value.([]any)
		p.selectors = append(p.selectors, list...)
		p.told = true
		m.tell(Entry{
			Class: Changed, Became: "Istio " + p.istio + ", spec.values.meshConfig.discoverySelectors",
			Says: "a namespace belonged to the mesh if it was a member; now it does if any of the selectors takes it, or if it has the label of members",
			Do:   "see that the selectors take no namespace that was no member",
		}, p.object, f.name())
	}},
	{path: "addons.kiali", by: addon("Kiali", "install the Kiali operator, and a Kiali (kiali.io/v1alpha1) that names this mesh's namespace")},
	{path: "addons.grafana", by: addon("Grafana", "import Istio's dashboards into a Grafana of your own, or use the console's")},
	{path: "addons.prometheus", by: addon("Prometheus", "let user workload monitoring scrape the proxies: a PodMonitor in each namespace of the mesh, and a ServiceMonitor for istiod")},
	{path: "addons.jaeger", by: addon("Jaeger", "install Tempo and the OpenTelemetry operator, and name the collector as an extension provider of the mesh")},
	{path: "addons.3scale", by: addon("the 3scale adapter", "use the WasmPlugin of 3scale, or Red Hat Connectivity Link")},
	{path: "addons.stackdriver", by: addon("Stackdriver", "name it in Telemetry, as a provider of meshConfig.extensionProviders")},
}

// newestOld is the last version of OpenShift Service Mesh 2.
func newestOld() string {
	name := ""
	for _, t := range mesh.Newest() {
		if t.ControlPlane == mesh.SMCP {
			name = t.Name
		}
	}
	return name
}

func version(m *migration, p *plane, f field) {
	e := Entry{Class: Mapped, Became: "Istio " + p.istio + ", spec.version", Says: fmt.Sprintf("%v becomes %s, the Istio of %s", f.value, m.to.Version, m.to.Product)}
	if m.from.Name != newestOld() {
		e.Class, e.Do = Decide, "bring the old control plane to v2.6 first: both must run side by side for a time, and only that version is made for it"
	}
	m.tell(e, p.object, f.name())
}

func profiles(m *migration, p *plane, f field) {
	for _, name := range texts(f.value) {
		if name != "default" && name != "small" && name != "base" && name != "maistra" && name != "servicemesh" {
			m.tell(Entry{
				Class: Decide, Says: fmt.Sprintf("profile %q is a file of the old operator's, which these files do not hold: what it set is not carried over", name),
				Do: "read the ConfigMap smcp-templates in the operator's namespace, and set the same in Istio, spec.values",
			}, p.object, f.name())
			return
		}
	}
	m.tell(Entry{Class: Dropped, Says: "the operator chooses its profile for OpenShift by itself"}, p.object, f.name())
}

// mixer is for what two components did that are no more.
func mixer(of string) func(*migration, *plane, field) {
	return func(m *migration, p *plane, f field) {
		block, _ := f.value.(tree)
		for _, key := range sorted(block) {
			at := field{append(f.keys[:len(f.keys):len(f.keys)], key), block[key]}
			switch value := fmt.Sprint(block[key]); {
			case key == "type" && (value == "Istiod" || value == ""):
				m.tell(Entry{Class: Dropped, Says: "istiod and the proxies do it: there is no other way"}, p.object, at.name())
			case key == "type" && value == "None" && of == "telemetry":
				m.put(p, at, "telemetry.enabled", false, Entry{})
			case key == "type" && value == "None":
				m.tell(Entry{Class: Dropped, Says: "nothing was asked for"}, p.object, at.name())
			default:
				m.tell(Entry{
					Class: Decide, Says: "Mixer is no more: what it did is done by Telemetry, AuthorizationPolicy and WasmPlugin",
					Do: "write those for what the adapters did, or drop it if no Mixer ran",
				}, p.object, at.name())
			}
		}
	}
}

// addon is for what the old operator installed beside the mesh.
func addon(what, do string) func(*migration, *plane, field) {
	return func(m *migration, p *plane, f field) {
		if block, _ := f.value.(tree); isFalse(block["enabled"]) {
			m.tell(Entry{Class: Dropped, Says: what + " was not installed by the control plane"}, p.object, f.name())
			return
		}
		m.tell(Entry{Class: Decide, Says: what + " is no part of the control plane any more, and its settings are not carried over", Do: do}, p.object, f.name())
	}
}

// unsaidAddons tells of those that the old operator installs unless told not to.
func (m *migration) unsaidAddons(p *plane) {
	for _, s := range basic {
		switch s.path {
		case "addons.kiali", "addons.grafana", "addons.prometheus":
			name := s.path[len("addons."):]
			if get(p.spec, "addons", name) == nil {
				s.by(m, p, field{[]string{"addons", name}, tree{}})
			}
		case "addons.jaeger":
			if get(p.spec, "addons", "jaeger") == nil && getText(p.spec, "tracing", "type") != "None" {
				s.by(m, p, field{[]string{"addons", "jaeger"}, tree{}})
			}
		}
	}
}
