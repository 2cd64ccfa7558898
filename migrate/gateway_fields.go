package migrate

import (
	"slices"
	"strings"
)

// A gatewayField is a field of a gateway in a ServiceMeshControlPlane, with all below it.
type gatewayField struct {
	path string // under the gateway; * is any key
	// part is the part of the gateway's objects that it goes to, at the path to; "" is none.
	part, to string
	class    Class
	says, do string
	into     bool // go on below
	by       func(m *migration, g *gateway, f field)
}

var gatewayFields = []gatewayField{
	{path: "enabled", class: Mapped, says: "it is installed"},
	{path: "namespace", class: Mapped, says: "it is where it was"},
	{path: "routerMode", by: func(m *migration, g *gateway, f field) {
		g.addEnv("ISTIO_META_ROUTER_MODE", f.value)
		m.gatewayMapped(g, f)
	}},
	{path: "requestedNetworkView", by: func(m *migration, g *gateway, f field) {
		g.addEnv("ISTIO_META_REQUESTED_NETWORK_VIEW", strings.Join(texts(f.value), ","))
		m.gatewayMapped(g, f)
	}},
	{path: "routeConfig.enabled", by: func(m *migration, g *gateway, f field) {
		if isFalse(f.value) {
			g.route = false
		}
		m.gatewayMapped(g, f)
	}},
	{path: "sds", class: Dropped, says: "the proxy fetches its certificates itself"},
	{path: "ingress", by: func(m *migration, g *gateway, f field) {
		if !isTrue(f.value) {
			m.tell(Entry{Class: Dropped, Says: "no Ingress of Kubernetes was read"}, g.plane.object, f.name())
			return
		}
		m.tell(Entry{
			Class: Decide, Says: "the control plane made a Gateway for Ingresses of Kubernetes, with all hosts",
			Do: "set spec.values.meshConfig.ingressControllerMode and ingressService, and write the Gateway; or write Gateways and VirtualServices for the Ingresses",
		}, g.plane.object, f.name())
	}},
	{path: "meshExpansionPorts", class: Decide, says: "virtual machines join by an east-west gateway of its own", do: "install one with these ports"},

	{path: "service.metadata", into: true},
	{path: "service.metadata.labels", by: func(m *migration, g *gateway, f field) {
		labels, _ := f.value.(tree)
		join(g.labels, labels)
		m.gatewayMapped(g, f)
	}},
	{path: "service.metadata.annotations", by: func(m *migration, g *gateway, f field) {
		notes, _ := f.value.(tree)
		join(g.annotations, notes)
		m.gatewayMapped(g, f)
	}},
	{path: "service.selector", class: Dropped, says: "the Service chose the gateway's pods by their own labels, whatever was written"},
	{path: "service.ipFamily", by: func(m *migration, g *gateway, f field) {
		g.service["ipFamilies"] = []any{f.value}
		m.gatewayMapped(g, f)
	}},
	{path: "service.topologyKeys", class: Decide, says: "Kubernetes 1.22 removed it", do: "use trafficDistribution or topology-aware routing of the Service"},
	{path: "service.*", by: func(m *migration, g *gateway, f field) {
		g.service[f.keys[len(f.keys)-1]] = f.value
		m.gatewayMapped(g, f)
	}},

	{path: "runtime.deployment.replicas", part: "deployment", to: "replicas"},
	{path: "runtime.deployment.strategy", part: "deployment", to: "strategy"},
	{path: "runtime.deployment.autoScaling", by: autoscaling},
	{path: "runtime.pod.nodeSelector", part: "pod", to: "nodeSelector"},
	{path: "runtime.pod.tolerations", part: "pod", to: "tolerations"},
	{path: "runtime.pod.priorityClassName", part: "pod", to: "priorityClassName"},
	{path: "runtime.pod.affinity.nodeAffinity", part: "pod", to: "affinity.nodeAffinity"},
	{path: "runtime.pod.affinity.podAffinity", part: "pod", to: "affinity.podAffinity"},
	{path: "runtime.pod.affinity.podAntiAffinity", class: Decide, says: "its terms are of the old operator's own form", do: "write them as Kubernetes does, in the Deployment"},
	{path: "runtime.pod.metadata.labels", by: func(m *migration, g *gateway, f field) {
		labels, _ := f.value.(tree)
		join(g.podLabels, labels)
		m.gatewayMapped(g, f)
	}},
	{path: "runtime.pod.metadata.annotations", by: func(m *migration, g *gateway, f field) {
		notes, _ := f.value.(tree)
		join(g.podNotes, notes)
		m.gatewayMapped(g, f)
	}},
	{path: "runtime.container.resources", part: "container", to: "resources"},
	{path: "runtime.container.env", by: func(m *migration, g *gateway, f field) {
		block, _ := f.value.(tree)
		for _, name := range sorted(block) {
			g.addEnv(name, block[name])
		}
		m.gatewayMapped(g, f)
	}},
	{path: "runtime.container.imagePullPolicy", part: "container", to: "imagePullPolicy"},
	{path: "runtime.container.imagePullSecrets", part: "pod", to: "imagePullSecrets"},
	{path: "runtime.container.*", class: Dropped, says: "istiod fills in the proxy's image: it must be of its own version"},
	{path: "volumes", by: volumes},
}

