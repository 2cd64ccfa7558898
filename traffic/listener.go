package traffic

import (
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
)

// A chain is what a listener does with some of the connections that come to it.
type chain struct {
	// Which ones: all that is written must hold.
	names     []string       // SNIs
	prefixes  []netip.Prefix // of the address that was dialled
	transport string         // "tls" or "raw_buffer"
	protocols []string       // ALPN, or what the HTTP inspector found

	// What it does: takes TLS off, if terminates is set; then HTTP by a table, or bytes to clusters.
	terminates *serverTLS
	table      *table
	routes     []weighted
	tunnel     bool
	catchAll   bool // it only knows the outbound policy
	decided    []*decision
}

// matchesAll tells whether the chain asks for nothing.
func (c *chain) matchesAll() bool {
	return len(c.names) == 0 && len(c.prefixes) == 0 && c.transport == "" && len(c.protocols) == 0
}

// A weighted route is a cluster that gets a share of the connections.
type weighted struct {
	host    string
	port    int
	subset  string
	weight  int
	raw     string // the cluster's name where it is none of the registry's
	here    bool   // of a service that is imported too: the endpoints of this cluster
	decided *decision
}

// A listener is the chains of an address and port.
type listener struct {
	bind    string
	port    int
	chains  []*chain
	rest    *chain // for what no chain takes
	seesTLS bool
	// seesHTTP says that it looks whether plaintext is HTTP.
	seesHTTP bool

	bySNI    map[string][]int // chains by each of their names; "" for those without any
	prefixed bool
}

func (l *listener) name() string { return l.bind + "_" + itoa(l.port) }

// A sight is what a listener sees of a connection when it chooses a chain.
type sight struct {
	ip        netip.Addr
	transport string
	sni       string
	protocols []string
}

func (l *listener) see(c *connection) sight {
	s := sight{ip: c.ip, transport: "raw_buffer"}
	if top := c.top(); top != nil {
		if l.seesTLS {
			s.transport, s.sni, s.protocols = "tls", strings.ToLower(top.wire.SNI), top.wire.ALPN
		}
		return s
	}
	if l.seesHTTP {
		switch c.speaks {
		case "http":
			s.protocols = []string{"http/1.1"}
		case "h2c":
			s.protocols = []string{"h2c"}
		}
	}
	return s
}

// index prepares the choice by SNI, of which there can be thousands.
func (l *listener) index() {
	l.bySNI = map[string][]int{}
	for i, c := range l.chains {
		l.prefixed = l.prefixed || len(c.prefixes) > 0
		if len(c.names) == 0 {
			l.bySNI[""] = append(l.bySNI[""], i)
		}
		for _, n := range c.names {
			l.bySNI[n] = append(l.bySNI[n], i)
		}
	}
}

// candidates are the chains whose names fit an SNI, and those that ask for none.
func (l *listener) candidates(sni string) []*chain {
	if l.prefixed || len(l.chains) <= 8 {
		return l.chains
	}
	at := slices.Clone(l.bySNI[""])
	if sni != "" {
		at = append(at, l.bySNI[sni]...)
		for i := range len(sni) {
			if i > 0 || sni[0] != '*' {
				at = append(at, l.bySNI["*"+sni[i:]]...)
			}
		}
	}
	slices.Sort(at)
	var all []*chain
	for _, i := range slices.Compact(at) {
		all = append(all, l.chains[i])
	}
	return all
}

// choose finds the chain as Envoy documents it: criterion by criterion in a fixed order, at each the most specific that
// fits, and never back. nil is a reset.
// https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch
func (l *listener) choose(s sight) *chain {
	left := l.candidates(s.sni)
	for _, rank := range []func(*chain) int{
		func(c *chain) int { return rankPrefix(c.prefixes, s.ip) },
		func(c *chain) int { return rankName(c.names, s.sni) },
		func(c *chain) int { return rankAsked(c.transport != "", c.transport == s.transport) },
		func(c *chain) int {
			return rankAsked(len(c.protocols) > 0, slices.ContainsFunc(c.protocols, func(p string) bool { return slices.Contains(s.protocols, p) }))
		},
	} {
		best := 0
		for _, c := range left {
			best = max(best, rank(c))
		}
		var next []*chain
		for _, c := range left {
			if rank(c) == best {
				next = append(next, c)
			}
		}
		left = next
	}
	if len(left) == 0 {
		return l.rest
	}
	return left[0]
}

