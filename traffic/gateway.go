package traffic

import (
	"cmp"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
)

// A gatewayObject is a Gateway.
type gatewayObject struct {
	namespace, name string
	spec            *networking.Gateway
	age             int
	source          *source
}

func (g *gatewayObject) String() string { return g.namespace + "/" + g.name }

// A server is one of a Gateway's, as a proxy listens for it.
type server struct {
	*networking.Server
	of       *gatewayObject
	field    string
	hosts    []string // NAMESPACE/HOST or HOST, "." and "*" resolved
	protocol protocol
	route    string // the name of its HTTP routes, or ""
}

func (s *server) passes() bool {
	m := s.GetTls().GetMode()
	return s.Tls != nil && (m == networking.ServerTLSSettings_PASSTHROUGH || m == networking.ServerTLSSettings_AUTO_PASSTHROUGH)
}

// opaqueTLS says that it has TLS settings and is not HTTP, which then only redirects.
func (s *server) opaqueTLS() bool { return s.Tls != nil && !s.protocol.http() }

func (s *server) terminatesHTTPS() bool {
	return s.Tls != nil && s.protocol == protoHTTPS && !s.passes()
}

func (s *server) http() bool {
	return s.protocol.http() || s.protocol == protoHTTPS && !s.passes()
}

// names are its hosts without namespaces, as SNIs.
func (s *server) names() []string {
	var all []string
	for _, h := range s.hosts {
		_, name, found := strings.Cut(h, "/")
		if !found {
			name = h
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// hostsFor are its hosts for VirtualServices of a namespace.
func (s *server) hostsFor(namespace string) []string {
	var all []string
	for _, h := range s.hosts {
		ns, name, found := strings.Cut(h, "/")
		switch {
		case !found:
			all = append(all, h)
		case ns == namespace || ns == "*":
			all = append(all, name)
		}
	}
	return all
}

// serverHosts resolves the namespaces in a server's hosts.
func serverHosts(hosts []string, namespace string) []string {
	all := slices.Clone(hosts)
	for i, h := range hosts {
		ns, name, found := strings.Cut(h, "/")
		switch {
		case !found:
		case ns == ".":
			all[i] = namespace + "/" + name
		case ns == "*" && name == "*":
			return []string{"*"}
		case ns == "*":
			all[i] = name
		}
	}
	return all
}

// A serverPort is what servers share when they share a listener.
type serverPort struct {
	number   int
	protocol string
	bind     string
}

type mergedServers struct {
	servers []*server
	route   string
}

// A merged gateway is all Gateways for a proxy, as istiod joins them: what does not fit beside what is there is dropped.
type merged struct {
	ports   []serverPort
	servers map[serverPort]*mergedServers
	byRoute map[string][]*server
	dropped []*server
}

func (x *Index) merge(p *proxy) *merged {
	m := &merged{servers: map[serverPort]*mergedServers{}, byRoute: map[string][]*server{}}
	plain := map[int]serverPort{}
	used := map[int]bool{}
	binds := map[int]map[string]bool{}
	tlsHosts := map[int]map[string]string{}
	for _, g := range x.gateways {
		if g.spec.Selector != nil && !subset(g.spec.Selector, p.workload.labels) {
			continue
		}
		for i, raw := range g.spec.Servers {
			if raw.Port == nil {
				continue
			}
			s := &server{
				Server: raw, of: g, field: fieldAt("spec.servers", i, "", -1), hosts: serverHosts(raw.Hosts, g.namespace),
				protocol: parseProtocol(raw.Port.Protocol),
			}
			number := x.listensOn(p, int(raw.Port.Number))
			s.route = s.routeName(number)
			if s.Tls != nil {
				if tlsHosts[number] == nil {
					tlsHosts[number] = map[string]string{}
				}
				if taken(s.hosts, s.Bind, tlsHosts[number]) {
					m.dropped = append(m.dropped, s)
					continue
				}
			}
			at := serverPort{number, s.Port.Protocol, s.Bind}
			first := func() {
				if !s.opaqueTLS() {
					plain[number] = at
				}
				if s.http() {
					m.byRoute[s.route] = []*server{s}
				}
				m.servers[at] = &mergedServers{[]*server{s}, s.route}
				m.ports = append(m.ports, at)
			}
			drop := func() { m.dropped = append(m.dropped, s) }
			if !used[number] {
				used[number] = true
				first()
				continue
			}
			if current, exists := plain[number]; exists {
				other := parseProtocol(current.protocol)
				joins := (s.protocol.http() || s.protocol == other) && other.http()
				switch {
				case !joins && current.bind == at.bind, s.route == "" && current.bind == at.bind:
					drop()
				case current.bind != at.bind && m.servers[at] == nil:
					first()
				case current.bind != at.bind:
					m.servers[at].route = s.route
					m.servers[at].servers = append(m.servers[at].servers, s)
					m.byRoute[s.route] = append(m.byRoute[s.route], s)
				default:
					m.servers[current].servers = append(m.servers[current].servers, s)
					m.byRoute[s.route] = append(m.byRoute[s.route], s)
				}
				continue
			}
			if !s.opaqueTLS() {
				first()
				continue
			}
			if s.http() {
				if s.route == "" || m.byRoute[s.route] != nil {
					drop()
					continue
				}
				m.byRoute[s.route] = []*server{s}
			}
			if binds[number] == nil {
				binds[number] = map[string]bool{}
			}
			binds[number][s.Bind] = true
			if m.servers[at] == nil {
				m.servers[at] = &mergedServers{servers: []*server{s}}
				m.ports = append(m.ports, at)
			} else {
				m.servers[at].servers = append(m.servers[at].servers, s)
			}
		}
	}
	return m
}

// taken tells whether one of the names is another's already on the address; else it takes them.
func taken(names []string, bind string, known map[string]string) bool {
	for _, n := range names {
		if of, there := known[n]; there && of == bind {
			return true
		}
	}
	for _, n := range names {
		known[n] = bind
	}
	return false
}

// listensOn is the port of the pod for a server's: that of a Service with such a port leads to, else the same.
func (x *Index) listensOn(p *proxy, number int) int {
	for _, t := range x.portsOf(p.workload) {
		if _, off := t.service.labels["experimental.istio.io/disable-gateway-port-translation"]; off {
			continue
		}
		if t.port.number == number {
			return t.target
		}
	}
	return number
}

// A servicePort is a port of a service that leads to a pod.
type servicePort struct {
	service *service
	port    port
	target  int
}

// portsOf are the ports of a pod's services, in order of age.
func (x *Index) portsOf(w *workload) []servicePort {
	var all []servicePort
	namespace, labels := w.namespace, w.labels
	for _, e := range x.entries {
		// A WorkloadEntry of the pod's address speaks for it.
		if e.spec.Address == w.ip.String() {
			namespace, labels = e.namespace, e.labels
			break
		}
	}
	for i, s := range x.serviceObjects {
		if s.Namespace != namespace || len(s.Spec.Selector) == 0 || !subset(s.Spec.Selector, labels) {
			continue
		}
		of := x.kubernetesOf[i]
		type leads struct {
			to int
			as protocol
		}
		seen := map[leads]bool{}
		for j, p := range s.Spec.Ports {
			k := leads{targetPort(p, w), of.ports[j].protocol}
			if k.to == 0 || seen[k] {
				continue
			}
			seen[k] = true
			all = append(all, servicePort{of, of.ports[j], k.to})
		}
	}
	// An endpoint written with the pod's address makes the pod one of the ServiceEntry's, as a selector does.
	for _, s := range slices.Concat(x.selecting, x.atAddress[w.ip]) {
		if s.namespace != w.namespace {
			continue
		}
		for _, o := range s.ports {
			for _, e := range x.endpoints[s.key()] {
				if (e.workload == w || e.workload == nil && e.ip == w.ip) && e.number == o.number {
					all = append(all, servicePort{s, o, e.port})
					break
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b servicePort) int {
		return cmp.Or(cmp.Compare(a.service.age, b.service.age), cmp.Compare(a.service.host, b.service.host))
	})
	return all
}

func (s *server) routeName(number int) string {
	bind := ""
	if s.Bind != "" {
		bind = "." + s.Bind
	}
	switch {
	case s.protocol.http():
		return "http." + itoa(number) + bind
	case s.protocol == protoHTTPS && !s.passes():
		return "https." + itoa(int(s.Port.Number)) + "." + s.Port.Name + "." + s.of.name + "." + s.of.namespace + bind
	}
	return ""
}

// gatewayListeners are those of a gateway.
func (x *Index) gatewayListeners(p *proxy) map[bindPort]*listener {
	m := x.merge(p)
	p.merged = m
	all := map[bindPort]*listener{}
	snis := map[int]map[string]string{}
	for _, at := range m.ports {
		bind := at.bind
		if bind == "" {
			bind = unspecified
		}
		servers := m.servers[at]
		var chains []*chain
		if parseProtocol(at.protocol).http() {
			chains = []*chain{{table: x.gatewayTable(p, m, servers.route)}}
		} else {
			for _, s := range servers.servers {
				chains = append(chains, x.serverChains(p, m, s, at.number, snis)...)
			}
		}
		if len(chains) == 0 && all[bindPort{bind, at.number}] == nil {
			// A listener without chains is none, but others may still join it.
			all[bindPort{bind, at.number}] = &listener{bind: bind, port: at.number}
			continue
		}
		l := all[bindPort{bind, at.number}]
		if l == nil {
			l = &listener{bind: bind, port: at.number}
			all[bindPort{bind, at.number}] = l
		}
		l.chains = append(l.chains, chains...)
	}
	for at, l := range all {
		if len(l.chains) == 0 {
			delete(all, at)
			continue
		}
		for _, c := range l.chains {
			l.seesTLS = l.seesTLS || len(c.names) > 0 || c.terminates != nil
			if slices.Contains(c.names, "*") {
				c.names = nil
			}
		}
		l.index()
	}
	return all
}

func (s *server) decision() *decision { return s.of.source.decision(s.field) }

// serverChains are the chains of a server that is not plain HTTP.
func (x *Index) serverChains(p *proxy, m *merged, s *server, number int, snis map[int]map[string]string) []*chain {
	switch {
	case s.terminatesHTTPS():
		return []*chain{{
			names: lower(s.names()), terminates: x.serverTLS(p, s), table: x.gatewayTable(p, m, s.route), decided: []*decision{s.decision()},
		}}
	case !s.passes():
		c := x.gatewayTCP(p, s)
		if c == nil {
			return nil
		}
		if s.Tls != nil {
			c.names, c.terminates = lower(s.names()), x.serverTLS(p, s)
		}
		return []*chain{c}
	case s.Tls.Mode == networking.ServerTLSSettings_AUTO_PASSTHROUGH:
		return x.autoPassthrough(p, s)
	}
	var all []*chain
	for _, v := range x.visibleVirtualServices(p.workload.namespace, s.of.String()) {
		if !s.concerns(v) {
			continue
		}
		for i, r := range v.tls {
			if len(r.Route) == 0 {
				continue
			}
			for j, match := range r.Match {
				if !s.fits(match.Port, match.Gateways) {
					continue
				}
				if snis[number] == nil {
					snis[number] = map[string]string{}
				}
				if taken(match.SniHosts, s.Bind, snis[number]) {
					continue
				}
				all = append(all, &chain{
					names:   lower(match.SniHosts),
					routes:  x.routesTo(p, r.Route, int(s.Port.Number), v.source, fieldAt("spec.tls", i, "route", -1)),
					tunnel:  x.tunnels(p, r.Route),
					decided: []*decision{s.decision(), v.source.decision(fieldAt("spec.tls", i, "match", j))},
				})
			}
		}
	}
	return all
}

// concerns tells whether a VirtualService has a host in common with the server.
func (s *server) concerns(v *virtualService) bool {
	for _, h := range s.hosts {
		ns, name, found := strings.Cut(h, "/")
		if found && ns != v.namespace {
			continue
		}
		if !found {
			name = h
		}
		if slices.ContainsFunc(v.hosts, func(o string) bool { return overlaps(name, o) }) {
			return true
		}
	}
	return false
}

// fits tells whether a match of a tls or tcp route is for the server: gateways know no source.
func (s *server) fits(number uint32, gateways []string) bool {
	return (number == 0 || number == s.Port.Number) && (len(gateways) == 0 || slices.Contains(gateways, s.of.String()))
}

// gatewayTCP is the chain for the first tcp route for a server, or nil.
func (x *Index) gatewayTCP(p *proxy, s *server) *chain {
	for _, v := range x.visibleVirtualServices(p.workload.namespace, s.of.String()) {
		if !s.concerns(v) {
			continue
		}
		for i, r := range v.tcp {
			fits := len(r.Match) == 0 || slices.ContainsFunc(r.Match, func(m *networking.L4MatchAttributes) bool { return s.fits(m.Port, m.Gateways) })
			if !fits || len(r.Route) == 0 {
				continue
			}
			return &chain{
				routes:  x.routesTo(p, r.Route, int(s.Port.Number), v.source, fieldAt("spec.tcp", i, "route", -1)),
				tunnel:  x.tunnels(p, r.Route),
				decided: []*decision{s.decision(), v.source.decision(fieldAt("spec.tcp", i, "", -1))},
			}
		}
	}
	return nil
}

// meshALPN are the protocols by which a TLS of the mesh is known.
var meshALPN = []string{"istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2"}

// autoPassthrough leads each service of the mesh by the SNI that its clients make up, without taking the TLS off.
func (x *Index) autoPassthrough(p *proxy, s *server) []*chain {
	var all []*chain
	names := s.names()
	for _, to := range p.scope.services {
		if to.external || !slices.ContainsFunc(names, func(n string) bool { return within(to.host, n) }) {
			continue
		}
		subsets := []string{""}
		if r := x.ruleFor(p.scope, p.workload.labels, to); r != nil {
			for _, o := range r.subsets {
				subsets = append(subsets, o.Name)
			}
		}
		for _, o := range to.ports {
			if o.protocol == protoUDP {
				continue
			}
			for _, in := range subsets {
				name := serverName(to.host, o.number, in)
				all = append(all, &chain{
					names: []string{strings.ToLower(name)}, protocols: meshALPN, decided: []*decision{s.decision()},
					routes: []weighted{{host: to.host, port: o.number, subset: in, weight: 1, raw: name}},
				})
			}
		}
	}
	return all
}

// gatewayTable is the HTTP table of some servers: the VirtualServices that name their Gateways, for the hosts that both
// have.
func (x *Index) gatewayTable(p *proxy, m *merged, name string) *table {
	key := tableKey{host: name}
	if t := p.tables[key]; t != nil {
		return t
	}
	t := &table{name: name}
	p.tables[key] = t
	t.build = func(t *table) { x.buildGatewayTable(p, m.byRoute[name], t) }
	return t
}

func (x *Index) buildGatewayTable(p *proxy, servers []*server, t *table) {
	type pair struct {
		gateway string
		of      *virtualService
	}
	known := map[pair][]*route{}
	var order []*virtualHost
	host := func(name string, s *server) *virtualHost {
		name = strings.ToLower(name)
		v, there := t.hosts.at(name)
		if !there {
			v = &virtualHost{name: joinHost(name, int(s.Port.Number))}
			t.hosts.set(name, v)
			order = append(order, v)
		}
		if by := s.decision(); !slices.ContainsFunc(v.decided, func(d *decision) bool { return *d == *by }) {
			v.decided = append(v.decided, by)
		}
		return v
	}
	for _, s := range servers {
		redirects := s.GetTls().GetHttpsRedirect()
		for _, v := range x.visibleVirtualServices(p.workload.namespace, s.of.String()) {
			common := intersection(s.hostsFor(v.namespace), v.hosts)
			if len(common) == 0 {
				continue
			}
			routes, there := known[pair{s.of.String(), v}]
			if !there {
				find := func(name string) *service {
					if own := x.byName[name][v.namespace]; own != nil && own.exportTo.to(p.workload.namespace) {
						return own
					}
					return p.scope.byHost[name]
				}
				routes = p.routesOf(v, int(s.Port.Number), s.of.String(), s.Tls != nil, find)
				if len(routes) == 0 {
					continue
				}
				known[pair{s.of.String(), v}] = routes
			}
			for _, name := range common {
				h := host(name, s)
				h.routes = append(h.routes, routes...)
				h.redirect = h.redirect || redirects
			}
		}
		if !redirects {
			continue
		}
		for _, name := range s.hosts {
			host(name, s).redirect = true
		}
	}
	for _, v := range order {
		v.routes = lastOfAll(slices.Clone(v.routes))
	}
	if len(order) == 0 {
		t.hosts.set("*", &virtualHost{name: joinHost("blackhole", int(servers[0].Port.Number))})
	}
}

// A serverTLS is the TLS that a server takes off.
type serverTLS struct {
	Termination
	needed []credential
	mesh   bool // it shows the mesh's own certificate
}

func (x *Index) serverTLS(p *proxy, s *server) *serverTLS {
	tls := s.Tls
	made := &serverTLS{}
	names := s.names()
	if !slices.Contains(names, "*") {
		made.ServerNames = lower(names)
	}
	checks := tls.Mode == networking.ServerTLSSettings_MUTUAL || tls.Mode == networking.ServerTLSSettings_OPTIONAL_MUTUAL
	made.Required = tls.Mode == networking.ServerTLSSettings_MUTUAL || tls.Mode == networking.ServerTLSSettings_ISTIO_MUTUAL
	credentials := tls.CredentialNames
	if len(credentials) == 0 && tls.CredentialName != "" {
		credentials = []string{tls.CredentialName}
	}
	meshOwn := func() {
		made.Credential, made.mesh = "mesh", true
		made.Identity = x.mesh.spiffe(p.workload.namespace, p.workload.account)
	}
	switch {
	case tls.Mode == networking.ServerTLSSettings_ISTIO_MUTUAL:
		meshOwn()
		made.ClientCA, made.ClientNames = "mesh", tls.SubjectAltNames
	case len(credentials) > 0:
		for i, name := range credentials {
			c, err := parseCredential(name, p.workload.namespace)
			if err != nil {
				c = credential{namespace: p.workload.namespace, name: name}
			}
			if i == 0 {
				made.Credential = c.String()
				made.mesh = c.mesh
			}
			made.needed = append(made.needed, c)
		}
		made.ClientNames = tls.SubjectAltNames
		if checks {
			ca := made.needed[0]
			ca.ca = true
			if tls.CaCertCredentialName != "" { // as it is named, without the usual ending
				if c, err := parseCredential(tls.CaCertCredentialName, p.workload.namespace); err == nil {
					ca = c
				}
			}
			made.ClientCA = ca.String()
			made.needed = append(made.needed, ca)
		}
	default:
		certificate := tls.ServerCertificate
		if len(tls.TlsCertificates) > 0 {
			certificate = tls.TlsCertificates[0].ServerCertificate
		}
		if certificate == "" {
			meshOwn()
		} else {
			made.Credential = "file " + certificate
		}
		if checks {
			made.ClientNames = tls.SubjectAltNames
			made.ClientCA = "file " + tls.CaCertificates
			if tls.CaCertificates == "" {
				made.ClientCA = "mesh"
			}
		}
	}
	return made
}
