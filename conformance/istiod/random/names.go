package random

import (
	"fmt"
	"strings"
)

// The pools are small, so that what is drawn from them meets.
var (
	namespaces = []string{"shop", "shop", "shop", "other", "other", "istio-system", "istio-egress", "istio-ingress"}
	outside    = []string{"ext.example", "ext.example", "api.ext.example", "www.ext.example", "other.example"}
	wildcards  = []string{"*.ext.example", "*.ext.example", "*.example"}
	ports      = []int{80, 80, 80, 443, 443, 443, 8080, 8080, 8443, 9080, 5432}
	rarePorts  = []int{3306, 27017, 15443, 3306, 8443}
	secrets    = []string{"ext-credential", "ext-credential", "web-credential"}
)

const (
	egressService  = "istio-egressgateway.istio-egress.svc.cluster.local"
	ingressService = "istio-ingressgateway.istio-ingress.svc.cluster.local"
	egressPod      = "egressgateway"
	ingressPod     = "ingressgateway"
)

func (g *generator) namespace() string { return pick(g.dice, namespaces...) }

func (g *generator) port() int {
	if g.chance(6) {
		return pick(g.dice, rarePorts...)
	}
	return pick(g.dice, ports...)
}

// form is a Service as one of its users may write it, from a namespace: short, in part, or in full.
func (g *generator) form(name, of, from string) string {
	full := name + "." + of + ".svc.cluster.local"
	if of == from && g.chance(40) {
		return name
	}
	return pick(g.dice, full, full, full, full, full, full, name+"."+of, name+"."+of+".svc")
}

// An address is a host that a bundle declares, with one of its ports.
type address struct {
	host, namespace string // namespace is a Service's
	port            int
	protocol        string
}

// in is the host as written in an object of a namespace.
func (g *generator) in(a address, from string) string {
	if a.namespace != "" {
		return g.form(a.host, a.namespace, from)
	}
	return a.host
}

// declared are the addresses that the bundle declares, or two of the pools where it declares none.
func (g *generator) declared() []address {
	var all []address
	for _, o := range g.objects {
		all = append(all, addressesOf(o)...)
	}
	if len(all) == 0 {
		return []address{{host: outside[0], port: 80, protocol: "HTTP"}, {host: "web", namespace: "shop", port: 8080, protocol: "http"}}
	}
	return all
}

func addressesOf(o object) []address {
	var all []address
	switch kindOf(o) {
	case "ServiceEntry":
		for _, host := range texts(specOf(o), "hosts") {
			for _, p := range items(specOf(o), "ports") {
				all = append(all, address{host: host, port: number(p, "number"), protocol: text(p, "protocol")})
			}
		}
	case "Service":
		for _, p := range items(specOf(o), "ports") {
			protocol := text(p, "appProtocol")
			if protocol == "" {
				protocol, _, _ = strings.Cut(text(p, "name"), "-")
			}
			all = append(all, address{host: nameOf(o), namespace: namespaceOf(o), port: number(p, "port"), protocol: protocol})
		}
	}
	return all
}

// anAddress is one of those that are declared, or now and then one that is not, or not so.
func (g *generator) anAddress() address {
	a := pick(g.dice, g.declared()...)
	switch g.odds(88, 5, 3, 4) {
	case 1:
		a.port = g.port()
	case 2:
		a = address{host: pick(g.dice, outside...), port: g.port(), protocol: "HTTP"}
	case 3:
		a = address{host: pick(g.dice, "web", "api", "nowhere"), namespace: pick(g.dice, "shop", "other"), port: g.port(), protocol: "http"}
	}
	return a
}

// concrete is a name that a pattern stands for.
func (g *generator) concrete(host string) string {
	if host == "*" {
		return pick(g.dice, outside...)
	}
	if rest, wild := strings.CutPrefix(host, "*."); wild {
		if strings.HasSuffix(rest, "local") {
			return "web.shop.svc.cluster.local"
		}
		return pick(g.dice, "www.", "api.", "www.", "a.b.") + rest
	}
	return host
}

// host is any host that somebody may write, from a namespace.
func (g *generator) host(from string) string {
	switch g.odds(70, 10, 12, 3) {
	case 0:
		return g.in(g.anAddress(), from)
	case 1:
		return pick(g.dice, wildcards...)
	case 2:
		return pick(g.dice, outside...)
	default:
		return pick(g.dice, egressService, ingressService, "db.legacy.svc.cluster.local")
	}
}

// exportTo is whom an object is exported to.
func (g *generator) exportTo() list {
	switch g.odds(34, 25, 23, 14, 4) {
	case 4:
		return list{"~"}
	case 0:
		return list{"."}
	case 1:
		return list{"*"}
	case 2:
		return list{pick(g.dice, namespaces...)}
	default:
		return anys(some(g.dice, 2, ".", "shop", "other", "istio-egress", "istio-ingress"))
	}
}

// labels of a workload, of which some are of none.
func (g *generator) labels() object {
	if g.chance(15) {
		return object{"version": pick(g.dice, "v1", "v2")}
	}
	return object{"app": pick(g.dice, "client", "client", "client", "web", "api", "db", "stranger")}
}

// short is a name for an object about a host.
func short(host string) string {
	host = strings.ReplaceAll(strings.ReplaceAll(host, "*", "any"), ".", "-")
	return strings.TrimSuffix(host, "-svc-cluster-local")
}

// callTo is the URL of a request.
func callTo(scheme, host string, port int) string {
	return fmt.Sprintf("%s://%s:%d", scheme, host, port)
}
