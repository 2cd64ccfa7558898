package migrate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// A gateway is one that the old operator installed with its control plane, and that is installed by itself now.
type gateway struct {
	plane     *plane
	name      string
	which     string // ingress or egress
	namespace string
	keys      []string // where it is written, under spec
	written   bool

	labels      tree // of pods and Service, by which Gateways and the Service choose them
	annotations tree // of the Service
	service     tree // spec
	deployment  tree // spec, without what is always there
	pod         tree // spec, likewise
	podLabels   tree
	podNotes    tree // annotations
	container   tree
	autoscaler  tree // spec
	route       bool
	between     bool // it takes calls of another mesh
}

// gateways installs those that the control plane did: two unless told not to, and others that are asked for. Where the
// files do not hold the control plane, those that they lead to.
func (m *migration) gateways(p *plane) {
	block := getMap(p.spec, "gateways")
	for _, key := range sorted(block) {
		m.gatewayBlock(p, key, block[key])
	}
	off := isFalse(block["enabled"])
	for _, which := range []string{"ingress", "egress"} {
		written := getMap(block, which)
		g := m.newGateway(p, "istio-"+which+"gateway", which, []string{"gateways", which}, written)
		switch {
		case off || isFalse(written["enabled"]):
			if len(written) > 0 {
				m.tell(Entry{Class: Dropped, Says: "the control plane did not install it"}, p.object, g.field())
			}
		case p.object == nil && !m.ledTo(g):
		default:
			m.install(g, written)
		}
		for _, name := range sorted(getMap(block, which2[which])) {
			keys := []string{"gateways", which2[which], name}
			written := getMap(block, which2[which], name)
			g := m.newGateway(p, name, which, keys, written)
			if off || !isTrue(written["enabled"]) {
				m.tell(Entry{Class: Dropped, Says: "the control plane did not install it: it is not enabled"}, p.object, g.field())
				continue
			}
			if m.federationGateway(g) {
				continue
			}
			m.install(g, written)
		}
	}
}

var which2 = map[string]string{"ingress": "additionalIngress", "egress": "additionalEgress"}

// gatewayBlock names the settings that are of no single gateway.
func (m *migration) gatewayBlock(p *plane, key string, value any) {
	switch key {
	case "ingress", "egress", "additionalIngress", "additionalEgress":
	case "enabled":
		says := "gateways are installed by themselves, as objects of these files"
		if isFalse(value) {
			says = "the control plane installed no gateways, and nobody does now"
		}
		m.tell(Entry{Class: Dropped, Says: says}, p.object, "spec.gateways.enabled")
	case "openshiftRoute":
		says := "Routes are written in these files: the operator makes none of Gateways"
		if isFalse(get(p.spec, "gateways", "openshiftRoute", "enabled")) {
			says = "the operator made no Routes of Gateways, and nobody does now"
		}
		m.tell(Entry{Class: Dropped, Says: says}, p.object, "spec.gateways.openshiftRoute")
	default:
		m.unknown(p, field{[]string{"gateways", key}, value})
	}
}

// newGateway is a gateway as the old charts have it without settings.
// https://github.com/maistra/istio-operator resources/helm/v2.5/gateways
func (m *migration) newGateway(p *plane, name, which string, keys []string, written tree) *gateway {
	g := &gateway{
		plane: p, name: name, which: which, namespace: cmp.Or(getText(written, "namespace"), p.namespace), keys: keys, written: written != nil,
		labels: tree{"app": name, "istio": which + "gateway"}, annotations: tree{}, service: tree{"type": "ClusterIP"},
		deployment: tree{}, pod: tree{}, podLabels: tree{}, podNotes: tree{}, container: tree{}, route: which == "ingress",
	}
	ports := []any{tree{"name": "http2", "port": 80, "targetPort": 8080}, tree{"name": "https", "port": 443, "targetPort": 8443}}
	if which == "ingress" {
		ports = append([]any{tree{"name": "status-port", "port": 15021, "targetPort": 15021}}, ports...)
	}
	g.service["ports"] = ports
	return g
}

func (g *gateway) field() string { return field{keys: g.keys}.name() }

// account is the gateway's identity, which certificates and policies name.
func (g *gateway) account() string { return g.name + "-service-account" }

// ledTo tells whether the files count on a gateway.
func (m *migration) ledTo(g *gateway) bool {
	return slices.ContainsFunc(m.in, func(o *bundle.Object) bool {
		switch t := o.Tree(); {
		case is(o, "networking.istio.io", "Gateway"):
			return selects(getMap(t, "spec", "selector"), g.labels)
		case o.Kind == "Route":
			return o.Namespace == g.namespace && getText(t, "spec", "to", "name") == g.name
		}
		return strings.Contains(string(o.JSON), `"`+g.name+"."+g.namespace+".svc.")
	})
}

func selects(selector, labels tree) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return len(selector) > 0
}

