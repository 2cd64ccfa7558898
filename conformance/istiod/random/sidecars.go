package random

import "strconv"

// sidecar is any Sidecar.
func (g *generator) sidecar() object {
	spec := object{}
	namespace := pick(g.dice, "shop", "shop", "shop", "istio-system", "other")
	if g.chance(30) {
		spec["workloadSelector"] = object{"labels": g.labels()}
	}
	if g.chance(90) {
		var egress list
		if g.chance(25) {
			egress = append(egress, g.egressListener())
		}
		egress = append(egress, object{"hosts": g.sidecarHosts()})
		if g.chance(8) {
			egress = list{g.egressListener()}
		}
		spec["egress"] = egress
	}
	if g.chance(20) {
		spec["outboundTrafficPolicy"] = object{"mode": pick(g.dice, "REGISTRY_ONLY", "ALLOW_ANY")}
	}
	if g.chance(25) {
		spec["ingress"] = list{object{
			"port":            object{"number": pick(g.dice, 8080, 9080, 8443), "protocol": pick(g.dice, "HTTP", "HTTP", "TCP"), "name": "in"},
			"defaultEndpoint": pick(g.dice, "127.0.0.1:8080", "0.0.0.0:8080", "127.0.0.1:9999"),
		}}
	}
	return istio("Sidecar", namespace, pick(g.dice, "default", "only"), spec)
}

func (g *generator) sidecarHosts() list {
	var all list
	for range 1 + g.odds(25, 45, 30) {
		namespace := pick(g.dice, ".", ".", "*", "*", "shop", "other", "istio-system", "istio-egress", "~")
		host := "*"
		if g.chance(40) {
			a := g.anAddress()
			host = a.host
			if a.namespace != "" {
				host = a.host + "." + a.namespace + ".svc.cluster.local"
			}
			if g.chance(15) {
				host = pick(g.dice, wildcards...)
			}
		}
		all = append(all, namespace+"/"+host)
	}
	return all
}

// egressListener is one with a port or a bind of its own.
func (g *generator) egressListener() object {
	l := object{"hosts": g.sidecarHosts()}
	if g.chance(90) {
		number := g.portOf()
		l["port"] = object{"number": number, "protocol": g.protocol(number), "name": "out"}
	}
	if g.chance(25) {
		l["bind"] = pick(g.dice, "127.0.0.1", "0.0.0.0", "10.9.0.8")
	}
	if g.chance(25) {
		l["captureMode"] = pick(g.dice, "DEFAULT", "IPTABLES", "NONE")
	}
	return l
}

// anyPeerAuthentication is any PeerAuthentication.
func (g *generator) anyPeerAuthentication() object {
	namespace := pick(g.dice, "istio-system", "istio-system", "shop", "shop", "other", "istio-egress")
	mode := func() object {
		return object{"mode": pick(g.dice, "STRICT", "STRICT", "PERMISSIVE", "DISABLE", "UNSET")}
	}
	spec := object{}
	if g.chance(85) {
		spec["mtls"] = mode()
	}
	name := "default"
	if namespace != "istio-system" && g.chance(50) {
		name = "workload"
		spec["selector"] = object{"matchLabels": object{"app": pick(g.dice, "web", "web", "api", "db", "client")}}
		if g.chance(50) {
			spec["portLevelMtls"] = object{strconv.Itoa(pick(g.dice, 8080, 80, 8443, 9080)): mode()}
		}
	}
	return object{"apiVersion": securityV1, "kind": "PeerAuthentication", "metadata": object{"namespace": namespace, "name": name}, "spec": spec}
}
