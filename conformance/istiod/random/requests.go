package random

import (
	"cmp"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// follow chooses three to eight requests of those for which a bundle was written, those that its objects before some
// change speak of, and those that they speak of now.
func (g *generator) follow(before []judge.Request) {
	asked := some(g.dice, 1+g.below(3), g.asked...)
	all := append(asked, some(g.dice, g.below(3), before...)...)
	for len(all) < 3 || len(all) < 8 && g.chance(55) {
		r := g.request()
		if slices.ContainsFunc(all, func(other judge.Request) bool { return reflect.DeepEqual(r, other) }) && g.chance(80) {
			continue // some bundles speak of little
		}
		all = append(all, r)
	}
	for _, r := range all {
		if g.chance(22) {
			r = g.twin(r)
		}
		if g.chance(6) {
			r.Server = pick(g.dice, judge.Plaintext, judge.Simple, judge.Mutual)
		}
		g.requests = append(g.requests, r)
	}
}

// requestsOf are some that the objects speak of.
func (g *generator) requestsOf() []judge.Request {
	var all []judge.Request
	for range 8 {
		all = append(all, g.request())
	}
	return all
}

func (g *generator) request() judge.Request {
	if servers := g.servers(); len(servers) > 0 && g.chance(45) {
		return g.fromOutside(pick(g.dice, servers...))
	}
	r := judge.Request{From: g.caller()}
	namespace, _, _ := strings.Cut(r.From, "/")
	if strings.HasSuffix(r.From, "/stranger") && g.chance(20) {
		r.Labels = map[string]string{"app": "client", "version": "v1"}
	}
	a := pick(g.dice, append(g.declared(), g.routed()...)...)
	if strings.HasPrefix(a.namespace, "istio-") && g.chance(85) { // people seldom call a gateway by its own name
		a = pick(g.dice, append(g.declared(), g.routed()...)...)
	}
	host := g.concrete(g.in(a, namespace))
	if g.chance(3) {
		host = pick(g.dice, "240.0.0.5", "203.0.113.7", "10.9.0.9")
	}
	if strings.Contains(host, ":") || host == "" {
		host = "203.0.113.7"
	}
	g.say(&r, g.scheme(a), host, a.port)
	return r
}

// say completes a request.
func (g *generator) say(r *judge.Request, scheme, host string, port int) {
	r.To = callTo(scheme, host, port)
	switch scheme {
	case "http", "h2c", "https":
		g.speak(r)
	}
	if scheme == "https" || scheme == "tls" {
		switch g.odds(92, 4, 4) {
		case 1:
			r.SNI = "-"
		case 2:
			r.SNI = pick(g.dice, outside...)
		}
		if g.chance(6) {
			r.Credential = "the caller's"
		}
	}
}

// speak adds path, headers and the like, from what the bundle's routes look at.
func (g *generator) speak(r *judge.Request) {
	var matches []object
	for _, o := range g.of("VirtualService") {
		for _, route := range items(specOf(o), "http") {
			matches = append(matches, items(route, "match")...)
		}
	}
	path := ""
	if len(matches) > 0 {
		m := pick(g.dice, matches...)
		if path = g.path(child(m, "uri")); path[0] != '/' {
			path = "/" + path
		}
		if name := g.fitting(child(m, "authority")); name != "" && g.chance(70) {
			r.Host = name
		}
		if method := g.fitting(child(m, "method")); method != "" && g.chance(70) {
			r.Method = method
		}
		for _, header := range []string{"x-version", "X-Version", "x-user"} {
			wanted := g.fitting(child(m, "headers", header)) + g.fitting(child(m, "withoutHeaders", header))
			if wanted != "" && g.chance(65) {
				r.Headers = map[string]string{strings.ToLower(header): wanted}
			}
		}
		if value := g.fitting(child(m, "queryParams", "q")); value != "" && g.chance(65) {
			path = "/" + strings.TrimPrefix(path, "/") + "?q=" + value
		}
	} else if g.chance(30) {
		path = pick(g.dice, paths...)
	}
	if g.chance(4) {
		r.Host = pick(g.dice, outside...)
	}
	r.To += path
}

// path is one that mostly fits a match.
func (g *generator) path(m object) string {
	prefix := text(m, "prefix")
	switch {
	case len(m) == 0 || g.chance(20):
		return pick(g.dice, paths...)
	case prefix != "":
		return prefix + pick(g.dice, "", "", "items", "/items")
	case text(m, "exact") != "":
		return text(m, "exact")
	default:
		return pick(g.dice, "/v1/items", "/v2/x", "/v1")
	}
}

// fitting is a text that a match takes, or "" where there is none.
func (g *generator) fitting(m object) string {
	switch {
	case text(m, "exact") != "":
		return text(m, "exact")
	case text(m, "prefix") == "P":
		return "POST"
	case text(m, "prefix") != "":
		return text(m, "prefix") + pick(g.dice, "", "1")
	}
	return map[string]string{"GET|HEAD": "HEAD", "v[0-9]": "v3", "[0-9]+": "12", `.*\.example`: "a.example"}[text(m, "regex")]
}

// caller is a workload of the bundle, a gateway excepted, or one that judge makes up.
func (g *generator) caller() string {
	var names []string
	for _, o := range g.of("Deployment", "StatefulSet") {
		if child(o, "spec", "template", "metadata", "annotations")["inject.istio.io/templates"] == nil {
			namespace := cmp.Or(namespaceOf(o), "default") // as kubectl applies it
			names = append(names, namespace+"/"+nameOf(o))
			if strings.HasPrefix(nameOf(o), "client") {
				names = append(names, names[len(names)-1], names[len(names)-1], names[len(names)-1])
			}
		}
	}
	if len(names) == 0 || g.chance(18) {
		return pick(g.dice, "shop/stranger", "shop/client", "other/stranger", "istio-egress/stranger")
	}
	return pick(g.dice, names...)
}

// routed are addresses that routes speak of, declared or not.
func (g *generator) routed() []address {
	var all []address
	for _, o := range g.of("VirtualService") {
		for _, host := range texts(specOf(o), "hosts") {
			for kind, protocol := range []string{"HTTP", "TLS", "TCP"} {
				for _, route := range items(specOf(o), []string{"http", "tls", "tcp"}[kind]) {
					port := []int{80, 443, 5432}[kind]
					for _, m := range items(route, "match") {
						if n := number(m, "port"); n != 0 {
							port = n
						}
					}
					all = append(all, address{host: host, port: port, protocol: protocol})
				}
			}
		}
	}
	return all
}

// scheme is what an application that reads the declaration speaks.
func (g *generator) scheme(a address) string {
	switch strings.ToUpper(a.protocol) {
	case "HTTP", "WEB":
		return "http"
	case "HTTP2", "GRPC", "GRPC-WEB":
		return pick(g.dice, "h2c", "h2c", "http")
	case "HTTPS":
		return "https"
	case "TLS":
		return pick(g.dice, "https", "https", "tls")
	case "TCP", "MONGO", "MYSQL", "POSTGRES", "UDP", "DB":
		return pick(g.dice, "tcp", "tcp", "tcp", "tls", "http")
	default:
		return pick(g.dice, "http", "http", "tcp", "https")
	}
}

// An ingressServer is what an ingress gateway listens for.
type ingressServer struct {
	port     int // of the gateway's Service
	protocol string
	hosts    []string
	mutual   bool
}

// servers are those of the bundle, where it has an ingress gateway for them.
func (g *generator) servers() []ingressServer {
	var all []ingressServer
	if !g.taken["Service istio-ingress/istio-ingressgateway"] && g.chance(85) {
		return nil
	}
	for _, o := range g.of("Gateway") {
		if text(child(o, "spec", "selector"), "istio") != ingressPod {
			continue
		}
		for _, s := range items(specOf(o), "servers") {
			port := number(child(s, "port"), "number")
			if outer, ok := map[int]int{8080: 80, 8443: 443}[port]; ok {
				port = outer
			}
			mode := text(child(s, "tls"), "mode")
			all = append(all, ingressServer{port, text(child(s, "port"), "protocol"), texts(s, "hosts"), mode == "MUTUAL"})
		}
	}
	return all
}

func (g *generator) fromOutside(s ingressServer) judge.Request {
	r := judge.Request{From: judge.Outside}
	host := "ext.example"
	if len(s.hosts) > 0 {
		host = pick(g.dice, s.hosts...)
	}
	if _, after, cut := strings.Cut(host, "/"); cut {
		host = after
	}
	g.say(&r, g.scheme(address{protocol: s.protocol}), g.concrete(host), s.port)
	if s.mutual && strings.HasPrefix(r.To, "https") && g.chance(60) {
		r.Credential = "the caller's"
	}
	return r
}

// twin is a request that is wrong in one thing.
func (g *generator) twin(r judge.Request) judge.Request {
	scheme, after, _ := strings.Cut(r.To, "://")
	authority, path, _ := strings.Cut(after, "/")
	host, port, _ := strings.Cut(authority, ":")
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "h2c": "80"}[scheme]
	}
	switch g.odds(30, 25, 25, 20) {
	case 0:
		scheme = pick(g.dice, "http", "https", "tcp", "tls", "h2c")
	case 1:
		port = strconv.Itoa(g.anotherPort())
	case 2:
		if _, err := netip.ParseAddr(host); err == nil {
			host = "203.0.113.50"
		} else {
			host = pick(g.dice, "www."+host, "www."+host, "unknown.example", pick(g.dice, outside...), pick(g.dice, outside...), strings.ToUpper(host))
		}
	default:
		if r.From != judge.Outside {
			r.From = pick(g.dice, "shop/stranger", "other/stranger", "other/client")
			break
		}
		r.SNI = pick(g.dice, "", "-", "unknown.example")
	}
	r.To = scheme + "://" + host + ":" + port
	if path != "" && scheme != "tcp" && scheme != "tls" {
		r.To += "/" + path
	}
	return r
}
