package random

import "fmt"

// virtualService is any VirtualService.
func (g *generator) virtualService() object {
	namespace := g.namespace()
	gateways := g.gatewayNames(namespace)
	var hosts list
	main := g.anAddress()
	hosts = append(hosts, g.in(main, namespace))
	if g.chance(25) {
		hosts[0] = g.host(namespace)
	}
	for g.chance(15) {
		if more := g.host(namespace); more != hosts[0] {
			hosts = append(hosts, more)
		}
	}
	if g.chance(3) {
		hosts = list{pick(g.dice, "*", "203.0.113.9", "240.0.0.5")}
	}
	spec := object{"hosts": hosts}
	if gateways != nil {
		spec["gateways"] = gateways
	}
	weights := []int{70, 15, 10, 5}
	switch main.protocol {
	case "TLS", "HTTPS", "tls", "https":
		weights = []int{15, 70, 10, 5}
	case "TCP", "MONGO", "tcp", "mysql", "mongo", "postgres":
		weights = []int{10, 10, 75, 5}
	}
	switch g.odds(weights...) {
	case 0:
		spec["http"] = g.httpRoutes(namespace, gateways)
	case 1:
		spec["tls"] = g.tlsRoutes(namespace, hosts, gateways)
	case 2:
		spec["tcp"] = g.tcpRoutes(namespace, gateways)
	default:
		spec["http"] = g.httpRoutes(namespace, gateways)
		spec["tls"] = g.tlsRoutes(namespace, hosts, gateways)
		if g.chance(50) {
			spec["tcp"] = g.tcpRoutes(namespace, gateways)
		}
	}
	if g.chance(15) {
		spec["exportTo"] = g.exportTo()
	}
	if g.chance(4) { // to be delegated to
		delete(spec, "hosts")
		delete(spec, "gateways")
		spec["http"] = g.httpRoutes(namespace, nil)
		delete(spec, "tls")
		delete(spec, "tcp")
	}
	return istio("VirtualService", namespace, fmt.Sprintf("route-%d", len(g.objects)), spec)
}

// gatewayNames are what a VirtualService is bound to, or nil.
func (g *generator) gatewayNames(namespace string) list {
	var names []string
	for _, o := range g.of("Gateway") {
		full := namespaceOf(o) + "/" + nameOf(o)
		names = append(names, full)
		if namespaceOf(o) == namespace {
			names = append(names, nameOf(o))
		}
	}
	if len(names) == 0 || g.chance(4) {
		names = []string{pick(g.dice, "nowhere", "istio-egress/egress")}
		if g.chance(85) {
			return pick(g.dice, nil, nil, nil, list{"mesh"})
		}
	}
	switch g.odds(30, 8, 32, 30) {
	case 0:
		return nil
	case 1:
		return list{"mesh"}
	case 2:
		return anys(some(g.dice, 1+g.odds(90, 10), names...))
	default:
		return list{"mesh", pick(g.dice, names...)}
	}
}

// destination is where a route leads, from a namespace.
func (g *generator) destination(from string) object {
	a := g.anAddress()
	host := g.in(a, from)
	if g.chance(45) { // a route may lead to a wildcard as well
		host = g.concrete(host)
	}
	d := object{"host": host}
	if g.chance(80) {
		d["port"] = object{"number": a.port}
	}
	if g.chance(18) {
		d["subset"] = g.subset()
	}
	return d
}

// subset is one that some rule has, or that none has.
func (g *generator) subset() string {
	var names []string
	for _, o := range g.of("DestinationRule") {
		for _, s := range items(specOf(o), "subsets") {
			names = append(names, text(s, "name"))
		}
	}
	if len(names) == 0 || g.chance(8) {
		return pick(g.dice, "v1", "v2", "ext")
	}
	return pick(g.dice, names...)
}

// destinations are the weighted ways of a route.
func (g *generator) destinations(from string, http bool) list {
	if g.chance(80) {
		one := object{"destination": g.destination(from)}
		if g.chance(5) {
			one["weight"] = 100
		}
		if http && g.chance(5) {
			one["headers"] = g.headerOperations()
		}
		return list{one}
	}
	weights := pick(g.dice, []int{90, 10}, []int{50, 50}, []int{100, 0}, []int{1, 1}, []int{70, 20, 10})
	var all list
	for _, w := range weights {
		one := object{"destination": g.destination(from), "weight": w}
		if http && g.chance(6) {
			one["headers"] = g.headerOperations()
		}
		all = append(all, one)
	}
	return all
}

func (g *generator) headerOperations() object {
	change := object{}
	switch g.odds(35, 30, 20, 15) {
	case 0:
		change["set"] = object{pick(g.dice, "Host", "host", ":authority"): pick(g.dice, outside...)}
	case 1:
		change["set"] = object{pick(g.dice, "x-version", "x-user"): "v2"}
	case 2:
		change["add"] = object{"x-version": "v2"}
	default:
		change["remove"] = list{pick(g.dice, "x-version", "x-user")}
	}
	return object{pick(g.dice, "request", "request", "request", "request", "response"): change}
}

func (g *generator) tlsRoutes(namespace string, hosts, gateways list) list {
	var all list
	for range 1 + g.odds(65, 30, 5) {
		route := object{"route": g.destinations(namespace, false)}
		var matches list
		for range 1 + g.odds(85, 15) {
			names := hosts
			if g.chance(25) {
				names = list{g.concrete(pick(g.dice, texts(object{"hosts": hosts}, "hosts")...))}
			}
			m := object{"sniHosts": copied(names)}
			g.limit(m, gateways, 50)
			if g.chance(5) {
				m["destinationSubnets"] = list{pick(g.dice, "240.0.0.5", "10.9.0.0/24", "203.0.113.0/24")}
			}
			matches = append(matches, m)
		}
		route["match"] = matches
		all = append(all, route)
	}
	return all
}

func (g *generator) tcpRoutes(namespace string, gateways list) list {
	var all list
	for range 1 + g.odds(70, 25, 5) {
		route := object{"route": g.destinations(namespace, false)}
		if g.chance(75) {
			m := object{}
			g.limit(m, gateways, 70)
			if g.chance(12) {
				m["destinationSubnets"] = list{pick(g.dice, "240.0.0.5", "10.9.0.0/24", "203.0.113.0/24")}
			}
			if g.chance(2) {
				m["sourceSubnet"] = "10.1.0.0/16"
			}
			route["match"] = list{m}
		}
		all = append(all, route)
	}
	return all
}

// limit adds the conditions that matches of all protocols have, on the port in so many of a hundred.
func (g *generator) limit(m object, gateways list, port int) {
	if g.chance(port) {
		m["port"] = g.portOf()
		if g.chance(15) {
			m["port"] = g.port()
		}
	}
	if len(gateways) > 0 && g.chance(45) {
		m["gateways"] = list{pick(g.dice, gateways...)}
	} else if g.chance(3) {
		m["gateways"] = list{"mesh"}
	}
	if g.chance(7) {
		m["sourceLabels"] = g.labels()
	}
	if g.chance(5) {
		m["sourceNamespace"] = pick(g.dice, "shop", "shop", "other", "istio-egress")
	}
}
