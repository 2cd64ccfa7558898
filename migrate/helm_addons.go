package migrate

import (
	"slices"
	"strings"
)

// helmAddons are what the old chart could install beside the mesh.
var helmAddons = slices.Concat(
	addonValues("prometheus", "Prometheus", "install one that finds pods by their annotations prometheus.io/scrape, or use a PodMonitor: port 15020, path /stats/prometheus",
		"replicaCount hub tag resources nameOverride service.annotations service.nodePort.enabled service.nodePort.port"),
	addonValues("grafana", "Grafana", "install one, and import Istio's dashboards (https://grafana.com/orgs/istio)",
		"replicaCount image image.repository image.tag persist storageClassName accessMode resources nameOverride security.enabled security.adminUser security.adminPassword security.secretName "+
			"security.usernameKey security.passphraseKey service.annotations service.name service.type service.externalPort service.internalPort datasources dashboardProviders"),
	addonValues("kiali", "Kiali", "install the Kiali operator or its chart (https://kiali.org/docs/installation)",
		"replicaCount hub tag resources ingress.enabled ingress.hosts ingress.annotations ingress.tls dashboard.username dashboard.passphrase dashboard.secretName dashboard.usernameKey dashboard.passphraseKey "+
			"dashboard.grafanaURL dashboard.jaegerURL"),
	addonValues("servicegraph", "the service graph", "use Kiali, which draws it",
		"replicaCount image resources nameOverride service.annotations service.name service.type service.externalPort service.internalPort ingress.enabled ingress.hosts ingress.annotations ingress.tls prometheusAddr"),
	[]helmValue{{path: "tracing.enabled", is: onOff, by: func(h *helm, w written) {
		switch {
		case !isTrue(w.value):
			h.say(w, Entry{Class: Dropped, Says: "Jaeger was not installed"})
		case !h.isTrue("global.enableTracing", true):
			h.say(w, Entry{Class: Decide, Says: "Jaeger was installed, and no proxy sent it spans", Do: "leave it out"})
		default:
			h.traces()
			h.say(w, traced(h.namespace))
		}
	}}},
	addonValues("tracing", "", "",
		"provider replicaCount resources nameOverride service.annotations service.name service.type service.externalPort service.internalPort ingress.enabled ingress.hosts ingress.annotations ingress.tls "+
			"jaeger.hub jaeger.tag jaeger.memory.max_traces jaeger.ui.port jaeger.ingress.enabled jaeger.ingress.hosts jaeger.ingress.annotations jaeger.ingress.tls"),
	addonValues("certmanager", "cert-manager", "install it from its own chart (https://cert-manager.io/docs/installation/helm); the Gateway names by credentialName the Secret that a Certificate makes",
		"hub tag resources email extraArgs affinity nodeSelector tolerations podAnnotations podLabels podDnsPolicy podDnsConfig nameOverride fullnameOverride"),
	[]helmValue{
		{path: "telemetry-gateway.gatewayName", is: text, class: Dropped, says: "it goes with telemetry-gateway.grafanaEnabled and prometheusEnabled"},
		{path: "telemetry-gateway.grafanaEnabled", is: onOff, by: behindGateway("Grafana")},
		{path: "telemetry-gateway.prometheusEnabled", is: onOff, by: behindGateway("Prometheus")},
	},
)

// addonValues are those of one of them; all but whether it is installed go with it.
func addonValues(name, what, do, rest string) []helmValue {
	var all []helmValue
	if what != "" {
		all = append(all, helmValue{path: name + ".enabled", is: onOff, by: switched(
			Entry{Class: Decide, Says: "no chart of Istio's installs " + what, Do: do},
			Entry{Class: Dropped, Says: what + " was not installed"})})
	}
	for _, path := range strings.Fields(rest) {
		all = append(all, helmValue{path: name + "." + path, whole: path != "image", class: Dropped, says: "no chart of Istio's installs " + name})
	}
	return all
}

func behindGateway(what string) func(*helm, written) {
	return switched(
		Entry{Class: Decide, Says: what + " was open to whoever reached the ingress gateway", Do: "write a Gateway and a VirtualService for it, with TLS and an AuthorizationPolicy that says who may, or use kubectl port-forward"},
		Entry{Class: Dropped, Says: what + " was not reached through the gateway"})
}
