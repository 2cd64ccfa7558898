package random

// serviceEntry is any ServiceEntry.
func (g *generator) serviceEntry() object {
	namespace := g.namespace()
	spec := object{"hosts": g.entryHosts(), "ports": g.entryPorts()}
	resolution := []string{"DNS", "STATIC", "NONE", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"}[g.odds(42, 22, 22, 10, 4)]
	if resolution != "NONE" || g.chance(50) {
		spec["resolution"] = resolution
	}
	if l := pick(g.dice, "MESH_EXTERNAL", "MESH_EXTERNAL", "MESH_INTERNAL", "", ""); l != "" {
		spec["location"] = l
	}
	tcp := false
	for _, p := range items(spec, "ports") {
		tcp = tcp || text(p, "protocol") == "TCP"
	}
	if tcp && g.chance(55) || g.chance(12) {
		spec["addresses"] = anys(some(g.dice, 1+g.odds(85, 15), "240.0.0.5", "240.0.0.6", "10.9.0.0/24", "10.9.0.8", "203.0.113.7", "2001:db8::5"))
	}
	switch {
	case resolution == "STATIC" && g.chance(75):
		spec["endpoints"] = g.endpoints(g.endpointIP)
	case resolution == "STATIC" || resolution == "DNS" && g.chance(6):
		spec["workloadSelector"] = object{"labels": object{"app": pick(g.dice, "legacy", "legacy", "web", "db")}}
	case resolution != "NONE" && g.chance(20):
		spec["endpoints"] = g.endpoints(func() string {
			return pick(g.dice, "backend.other.example", "backend.other.example", "ext.example", "203.0.113.9")
		})
	}
	if g.chance(10) {
		spec["subjectAltNames"] = anys(some(g.dice, 1+g.below(2), "ext.example", "spiffe://cluster.local/ns/shop/sa/web", "backend.other.example"))
	}
	if g.chance(25) {
		spec["exportTo"] = g.exportTo()
	}
	return istio("ServiceEntry", namespace, short(spec["hosts"].(list)[0].(string)), spec)
}

func (g *generator) entryHosts() list {
	one := func() string {
		switch g.odds(76, 14, 4, 4, 2) {
		case 0:
			return pick(g.dice, outside...)
		case 1:
			return pick(g.dice, wildcards...)
		case 2:
			return "db.legacy.svc.cluster.local"
		case 3:
			return pick(g.dice, "web.shop.svc.cluster.local", "api.other.svc.cluster.local")
		default:
			return "203.0.113.9"
		}
	}
	hosts := list{one()}
	for g.chance(18) {
		if more := one(); more != hosts[0] {
			hosts = append(hosts, more)
		}
	}
	return hosts
}

func (g *generator) entryPorts() list {
	var all list
	taken := map[int]bool{}
	for range 1 + g.odds(60, 30, 10) {
		number := g.port()
		if taken[number] {
			continue
		}
		taken[number] = true
		protocol := g.protocol(number)
		p := object{"number": number, "name": []string{"http", "https", "tcp", "tls", "port", "web"}[g.below(6)], "protocol": protocol}
		if len(taken) > 1 {
			p["name"] = []string{"", "", "second", "third"}[len(taken)]
		}
		if g.chance(25) {
			p["targetPort"] = pick(g.dice, 443, 443, 8443, 8080, 9080)
		}
		if g.chance(2) {
			delete(p, "protocol")
		}
		all = append(all, p)
	}
	return all
}

// protocol is mostly one that goes with a number.
func (g *generator) protocol(number int) string {
	if g.chance(12) {
		return pick(g.dice, "HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-Web", "TLS", "TCP", "TCP", "MONGO", "UDP", "http", "MYSQL")
	}
	switch number {
	case 443, 8443, 15443:
		return pick(g.dice, "TLS", "HTTPS")
	case 5432, 3306, 27017:
		return "TCP"
	default:
		return pick(g.dice, "HTTP", "HTTP", "HTTP", "HTTP", "HTTP2", "GRPC")
	}
}

func (g *generator) endpointIP() string {
	switch g.odds(80, 12, 4, 4) {
	case 0:
		return pick(g.dice, "203.0.113.7", "203.0.113.8", "10.7.0.1", "10.7.0.2")
	case 1:
		return pick(g.dice, "10.1.0.1", "10.1.0.2", "10.1.0.3") // pods of the world have such
	case 2:
		return "240.0.0.5"
	default:
		return pick(g.dice, "2001:db8::9", "unix:///var/run/app.sock")
	}
}

func (g *generator) endpoints(address func() string) list {
	var all list
	for range 1 + g.odds(60, 30, 10) {
		e := object{"address": address()}
		g.describe(e)
		all = append(all, e)
	}
	return all
}

// describe adds to an endpoint what may be said of one.
func (g *generator) describe(e object) {
	if g.chance(15) {
		e["ports"] = object{pick(g.dice, "http", "https", "port", "tcp", "tls"): pick(g.dice, 8080, 8443, 5432)}
	}
	if g.chance(25) {
		e["labels"] = object{pick(g.dice, "version", "app"): pick(g.dice, "v1", "v2", "legacy")}
	}
	if g.chance(8) {
		labels := child(e, "labels")
		labels["security.istio.io/tlsMode"] = pick(g.dice, "istio", "istio", "disabled")
		e["labels"] = labels
	}
	if g.chance(10) {
		e["weight"] = pick(g.dice, 1, 2, 10)
	}
	if g.chance(5) {
		e["locality"] = pick(g.dice, "region1/zone1", "region2/zone1/sub")
	}
	if g.chance(3) {
		e["network"] = pick(g.dice, "network1", "vm")
	}
	if g.chance(8) {
		e["serviceAccount"] = pick(g.dice, "web", "legacy")
	}
}

// workloadEntry is any WorkloadEntry.
func (g *generator) workloadEntry(namespace string) object {
	spec := object{"address": g.endpointIP()}
	if g.chance(10) {
		spec["address"] = "vm.other.example"
	}
	g.describe(spec)
	if g.chance(75) {
		spec["labels"] = object{"app": pick(g.dice, "legacy", "legacy", "web", "db")}
		if g.chance(20) {
			child(spec, "labels")["version"] = "v2"
		}
	}
	return istio("WorkloadEntry", namespace, "legacy", spec)
}
