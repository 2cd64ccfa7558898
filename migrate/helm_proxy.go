package migrate

import (
	"fmt"
	"strings"
)

// helmProxy are the values of sidecars and of the containers that prepare their pods.
var helmProxy = []helmValue{
	{path: "global.proxy.image", is: text, by: proxyImage("global.proxy.image", "proxyv2", "proxy")},
	{path: "global.proxy_init.image", is: text, by: proxyImage("global.proxy_init.image", "proxy_init", "proxyv2")},
	{path: "global.proxy.proxyDomain", is: text, by: func(h *helm, w written) {
		if _, domain, ok := strings.Cut(fmt.Sprint(w.value), ".svc."); ok && !h.isSet("global.proxy.discoveryDomain") {
			h.clusterDomain(w, domain)
			return
		}
		h.say(w, Entry{Class: Dropped, Says: "proxies have the cluster's domain from global.proxy.clusterDomain, as istiod has"})
	}},
	{path: "global.proxy.discoveryDomain", is: text, by: func(h *helm, w written) { h.clusterDomain(w, fmt.Sprint(w.value)) }},
	{path: "global.proxy.resources", is: mapping, whole: true, to: "global.proxy.resources", class: Changed,
		says: "what it leaves out is the chart's own: a sidecar asks for 100m and 128Mi and has at most 2 CPUs and 1Gi, where the old chart set no limit",
		do:   "set the limits too where a sidecar needs more"},
	{path: "global.proxy.concurrency", is: number, to: "meshConfig.defaultConfig.concurrency"},
	{path: "global.proxy.accessLogFile", is: text, to: "meshConfig.accessLogFile"},
	{path: "global.proxy.privileged", is: onOff, to: "global.proxy.privileged"},
	{path: "global.proxy.enableCoreDump", is: onOff, by: switched(
		Entry{Class: Decide, Says: "no container of a sidecar's pod writes to the node's settings any more, so core dumps are the node's affair", Do: "set kernel.core_pattern on the nodes, and give the pods that need it a volume for the dumps"},
		Entry{Class: Dropped, Says: "there are no core dumps unless nodes write them"})},
	{path: "global.proxy.statusPort", is: number, by: func(h *helm, w written) {
		if fmt.Sprint(w.value) == "0" {
			h.say(w, Entry{Class: Changed, Says: "sidecars tell whether they are ready, on port 15020; the kubelet's probes and the joined metrics use that port too, so it stays"})
			return
		}
		h.toIstiod(w, "global.proxy.statusPort", w.value, Entry{})
	}},
	{path: "global.proxy.readinessInitialDelaySeconds", is: number, to: "global.proxy.readinessInitialDelaySeconds"},
	{path: "global.proxy.readinessPeriodSeconds", is: number, to: "global.proxy.readinessPeriodSeconds"},
	{path: "global.proxy.readinessFailureThreshold", is: number, to: "global.proxy.readinessFailureThreshold"},
	{path: "global.proxy.includeIPRanges", is: text, to: "global.proxy.includeIPRanges"},
	{path: "global.proxy.excludeIPRanges", is: text, to: "global.proxy.excludeIPRanges"},
	{path: "global.proxy.includeInboundPorts", is: text, to: "global.proxy.includeInboundPorts", class: Changed,
		says: "no template of the old chart read it: a proxy took the ports that the pod's containers declared. It is heeded now"},
	{path: "global.proxy.excludeInboundPorts", is: text, to: "global.proxy.excludeInboundPorts"},
	{path: "global.proxy.autoInject", is: text, to: "global.proxy.autoInject"},
	{path: "global.proxy.envoyStatsd.enabled", is: onOff, by: func(h *helm, w written) {
		host, port := get(h.values, "global", "proxy", "envoyStatsd", "host"), get(h.values, "global", "proxy", "envoyStatsd", "port")
		switch {
		case !isTrue(w.value):
			h.say(w, Entry{Class: Dropped, Says: "no statistics were sent"})
		case host == nil || port == nil || fmt.Sprint(host) == "istio-statsd-prom-bridge":
			h.say(w, Entry{Class: Decide, Says: "the collector istio-statsd-prom-bridge is no more", Do: "let Prometheus read the proxies themselves, or name a collector of your own in meshConfig.defaultConfig.statsdUdpAddress of chart istiod"})
		default:
			h.toIstiod(w, "meshConfig.defaultConfig.statsdUdpAddress", fmt.Sprintf("%s:%v", h.statsdHost(fmt.Sprint(host)), port), Entry{})
		}
	}},
	{path: "global.proxy.envoyStatsd.host", is: text, class: Dropped, says: "it goes with global.proxy.envoyStatsd.enabled"},
	{path: "global.proxy.envoyStatsd.port", is: number, class: Dropped, says: "it goes with global.proxy.envoyStatsd.enabled"},
	{path: "global.proxy.stats.prometheusPort", is: number, by: func(h *helm, w written) {
		if fmt.Sprint(w.value) == "15090" {
			h.say(w, Entry{Class: Dropped, Says: "it is always 15090; 15020 has the application's metrics too"})
			return
		}
		h.say(w, Entry{Class: Decide, Says: "the port is always 15090, and 15020 for the metrics of proxy and application together", Do: "let Prometheus read 15020 (/stats/prometheus), as the annotations say that the injector writes"})
	}},
}

func (h *helm) clusterDomain(w written, domain string) {
	if domain == "" || domain == "cluster.local" {
		h.say(w, Entry{Class: Dropped, Says: "the cluster's domain is cluster.local unless somebody says otherwise"})
		return
	}
	h.toIstiod(w, "global.proxy.clusterDomain", domain, Entry{})
}

// proxyImage leaves out the names of images of 1.0.
func proxyImage(to string, own ...string) func(*helm, written) {
	return func(h *helm, w written) {
		for _, name := range own {
			if w.value == name {
				h.say(w, Entry{Class: Dropped, Says: "the chart names the image, which is proxyv2"})
				return
			}
		}
		h.toIstiod(w, to, w.value, Entry{
			Class: Changed, Says: "all pods with a proxy would run this image",
			Do: fmt.Sprintf("build it anew on proxyv2 of %s, or leave it out", h.to.Product),
		})
	}
}
