package migrate

import (
	"fmt"
	"strings"
)

// helmControlPlane are the values of the components that istiod took the place of.
var helmControlPlane = []helmValue{
	{path: "pilot.enabled", is: onOff, by: switched(
		Entry{Class: Dropped, Says: "istiod is always installed"},
		Entry{Class: Decide, Says: "without Pilot the old release held no control plane, so another one configured its proxies", Do: "leave chart istiod out, and point the gateways at that control plane: one outside this cluster is told of in istiodRemote of chart istiod"})},
	{path: "pilot.replicaCount", is: number, by: replicas},
	{path: "pilot.autoscaleMin", is: number, to: "autoscaleMin"},
	{path: "pilot.autoscaleMax", is: number, to: "autoscaleMax"},
	{path: "pilot.cpu.targetAverageUtilization", is: number, to: "cpu.targetAverageUtilization"},
	{path: "pilot.image", is: text, by: proxyImage("image", "pilot")},
	{path: "pilot.sidecar", is: onOff, class: Dropped, says: "istiod needs no proxy beside it"},
	{path: "pilot.traceSampling", is: number, by: sampling},
	{path: "pilot.resources", is: mapping, whole: true, to: "resources"},
	{path: "pilot.env.GODEBUG", class: Dropped, says: "it traced the garbage collector"},
	{path: "pilot.env.PILOT_PUSH_THROTTLE_COUNT", by: func(h *helm, w written) {
		h.toIstiod(w, "env.PILOT_PUSH_THROTTLE", fmt.Sprint(w.value), Entry{
			Class: Changed, Says: "it is named PILOT_PUSH_THROTTLE, and unless it is set istiod chooses by its CPUs", Do: "leave it out unless it was chosen with care",
		})
	}},
	{path: "pilot.env.*", by: func(h *helm, w written) {
		h.toIstiod(w, "env."+w.keys[2], fmt.Sprint(w.value), Entry{
			Class: Decide, Says: "istiod has other variables than Pilot had, and passes over those that it does not know",
			Do: "look it up under https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars",
		})
	}},

	{path: "sidecarInjectorWebhook.enabled", is: onOff, by: func(h *helm, w written) {
		if isTrue(w.value) {
			h.say(w, Entry{Class: Dropped, Says: "istiod injects sidecars"})
			return
		}
		h.toIstiod(w, "global.proxy.autoInject", "disabled", Entry{
			Class: Changed, Says: "istiod always has the webhook, since gateways need it; like this it gives a proxy only to pods that ask for one (label sidecar.istio.io/inject: \"true\")",
			Do: "inject by hand with istioctl kube-inject, or leave the value out and label the namespaces istio-injection: enabled",
		})
	}},
	{path: "sidecarInjectorWebhook.replicaCount", is: number, class: Dropped, says: partOfIstiod},
	{path: "sidecarInjectorWebhook.image", is: text, class: Dropped, says: partOfIstiod},
	{path: "sidecarInjectorWebhook.resources", is: mapping, whole: true, class: Dropped, says: partOfIstiod},
	{path: "sidecarInjectorWebhook.nameOverride", is: text, class: Dropped, says: partOfIstiod},
	{path: "sidecarInjectorWebhook.enableNamespacesByDefault", is: onOff, to: "sidecarInjectorWebhook.enableNamespacesByDefault"},

	{path: "galley.enabled", is: onOff, by: switched(Entry{Class: Dropped, Says: "istiod validates what is applied"}, keptValidation)},
	{path: "galley.replicaCount", is: number, class: Dropped, says: partOfIstiod},
	{path: "galley.image", is: text, class: Dropped, says: partOfIstiod},
	{path: "galley.resources", is: mapping, whole: true, class: Dropped, says: partOfIstiod},
	{path: "galley.nameOverride", is: text, class: Dropped, says: partOfIstiod},

	{path: "security.enabled", is: onOff, by: switched(
		Entry{Class: Dropped, Says: "istiod signs the certificates of proxies"},
		Entry{Class: Decide, Says: "istiod signs the certificates of proxies, unless another CA does", Do: "name that CA: global.caAddress of chart istiod, with global.pilotCertProvider for istiod's own certificate"})},
	{path: "security.selfSigned", is: onOff, by: switched(
		Entry{Class: Dropped, Says: "istiod makes a CA of its own unless Secret cacerts holds one; where the old one's Secret istio-ca-secret is in the namespace, it goes on with that"},
		Entry{Class: Mapped, Became: "Secret cacerts, in the namespace of istiod", Says: "istiod reads the same Secret with the same keys (ca-cert.pem, ca-key.pem, root-cert.pem, cert-chain.pem)"})},
	{path: "security.replicaCount", is: number, class: Dropped, says: partOfIstiod},
	{path: "security.image", is: text, class: Dropped, says: partOfIstiod},
	{path: "security.resources", is: mapping, whole: true, class: Dropped, says: partOfIstiod},
	{path: "security.nameOverride", is: text, class: Dropped, says: partOfIstiod},

	{path: "mixer.enabled", is: onOff, by: switched(
		Entry{Class: Decide, Says: noMixer, Do: doWithoutMixer},
		Entry{Class: Dropped, Says: "there is no Mixer"})},
	{path: "mixer.replicaCount", is: number, class: Dropped, says: sizeOfMixer},
	{path: "mixer.autoscaleMin", is: number, class: Dropped, says: sizeOfMixer},
	{path: "mixer.autoscaleMax", is: number, class: Dropped, says: sizeOfMixer},
	{path: "mixer.image", is: text, class: Dropped, says: sizeOfMixer},
	{path: "mixer.env", is: mapping, whole: true, class: Dropped, says: sizeOfMixer},
	{path: "mixer.resources", is: mapping, whole: true, class: Dropped, says: sizeOfMixer},
	{path: "mixer.nodeSelector", is: mapping, whole: true, class: Dropped, says: sizeOfMixer},
	{path: "mixer.nameOverride", is: text, class: Dropped, says: sizeOfMixer},
	{path: "mixer.istio-policy", is: mapping, whole: true, class: Dropped, says: sizeOfMixer},
	{path: "mixer.istio-telemetry", is: mapping, whole: true, class: Dropped, says: sizeOfMixer},
	{path: "mixer.prometheusStatsdExporter", is: mapping, whole: true, class: Dropped, says: "Prometheus reads the proxies themselves"},
}

