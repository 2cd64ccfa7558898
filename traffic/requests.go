package traffic

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
)

// AppProtocol is the annotation by which a workload says what its application sends: http, https, h2c, tcp or tls.
const AppProtocol = "meshscenario.io/app-protocol"

// Requests are those that matter in the bundle: of each client workload, or where the files hold none, of each namespace
// that sees the host, to each host and port that a ServiceEntry, a VirtualService or a Gateway speaks of; and of each
// workload to the URLs in its environment, arguments and ConfigMaps, whoever declares them. What is sent is
// app, where that is given; else what the workload's annotation says ([AppProtocol]); else what URLs in its environment,
// arguments and ConfigMaps say; else what the port is declared to be. Where that may be read in two ways, both are there.
func (x *Index) Requests(app string) []Request {
	var all []Request
	seen := map[string]bool{}
	paths := x.paths()
	add := func(from, to string, guess bool) {
		if key := from + " " + to; !seen[key] {
			seen[key] = true
			r := Request{From: from, To: to, Guess: guess}
			if _, _, _, err := r.Target(); err != nil {
				return // a host or port that nobody can call
			}
			all = append(all, x.matching(r, paths)...)
		}
	}
	clients := x.clientWorkloads()
	for _, w := range clients {
		own := map[string][]string{} // URLs by host
		for _, u := range w.urls {
			if m := address.FindStringSubmatch(u); m != nil && schemes[m[1]] != "" {
				u := urlOf(schemes[m[1]], m[2], portOf(m[1], m[3]))
				if m[4] != "/" && (schemes[m[1]] == "http" || schemes[m[1]] == "h2c") {
					u += m[4]
				}
				own[strings.ToLower(m[2])] = append(own[strings.ToLower(m[2])], u)
			}
		}
		sent := cmp.Or(app, w.annotations[AppProtocol])
		for _, o := range x.offers() {
			if !o.seenBy(w.namespace) {
				continue
			}
			if urls := own[strings.ToLower(o.host)]; sent == "" && len(urls) > 0 {
				for _, u := range urls {
					add(w.String(), u, false)
				}
				continue
			}
			for _, scheme := range o.schemes(sent) {
				add(w.String(), urlOf(scheme, o.host, o.port), sent == "")
			}
		}
		for _, host := range sortedKeys(own) { // declared or not
			for _, u := range own[host] {
				if scheme, rest, _ := strings.Cut(u, "://"); app != "" && app != scheme {
					u = app + "://" + rest
				}
				if !loopback(host) {
					add(w.String(), u, false)
				}
			}
		}
	}
	namespaces := x.alone(clients)
	for _, o := range x.offers() {
		for _, n := range namespaces {
			if !o.seenBy(n) {
				continue
			}
			for _, scheme := range o.schemes(app) {
				add(n+"/*", urlOf(scheme, o.host, o.port), app == "")
			}
		}
	}
	for _, o := range x.callable() {
		for _, scheme := range o.schemes(app) {
			add(Outside, urlOf(scheme, o.host, o.port), app == "")
		}
	}
	return all
}

// matching gives a request the paths that the VirtualServices of its host tell apart, a request each, unless it has one; and
// one from outside the client certificate that a Gateway asks for.
func (x *Index) matching(r Request, paths *routedPaths) []Request {
	host, _, path, err := r.Target()
	if err != nil {
		return []Request{r}
	}
	host = strings.ToLower(host)
	scheme, _, _ := strings.Cut(r.To, "://")
	if r.From == Outside && (scheme == "https" || scheme == "tls") && x.asksForCertificate(host) {
		r.Credential = "a client certificate"
	}
	if scheme != "http" && scheme != "h2c" && r.From != Outside || path != "/" {
		return []Request{r}
	}
	var all []Request
	for _, p := range paths.of(host, r.From == Outside) {
		one := r
		one.To += p
		all = append(all, one)
	}
	return all
}

// asksForCertificate tells whether a Gateway asks who calls a host for a client certificate.
func (x *Index) asksForCertificate(host string) bool {
	for _, g := range x.gateways {
		for _, s := range g.spec.Servers {
			asks := s.GetTls().GetMode() == networking.ServerTLSSettings_MUTUAL
			if asks && slices.ContainsFunc(s.Hosts, func(h string) bool {
				_, name, found := strings.Cut(h, "/")
				if !found {
					name = h
				}
				return overlaps(strings.ToLower(name), host)
			}) {
				return true
			}
		}
	}
	return false
}

