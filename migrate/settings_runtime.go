package migrate

// runtimeSettings are those under spec.runtime: pods and containers of what the operator installs.
var runtimeSettings = []setting{
	{path: "runtime.defaults.pod.nodeSelector", to: "global.defaultNodeSelector"},
	{path: "runtime.defaults.pod.tolerations", to: "global.defaultTolerations"},
	{path: "runtime.defaults.pod.priorityClassName", to: "global.priorityClassName"},
	{path: "runtime.defaults.container.resources", to: "global.defaultResources"},
	{path: "runtime.defaults.container.imagePullPolicy", to: "global.imagePullPolicy"},
	{path: "runtime.defaults.container.imagePullSecrets", to: "global.imagePullSecrets", as: names},
	{path: "runtime.defaults.container.*", class: Dropped, says: ownImages},
	{path: "runtime.defaults.deployment.podDisruption.enabled", to: "global.defaultPodDisruptionBudget.enabled"},

	{path: "runtime.components.pilot.deployment.replicas", to: "pilot.replicaCount"},
	{path: "runtime.components.pilot.deployment.autoScaling.enabled", to: "pilot.autoscaleEnabled"},
	{path: "runtime.components.pilot.deployment.autoScaling.minReplicas", to: "pilot.autoscaleMin"},
	{path: "runtime.components.pilot.deployment.autoScaling.maxReplicas", to: "pilot.autoscaleMax"},
	{path: "runtime.components.pilot.deployment.autoScaling.targetCPUUtilizationPercentage", to: "pilot.cpu.targetAverageUtilization"},
	{path: "runtime.components.pilot.deployment.strategy.rollingUpdate.maxSurge", to: "pilot.rollingMaxSurge"},
	{path: "runtime.components.pilot.deployment.strategy.rollingUpdate.maxUnavailable", to: "pilot.rollingMaxUnavailable"},
	{path: "runtime.components.pilot.pod.nodeSelector", to: "pilot.nodeSelector"},
	{path: "runtime.components.pilot.pod.tolerations", to: "pilot.tolerations"},
	{path: "runtime.components.pilot.pod.metadata.annotations", to: "pilot.podAnnotations"},
	{path: "runtime.components.pilot.pod.metadata.labels", to: "pilot.podLabels"},
	{path: "runtime.components.pilot.pod.affinity.nodeAffinity", to: "pilot.affinity.nodeAffinity"},
	{path: "runtime.components.pilot.pod.affinity.podAffinity", to: "pilot.affinity.podAffinity"},
	{path: "runtime.components.pilot.pod.affinity.podAntiAffinity", class: Decide, says: "its terms are of the operator's own form",
		do: "write them as Kubernetes does, in Istio, spec.values.pilot.affinity.podAntiAffinity"},
	{path: "runtime.components.pilot.container.resources", to: "pilot.resources"},
	{path: "runtime.components.pilot.container.env", to: "pilot.env", as: textual},
	{path: "runtime.components.pilot.container.imagePullPolicy", to: "global.imagePullPolicy"},
	{path: "runtime.components.pilot.container.*", class: Dropped, says: ownImages},

	{path: "runtime.components.pilot", into: true},
	{path: "runtime.components.*", by: component},
}

const (
	ownImages    = "the operator chooses the images of its version"
	notInstalled = "the operator does not install that component any more"
)

// component is what the operator installs beside istiod.
func component(m *migration, p *plane, f field) {
	switch name := f.keys[len(f.keys)-1]; name {
	case "grafana", "kiali", "prometheus", "3scale", "global.oauthproxy", "rateLimiting.rls", "tracing.jaeger", "tracing.jaeger.agent", "tracing.jaeger.allInOne",
		"tracing.jaeger.collector", "tracing.jaeger.elasticsearch", "tracing.jaeger.elasticsearch.esIndexCleaner", "tracing.jaeger.query":
		m.tell(Entry{Class: Dropped, Says: notInstalled}, p.object, f.name())
	default:
		m.unknown(p, f)
	}
}

// names are those of references to objects.
func names(v any) any {
	list, _ := v.([]any)
	all := []any{}
	for _, item := range list {
		if t, ok := item.(tree); ok {
			all = append(all, t["name"])
		}
	}
	return all
}

// textual makes the values of a map texts.
func textual(v any) any {
	m, _ := v.(tree)
	all := tree{}
	for key, value := range m {
		all[key] = asTexts([]any{value})[0]
	}
	return all
}
