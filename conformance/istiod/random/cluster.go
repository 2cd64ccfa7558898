package random

import (
	_ "embed"
	"slices"
)

// A key pair for any purpose. It is in no mesh, and whoever has it can do nothing with it.
var (
	//go:embed certificate.pem
	certificatePEM string
	//go:embed key.pem
	keyPEM string
)

// client adds a workload that calls others, once, and returns it as judge names it.
func (g *generator) client(namespace string) string {
	if !g.taken["Deployment "+namespace+"/client"] {
		g.workload(namespace, "client", object{"app": "client"})
	}
	return namespace + "/client"
}

// workload adds a Deployment, mostly with a sidecar.
func (g *generator) workload(namespace, name string, labels object) {
	labels = copied(labels)
	annotations := object{}
	switch g.odds(62, 20, 8, 5, 5) {
	case 0:
		labels["sidecar.istio.io/inject"] = "true"
	case 1:
		g.injecting(namespace)
	case 2:
		labels["sidecar.istio.io/inject"] = "false"
	case 3:
		g.injecting(namespace)
		annotations["sidecar.istio.io/inject"] = "false"
	}
	if g.chance(2) {
		annotations[pick(g.dice, "traffic.sidecar.istio.io/excludeOutboundPorts", "traffic.sidecar.istio.io/excludeInboundPorts")] = pick(g.dice, "443", "8080")
	}
	meta := object{"labels": labels}
	if len(annotations) > 0 {
		meta["annotations"] = annotations
	}
	spec := object{}
	if g.chance(30) {
		spec["serviceAccountName"] = name
	}
	if g.chance(20) {
		spec["containers"] = list{object{"name": "app", "image": "app", "ports": list{object{"name": "web", "containerPort": 8080}}}}
	}
	g.deployment(pick(g.dice, "Deployment", "Deployment", "Deployment", "Deployment", "StatefulSet"), namespace, name, meta, spec)
}

// injecting adds the Namespace, mostly as one whose pods get sidecars.
func (g *generator) injecting(namespace string) {
	labels := object{"istio-injection": "enabled"}
	switch g.odds(85, 10, 5) {
	case 1:
		labels = object{"istio.io/rev": "default"}
	case 2:
		labels = object{"istio-injection": "disabled"}
	}
	o := kubernetes("v1", "Namespace", "", namespace, nil)
	metaOf(o)["labels"] = labels
	g.once(o)
}

func (g *generator) deployment(kind, namespace, name string, template, pod object) {
	selector := object{}
	for key, value := range child(template, "labels") {
		if key == "app" || key == "istio" {
			selector[key] = value
		}
	}
	spec := object{"selector": object{"matchLabels": selector}, "template": object{"metadata": template, "spec": pod}}
	if g.chance(1) {
		spec["replicas"] = 0
	}
	g.put(kubernetes("apps/v1", kind, namespace, name, object{"spec": spec}))
}

// servicePort is a port of a Service, with the same port of the pod where target is nil.
func servicePort(name string, port int, target any) object {
	p := object{"name": name, "port": port}
	if target != nil {
		p["targetPort"] = target
	}
	return p
}

// service adds a Service with ports, and mostly the workload behind it, which is labelled app=name.
func (g *generator) service(namespace, name string, ports ...object) {
	if g.taken["Service "+namespace+"/"+name] {
		return
	}
	spec := object{"selector": object{"app": name}, "ports": anys(ports)}
	if g.chance(4) {
		delete(spec, "selector")
	}
	if g.chance(7) {
		spec["clusterIP"] = "None"
	}
	o := kubernetes("v1", "Service", namespace, name, object{"spec": spec})
	if g.chance(4) {
		metaOf(o)["annotations"] = object{"networking.istio.io/exportTo": pick(g.dice, ".", "*", "shop", "~", "other,istio-ingress")}
	}
	g.put(o)
	if !g.chance(92) {
		return
	}
	if g.chance(70) {
		g.workload(namespace, name, object{"app": name})
		return
	}
	g.workload(namespace, name, object{"app": name, "version": "v1"})
	g.workload(namespace, name+"-v2", object{"app": name, "version": "v2"})
}

