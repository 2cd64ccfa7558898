package random

// expose adds an ingress gateway's Gateway and the Service that is exposed.
func expose(g *generator, s object) (gateway string) {
	g.gateway("ingress")
	namespace := pick(g.dice, "istio-ingress", "istio-ingress", "shop")
	g.put(gatewayOf(namespace, "web", ingressPod, s))
	if namespace == "shop" && g.chance(50) {
		return "web"
	}
	return namespace + "/web"
}

// web is the Service web.shop with a port for HTTP, and that port.
func (g *generator) web() int {
	port := pick(g.dice, 80, 8080, 8080, 9080)
	g.service("shop", "web", servicePort(pick(g.dice, "http", "http-web", "web"), port, pick[any](g.dice, nil, 8080)))
	return port
}

// exposeHTTP: plain HTTP from outside to a Service.
func exposeHTTP(g *generator) {
	host := pick(g.dice, outside...)
	port := g.web()
	gateway := expose(g, server(pick(g.dice, 80, 8080), "HTTP", pick(g.dice, host, host, "*"), nil))
	g.put(istio("VirtualService", "shop", "web", object{
		"hosts": list{host}, "gateways": list{gateway},
		"http": list{object{"match": list{object{"uri": object{"prefix": "/v1"}}}, "route": to(g.form("web", "shop", "shop"), port)}},
	}))
	g.ask("outside", "http://"+host+"/v1/items")
	g.ask("outside", "http://"+host+"/")
}

// exposeTLS: TLS from outside ends at the gateway.
func exposeTLS(g *generator) {
	host := pick(g.dice, outside...)
	port := g.web()
	mode := pick(g.dice, "SIMPLE", "SIMPLE", "MUTUAL")
	gateway := expose(g, server(pick(g.dice, 443, 8443), "HTTPS", host, object{"mode": mode, "credentialName": "web-credential"}))
	g.secret("istio-ingress", "web-credential")
	route := object{"route": to(g.form("web", "shop", "shop"), port)}
	if g.chance(40) {
		route["match"] = list{object{"uri": object{"prefix": "/"}}}
	}
	g.put(istio("VirtualService", "shop", "web", object{"hosts": list{host}, "gateways": list{gateway}, "http": list{route}}))
	g.ask("outside", "https://"+host)
	if mode == "MUTUAL" && g.chance(70) {
		g.asked[len(g.asked)-1].Credential = "the caller's"
	}
	g.ask("outside", "http://"+host)
	if g.chance(4) {
		g.openshift(host)
	}
}

// exposeRedirect: plain HTTP from outside is answered with the address for TLS.
func exposeRedirect(g *generator) {
	host := pick(g.dice, outside...)
	port := g.web()
	gateway := expose(g, server(80, "HTTP", host, object{"httpsRedirect": true}))
	g.put(gatewayOf("istio-ingress", "web-tls", ingressPod, server(443, "HTTPS", host, object{"mode": "SIMPLE", "credentialName": "web-credential"})))
	g.secret("istio-ingress", "web-credential")
	gateways := list{gateway, "istio-ingress/web-tls"}
	g.put(istio("VirtualService", "shop", "web", object{"hosts": list{host}, "gateways": gateways, "http": list{object{"route": to(g.form("web", "shop", "shop"), port)}}}))
	g.ask("outside", "http://"+host)
	g.ask("outside", "https://"+host)
}

// answered: a route that leads nowhere, since the proxy answers by itself.
func answered(g *generator) {
	host, port := "web.shop.svc.cluster.local", 0
	if g.chance(60) {
		port = g.web()
	} else {
		host, port = pick(g.dice, outside...), 80
		g.put(entry("shop", host, "DNS", entryPort(80, "HTTP")))
	}
	answer := object{"redirect": object{"uri": pick(g.dice, "/", "/v2"), "redirectCode": pick(g.dice, 301, 302)}}
	switch g.odds(40, 20, 40) {
	case 0:
		answer = object{"directResponse": object{"status": pick(g.dice, 200, 403, 503), "body": object{"string": "closed"}}}
	case 1:
		answer["redirect"] = object{"scheme": "https", "authority": host}
	}
	routes := list{answer}
	if g.chance(70) {
		answer["match"] = list{object{"uri": object{pick(g.dice, "prefix", "exact"): "/v1"}}}
		routes = append(routes, object{"route": to(host, port)})
	}
	g.put(istio("VirtualService", "shop", "answered", object{"hosts": list{host}, "http": routes}))
	from := g.client("shop")
	g.ask(from, callTo("http", host, port)+"/v1")
	g.ask(from, callTo("http", host, port)+pick(g.dice, "/v1/items", "/other"))
}

