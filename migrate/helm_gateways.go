package migrate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// helmGateways are the values of gateways, which had names that anybody chose, and of the older one for Ingresses.
var helmGateways = slices.Concat(
	[]helmValue{{path: "gateways.enabled", is: onOff, class: Mapped, says: "each gateway is a release of its own"}},
	gatewayValues("gateways.*.", "labels=labels serviceAnnotations=annotations loadBalancerIP=loadBalancerIP type=type externalTrafficPolicy=externalTrafficPolicy ports=ports"),
	[]helmValue{
		{path: "gateways.*.namespace", is: text, by: inGateway(func(*helm, *release, written) Entry {
			return Entry{Class: Mapped, Became: "the namespace of its release"}
		})},
		{path: "gateways.*.secretVolumes", is: sequence, by: inGateway(secretVolumes)},
		{path: "gateways.*.configVolumes", is: sequence, by: inGateway(configVolumes)},
		{path: "gateways.*.additionalContainers", is: sequence, by: inGateway(func(h *helm, g *release, w written) Entry {
			return Entry{Class: Decide, Says: "the chart of a gateway adds containers since Istio 1.28, and these were written for a pod of 1.0", Do: "see whether they are still needed, and give them to the release as additionalContainers"}
		})},
	},
	gatewayValues("ingress.", "service.selector=labels service.annotations=annotations service.loadBalancerIP=loadBalancerIP service.type=type service.externalTrafficPolicy=externalTrafficPolicy service.ports=ports"),
)

// gatewayValues are those that both kinds of gateways have, in their own words.
func gatewayValues(at, names string) []helmValue {
	to := map[string]string{"labels": "labels", "annotations": "service.annotations", "loadBalancerIP": "service.loadBalancerIP", "type": "service.type", "externalTrafficPolicy": "service.externalTrafficPolicy"}
	all := []helmValue{
		{path: at + "enabled", is: onOff, by: inGateway(func(h *helm, g *release, w written) Entry {
			return Entry{Class: Mapped, Became: "release " + g.name + " of chart gateway"}
		})},
		{path: at + "replicaCount", is: number, by: inGateway(func(h *helm, g *release, w written) Entry {
			e := g.put("replicaCount", w.value)
			e.Class, e.Says, e.Do = Changed, "while the gateway is scaled by its load the number is not heeded", "set autoscaling.minReplicas instead, or autoscaling.enabled=false"
			return e
		})},
		{path: at + "autoscaleMin", is: number, by: inGateway(putTo("autoscaling.minReplicas"))},
		{path: at + "autoscaleMax", is: number, by: inGateway(putTo("autoscaling.maxReplicas"))},
		{path: at + "cpu.targetAverageUtilization", is: number, by: inGateway(putTo("autoscaling.targetCPUUtilizationPercentage"))},
		{path: at + "resources", is: mapping, whole: true, by: inGateway(gatewayResources)},
	}
	for name := range strings.FieldsSeq(names) {
		old, new, _ := strings.Cut(name, "=")
		v := helmValue{path: at + old, is: text, whole: true}
		switch new {
		case "ports":
			v.is, v.by = sequence, inGateway(gatewayPorts)
		default:
			if new == "labels" || new == "annotations" {
				v.is = mapping
			}
			v.by = inGateway(putTo(to[new]))
		}
		all = append(all, v)
	}
	return all
}

// A release is a gateway's at work.
type release struct {
	name, namespace string
	installed       bool
	why             string // it is not
	values          tree
}

func (g *release) put(path string, value any) Entry {
	set(g.values, path, value)
	return Entry{Class: Mapped, Became: g.name + ", " + path}
}

// inGateway does what by says, for gateways that are installed.
func inGateway(by func(*helm, *release, written) Entry) func(*helm, written) {
	return func(h *helm, w written) {
		g := h.ingress
		if w.keys[0] == "gateways" {
			g = h.gateways[w.keys[1]]
		}
		if !g.installed {
			e := Entry{Class: Dropped, Says: g.why}
			if g.name == "istio-ilbgateway" && isTrue(w.value) && w.keys[2] == "enabled" {
				e = Entry{Class: Decide, Says: "it let virtual machines reach Pilot and Citadel, and both are no more", Do: "install an east-west gateway (chart gateway, with networkGateway) where machines are to join"}
			}
			h.say(w, e)
			return
		}
		h.say(w, by(h, g, w))
	}
}

func putTo(path string) func(*helm, *release, written) Entry {
	return func(_ *helm, g *release, w written) Entry { return g.put(path, w.value) }
}

// gatewayResources are text: the schema of chart gateway takes no number for an amount, as the old chart did.
func gatewayResources(_ *helm, g *release, w written) Entry {
	amounts := tree{}
	for kind, of := range getMap(tree{"": w.value}, "") {
		for name, amount := range getMap(tree{"": of}, "") {
			set(amounts, kind, tree{name: fmt.Sprint(amount)})
		}
	}
	return g.put("resources", amounts)
}

// findGateways lists the gateways that the old release had, with what the chart gave them by itself and today's does not.
func (h *helm) findGateways() {
	all, _ := h.values["gateways"].(tree)
	names := sorted(all)
	for name := range oldGateways {
		names = append(names, name)
	}
	for _, name := range names {
		if _, isGateway := all[name].(tree); isGateway || oldGateways[name] != nil {
			h.gateways[name] = h.gateway(name, all)
		}
	}
	ingress := &release{name: "istio-ingress", namespace: h.namespace, why: "the gateway for Ingresses was not installed", values: tree{}}
	if ingress.installed = h.isTrue("ingress.enabled", false); ingress.installed {
		ingress.preset(oldGateway{account: "istio-ingress-service-account", service: "LoadBalancer", ports: []any{port("http", 80), port("https", 443)}})
		if !h.isSet("global.k8sIngressSelector") {
			h.ingressClass("ingress")
		}
	}
	h.ingress = ingress
}