// anyPorts are those of a Service that nothing is known of.
func (g *generator) anyPorts() []object {
	var all []object
	var names, numbers []any
	for range g.odds(60, 30, 10) + 1 {
		number := g.port()
		name := pick(g.dice, "http", "http", "http-web", "http2", "grpc", "tcp", "tcp-db", "web", "tls", "https", "mysql", "grpc-web", "mongo")
		switch {
		case number == 443 || number == 8443:
			name = pick(g.dice, "https", "tls", "tls-web", "https", name)
		case number == 5432 || number == 3306:
			name = pick(g.dice, "tcp", "postgres", "tcp-db", name)
		}
		if slices.Contains(names, any(name)) || slices.Contains(numbers, any(number)) {
			continue
		}
		names, numbers = append(names, name), append(numbers, number)
		p := servicePort(name, number, pick[any](g.dice, nil, nil, nil, 8080, 8443, "web"))
		if g.chance(8) {
			p["appProtocol"] = pick(g.dice, "http", "https", "tcp", "grpc", "kubernetes.io/h2c", "tls")
		}
		all = append(all, p)
	}
	if len(all) == 1 && g.chance(8) {
		delete(all[0], "name")
	}
	if g.chance(2) {
		all[0]["protocol"] = "UDP"
	}
	return all
}

// anyService adds a Service of the pool.
func (g *generator) anyService() {
	namespace := pick(g.dice, "shop", "shop", "shop", "other", "other", "istio-system")
	name := pick(g.dice, "web", "web", "api", "db")
	if g.chance(4) {
		g.once(externalName(namespace, name+"-ext", pick(g.dice, "ext.example", "api.ext.example", "web.shop.svc.cluster.local", egressService), g.anyPorts()))
		return
	}
	g.service(namespace, name, g.anyPorts()...)
}

func externalName(namespace, name, of string, ports []object) object {
	return kubernetes("v1", "Service", namespace, name, object{"spec": object{"type": "ExternalName", "externalName": of, "ports": anys(ports)}})
}

// gateway adds a gateway of Istio's charts, once: egress or ingress.
func (g *generator) gateway(which string) {
	namespace, name, label := "istio-"+which, "istio-"+which+"gateway", which+"gateway"
	if g.taken["Service "+namespace+"/"+name] {
		return
	}
	ports := list{servicePort("http2", 80, 8080), servicePort("https", 443, 8443)}
	if g.chance(15) {
		ports = append(ports, pick(g.dice, servicePort("tls", 15443, 15443), servicePort("tcp-db", 5432, nil), servicePort("http-alt", 8080, 8081)))
	}
	g.put(kubernetes("v1", "Service", namespace, name, object{"spec": object{"selector": object{"istio": label}, "ports": ports}}))
	g.deployment("Deployment", namespace, name, object{
		"labels": object{"istio": label}, "annotations": object{"inject.istio.io/templates": "gateway"},
	}, object{"serviceAccountName": name})
	if g.chance(93) {
		g.grant(namespace, name)
	}
}

// grant lets a ServiceAccount list the Secrets of its namespace.
func (g *generator) grant(namespace, account string) {
	g.once(kubernetes("rbac.authorization.k8s.io/v1", "Role", namespace, account, object{
		"rules": list{object{"apiGroups": list{""}, "resources": list{"secrets"}, "verbs": list{"get", "watch", "list"}}},
	}))
	g.once(kubernetes("rbac.authorization.k8s.io/v1", "RoleBinding", namespace, account, object{
		"roleRef":  object{"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": account},
		"subjects": list{object{"kind": "ServiceAccount", "name": account, "namespace": namespace}},
	}))
}

// secret adds a credential, complete or with a key too few.
func (g *generator) secret(namespace, name string) {
	keys := object{"tls.crt": certificatePEM, "tls.key": keyPEM, "ca.crt": certificatePEM}
	switch g.odds(78, 8, 4, 5, 5) {
	case 1:
		delete(keys, "ca.crt")
	case 2:
		delete(keys, "tls.key")
	case 3:
		name += "-cacert"
		keys = object{"ca.crt": certificatePEM}
	case 4: // the keys of a generic Secret
		keys = object{"cert": certificatePEM, "key": keyPEM, "cacert": certificatePEM}
	}
	g.once(kubernetes("v1", "Secret", namespace, name, object{"stringData": keys}))
}