// The rank of a chain at a criterion: -1 does not fit, 0 does not ask, more is more specific.

func rankAsked(asks, fits bool) int {
	switch {
	case !asks:
		return 0
	case fits:
		return 1
	default:
		return -1
	}
}

func rankPrefix(prefixes []netip.Prefix, ip netip.Addr) int {
	if len(prefixes) == 0 {
		return 0
	}
	best := -1
	for _, p := range prefixes {
		if p.Contains(ip) {
			best = max(best, 1+p.Bits())
		}
	}
	return best
}

func rankName(names []string, sni string) int {
	if len(names) == 0 {
		return 0
	}
	best := -1
	for _, n := range names {
		switch suffix, wildcard := strings.CutPrefix(n, "*"); {
		case n == sni && sni != "":
			return 1 << 20
		case wildcard && sni != "" && strings.HasSuffix(sni, suffix) && sni != suffix:
			best = max(best, 1+len(suffix))
		}
	}
	return best
}

// plainHTTP is what the HTTP inspector calls HTTP without TLS.
var plainHTTP = []string{"http/1.1", "h2c"}

// An entry is a listener while services join it.
type entry struct {
	listener
	protocol protocol // auto once HTTP and other bytes share it
	locked   bool     // a listener of a Sidecar, which what comes later does not join
	seen     map[string]bool
}

type bindPort struct {
	bind string
	port int
}

// outbound builds the listeners of a sidecar, as istiod does: service after service, in their order.
func (x *Index) outbound(p *proxy) map[bindPort]*listener {
	entries := map[bindPort]*entry{}
	for _, e := range p.scope.egress {
		if e.port() != 0 {
			if !x.mayListen(e.port()) && bindOf(e) == "" {
				continue
			}
			on := port{number: e.port(), protocol: parseProtocol(e.spec.Port.Protocol)}
			for _, s := range e.services {
				x.joinListener(p, e, entries, s, on, bindOf(e))
			}
			continue
		}
		for _, old := range entries {
			old.locked = true
		}
		bind := bindOf(e)
		for _, s := range e.services {
			for _, on := range s.ports {
				if bind == "" && on.protocol.http() && !x.mayListen(on.number) {
					continue
				}
				// A service without an address of its own and of its endpoints' addresses has a listener for each of them.
				if bind == "" && s.resolution == original && s.address == unspecified && (on.protocol.tcp() || on.protocol == protoAuto) {
					behind := x.atPort(s, on.number)
					if !s.kubernetes && len(behind) == 0 && s.selector == nil {
						x.joinListener(p, e, entries, s, on, "")
						continue
					}
					for _, at := range behind {
						if at.ip.IsValid() && at.ip != p.workload.ip {
							x.joinListener(p, e, entries, s, on, at.ip.String())
						}
					}
					continue
				}
				x.joinListener(p, e, entries, s, on, bind)
			}
		}
	}
	all := make(map[bindPort]*listener, len(entries))
	for at, e := range entries {
		l := &e.listener
		l.finish(x.unregistered(p))
		all[at] = l
	}
	return all
}

// mayListen leaves out the ports that sidecars have for themselves.
func (x *Index) mayListen(number int) bool { return number != 15001 && number != 15006 }

// bindOf is the address that a Sidecar gives to a listener, or "".
func bindOf(e *egress) string {
	switch {
	case e.spec.GetBind() != "":
		return e.spec.Bind
	case e.spec.GetCaptureMode() == networking.CaptureMode_NONE:
		return "127.0.0.1"
	}
	return ""
}