// routedPaths are the VirtualServices with routes of HTTP, by their hosts in lower case.
type routedPaths struct {
	exact    map[string][]*virtualService
	wildcard []*virtualService
}

func (x *Index) paths() *routedPaths {
	p := &routedPaths{exact: map[string][]*virtualService{}}
	for _, v := range x.virtualServices {
		if len(v.http) == 0 {
			continue
		}
		if slices.ContainsFunc(v.hosts, isWildcard) {
			p.wildcard = append(p.wildcard, v)
			continue
		}
		for _, h := range v.hosts {
			h = strings.ToLower(h)
			p.exact[h] = append(p.exact[h], v)
		}
	}
	return p
}

// of are paths that the routes of a host tell apart, "" where one takes any or none tells.
func (p *routedPaths) of(host string, outside bool) []string {
	const most = 8 // enough to meet every kind of route that people write
	var found []string
	add := func(path string) {
		if !slices.Contains(found, path) && !strings.ContainsAny(path, " ?#%") && len(found) < most {
			found = append(found, path)
		}
	}
	for _, v := range append(slices.Clip(p.exact[host]), p.wildcard...) {
		inside := slices.Contains(v.gateways, "mesh")
		overlap := slices.ContainsFunc(v.hosts, func(h string) bool { return overlaps(strings.ToLower(h), host) })
		if !overlap || !inside && !outside || outside && inside && len(v.gateways) == 1 {
			continue
		}
		for _, r := range v.http {
			if len(r.Match) == 0 {
				add("")
			}
			for _, m := range r.Match {
				path := cmp.Or(m.GetUri().GetPrefix(), m.GetUri().GetExact())
				switch {
				case m.GetUri() == nil || path == "/":
					add("")
				case strings.HasPrefix(path, "/"):
					add(path)
				}
			}
		}
	}
	if len(found) == 0 {
		return []string{""}
	}
	return found
}

// loopback tells whether a host is the workload itself.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// An offer is a host and port that the bundle speaks of, and what the port takes.
type offer struct {
	host      string
	port      int
	protocols []protocol
	sees      []visibility // any of them is enough
}

func (o *offer) seenBy(namespace string) bool {
	return slices.ContainsFunc(o.sees, func(v visibility) bool { return v.to(namespace) })
}

// schemes are what may be sent to the port.
func (o *offer) schemes(app string) []string {
	if app != "" {
		return []string{app}
	}
	var all []string
	add := func(s string) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	for _, p := range o.protocols {
		switch {
		case p.h2():
			add("h2c")
		case p.http():
			add("http")
		case p.tls():
			add("https")
		case p == protoAuto:
			add("http")
			add("tcp")
		case p != protoUDP:
			add("tcp")
			if o.port == 443 { // who declares this as bytes means TLS that is not to be looked into
				add("tls")
			}
		}
	}
	return all
}

// offers are what the bundle speaks of inside the mesh, by host and port.
func (x *Index) offers() []*offer {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	if x.offered != nil {
		return x.offered
	}
	type at struct {
		host string
		port int
	}
	known := map[at]*offer{}
	var all []*offer
	add := func(host string, port int, p protocol, v visibility) {
		if p == protoUDP {
			return
		}
		host = concrete(host)
		o := known[at{host, port}]
		if o == nil {
			o = &offer{host: host, port: port}
			known[at{host, port}] = o
			all = append(all, o)
		}
		if !slices.Contains(o.protocols, p) {
			o.protocols = append(o.protocols, p)
		}
		o.sees = append(o.sees, v)
	}
	for _, s := range x.services {
		if !s.kubernetes {
			for _, p := range s.ports {
				add(s.host, p.number, p.protocol, s.exportTo)
			}
		}
	}
	for _, v := range x.virtualServices {
		if !slices.Contains(v.gateways, "mesh") {
			continue
		}
		for _, h := range v.hosts {
			if h == "*" {
				continue
			}
			declared := false
			for _, s := range x.byName[h] {
				declared = true
				if s.kubernetes { // a ServiceEntry has spoken for itself
					for _, p := range s.ports {
						add(h, p.number, p.protocol, v.exportTo)
					}
				}
			}
			each := func(p protocol, usual int, matches []int) {
				for _, asked := range matches {
					n := cmp.Or(asked, usual)
					if o := known[at{concrete(h), n}]; o != nil {
						continue // what is declared says more
					}
					if !declared || asked != 0 {
						add(h, n, p, v.exportTo)
					}
				}
			}
			for _, r := range v.http {
				each(protoHTTP, 80, meshPorts(r.Match, (*networking.HTTPMatchRequest).GetPort, (*networking.HTTPMatchRequest).GetGateways))
			}
			for _, r := range v.tls {
				each(protoTLS, 443, meshPorts(r.Match, (*networking.TLSMatchAttributes).GetPort, (*networking.TLSMatchAttributes).GetGateways))
			}
			for _, r := range v.tcp {
				for _, n := range meshPorts(r.Match, (*networking.L4MatchAttributes).GetPort, (*networking.L4MatchAttributes).GetGateways) {
					if n != 0 {
						each(protoTCP, n, []int{n})
					}
				}
			}
		}
	}
	x.offered = all
	return all
}