// install reads what is written of a gateway, and makes its objects.
func (m *migration) install(g *gateway, written tree) {
	m.walkGateway(g, nil, written)
	if g.between {
		g.betweenMeshes()
	}
	says := fmt.Sprintf("%s/%s is installed by itself, with the name, labels, ports and identity (%s) that it had", g.namespace, g.name, g.account())
	do := "while the old control plane is there, switch its own off first (" + g.field() + ".enabled: false), or it puts its own back; a Service of type LoadBalancer that is made anew may get another address"
	if g.plane.object != nil && !m.ledTo(g) {
		do += "; nothing in these files leads to it: leave it out if nothing else does"
	}
	e := Entry{Class: Changed, Became: "Deployment, Service, ServiceAccount, Role and RoleBinding in " + g.namespace, Says: says, Do: do}
	if g.autoscaler == nil && g.deployment["replicas"] == nil {
		e.Do += "; it has one pod, where the old operator's autoscaler had one to five"
	}
	if g.plane.object != nil {
		m.tell(e, g.plane.object, g.field())
	} else {
		e.Object = bundle.ID{APIVersion: "maistra.io/v2", Kind: "ServiceMeshControlPlane", Namespace: g.plane.namespace, Name: "(not in the files)"}
		e.Field, e.Class = "", Decide
		e.Says += "; the files do not hold the control plane, so what it says of the gateway is not known"
		e.Do = "give the control plane too (oc get smcp -n " + g.plane.namespace + " -o yaml), or see that ports, labels and replicas are those that the gateway has"
		m.entries = append(m.entries, e)
	}
	m.gatewayObjects(g)
}

// betweenMeshes leaves the port of calls, and that by which balancers see that the gateway is well.
func (g *gateway) betweenMeshes() {
	list, _ := g.service["ports"].([]any)
	ports := []any{tree{"name": "status-port", "port": 15021, "targetPort": 15021}}
	for _, item := range list {
		if port, _ := item.(tree); fmt.Sprint(port["port"]) == fmt.Sprint(callPort) {
			ports = append(ports, port)
		}
	}
	g.service["ports"], g.route = ports, false
	delete(g.container, "env") // the Gateway's mode says how it leads calls
}

// gatewayObjects makes them. istiod fills in the proxy where a pod asks for the template "gateway".
func (m *migration) gatewayObjects(g *gateway) {
	what := "the " + g.which + " gateway"
	if g.name != "istio-"+g.which+"gateway" {
		what = "gateway " + g.name
	}
	meta := func(name string) tree { return tree{"namespace": g.namespace, "name": name} }
	rbac := "rbac.authorization.k8s.io"
	m.make("the identity of "+what, tree{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta(g.account())})
	m.make(what+" may read the Secrets that its Gateways and DestinationRules name", tree{
		"apiVersion": rbac + "/v1", "kind": "Role", "metadata": meta(g.name + "-sds"),
		"rules": []any{tree{"apiGroups": []any{""}, "resources": []any{"secrets"}, "verbs": []any{"get", "watch", "list"}}},
	})
	m.make("binds that permission to "+what, tree{
		"apiVersion": rbac + "/v1", "kind": "RoleBinding", "metadata": meta(g.name + "-sds"),
		"roleRef":  tree{"apiGroup": rbac, "kind": "Role", "name": g.name + "-sds"},
		"subjects": []any{tree{"kind": "ServiceAccount", "name": g.account(), "namespace": g.namespace}},
	})
	pods := m.make("the pods of "+what+"; istiod fills in the proxy", tree{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": with(meta(g.name), "labels", g.labels), "spec": g.podsSpec(),
	})
	service := meta(g.name)
	if len(g.annotations) > 0 {
		service["annotations"] = g.annotations
	}
	address := m.make("the address of "+what, tree{
		"apiVersion": "v1", "kind": "Service", "metadata": with(service, "labels", g.labels), "spec": with(g.service, "selector", g.labels),
	})
	if g.written {
		m.installed = append(m.installed, pods, address)
	}
	m.reached(g)
	if g.autoscaler != nil {
		m.make("how many pods "+what+" has", tree{"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta(g.name), "spec": g.autoscaler})
	}
	if g.route && g.plane.object != nil {
		m.ownRoute(g)
	}
}

func (g *gateway) podsSpec() tree {
	labels, notes := tree{"sidecar.istio.io/inject": "true"}, tree{"inject.istio.io/templates": "gateway"}
	if g.plane.istio != "default" {
		labels["istio.io/rev"] = g.plane.istio
	}
	join(labels, g.labels)
	join(labels, g.podLabels)
	join(notes, g.podNotes)
	container := tree{
		"name": "istio-proxy", "image": "auto", "ports": g.containerPorts(),
		"securityContext": tree{
			"allowPrivilegeEscalation": false, "capabilities": tree{"drop": []any{"ALL"}}, "privileged": false,
			"readOnlyRootFilesystem": true, "runAsNonRoot": true,
		},
	}
	join(container, g.container)
	pod := tree{"serviceAccountName": g.account(), "containers": []any{container}}
	join(pod, g.pod)
	spec := tree{
		"selector": tree{"matchLabels": g.labels},
		"template": tree{"metadata": tree{"labels": labels, "annotations": notes}, "spec": pod},
	}
	join(spec, g.deployment)
	return spec
}

// containerPorts are the ports that the Service leads to.
func (g *gateway) containerPorts() []any {
	list, _ := g.service["ports"].([]any)
	var all []any
	for _, item := range list {
		port, _ := item.(tree)
		number := port["targetPort"]
		if number == nil {
			number = port["port"]
		}
		if _, named := number.(string); named || number == nil {
			continue
		}
		one := tree{"containerPort": number, "name": port["name"]}
		if name := getText(port, "name"); len(name) > 15 || name == "" { // what a pod takes
			delete(one, "name")
		}
		if protocol := getText(port, "protocol"); protocol != "" && protocol != "TCP" {
			one["protocol"] = protocol
		}
		if !slices.ContainsFunc(all, func(other any) bool { return other.(tree)["containerPort"] == number }) {
			all = append(all, one)
		}
	}
	return all
}

func with(t tree, key string, value any) tree {
	t[key] = value
	return t
}