// joinListener adds what a service needs on a port to the listener of its address.
func (x *Index) joinListener(p *proxy, e *egress, entries map[bindPort]*entry, s *service, on port, bind string) {
	if s.resolution == alias || on.protocol == protoUDP {
		return
	}
	var prefixes []string
	isHTTP := on.protocol.http()
	if bind == "" {
		bind = unspecified
		if !isHTTP {
			if strings.Contains(s.address, "/") {
				prefixes = []string{s.address}
			} else if s.address != "" {
				bind = s.address
			}
		}
	}
	at := bindPort{bind, on.number}
	old := entries[at]
	if old != nil && old.locked {
		return
	}
	var chains []*chain
	next := on.protocol
	wholePort := func() *chain {
		c := &chain{table: x.outboundTable(p, e, on.number, "")}
		if !isHTTP && bind != unspecified { // a listener of the service alone
			c.table = x.outboundTable(p, e, on.number, s.host)
		}
		return c
	}
	switch {
	case on.protocol == protoProxy:
		chains = []*chain{wholePort()}
	case isHTTP:
		if old != nil && !old.protocol.tcp() {
			return // it is there
		}
		c := wholePort()
		if bind == unspecified && x.gates.sniffOutbound {
			c.protocols, c.transport = plainHTTP, "raw_buffer"
			next = protoAuto
		}
		if old != nil && !x.gates.sniffOutbound {
			return // who came first has the port
		}
		chains = []*chain{c}
	case on.protocol.tcp():
		if old != nil && !x.gates.sniffOutbound && old.protocol.http() {
			return
		}
		chains = x.opaqueChains(p, e, s, on, bind, prefixes)
	default: // to be found out
		if old != nil && old.protocol == protoAuto {
			return
		}
		chains = x.opaqueChains(p, e, s, on, bind, prefixes)
		if x.gates.sniffOutbound {
			c := wholePort()
			c.protocols, c.transport = plainHTTP, "raw_buffer"
			chains = append(chains, c)
		} else {
			next = protoTCP
			if old != nil && old.protocol.http() {
				return
			}
		}
	}
	if old == nil || old.protocol.http() && next == protoAuto && on.protocol == protoAuto {
		made := &entry{listener: listener{bind: bind, port: on.number}, protocol: next, seen: map[string]bool{}}
		for _, c := range chains {
			made.seen[c.key()] = true
		}
		made.chains = chains
		entries[at] = made
		return
	}
	// MySQL's and MongoDB's servers speak first, which nobody may wait for.
	first := func(p protocol) bool { return p == protoMongo || p == protoMySQL }
	if (first(on.protocol) || first(old.protocol)) && on.protocol != old.protocol {
		return
	}
	for _, c := range chains {
		if k := c.key(); !old.seen[k] {
			old.seen[k] = true
			old.chains = append(old.chains, c)
		}
	}
	if isHTTP || old.protocol.http() || on.protocol == protoAuto {
		old.protocol = protoAuto
	}
}

// key tells chains apart: two that ask for the same cannot be in one listener, and the first stays.
func (c *chain) key() string {
	sorted := func(list []string) string {
		list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "*" })
		slices.Sort(list)
		return strings.Join(slices.Compact(list), ",")
	}
	var prefixes []string
	for _, p := range c.prefixes {
		prefixes = append(prefixes, p.Masked().String())
	}
	return c.transport + "|" + strings.Join(c.protocols, ",") + "|" + sorted(c.names) + "|" + sorted(prefixes)
}

// finish sets what the listener looks for, and what becomes of the rest.
func (l *listener) finish(rest *chain) {
	var all []*chain
	for _, c := range l.chains {
		l.seesTLS = l.seesTLS || len(c.names) > 0
		l.seesHTTP = l.seesHTTP || len(c.protocols) > 0
		if slices.Contains(c.names, "*") {
			c.names = nil
		}
		if c.matchesAll() {
			l.rest = c
		} else {
			all = append(all, c)
		}
	}
	l.chains = all
	if l.rest == nil {
		l.rest = rest
	}
	l.index()
}

