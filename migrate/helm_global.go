package migrate

import (
	"fmt"
	"strings"
)

// helmGlobal are the values under global, but for those of the proxy. What the old chart did with each was read in its
// templates (https://github.com/istio/istio/tree/1.0.9/install/kubernetes/helm/istio), what takes its place in those of
// today (https://github.com/istio/istio/tree/release-1.30/manifests/charts).
var helmGlobal = []helmValue{
	{path: "global.hub", is: text, by: hub},
	{path: "global.tag", is: text, class: Dropped, says: "each chart names the images of its own release: an image of 1.0 does not work with it"},
	{path: "global.k8sIngressSelector", is: text, by: ingressSelector},
	{path: "global.k8sIngressHttps", is: onOff, by: switched(
		Entry{Class: Decide, Says: "Ingresses have no certificate in common any more: each has one of its own", Do: "name the Secret of its certificate in each Ingress, spec.tls[].secretName, and put that into the gateway's namespace"},
		Entry{Class: Dropped, Says: "an Ingress has TLS when its own spec.tls names a Secret"})},
	{path: "global.imagePullPolicy", is: text, by: func(h *helm, w written) {
		h.everyGateway("imagePullPolicy", w.value)
		h.toIstiod(w, "global.imagePullPolicy", w.value, Entry{})
	}},
	{path: "global.imagePullSecrets", is: sequence, by: func(h *helm, w written) {
		var names []any
		for _, name := range texts(w.value) {
			names = append(names, tree{"name": name})
		}
		if len(names) == 0 {
			h.say(w, Entry{Class: Dropped, Says: "it is empty"})
			return
		}
		h.everyGateway("imagePullSecrets", names)
		h.toIstiod(w, "global.imagePullSecrets", w.value, Entry{})
	}},
	{path: "global.controlPlaneSecurityEnabled", is: onOff, by: switched(
		Entry{Class: Dropped, Says: "proxies always speak TLS with istiod, on port 15012: there is no other way"},
		Entry{Class: Changed, Says: "proxies always speak TLS with istiod, on port 15012: it cannot be turned off", Do: "let pods reach istiod's ports 15012 and 15017 through NetworkPolicies and, on EKS, the nodes' security group"})},
	{path: "global.disablePolicyChecks", is: onOff, by: switched(
		Entry{Class: Dropped, Says: "there is no Mixer that would check requests"},
		Entry{Class: Decide, Says: noMixer, Do: doWithoutMixer})},
	{path: "global.policyCheckFailOpen", is: onOff, by: switched(
		Entry{Class: Decide, Says: "each proxy enforces AuthorizationPolicies by itself, so nothing fails open", Do: "where an external authorizer decides, say failOpen: true of its provider (meshConfig.extensionProviders)"},
		Entry{Class: Dropped, Says: "each proxy enforces AuthorizationPolicies by itself, so nothing fails open"})},
	{path: "global.enableTracing", is: onOff, by: enableTracing},
	{path: "global.mtls.enabled", is: onOff, by: meshMTLS},
	{path: "global.arch", is: mapping, whole: true, class: Decide, says: "pods of Istio are scheduled wherever there is an image for the node, which is amd64 and arm64",
		do: "give istiod and each gateway an affinity of their own (values affinity, by the label kubernetes.io/arch) where nodes of one kind are to stay free of them"},
	{path: "global.oneNamespace", is: onOff, by: oneNamespace},
	{path: "global.configValidation", is: onOff, by: validates},
	{path: "global.meshExpansion", is: onOff, by: expansion},
	{path: "global.meshExpansionILB", is: onOff, by: expansion},
	{path: "global.defaultResources", is: mapping, whole: true, to: "global.defaultResources"},
	{path: "global.hyperkube.hub", is: text, class: Dropped, says: noJobs},
	{path: "global.hyperkube.tag", is: text, class: Dropped, says: noJobs},
	{path: "global.priorityClassName", is: text, by: func(h *helm, w written) {
		h.everyGateway("priorityClassName", w.value)
		h.toIstiod(w, "global.priorityClassName", w.value, Entry{})
	}},
	{path: "global.crds", is: onOff, class: Dropped, says: "chart base installs Istio's kinds, in every case"},
	{path: "global.istioNamespace", is: text, by: func(h *helm, w written) {
		if w.value == h.namespace {
			h.say(w, Entry{Class: Mapped, Became: "the namespace of the releases"})
			return
		}
		h.say(w, Entry{Class: Decide, Says: fmt.Sprintf("it is not the namespace that this is migrated for, which is %s", h.namespace), Do: "name the namespace of the control plane with --namespace"})
	}},
	{path: "global.omitSidecarInjectorConfigMap", is: onOff, to: "global.omitSidecarInjectorConfigMap"},
	{path: "global.nodePort", class: Dropped, says: unread},
	{path: "global.refreshInterval", class: Dropped, says: unread},
	{path: "nameOverride", is: text, class: Dropped, says: "it named labels of the old release's own objects"},
	{path: "istiotesting.oneNameSpace", class: Dropped, says: unread},
}

