package random

import "github.com/meshscenario/scenario/conformance/istiod/judge"

// templates are objects as people write them together, complete and mostly right, and the requests that they are for.
var templates = []struct {
	weight int
	write  func(*generator)
}{
	{2, originateAtSidecar}, {2, applicationTLS}, {3, originateAtEgress}, {2, passThroughEgress}, {1, tcpThroughEgress},
	{2, exposeHTTP}, {3, exposeTLS}, {2, exposePassthrough}, {1, exposeRedirect}, {2, redirectOut}, {2, canary},
	{1, delegated}, {2, meshWide}, {2, wildcard}, {2, tcpOutside}, {1, headless}, {2, internal}, {2, answered},
}

// template writes one of them.
func (g *generator) template() {
	var weights []int
	for _, t := range templates {
		weights = append(weights, t.weight)
	}
	templates[g.odds(weights...)].write(g)
}

// entry is a ServiceEntry of one host with ports.
func entry(namespace, host, resolution string, ports ...object) object {
	spec := object{"hosts": list{host}, "ports": anys(ports), "resolution": resolution}
	if namespace == "shop" {
		spec["location"] = "MESH_EXTERNAL"
	}
	return istio("ServiceEntry", namespace, short(host), spec)
}

func entryPort(number int, protocol string) object {
	name := map[string]string{"HTTP": "http", "HTTPS": "https", "TLS": "tls", "TCP": "tcp", "GRPC": "grpc", "HTTP2": "http2"}[protocol]
	return object{"number": number, "name": name, "protocol": protocol}
}

// rule is a DestinationRule with a policy for a host.
func rule(namespace, host string, policy object) object {
	spec := object{"host": host}
	if policy != nil {
		spec["trafficPolicy"] = policy
	}
	return istio("DestinationRule", namespace, short(host), spec)
}

// onPort is a policy for all ports, or for one.
func (g *generator) onPort(port int, tls object) object {
	if g.chance(50) {
		return object{"tls": tls}
	}
	return object{"portLevelSettings": list{object{"port": object{"number": port}, "tls": tls}}}
}

// to is a route to one destination.
func to(host string, port int) list {
	return list{object{"destination": object{"host": host, "port": object{"number": port}}}}
}

// originating is the TLS with which somebody calls a host. The credential's Secret, if there is one, is in namespace.
func (g *generator) originating(host, namespace string) (tls object, credential bool) {
	tls = object{"mode": "SIMPLE"}
	switch g.odds(35, 25, 20, 10, 10) {
	case 0:
		tls["caCertificates"] = "system"
	case 1:
		tls["credentialName"] = "ext-credential"
		credential = true
	case 2:
		tls["mode"] = "MUTUAL"
		tls["credentialName"] = "ext-credential"
		credential = true
	case 3:
		tls = object{"mode": "MUTUAL", "clientCertificate": "/etc/certs/tls.crt", "privateKey": "/etc/certs/tls.key", "caCertificates": "/etc/certs/ca.crt"}
	}
	if g.chance(60) {
		tls["sni"] = host
	}
	if g.chance(35) {
		tls["subjectAltNames"] = list{host}
	}
	if credential {
		g.secret(namespace, "ext-credential")
	}
	return tls, credential
}

// listener is what speaks at the end of such TLS: mostly what it is for.
func (g *generator) listener(tls object) string {
	fits := judge.Simple
	if tls["mode"] == "MUTUAL" {
		fits = judge.Mutual
	}
	return pick(g.dice, "", fits, fits, fits, judge.Simple, judge.Mutual)
}