func (h *helm) gateway(name string, all tree) *release {
	old := cmp.Or(oldGateways[name], &oldGateway{off: true})
	g := &release{name: name, namespace: cmp.Or(getText(all, name, "namespace"), h.namespace), values: tree{}}
	on := !old.off
	if said, ok := get(all, name, "enabled").(bool); ok {
		on = said
	}
	switch {
	case !h.isTrue("gateways.enabled", true):
		g.why = "gateways.enabled is false, so no gateway was installed"
	case name == "istio-ilbgateway":
		g.why = "it let virtual machines reach Pilot and Citadel, and both are no more"
	case !on:
		g.why = "the gateway was not installed"
	default:
		g.installed = true
		old.account = name + "-service-account"
		g.preset(*old)
	}
	return g
}

// An oldGateway is what the old chart gave a gateway by itself.
type oldGateway struct {
	off              bool
	account, service string
	ports            []any
	// certificates begins the names of Secrets and of the folders in which the gateway has them.
	certificates string
}

// oldGateways are those that the old chart had names for.
var oldGateways = map[string]*oldGateway{
	"istio-ingressgateway": {service: "LoadBalancer", ports: []any{port("http2", 80), port("https", 443), port("tcp", 31400)}, certificates: "ingressgateway"},
	"istio-egressgateway":  {service: "ClusterIP", ports: []any{port("http2", 80), port("https", 443)}, certificates: "egressgateway"},
	"istio-ilbgateway":     {off: true},
}

func port(name string, number int) any { return tree{"name": name, "port": number, "protocol": "TCP"} }

// statusPort is where load balancers ask whether a gateway is ready.
var statusPort = port("status-port", 15021)

func (g *release) preset(old oldGateway) {
	set(g.values, "serviceAccount.name", old.account) // what AuthorizationPolicies know it by
	if old.service != "" {
		set(g.values, "service.type", old.service)
	}
	if old.ports != nil {
		set(g.values, "service.ports", append([]any{statusPort}, old.ports...))
	}
	if c := old.certificates; c != "" {
		for _, which := range []string{"-certs", "-ca-certs"} {
			g.mount(c+which, tree{"secret": tree{"secretName": "istio-" + c + which, "optional": true}}, "/etc/istio/"+c+which)
		}
	}
}

// mount adds a volume. Chart gateway has them since Istio 1.18.
func (g *release) mount(name string, source tree, path string) {
	volumes, _ := g.values["volumes"].([]any)
	mounts, _ := g.values["volumeMounts"].([]any)
	source["name"] = name
	g.values["volumes"] = append(volumes, source)
	if path != "" {
		g.values["volumeMounts"] = append(mounts, tree{"name": name, "mountPath": path, "readOnly": true})
	}
}

func secretVolumes(_ *helm, g *release, w written) Entry {
	delete(g.values, "volumes")
	delete(g.values, "volumeMounts")
	list, _ := w.value.([]any)
	for _, item := range list {
		v, _ := item.(tree)
		g.mount(getText(v, "name"), tree{"secret": tree{"secretName": get(v, "secretName"), "optional": true}}, getText(v, "mountPath"))
	}
	return Entry{
		Class: Changed, Became: g.name + ", volumes and volumeMounts", Says: "a certificate in a file is read again when it changes, but a new Secret needs a new release",
		Do: "name Secrets in Gateways by credentialName where they are TLS servers: no volume is needed then",
	}
}

// configVolumes had no place in the container: the old chart mounted Secrets alone.
func configVolumes(_ *helm, g *release, w written) Entry {
	list, _ := w.value.([]any)
	for _, item := range list {
		v, _ := item.(tree)
		g.mount(getText(v, "name"), tree{"configMap": tree{"name": get(v, "configMapName"), "optional": true}}, "")
	}
	return Entry{Class: Mapped, Became: g.name + ", volumes"}
}

// gatewayPorts leaves out those that led to the old components.
func gatewayPorts(h *helm, g *release, w written) Entry {
	gone := map[string]string{"15011": "Pilot", "15010": "Pilot", "8060": "Citadel", "853": "the cluster's DNS", "15030": "Prometheus", "15031": "Grafana"}
	ports := []any{statusPort}
	var left []string
	list, _ := w.value.([]any)
	for _, item := range list {
		p, isMap := item.(tree)
		if !isMap {
			h.faults = append(h.faults, fmt.Errorf("%s: %s: %v is not a map with port and name", h.position(w.keys), w.name(), item))
			continue
		}
		number := fmt.Sprint(p["port"])
		switch what := gone[number]; {
		case what != "":
			left = append(left, number+" ("+what+")")
		case number == "15021":
		default:
			ports = append(ports, p)
		}
	}
	e := g.put("service.ports", ports)
	e.Says = "15021 comes first, where load balancers ask whether the gateway is ready"
	if len(left) > 0 {
		e.Class, e.Says = Changed, e.Says+"; left out, as nothing behind the gateway answers there: "+strings.Join(left, ", ")
	}
	return e
}

// everyGateway sets a value of all gateways, which have no values in common.
func (h *helm) everyGateway(path string, value any) {
	for _, g := range h.installed() {
		g.put(path, value)
	}
}

// installed are the gateways that there were.
func (h *helm) installed() []*release {
	var all []*release
	for _, name := range sorted(h.gateways) {
		if h.gateways[name].installed {
			all = append(all, h.gateways[name])
		}
	}
	if h.ingress.installed {
		all = append(all, h.ingress)
	}
	return all
}