const (
	noMixer        = "there is no Mixer: rules, quotas, denials and lists of its adapters are not enforced by anything"
	doWithoutMixer = "write AuthorizationPolicies for what was denied or listed, and local rate limits for quotas; proxies give the metrics themselves"
	noJobs         = "no job runs after the installation any more"
	unread         = "no template of the old chart read it"
)

// hub leaves out the registries of Istio's own releases.
func hub(h *helm, w written) {
	switch registry := fmt.Sprint(w.value); registry {
	case "docker.io/istio", "istio", "gcr.io/istio-release", "docker.io/istionightly":
		h.say(w, Entry{Class: Dropped, Says: "each chart names the registry of its own release"})
	default:
		h.toIstiod(w, "global.hub", w.value, Entry{
			Class: Changed, Says: "istiod's image and that of all proxies are pulled from there, in their new versions",
			Do: fmt.Sprintf("copy the images pilot and proxyv2 of %s to %s first", h.to.Product, registry),
		})
	}
}

// ingressSelector names the gateway of Ingresses: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig
func ingressSelector(h *helm, w written) {
	if !h.isTrue("ingress.enabled", false) {
		h.say(w, Entry{Class: Dropped, Says: "Istio 1.0 read it where ingress.enabled was true, and it is not"})
		return
	}
	h.ingressClass(fmt.Sprint(w.value))
	h.say(w, Entry{Class: Mapped, Became: "istiod, meshConfig.ingressSelector and meshConfig.ingressService"})
}

func (h *helm) ingressClass(selector string) {
	set(h.istiod, "meshConfig.ingressSelector", selector)
	set(h.istiod, "meshConfig.ingressService", "istio-"+selector)
}

// meshMTLS makes the policy that took the place of MeshPolicy default.
func meshMTLS(h *helm, w written) {
	if !isTrue(w.value) {
		h.say(w, unsaidMTLS)
		return
	}
	h.make("proxies take mutual TLS alone, in the whole mesh", tree{
		"apiVersion": "security.istio.io/" + h.to.IstioAPI(), "kind": "PeerAuthentication",
		"metadata": tree{"name": "default", "namespace": h.namespace}, "spec": tree{"mtls": tree{"mode": "STRICT"}},
	})
	h.say(w, Entry{
		Class: Changed, Became: "PeerAuthentication " + h.namespace + "/default, spec.mtls.mode: STRICT",
		Says: "callers need no DestinationRule for it: they use mutual TLS with whoever has a proxy. One that names subsets and has no tls took it away from its host, and does not any more",
		Do:   "delete the DestinationRules default (of *.local) and api-server that the old chart made: the first of them would use mutual TLS with those who have no proxy too",
	})
}

// unsaidMTLS is what happens unless mutual TLS is asked for: https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/
var unsaidMTLS = Entry{
	Class: Changed, Says: "proxies take plain text too, as before, but use mutual TLS with each other by themselves",
	Do: "nothing has to be done for it; a PeerAuthentication STRICT takes away plain text when all callers have proxies",
}

func oneNamespace(h *helm, w written) {
	if !isTrue(w.value) {
		h.say(w, Entry{Class: Dropped, Says: "istiod sees all namespaces"})
		return
	}
	h.toIstiod(w, "meshConfig.discoverySelectors", []any{tree{"matchLabels": tree{"kubernetes.io/metadata.name": h.namespace}}}, Entry{
		Class: Changed, Says: "proxies know the Services of that namespace alone, as before; but istiod has permissions for all, and puts sidecars wherever a namespace or pod has the label",
		Do: "add the labels of other namespaces that are to belong to the mesh",
	})
}

// validates keeps the validation that somebody may have turned off for a webhook that was slow to start.
func validates(h *helm, w written) {
	if isTrue(w.value) {
		h.toIstiod(w, "global.configValidation", true, Entry{})
		return
	}
	h.say(w, keptValidation)
}

// keptValidation is about a mesh without it.
var keptValidation = Entry{
	Class: Changed, Says: "istiod itself validates what is applied, and it stays on: without it a mistake in an object is seen when requests go wrong",
	Do: "let the API server reach istiod's port 15017 (on EKS, in the nodes' security group); to turn it off all the same, set global.configValidation=false of chart istiod",
}

func expansion(h *helm, w written) {
	if !isTrue(w.value) {
		h.say(w, Entry{Class: Dropped, Says: "no virtual machines were to join"})
		return
	}
	h.say(w, Entry{
		Class: Decide, Says: "virtual machines join in another way: an east-west gateway lets them reach istiod, and each is registered",
		Do: "install a gateway for them (chart gateway, with networkGateway; ports 15012, 15017 and 15443), write WorkloadGroups, and make each machine's files with istioctl x workload entry configure",
	})
}

// statsdHost is where sidecars found a collector that was given by its name.
func (h *helm) statsdHost(host string) string {
	if strings.Contains(host, ".") {
		return host
	}
	return host + "." + h.namespace
}