// openshift adds a Route to the ingress gateway.
func (g *generator) openshift(host string) {
	spec := object{"host": host, "to": object{"kind": "Service", "name": "istio-ingressgateway"}, "port": object{"targetPort": pick(g.dice, "https", "https", "http2")}}
	if termination := pick(g.dice, "passthrough", "passthrough", "edge", "reencrypt", ""); termination != "" {
		tls := object{"termination": termination}
		if g.chance(30) {
			tls["insecureEdgeTerminationPolicy"] = pick(g.dice, "Redirect", "None")
		}
		spec["tls"] = tls
	}
	g.put(kubernetes("route.openshift.io/v1", "Route", "istio-ingress", short(host), object{"spec": spec}))
}

// exposePassthrough: TLS from outside ends at the workload.
func exposePassthrough(g *generator) {
	host := pick(g.dice, outside...)
	g.service("shop", "web", servicePort(pick(g.dice, "https", "tls"), 8443, nil))
	gateway := expose(g, server(443, pick(g.dice, "TLS", "HTTPS"), host, object{"mode": "PASSTHROUGH"}))
	g.put(istio("VirtualService", "shop", "web", object{
		"hosts": list{host}, "gateways": list{gateway},
		"tls": list{object{"match": list{object{"port": 443, "sniHosts": list{host}}}, "route": to(g.form("web", "shop", "shop"), 8443)}},
	}))
	g.ask("outside", "https://"+host)
	g.ask(g.client("other"), "https://web.shop:8443")
}

// redirectOut: calls of a Service of the mesh are answered by a host outside.
func redirectOut(g *generator) {
	host := pick(g.dice, outside...)
	from := g.client("shop")
	port := g.web()
	g.put(entry("shop", host, "DNS", object{"number": 80, "name": "http", "protocol": "HTTP", "targetPort": 443}))
	tls, credential := g.originating(host, "shop")
	r := rule("shop", host, g.onPort(80, tls))
	if credential {
		specOf(r)["workloadSelector"] = object{"matchLabels": object{"app": "client"}}
		g.grant("shop", "default")
	}
	g.put(r)
	route := object{"rewrite": object{"authority": host}, "route": to(host, 80)}
	if g.chance(30) {
		delete(route, "rewrite")
		route["headers"] = object{"request": object{"set": object{pick(g.dice, "Host", ":authority", "host"): host}}}
	}
	g.put(istio("VirtualService", "shop", "redirect", object{"hosts": list{g.form("web", "shop", "shop")}, "http": list{route}}))
	g.ask(from, callTo("http", "web", port))
	g.ask(from, callTo("http", "web.shop.svc.cluster.local", port))
}

// canary: two versions of a Service by weight.
func canary(g *generator) {
	from := g.client(pick(g.dice, "shop", "other"))
	port := g.web()
	host := g.form("web", "shop", "shop")
	for _, version := range []string{"v1", "v2"} {
		if name := "web-" + version; g.chance(95) {
			g.workload("shop", name, object{"app": "web", "version": version})
		}
	}
	g.put(istio("DestinationRule", "shop", "web", object{"host": host, "subsets": list{
		object{"name": "v1", "labels": object{"version": "v1"}}, object{"name": "v2", "labels": object{"version": "v2"}},
	}}))
	g.put(istio("VirtualService", "shop", "web", object{"hosts": list{host}, "http": list{
		object{
			"match": list{object{"headers": object{"x-version": object{"exact": "v2"}}}},
			"route": list{object{"destination": object{"host": host, "subset": "v2"}}},
		},
		object{"route": list{
			object{"destination": object{"host": host, "subset": "v1"}, "weight": 90},
			object{"destination": object{"host": host, "subset": "v2"}, "weight": 10},
		}},
	}}))
	g.ask(from, callTo("http", "web.shop", port))
	g.ask(from, callTo("http", "web.shop", port))
	g.asked[len(g.asked)-1].Headers = map[string]string{"x-version": "v2"}
}

// delegated: one VirtualService has the host, others have its paths.
func delegated(g *generator) {
	port := g.web()
	host := "web.shop.svc.cluster.local"
	other := pick(g.dice, "shop", "other")
	g.put(istio("VirtualService", "shop", "root", object{"hosts": list{host}, "http": list{
		object{"match": list{object{"uri": object{"prefix": "/v1"}}}, "delegate": object{"name": "v1", "namespace": other}},
		object{"route": to(host, port)},
	}}))
	route := object{"route": to(host, port), "rewrite": object{"uri": "/"}}
	if g.chance(60) {
		route["match"] = list{object{"uri": object{"prefix": pick(g.dice, "/v1", "/v1/items", "/v2")}}}
	}
	g.put(istio("VirtualService", other, "v1", object{"http": list{route}}))
	from := g.client(pick(g.dice, "shop", "other"))
	g.ask(from, callTo("http", host, port)+"/v1/items")
	g.ask(from, callTo("http", host, port)+"/")
}