// meshPorts are the ports that a route's matches name for sidecars; 0 is any.
func meshPorts[M any](matches []M, port func(M) uint32, gateways func(M) []string) []int {
	if len(matches) == 0 {
		return []int{0}
	}
	var all []int
	for _, m := range matches {
		if g := gateways(m); len(g) == 0 || slices.Contains(g, "mesh") {
			all = append(all, int(port(m)))
		}
	}
	return all
}

// concrete is a host that can be called: of a wildcard, one under it.
func concrete(host string) string {
	if suffix, wildcard := strings.CutPrefix(host, "*"); wildcard {
		return "any." + strings.TrimPrefix(suffix, ".")
	}
	return host
}

// callable are what a client outside can call: the hosts of Routes, or else of the Gateways of an ingress gateway.
func (x *Index) callable() []*offer {
	var all []*offer
	if len(x.routes) > 0 {
		for _, r := range x.routes {
			o := &offer{host: r.Spec.Host, port: 80, protocols: []protocol{protoHTTP}}
			if r.Spec.TLS != nil {
				o.port, o.protocols = 443, []protocol{protoTLS}
			}
			if o.host != "" {
				all = append(all, o)
			}
		}
		return all
	}
	for _, g := range x.gateways {
		ingress := slices.ContainsFunc(x.workloads, func(w *workload) bool {
			return w.entrance && subset(g.spec.Selector, w.labels)
		})
		if !ingress {
			continue
		}
		for _, s := range g.spec.Servers {
			for _, h := range x.entered(g, s.Hosts) {
				all = append(all, &offer{host: h, port: int(s.GetPort().GetNumber()), protocols: []protocol{parseProtocol(s.GetPort().GetProtocol())}})
			}
		}
	}
	return all
}

// entered are the hosts of a Gateway's server that can be called: of a wildcard those that VirtualServices name under it,
// or else any.
func (x *Index) entered(g *gatewayObject, hosts []string) []string {
	var all []string
	for _, h := range hosts {
		if _, name, found := strings.Cut(h, "/"); found {
			h = name
		}
		if !isWildcard(h) {
			all = append(all, h)
			continue
		}
		named := false
		for _, v := range x.virtualServices {
			if !slices.Contains(v.gateways, g.String()) {
				continue
			}
			for _, o := range v.hosts {
				if o == "*" || !overlaps(o, h) {
					continue
				}
				named = true
				if isWildcard(o) && len(o) < len(h) {
					o = h
				}
				if o = concrete(o); !slices.Contains(all, o) {
					all = append(all, o)
				}
			}
		}
		if !named && h != "*" {
			all = append(all, concrete(h))
		}
	}
	return all
}

// clientWorkloads are those of the files that may call others: not gateways, and not the far side of a sample, which
// nobody can tell from a client.
func (x *Index) clientWorkloads() []*workload {
	var all []*workload
	for _, w := range x.workloads {
		if !w.gateway && (!w.assumed || w.selected) {
			all = append(all, w)
		}
	}
	return all
}