// walkGateway goes through what is written of a gateway, and names what has no place.
func (m *migration) walkGateway(g *gateway, keys []string, written tree) {
	for _, key := range sorted(written) {
		at := append(keys[:len(keys):len(keys)], key)
		f := field{append(g.keys[:len(g.keys):len(g.keys)], at...), written[key]}
		i := slices.IndexFunc(gatewayFields, func(s gatewayField) bool { return fits(strings.Split(s.path, "."), at) })
		inner, isMap := written[key].(tree)
		switch {
		case i >= 0 && !gatewayFields[i].into:
			m.gatewayField(g, gatewayFields[i], f)
		case isMap:
			m.walkGateway(g, at, inner)
		default:
			m.unknown(g.plane, f)
		}
	}
}

func (m *migration) gatewayField(g *gateway, s gatewayField, f field) {
	switch {
	case s.by != nil:
		s.by(m, g, f)
	case s.part != "":
		set(map[string]tree{"deployment": g.deployment, "pod": g.pod, "container": g.container}[s.part], s.to, f.value)
		m.gatewayMapped(g, f)
	default:
		m.tell(Entry{Class: s.class, Says: s.says, Do: s.do}, g.plane.object, f.name())
	}
}

// gatewayMapped tells that a field went to the gateway's own objects.
func (m *migration) gatewayMapped(g *gateway, f field) {
	kind := "Deployment "
	switch strings.Join(f.keys[len(g.keys):][:1], "") {
	case "service":
		kind = "Service "
	case "routeConfig":
		kind = "Route "
	}
	m.tell(Entry{Class: Mapped, Became: kind + g.namespace + "/" + g.name}, g.plane.object, f.name())
}

func (g *gateway) addEnv(name string, value any) {
	list, _ := g.container["env"].([]any)
	g.container["env"] = append(list, tree{"name": name, "value": asTexts([]any{value})[0]})
}

// autoscaling is the old charts' own, which Kubernetes' takes the place of.
func autoscaling(m *migration, g *gateway, f field) {
	block, _ := f.value.(tree)
	if isFalse(block["enabled"]) {
		m.tell(Entry{Class: Dropped, Says: "it was switched off"}, g.plane.object, f.name())
		if g.deployment["replicas"] == nil {
			g.deployment["replicas"] = 1
		}
		return
	}
	spec := tree{"minReplicas": 1, "maxReplicas": 5, "scaleTargetRef": tree{"apiVersion": "apps/v1", "kind": "Deployment", "name": g.name}}
	cpu := any(80)
	for key, value := range block {
		switch key {
		case "minReplicas", "maxReplicas":
			spec[key] = value
		case "targetCPUUtilizationPercentage":
			cpu = value
		}
	}
	spec["metrics"] = []any{tree{"type": "Resource", "resource": tree{"name": "cpu", "target": tree{"type": "Utilization", "averageUtilization": cpu}}}}
	g.autoscaler = spec
	m.tell(Entry{Class: Mapped, Became: "HorizontalPodAutoscaler " + g.namespace + "/" + g.name}, g.plane.object, f.name())
}

// volumes are those that the operator mounted into the gateway's pods.
func volumes(m *migration, g *gateway, f field) {
	list, _ := f.value.([]any)
	var all, mounts []any
	for _, item := range list {
		entry, _ := item.(tree)
		volume, mount := tree{}, tree{}
		join(volume, getMap(entry, "volume"))
		join(mount, getMap(entry, "volumeMount"))
		volume["name"] = mount["name"]
		all, mounts = append(all, volume), append(mounts, mount)
	}
	g.pod["volumes"], g.container["volumeMounts"] = all, mounts
	m.gatewayMapped(g, f)
}
