package random

// destinationRule is any DestinationRule.
func (g *generator) destinationRule() object {
	namespace := g.namespace()
	host := g.host(namespace)
	if g.chance(6) {
		host = pick(g.dice, "*.local", "*.svc.cluster.local", "*.shop.svc.cluster.local", "*")
	}
	spec := object{"host": host}
	if g.chance(80) {
		spec["trafficPolicy"] = g.policy(30)
	}
	if g.chance(35) {
		spec["subsets"] = g.subsets()
	}
	if g.chance(20) {
		spec["exportTo"] = g.exportTo()
	}
	if g.chance(12) {
		spec["workloadSelector"] = object{"matchLabels": g.labels()}
		delete(spec, "exportTo") // Istio takes no other with a selector than the own namespace
		if g.chance(15) {
			spec["exportTo"] = list{"."}
		}
		namespace = pick(g.dice, "shop", namespace)
	}
	return istio("DestinationRule", namespace, short(host), spec)
}

// policy is a traffic policy, in so many of a hundred with one of its own for some port.
func (g *generator) policy(ports int) object {
	policy := object{}
	if g.chance(75) {
		policy["tls"] = g.clientTLS()
	}
	if g.chance(ports) {
		var all list
		for _, port := range some(g.dice, 1+g.odds(80, 20), g.portOf(), 80, 443) {
			level := object{"port": object{"number": port}}
			if g.chance(85) {
				level["tls"] = g.clientTLS()
			} else {
				level["loadBalancer"] = object{"simple": "ROUND_ROBIN"}
			}
			all = append(all, level)
		}
		policy["portLevelSettings"] = all
	}
	if g.chance(10) {
		policy["loadBalancer"] = object{"simple": pick(g.dice, "ROUND_ROBIN", "LEAST_REQUEST", "RANDOM", "PASSTHROUGH")}
	}
	return policy
}

// portOf is a port that somebody declares.
func (g *generator) portOf() int { return g.anAddress().port }

func (g *generator) clientTLS() object {
	tls := object{"mode": []string{"SIMPLE", "MUTUAL", "ISTIO_MUTUAL", "DISABLE"}[g.odds(42, 16, 26, 16)]}
	mode := tls["mode"]
	if mode == "DISABLE" && g.chance(80) {
		return tls
	}
	if g.chance(35) {
		tls["sni"] = g.concrete(g.host("shop"))
	}
	if g.chance(20) {
		tls["subjectAltNames"] = anys(some(g.dice, 1+g.below(2), "ext.example", "api.ext.example", "spiffe://cluster.local/ns/shop/sa/web", "*.ext.example"))
	}
	if mode == "ISTIO_MUTUAL" {
		return tls
	}
	switch {
	case mode == "MUTUAL" && g.chance(50):
		tls["clientCertificate"] = "/etc/certs/tls.crt"
		tls["privateKey"] = "/etc/certs/tls.key"
	case mode == "MUTUAL" || g.chance(30):
		tls["credentialName"] = pick(g.dice, secrets...)
	}
	if tls["credentialName"] == nil && g.chance(45) {
		tls["caCertificates"] = pick(g.dice, "system", "system", "/etc/certs/ca.crt")
	}
	if g.chance(6) {
		tls["insecureSkipVerify"] = g.chance(80)
	}
	if g.chance(4) {
		tls["caCrl"] = "/etc/certs/crl.pem"
	}
	return tls
}

func (g *generator) subsets() list {
	var all list
	for i, name := range some(g.dice, 1+g.odds(50, 50), "v1", "v2", "ext") {
		s := object{"name": name}
		if g.chance(65) {
			s["labels"] = object{"version": pick(g.dice, "v1", "v2")}
			if g.chance(15) {
				s["labels"] = object{"app": pick(g.dice, "web", "legacy")}
			}
		}
		if g.chance(40 - 10*i) {
			s["trafficPolicy"] = g.policy(35)
		}
		all = append(all, s)
	}
	return all
}