// unregistered is what becomes of what no registry knows.
func (x *Index) unregistered(p *proxy) *chain {
	c := &chain{catchAll: true, routes: []weighted{{raw: blackHole, weight: 1}}}
	if p.scope.allowAny {
		c.routes[0].raw = passthrough
		if to := p.scope.proxy; to != nil {
			c.routes[0] = weighted{host: to.Host, port: int(to.GetPort().GetNumber()), subset: to.Subset, weight: 1}
		}
	}
	if p.scope.decided != nil {
		c.decided = []*decision{p.scope.decided}
		c.routes[0].decided = p.scope.decided
	}
	return c
}

// The clusters for what no registry knows.
const (
	blackHole   = "BlackHoleCluster"
	passthrough = "PassthroughCluster"
)

// opaqueChains are those of a service whose bytes are not looked into: by SNI where they are TLS, else all of them.
func (x *Index) opaqueChains(p *proxy, e *egress, s *service, on port, bind string, cidrs []string) []*chain {
	virtual := e.forHost(s.host)
	if on.protocol.tls() {
		return x.tlsChains(p, virtual, s, on, bind, cidrs)
	}
	return x.tcpChains(p, virtual, s, on, cidrs)
}

// own is the service's own cluster for what comes on a port: a listener of a Sidecar may be on another one than the
// service's only port.
func own(s *service, on port) weighted {
	number := on.number
	if len(s.ports) == 1 {
		number = s.ports[0].number
	}
	return weighted{host: s.host, port: number, weight: 1, decided: s.source.decision("")}
}

func (x *Index) tlsChains(p *proxy, virtual []*virtualService, s *service, on port, bind string, cidrs []string) []*chain {
	var all []*chain
	handled := map[string]bool{}
	for _, v := range virtual {
		for i, r := range v.tls {
			if len(r.Route) == 0 {
				continue
			}
			for j, m := range r.Match {
				if !p.fitsL4(m.Gateways, m.SourceLabels, m.SourceNamespace, m.Port, on.number) {
					continue
				}
				if len(m.DestinationSubnets) > 0 {
					cidrs = m.DestinationSubnets // and so they stay for those after it
				}
				key := strings.Join(m.SniHosts, ",") + "|" + strings.Join(m.DestinationSubnets, ",")
				if handled[key] {
					continue
				}
				handled[key] = true
				by := v.source.decision(fieldAt("spec.tls", i, "match", j))
				all = append(all, &chain{
					names: lower(m.SniHosts), prefixes: parsePrefixes(cidrs), decided: []*decision{by},
					routes: x.routesTo(p, r.Route, on.number, v.source, fieldAt("spec.tls", i, "route", -1)), tunnel: x.tunnels(p, r.Route),
				})
			}
		}
	}
	if len(all) > 0 {
		return all
	}
	c := &chain{prefixes: parsePrefixes(cidrs), routes: []weighted{own(s, on)}, tunnel: x.tunnelsTo(p, s.host, "")}
	address := s.address
	if strings.Contains(address, "/") {
		address = ""
	}
	if len(cidrs) > 0 || address == "" || address == unspecified && bind == unspecified || isWildcard(s.host) && s.resolution == dynamicDNS {
		c.names = []string{strings.ToLower(s.host)}
		for _, a := range s.aliases {
			c.names = append(c.names, a)
			c.names = append(c.names, otherNames(a, p.workload.namespace)...)
		}
	}
	return []*chain{c}
}