// alone are the namespaces, as NAMESPACE/*, that clients come from of whom the files hold nothing: any, where the files
// hold no workload at all.
func (x *Index) alone(clients []*workload) []string {
	spoken := map[string]bool{}
	for _, w := range clients {
		if !w.selected {
			return nil
		}
		spoken[w.namespace] = true
	}
	return slices.DeleteFunc(x.clientNamespaces(), func(n string) bool { return spoken[n] })
}

// clientNamespaces are those that the files speak of, without those that hold only the mesh itself.
func (x *Index) clientNamespaces() []string {
	set := map[string]bool{}
	for n := range x.namespaces {
		set[n] = true
	}
	for _, s := range x.services {
		if !s.assumed { // that a route leads to a namespace is no sign that clients are there
			set[s.namespace] = true
		}
	}
	for _, v := range x.virtualServices {
		set[v.namespace] = true
	}
	for n := range x.ownRules {
		set[n] = true
	}
	own := map[string]bool{x.mesh.rootNamespace: true}
	for _, w := range x.workloads {
		if w.gateway {
			own[w.namespace] = true
		}
	}
	var all, others []string
	for _, n := range slices.Sorted(maps.Keys(set)) {
		all = append(all, n)
		if !own[n] {
			others = append(others, n)
		}
	}
	if len(others) == 0 && len(x.callable()) == 0 {
		return all
	}
	return others // what comes in from outside needs no client inside
}

// Clients are the workloads, or as NAMESPACE/* the namespaces, that a request to a URL can come from: those that hold the
// URL's host in their settings first, then those that see the host. A host that only an entrance to the mesh speaks of is
// called from [Outside].
func (x *Index) Clients(to string) []string {
	host, _, _, err := Request{To: to}.Target()
	if err != nil {
		return nil
	}
	host = strings.ToLower(host)
	about := func(o *offer) bool {
		return strings.EqualFold(o.host, host) || slices.Contains(otherNames(o.host, ""), host)
	}
	var sees []*offer
	for _, o := range x.offers() {
		if about(o) {
			sees = append(sees, o)
		}
	}
	for name, of := range x.byName {
		if isWildcard(name) && overlaps(name, host) {
			for _, s := range of {
				sees = append(sees, &offer{sees: []visibility{s.exportTo}})
			}
		}
	}
	if len(sees) == 0 && slices.ContainsFunc(x.callable(), about) {
		return []string{Outside}
	}
	seen := func(namespace string) bool {
		return slices.ContainsFunc(sees, func(o *offer) bool { return o.seenBy(namespace) })
	}
	var first, second, rest []string
	clients := x.clientWorkloads()
	for _, w := range clients {
		switch {
		case slices.ContainsFunc(w.urls, func(u string) bool { return strings.Contains(strings.ToLower(u), "://"+host) }):
			first = append(first, w.String())
		case seen(w.namespace):
			second = append(second, w.String())
		default:
			rest = append(rest, w.String())
		}
	}
	for _, n := range x.alone(clients) {
		if seen(n) {
			second = append(second, n+"/*")
		} else {
			rest = append(rest, n+"/*")
		}
	}
	if len(first)+len(second) > 0 {
		return append(first, second...)
	}
	if len(rest) == 0 {
		return []string{"default/*"}
	}
	return rest
}

// Known lists, sorted, the workloads of the files and the hosts that they speak of, for messages about wrong names.
func (x *Index) Known() (workloads, hosts []string) {
	for _, w := range x.workloads {
		if !w.assumed || w.selected {
			workloads = append(workloads, w.String())
		}
	}
	set := map[string]bool{}
	for _, o := range x.offers() {
		set[o.host] = true
	}
	for _, o := range x.callable() {
		set[o.host] = true
	}
	for _, s := range x.services {
		if !s.assumed {
			set[concrete(s.host)] = true
		}
	}
	slices.Sort(workloads)
	return workloads, slices.Sorted(maps.Keys(set))
}

func portOf(scheme, written string) int {
	if n, err := strconv.Atoi(written); err == nil {
		return n
	}
	return schemePorts[scheme]
}

// urlOf writes a URL, without the port that its scheme means.
func urlOf(scheme, host string, port int) string {
	if port == 0 || (scheme == "http" || scheme == "h2c") && port == 80 || scheme == "https" && port == 443 {
		return scheme + "://" + bracketed(host)
	}
	return scheme + "://" + joinHost(host, port)
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
