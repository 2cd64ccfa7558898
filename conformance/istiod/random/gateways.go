package random

import "strings"

// gatewayObject is any Gateway.
func (g *generator) gatewayObject() object {
	pods := []string{egressPod, ingressPod}
	for _, o := range g.of("Deployment") { // mostly of a gateway that is there
		if label := text(child(o, "spec", "template", "metadata", "labels"), "istio"); label != "" {
			pods = append(pods, label, label, label, label, label)
		}
	}
	pod := pick(g.dice, pods...)
	namespace := pick(g.dice, "istio-"+strings.TrimSuffix(pod, "gateway"), "istio-"+strings.TrimSuffix(pod, "gateway"), "shop", "other")
	spec := object{"selector": object{"istio": pod}}
	if g.chance(4) {
		spec["selector"] = pick(g.dice, object{"istio": "gateway"}, object{"app": "web"}, object{})
	}
	var servers list
	for i := range 1 + g.odds(60, 30, 10) {
		s := g.server(namespace)
		s["port"].(object)["name"] = []string{"first", "second", "third"}[i]
		servers = append(servers, s)
	}
	spec["servers"] = servers
	return istio("Gateway", namespace, pick(g.dice, "egress", "web", "gate"), spec)
}

func (g *generator) server(namespace string) object {
	number := []int{443, 80, 8443, 8080, 15443, 5432, 9080}[g.odds(42, 28, 8, 8, 4, 5, 5)]
	hosts := list{g.serverHost(namespace)}
	for g.chance(15) {
		hosts = append(hosts, g.serverHost(namespace))
	}
	protocol := "HTTP"
	switch number {
	case 443, 8443, 15443:
		protocol = pick(g.dice, "HTTPS", "HTTPS", "TLS")
	case 5432:
		protocol = pick(g.dice, "TCP", "TLS")
	}
	if g.chance(7) {
		protocol = pick(g.dice, "HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-Web", "TLS", "TCP", "MONGO")
	}
	s := object{"port": object{"number": number, "protocol": protocol}, "hosts": hosts}
	if protocol == "HTTPS" || protocol == "TLS" {
		s["tls"] = g.serverTLS()
	} else if protocol == "HTTP" && g.chance(10) {
		s["tls"] = object{"httpsRedirect": true}
	}
	if g.chance(3) {
		s["bind"] = pick(g.dice, "0.0.0.0", "10.1.0.1", "127.0.0.1")
	}
	if g.chance(3) {
		s["defaultEndpoint"] = "127.0.0.1:8080"
	}
	if g.chance(4) {
		s["name"] = pick(g.dice, "one", "two")
	}
	return s
}

func (g *generator) serverHost(namespace string) string {
	host := "*"
	switch g.odds(70, 15, 15) {
	case 0:
		host = g.in(g.anAddress(), "")
	case 1:
		host = pick(g.dice, wildcards...)
	}
	switch g.odds(82, 6, 6, 6) {
	case 1:
		return "./" + host
	case 2:
		return "*/" + host
	case 3:
		return pick(g.dice, "shop", "other", namespace) + "/" + host
	}
	return host
}

func (g *generator) serverTLS() object {
	mode := []string{"PASSTHROUGH", "SIMPLE", "MUTUAL", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL", "OPTIONAL_MUTUAL"}[g.odds(26, 26, 14, 3, 26, 5)]
	tls := object{"mode": mode}
	if mode == "SIMPLE" || mode == "MUTUAL" || mode == "OPTIONAL_MUTUAL" {
		switch g.odds(75, 6, 14, 5) {
		case 0:
			tls["credentialName"] = pick(g.dice, "web-credential", "web-credential", "ext-credential")
		case 1:
			tls["credentialNames"] = list{"web-credential", "ext-credential"}
		case 2:
			tls["serverCertificate"], tls["privateKey"] = "/etc/certs/tls.crt", "/etc/certs/tls.key"
			if mode != "SIMPLE" {
				tls["caCertificates"] = "/etc/certs/ca.crt"
			}
		default:
			pair := object{"serverCertificate": "/etc/certs/tls.crt", "privateKey": "/etc/certs/tls.key"}
			other := object{"serverCertificate": "/etc/certs/other.crt", "privateKey": "/etc/certs/other.key"}
			if g.chance(30) {
				other["caCertificates"] = "/etc/certs/other-ca.crt"
			}
			tls["tlsCertificates"] = list{pair, other}
			if mode != "SIMPLE" {
				tls["caCertificates"] = "/etc/certs/ca.crt"
			}
		}
		if tls["credentialName"] != nil && mode != "SIMPLE" && g.chance(12) {
			tls["caCertCredentialName"] = pick(g.dice, "ext-credential", "web-credential-cacert")
		}
	}
	if g.chance(8) {
		tls["subjectAltNames"] = list{pick(g.dice, "client.example", "spiffe://cluster.local/ns/shop/sa/client")}
	}
	if g.chance(5) {
		tls["minProtocolVersion"] = pick(g.dice, "TLSV1_2", "TLSV1_3", "TLSV1_0", "TLS_AUTO")
	}
	return tls
}