// originateAtSidecar: plain HTTP from the application, TLS from its sidecar.
func originateAtSidecar(g *generator) {
	host := pick(g.dice, outside...)
	from := g.client("shop")
	port := entryPort(80, "HTTP")
	dialled := 80
	if g.chance(80) {
		port["targetPort"] = 443
	}
	ports := []object{port}
	if g.chance(25) {
		ports = append(ports, entryPort(443, "HTTPS"))
	}
	e := entry("shop", host, pick(g.dice, "DNS", "DNS", "DNS_ROUND_ROBIN", "NONE"), ports...)
	if g.chance(30) {
		specOf(e)["exportTo"] = list{"."}
	}
	g.put(e)
	tls, credential := g.originating(host, "shop")
	r := rule("shop", host, g.onPort(dialled, tls))
	if credential || g.chance(15) {
		specOf(r)["workloadSelector"] = object{"matchLabels": object{"app": "client"}}
		g.grant("shop", pick(g.dice, "default", "default", "client"))
	}
	g.put(r)
	if len(ports) == 2 && g.chance(40) { // plain HTTP is sent to the port for TLS by a route
		g.put(istio("VirtualService", "shop", short(host), object{
			"hosts": list{host},
			"http":  list{object{"match": list{object{"port": 80}}, "route": to(host, 443)}},
		}))
	}
	g.ask(from, "http://"+host)
	g.asked[len(g.asked)-1].Server = g.listener(tls)
}

// applicationTLS: the application's own TLS goes out as it is.
func applicationTLS(g *generator) {
	host := pick(g.dice, outside...)
	namespace := pick(g.dice, "shop", "shop", "other", "istio-system")
	g.put(entry(namespace, host, pick(g.dice, "DNS", "DNS", "NONE", "DNS_ROUND_ROBIN"), entryPort(443, pick(g.dice, "TLS", "HTTPS"))))
	if g.chance(30) {
		g.put(istio("VirtualService", namespace, short(host), object{
			"hosts": list{host},
			"tls": list{object{
				"match": list{object{"port": 443, "sniHosts": list{host}}},
				"route": to(host, 443),
			}},
		}))
	}
	from := g.client("shop")
	g.ask(from, "https://"+host)
	g.ask(from, pick(g.dice, "http://"+host, "tls://"+host+":443", "http://"+host+":443"))
}

// egressRule is what people write for the way to the egress gateway: a subset with the mesh's TLS, or with none.
func (g *generator) egressRule(namespace, subset, sni string) {
	s := object{"name": subset}
	if sni != "" {
		tls := object{"mode": "ISTIO_MUTUAL", "sni": sni}
		s["trafficPolicy"] = g.onPort(443, tls)
		if g.chance(20) {
			child(s, "trafficPolicy")["loadBalancer"] = object{"simple": "ROUND_ROBIN"}
		}
	}
	g.put(istio("DestinationRule", namespace, "egress-for-"+subset, object{"host": egressService, "subsets": list{s}}))
}

func server(number int, protocol, host string, tls object) object {
	name := map[string]string{"HTTP": "http", "HTTPS": "https", "TLS": "tls", "TCP": "tcp"}[protocol]
	s := object{"port": object{"number": number, "name": name, "protocol": protocol}, "hosts": list{host}}
	if tls != nil {
		s["tls"] = tls
	}
	return s
}

func gatewayOf(namespace, name, pod string, servers ...object) object {
	return istio("Gateway", namespace, name, object{"selector": object{"istio": pod}, "servers": anys(servers)})
}

// viaEgress is the destination of the mesh's half of a route through the egress gateway.
func viaEgress(subset string, port int) list {
	return list{object{"destination": object{"host": egressService, "subset": subset, "port": object{"number": port}}}}
}