// meshWide: mutual TLS for everything inside, by a rule of the root namespace and a PeerAuthentication.
func meshWide(g *generator) {
	port := g.web()
	g.put(istio("DestinationRule", "istio-system", "default", object{
		"host":          pick(g.dice, "*.local", "*.cluster.local", "*.svc.cluster.local", "*"),
		"trafficPolicy": object{"tls": object{"mode": pick(g.dice, "ISTIO_MUTUAL", "ISTIO_MUTUAL", "DISABLE")}},
	}))
	g.peerAuthentication("istio-system", "default", pick(g.dice, "STRICT", "STRICT", "PERMISSIVE", "DISABLE"))
	if g.chance(40) {
		g.service("other", "api", servicePort("http", 8080, nil))
		g.put(rule("other", g.form("api", "other", "other"), object{"tls": object{"mode": pick(g.dice, "DISABLE", "ISTIO_MUTUAL", "SIMPLE")}}))
		g.ask(g.client("shop"), "http://api.other:8080")
	}
	g.ask(g.client("shop"), callTo("http", "web", port))
	g.ask(g.client("other"), callTo("http", "web.shop", port))
}

func (g *generator) peerAuthentication(namespace, name, mode string) {
	g.put(object{
		"apiVersion": securityV1, "kind": "PeerAuthentication",
		"metadata": object{"namespace": namespace, "name": name}, "spec": object{"mtls": object{"mode": mode}},
	})
}

// headless: a Service without an address, or one that is another name of something.
func headless(g *generator) {
	from := g.client(pick(g.dice, "shop", "other"))
	if g.chance(40) {
		of := pick(g.dice, "ext.example", "ext.example", "api.ext.example", "web.shop.svc.cluster.local")
		protocol := pick(g.dice, "http", "tcp", "https")
		g.once(externalName("shop", "ext", of, []object{servicePort(protocol, 80, nil)}))
		if g.chance(50) {
			g.put(entry("shop", of, "DNS", entryPort(80, "HTTP")))
		}
		g.ask(from, "http://ext.shop")
		return
	}
	port := servicePort(pick(g.dice, "http", "tcp-db", "postgres", "web"), pick(g.dice, 5432, 8080), nil)
	g.service("shop", "db", port)
	for _, s := range g.of("Service") {
		if nameOf(s) == "db" {
			specOf(s)["clusterIP"] = "None"
		}
	}
	g.ask(from, callTo(pick(g.dice, "tcp", "http"), "db.shop.svc.cluster.local", number(port, "port")))
}

// internal: what is of the mesh and not of Kubernetes.
func internal(g *generator) {
	from := g.client("shop")
	host := pick(g.dice, "db.legacy.svc.cluster.local", "other.example", "legacy.shop.svc.cluster.local")
	port, scheme := entryPort(8080, "HTTP"), "http"
	if g.chance(40) {
		port, scheme = entryPort(5432, "TCP"), "tcp"
	}
	e := entry(pick(g.dice, "shop", "other"), host, "STATIC", port)
	specOf(e)["location"] = "MESH_INTERNAL"
	if scheme == "tcp" || g.chance(30) {
		specOf(e)["addresses"] = list{"240.0.0.9"}
	}
	labels := object{"app": "legacy"}
	switch g.odds(50, 35, 15) {
	case 0:
		endpoint := object{"address": "10.7.0.1", "labels": labels}
		if g.chance(40) {
			endpoint["serviceAccount"] = "legacy"
			child(endpoint, "labels")["security.istio.io/tlsMode"] = "istio"
		}
		specOf(e)["endpoints"] = list{endpoint}
	case 1:
		specOf(e)["workloadSelector"] = object{"labels": labels}
		g.put(istio("WorkloadEntry", namespaceOf(e), "legacy", object{"address": "10.7.0.2", "labels": labels, "serviceAccount": "legacy"}))
	default:
		specOf(e)["workloadSelector"] = object{"labels": labels}
		g.workload(namespaceOf(e), "legacy", labels)
	}
	g.put(e)
	if g.chance(30) {
		g.put(rule(namespaceOf(e), host, object{"tls": object{"mode": pick(g.dice, "ISTIO_MUTUAL", "DISABLE", "SIMPLE")}}))
	}
	g.ask(from, callTo(scheme, host, number(port, "number")))
}
