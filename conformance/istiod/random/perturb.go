package random

import (
	"reflect"
	"slices"
	"strings"
)

// fault makes exactly one change, if there is one that Istio takes.
func (g *generator) fault() {
	for range 30 {
		if g.perturb() {
			return
		}
	}
}

// perturb changes, adds, removes or moves one thing in the bundle, unless nothing comes of it that Istio takes.
func (g *generator) perturb() bool {
	i := g.below(len(g.objects))
	if apiVersion := text(g.objects[i], "apiVersion"); !strings.Contains(apiVersion, "istio.io") && g.chance(70) {
		return false // mostly of Istio's kinds
	}
	o := copied(g.objects[i])
	switch g.odds(55, 22, 10, 11, 2) {
	case 0:
		g.change(o)
	case 1:
		if at := places(rest(o)); len(at) > 0 {
			pick(g.dice, at...).remove(o)
		}
	case 2:
		if kindOf(o) != "Namespace" {
			metaOf(o)["namespace"] = g.namespace()
			if g.chance(4) { // forgotten
				delete(metaOf(o), "namespace")
			}
		}
	case 3:
		g.extend(o)
	default:
		if len(g.objects) > 2 {
			g.objects = slices.Delete(g.objects, i, i+1)
			return true
		}
	}
	if reflect.DeepEqual(o, g.objects[i]) || refused(o) || !sound(o) || identity(o) != identity(g.objects[i]) && g.taken[identity(o)] {
		return false
	}
	g.taken[identity(o)] = true
	g.objects[i] = o
	return true
}

// rival adds a copy of an object under another name or in another namespace, with a change.
func (g *generator) rival() {
	all := g.of("ServiceEntry", "DestinationRule", "VirtualService", "Gateway", "Sidecar", "PeerAuthentication")
	if len(all) == 0 {
		return
	}
	original := pick(g.dice, all...)
	g.draw(func() object {
		o := copied(original)
		if g.chance(60) {
			metaOf(o)["namespace"] = g.namespace()
		}
		switch g.odds(50, 30, 20) {
		case 0:
			g.change(o)
		case 1:
			g.extend(o)
		}
		return o
	})
}

// rest is an object without what it is known by.
func rest(o object) object {
	r := object{}
	for key, value := range o {
		if !slices.Contains([]string{"apiVersion", "kind", "metadata"}, key) {
			r[key] = value
		}
	}
	return r
}

// sound tells whether the API server would take an object of another kind than Istio's, as far as it may be spoilt.
func sound(o object) bool {
	switch kindOf(o) {
	case "Service":
		var names []string
		for _, p := range items(specOf(o), "ports") {
			if number(p, "port") == 0 || slices.Contains(names, text(p, "name")) {
				return false
			}
			names = append(names, text(p, "name"))
		}
		return len(names) > 0 || text(specOf(o), "externalName") != ""
	case "Deployment", "StatefulSet":
		pod := child(o, "spec", "template", "metadata", "labels")
		for key, value := range child(o, "spec", "selector", "matchLabels") {
			if pod[key] != value {
				return false
			}
		}
		return specOf(o)["template"] != nil
	case "Route":
		return text(child(o, "spec", "to"), "name") != "" && text(specOf(o), "host") != ""
	case "RoleBinding":
		return len(child(o, "roleRef")) == 3 && (len(items(o, "subjects")) == 0 || len(items(o, "subjects")[0]) == 3)
	}
	return true
}

// change gives one value of an object another, of the same meaning where that is known.
func (g *generator) change(o object) {
	var scalars []place
	for _, at := range places(rest(o)) {
		switch at.get(o).(type) {
		case object, list:
		default:
			scalars = append(scalars, at)
		}
	}
	for range 8 {
		if len(scalars) == 0 {
			return
		}
		at := pick(g.dice, scalars...)
		old := at.get(o)
		if value := g.another(kindOf(o), at, old); value != nil && value != old {
			at.set(o, value)
			return
		}
	}
}

// another is a value for a place that holds one.
func (g *generator) another(kind string, at place, old any) any {
	switch old := old.(type) {
	case bool:
		return !old
	case int:
		if at.key() == "weight" {
			return pick(g.dice, 0, 1, 50, 100)
		}
		return g.anotherPort()
	case string:
		return g.anotherText(kind, at, old)
	}
	return nil
}

func (g *generator) anotherPort() int {
	if g.chance(40) {
		return g.portOf()
	}
	return g.port()
}