// originateAtEgress: plain HTTP from the application, mutual TLS of the mesh to the egress gateway, TLS from there.
func originateAtEgress(g *generator) {
	host := pick(g.dice, outside...)
	from := g.client("shop")
	g.gateway("egress")
	namespace := pick(g.dice, "istio-egress", "istio-egress", "shop")
	inner := g.chance(70)
	port, sni := 80, ""
	gatewayServer := server(80, "HTTP", host, nil)
	if inner {
		port, sni = 443, host
		gatewayServer = server(443, "HTTPS", host, object{"mode": "ISTIO_MUTUAL"})
	}
	target := pick(g.dice, 80, 443)
	ports := []object{entryPort(80, "HTTP"), entryPort(443, pick(g.dice, "HTTPS", "HTTP", "TLS"))}
	if target == 80 {
		ports = []object{{"number": 80, "name": "http", "protocol": "HTTP", "targetPort": 443}}
	} else {
		ports[1]["name"] = "https"
	}
	e := entry(pick(g.dice, "shop", "istio-egress", "istio-system"), host, "DNS", ports...)
	if g.chance(20) {
		specOf(e)["exportTo"] = list{"shop", "istio-egress"}
	}
	g.put(e)
	g.put(gatewayOf(namespace, "egress", egressPod, gatewayServer))
	g.egressRule(pick(g.dice, "shop", "istio-egress"), "ext", sni)
	name := namespace + "/egress"
	out := object{"match": list{object{"gateways": list{"mesh"}, "port": 80}}, "route": viaEgress("ext", port)}
	on := object{"match": list{object{"gateways": list{name}, "port": port}}, "route": to(host, target)}
	if g.chance(70) {
		g.put(istio("VirtualService", "shop", "via-egress", object{"hosts": list{host}, "gateways": list{name, "mesh"}, "http": list{out, on}}))
	} else {
		delete(out, "match")
		delete(on, "match")
		g.put(istio("VirtualService", "shop", "to-egress", object{"hosts": list{host}, "http": list{out}}))
		g.put(istio("VirtualService", namespace, "from-egress", object{"hosts": list{host}, "gateways": list{name}, "http": list{on}}))
	}
	tls, _ := g.originating(host, "istio-egress")
	g.put(rule(pick(g.dice, "istio-egress", "istio-egress", "istio-egress", "istio-egress", "shop", "istio-system"), host, g.onPort(target, tls)))
	g.ask(from, "http://"+host+"/v1/items")
	g.asked[len(g.asked)-1].Server = g.listener(tls)
}

// passThroughEgress: the application's own TLS by way of the egress gateway, which goes by SNI.
func passThroughEgress(g *generator) {
	host := pick(g.dice, outside...)
	from := g.client("shop")
	g.gateway("egress")
	g.put(entry("shop", host, "DNS", entryPort(443, pick(g.dice, "TLS", "HTTPS"))))
	g.put(gatewayOf("istio-egress", "egress", egressPod, server(443, pick(g.dice, "TLS", "HTTPS"), host, object{"mode": "PASSTHROUGH"})))
	subset := ""
	if g.chance(60) {
		subset = "ext"
		g.egressRule("shop", subset, "")
	}
	out := viaEgress(subset, 443)
	if subset == "" {
		delete(out[0].(object)["destination"].(object), "subset")
	}
	g.put(istio("VirtualService", "shop", "via-egress", object{
		"hosts": list{host}, "gateways": list{"mesh", "istio-egress/egress"},
		"tls": list{
			object{"match": list{object{"gateways": list{"mesh"}, "port": 443, "sniHosts": list{host}}}, "route": out},
			object{"match": list{object{"gateways": list{"istio-egress/egress"}, "port": 443, "sniHosts": list{host}}}, "route": to(host, 443)},
		},
	}))
	g.ask(from, "https://"+host)
	g.ask(from, "http://"+host+":443")
}