const (
	partOfIstiod = "it is part of istiod, and has no size or image of its own"
	sizeOfMixer  = "there is no Mixer that it would be about"
)

// replicas of istiod are the autoscaler's affair, as Pilot's were in the later versions of 1.0.
func replicas(h *helm, w written) {
	e := Entry{}
	if !h.isSet("pilot.autoscaleMin") {
		e = Entry{Class: Changed, Says: "while istiod is scaled by its load, from 1 to 5 pods unless told otherwise, the number is not heeded", Do: "set autoscaleMin instead, or autoscaleEnabled=false"}
	}
	h.toIstiod(w, "replicaCount", w.value, e)
}

// zipkin is the provider of spans, at the Service that the old chart's tracing made.
const zipkin = "zipkin"

func enableTracing(h *helm, w written) {
	if !isTrue(w.value) {
		h.say(w, Entry{Class: Dropped, Says: "nothing is traced unless a Telemetry asks for it"})
		return
	}
	h.traces()
	h.say(w, traced(h.namespace))
}

func traced(namespace string) Entry {
	return Entry{
		Class: Decide, Became: "istiod, meshConfig.extensionProviders, and Telemetry " + namespace + "/mesh-default",
		Says: "spans go to Service zipkin of namespace " + namespace + ", port 9411, as before; no chart of Istio's installs a collector",
		Do:   "install one that takes Zipkin's format under that name, or name another provider",
	}
}

// traces has spans sent where the old proxies sent them.
func (h *helm) traces() {
	if get(h.istiod, "meshConfig", "enableTracing") != nil {
		return // both who send and who takes are asked for
	}
	percent := any(1.0)
	if said := get(h.values, "pilot", "traceSampling"); said != nil {
		percent = said
	}
	set(h.istiod, "meshConfig.enableTracing", true)
	set(h.istiod, "meshConfig.extensionProviders", []any{tree{
		"name": zipkin, zipkin: tree{"service": strings.Join([]string{zipkin, h.namespace, "svc.cluster.local"}, "."), "port": 9411},
	}})
	h.make("spans go to the collector, from as many requests as before", tree{
		"apiVersion": "telemetry.istio.io/" + h.to.IstioAPI(), "kind": "Telemetry", "metadata": tree{"name": "mesh-default", "namespace": h.namespace},
		"spec": tree{"tracing": []any{tree{"providers": []any{tree{"name": zipkin}}, "randomSamplingPercentage": percent}}},
	})
}

// sampling goes with the spans.
func sampling(h *helm, w written) {
	if !h.tracing() {
		h.say(w, Entry{Class: Dropped, Says: "nothing is traced unless a Telemetry asks for it, which says how much too"})
		return
	}
	h.say(w, Entry{Class: Mapped, Became: "Telemetry " + h.namespace + "/mesh-default, spec.tracing[0].randomSamplingPercentage"})
}

// tracing tells whether somebody asked for spans: proxies always sent them, but nobody took them unless the chart's
// tracing was on.
func (h *helm) tracing() bool {
	return h.isTrue("tracing.enabled", false) && h.isTrue("global.enableTracing", true) || h.isTrue("global.enableTracing", false)
}