func (g *generator) anotherText(kind string, at place, old string) any {
	switch key := at.key(); key {
	case "host", "hosts", "sni", "sniHosts", "subjectAltNames", "authority", "Host", ":authority":
		return g.anotherHost(old)
	case "externalName":
		return pick(g.dice, outside...)
	case "protocol":
		if kind != "Service" {
			return g.protocol(g.port())
		}
		return nil
	case "resolution":
		return pick(g.dice, "NONE", "DNS", "STATIC", "DNS_ROUND_ROBIN")
	case "location":
		return pick(g.dice, "MESH_EXTERNAL", "MESH_INTERNAL")
	case "mode":
		switch kind {
		case "PeerAuthentication":
			return pick(g.dice, "STRICT", "PERMISSIVE", "DISABLE", "UNSET")
		case "Gateway":
			return pick(g.dice, "PASSTHROUGH", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL", "AUTO_PASSTHROUGH", "OPTIONAL_MUTUAL")
		case "Sidecar":
			return pick(g.dice, "REGISTRY_ONLY", "ALLOW_ANY")
		}
		return pick(g.dice, "DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL")
	case "credentialName", "caCertCredentialName":
		return pick(g.dice, "ext-credential", "web-credential", "ext-credential-cacert", "nowhere")
	case "exportTo":
		return pick(g.dice, ".", "*", "shop", "other", "istio-egress")
	case "gateways":
		return pick(g.dice, append(texts(object{"names": g.gatewayNames("shop")}, "names"), "mesh", "egress", "shop/egress")...)
	case "namespace", "sourceNamespace":
		return g.namespace()
	case "subset":
		return g.subset()
	case "caCertificates":
		return pick(g.dice, "system", "/etc/certs/ca.crt")
	case "address", "addresses", "destinationSubnets":
		return pick(g.dice, "240.0.0.5", "203.0.113.7", "10.9.0.0/24", "backend.other.example", "10.1.0.1")
	case "prefix", "exact", "uri":
		return pick(g.dice, paths...)
	case "name":
		if kind == "Service" {
			return pick(g.dice, "http", "tcp", "https", "web", "grpc", "tls")
		}
		return pick(g.dice, old+"-x", "v1", "ext", "http")
	case "app", "version", "istio":
		return pick(g.dice, "web", "client", "v1", "v2", egressPod, ingressPod, "legacy")
	case "sidecar.istio.io/inject":
		return pick(g.dice, "true", "false")
	case "mesh":
		return "outboundTrafficPolicy: {mode: ALLOW_ANY}\n"
	case "clusterIP", "type", "termination", "insecureEdgeTerminationPolicy", "tls.crt", "tls.key", "ca.crt", "verbs", "apiGroups",
		"resources", "apiGroup", "kind", "inject.istio.io/templates":
		return nil // of which nobody would take another
	default:
		return old + "-x"
	}
}

// anotherHost is another, or the same otherwise written.
func (g *generator) anotherHost(old string) string {
	_, domain, dotted := strings.Cut(old, ".")
	switch g.odds(45, 15, 15, 15, 10) {
	case 1:
		if dotted {
			return "*." + domain
		}
	case 2:
		if first, inside := strings.CutSuffix(old, ".svc.cluster.local"); inside {
			name, _, _ := strings.Cut(first, ".")
			return pick(g.dice, name, first, first+".svc")
		}
	case 3:
		return "www." + strings.TrimPrefix(old, "*.")
	case 4:
		return strings.ToUpper(old)
	}
	return g.host("shop")
}

// extend adds a field that the kind may have to an object.
func (g *generator) extend(o object) {
	spec := specOf(o)
	switch kindOf(o) {
	case "ServiceEntry":
		switch g.below(5) {
		case 0:
			spec["exportTo"] = g.exportTo()
		case 1:
			spec["addresses"] = list{pick(g.dice, "240.0.0.5", "10.9.0.0/24")}
		case 2:
			spec["endpoints"] = g.endpoints(g.endpointIP)
		case 3:
			spec["ports"] = prepended(g.entryPorts()[0], spec["ports"])
		default:
			spec["hosts"] = prepended(g.entryHosts()[0], spec["hosts"])
		}
	case "DestinationRule":
		switch g.below(4) {
		case 0:
			spec["exportTo"] = g.exportTo()
		case 1:
			spec["workloadSelector"] = object{"matchLabels": g.labels()}
		case 2:
			spec["subsets"] = g.subsets()
		default:
			spec["trafficPolicy"] = g.policy(50)
		}
	case "VirtualService":
		g.extendRoutes(spec, namespaceOf(o))
	case "Gateway":
		s := g.server(namespaceOf(o))
		child(s, "port")["name"] = "more"
		spec["servers"] = prepended(s, spec["servers"])
	case "PeerAuthentication":
		spec["selector"] = object{"matchLabels": g.labels()}
	case "Sidecar":
		spec["workloadSelector"] = object{"labels": g.labels()}
	case "Deployment":
		child(spec, "template", "metadata", "labels")["version"] = "v2"
	}
}

// prepended is a list with one more item, or only that where there was none.
func prepended(first, others any) list {
	rest, _ := others.(list)
	return append(list{first}, rest...)
}

func (g *generator) extendRoutes(spec object, namespace string) {
	gateways, _ := spec["gateways"].(list)
	routes := append(append(items(spec, "http"), items(spec, "tls")...), items(spec, "tcp")...)
	switch g.below(4) {
	case 0:
		spec["exportTo"] = g.exportTo()
	case 1:
		spec["gateways"] = prepended("mesh", spec["gateways"])
	case 2:
		if len(items(spec, "http")) > 0 {
			g.adjust(items(spec, "http")[0], namespace)
		}
	default:
		if len(routes) > 0 {
			for _, m := range items(pick(g.dice, routes...), "match") {
				g.limit(m, gateways, 60)
			}
		}
	}
}