// tcpThroughEgress: whatever the application sends, in the mesh's TLS to the egress gateway, and from there as it was.
func tcpThroughEgress(g *generator) {
	host := pick(g.dice, outside...)
	from := g.client("shop")
	g.gateway("egress")
	port, protocol := 443, pick(g.dice, "TLS", "TCP")
	if g.chance(30) {
		port, protocol = 5432, "TCP"
	}
	e := entry("shop", host, "DNS", entryPort(port, protocol))
	if protocol == "TCP" && g.chance(70) {
		specOf(e)["addresses"] = list{"240.0.0.7"}
	}
	g.put(e)
	g.put(gatewayOf("istio-egress", "egress", egressPod, server(443, "TLS", host, object{"mode": "ISTIO_MUTUAL"})))
	g.egressRule("shop", "ext", host)
	spec := object{"hosts": list{host}, "gateways": list{"mesh", "istio-egress/egress"}}
	on := object{"match": list{object{"gateways": list{"istio-egress/egress"}, "port": 443}}, "route": to(host, port)}
	if protocol == "TLS" {
		spec["tls"] = list{object{"match": list{object{"gateways": list{"mesh"}, "port": port, "sniHosts": list{host}}}, "route": viaEgress("ext", 443)}}
		spec["tcp"] = list{on}
		g.ask(from, "https://"+host)
	} else {
		spec["tcp"] = list{object{"match": list{object{"gateways": list{"mesh"}, "port": port}}, "route": viaEgress("ext", 443)}, on}
		g.ask(from, callTo("tcp", host, port))
	}
	g.put(istio("VirtualService", "shop", "via-egress", spec))
}

// wildcard: every name below a domain, with a route or without.
func wildcard(g *generator) {
	pattern := pick(g.dice, wildcards...)
	name := g.concrete(pattern)
	from := g.client("shop")
	e := entry("shop", pattern, "NONE", some(g.dice, 2, entryPort(443, pick(g.dice, "TLS", "HTTPS")), entryPort(80, "HTTP"))...)
	g.put(e)
	g.ask(from, pick(g.dice, "https://", "http://")+name)
	switch g.odds(40, 35, 25) {
	case 0:
		g.put(istio("VirtualService", "shop", "any", object{
			"hosts": list{pattern},
			"tls":   list{object{"match": list{object{"port": 443, "sniHosts": list{pattern}}}, "route": to(pick(g.dice, pattern, name), 443)}},
		}))
	case 1: // to the egress gateway, and from there to one host for all
		g.gateway("egress")
		g.put(entry("shop", name, "DNS", entryPort(443, "TLS")))
		g.put(gatewayOf("istio-egress", "egress", egressPod, server(443, "TLS", pattern, object{"mode": "PASSTHROUGH"})))
		g.put(istio("VirtualService", "shop", "any", object{
			"hosts": list{pattern}, "gateways": list{"mesh", "istio-egress/egress"},
			"tls": list{
				object{"match": list{object{"gateways": list{"mesh"}, "port": 443, "sniHosts": list{pattern}}}, "route": to(egressService, 443)},
				object{"match": list{object{"gateways": list{"istio-egress/egress"}, "port": 443, "sniHosts": list{pattern}}}, "route": to(name, 443)},
			},
		}))
	}
}

// tcpOutside: a database outside, with addresses or without.
func tcpOutside(g *generator) {
	host := pick(g.dice, "db.other.example", "db.other.example", "db.legacy.svc.cluster.local", "ext.example")
	port := pick(g.dice, 5432, 5432, 3306, 443)
	e := entry("shop", host, pick(g.dice, "DNS", "NONE", "NONE", "STATIC"), entryPort(port, "TCP"))
	if g.chance(60) {
		specOf(e)["addresses"] = list{pick(g.dice, "240.0.0.5", "10.9.0.0/24", "203.0.113.7")}
	}
	if text(specOf(e), "resolution") == "STATIC" {
		specOf(e)["endpoints"] = list{object{"address": "203.0.113.7"}, object{"address": "203.0.113.8"}}
	}
	g.put(e)
	from := g.client("shop")
	g.ask(from, callTo("tcp", host, port))
	g.ask(from, callTo("tls", host, port))
	if g.chance(25) {
		tls, _ := g.originating(host, "shop")
		g.put(rule("shop", host, g.onPort(port, tls)))
	}
}