func (x *Index) tcpChains(p *proxy, virtual []*virtualService, s *service, on port, cidrs []string) []*chain {
	var all []*chain
	for _, v := range virtual {
		for i, r := range v.tcp {
			if len(r.Route) == 0 {
				continue
			}
			made := func(cidrs []string) *chain {
				return &chain{
					prefixes: parsePrefixes(cidrs), decided: []*decision{v.source.decision(fieldAt("spec.tcp", i, "", -1))},
					routes: x.routesTo(p, r.Route, on.number, v.source, fieldAt("spec.tcp", i, "route", -1)), tunnel: x.tunnels(p, r.Route),
				}
			}
			if len(r.Match) == 0 {
				return append(all, made(cidrs))
			}
			var subnets []string
			for _, m := range r.Match {
				if !p.fitsL4(m.Gateways, m.SourceLabels, m.SourceNamespace, m.Port, on.number) {
					continue
				}
				if len(m.DestinationSubnets) == 0 {
					return append(all, made(cidrs))
				}
				subnets = append(subnets, m.DestinationSubnets...)
			}
			if len(subnets) > 0 {
				all = append(all, made(subnets))
				slices.Sort(subnets)
				slices.Sort(cidrs)
				if slices.Equal(subnets, cidrs) {
					return all
				}
			}
		}
	}
	return append(all, &chain{prefixes: parsePrefixes(cidrs), routes: []weighted{own(s, on)}, tunnel: x.tunnelsTo(p, s.host, "")})
}

// fitsL4 tells whether a match of a tls or tcp route is for a sidecar.
func (p *proxy) fitsL4(gateways []string, labels map[string]string, namespace string, number uint32, on int) bool {
	return (len(gateways) == 0 || slices.Contains(gateways, "mesh")) && subset(labels, p.workload.labels) &&
		(number == 0 || int(number) == on) && (namespace == "" || namespace == p.workload.namespace)
}

// routesTo are the clusters of a tls or tcp route.
func (x *Index) routesTo(p *proxy, routes []*networking.RouteDestination, on int, from *source, field string) []weighted {
	var all []weighted
	for i, r := range routes {
		weight := int(r.Weight)
		if len(routes) == 1 {
			weight = 1
		}
		if weight == 0 {
			continue
		}
		host, number, in := x.destination(r.Destination, p.scope.byHost[r.Destination.GetHost()], on)
		all = append(all, weighted{host: host, port: number, subset: in, weight: weight, decided: from.decision(itemField(field, i) + ".destination")})
	}
	return all
}

// destination is the cluster that a destination names: a host that is only another name is the one behind it, and a port
// that is not given is the service's only one, or that of the listener.
func (x *Index) destination(d *networking.Destination, s *service, on int) (host string, number int, in string) {
	host, number = d.GetHost(), on
	if s != nil && s.resolution == alias {
		host = s.of
	}
	if d.GetPort() != nil {
		number = int(d.Port.Number)
	} else if s != nil && len(s.ports) == 1 {
		number = s.ports[0].number
	}
	return host, number, d.GetSubset()
}

// tunnels tells whether the rule for where a route leads has a tunnel.
func (x *Index) tunnels(p *proxy, routes []*networking.RouteDestination) bool {
	in := ""
	if len(routes) == 1 {
		in = routes[0].Destination.GetSubset()
	}
	return x.tunnelsTo(p, routes[0].Destination.GetHost(), in)
}

func (x *Index) tunnelsTo(p *proxy, host, in string) bool {
	s := p.scope.byHost[host]
	if s == nil {
		return false
	}
	r := x.ruleFor(p.scope, p.workload.labels, s)
	if r == nil {
		return false
	}
	if own, ok := r.subset(in); ok && in != "" && own.TrafficPolicy.GetTunnel() != nil {
		return true
	}
	return r.policy.GetTunnel() != nil
}

func parsePrefixes(list []string) []netip.Prefix {
	var all []netip.Prefix
	for _, s := range list {
		if p, err := netip.ParsePrefix(s); err == nil {
			if p.Addr().String() != unspecified {
				all = append(all, p.Masked())
			}
		} else if ip, err := netip.ParseAddr(s); err == nil && s != unspecified {
			all = append(all, netip.PrefixFrom(ip, ip.BitLen()))
		}
	}
	return all
}

func lower(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}

// listenerFor is the one that gets a connection of the application: that of its address, else of its port, else nil.
func (p *proxy) listenerFor(ip netip.Addr, number int) *listener {
	if l := p.listeners[bindPort{ip.String(), number}]; l != nil {
		return l
	}
	return p.listeners[bindPort{unspecified, number}]
}
