package traffic

import (
	"maps"
	"slices"
	"strings"
	"sync"

	networking "istio.io/api/networking/v1alpha3"
)

// A table is the HTTP routes of a port: virtual hosts by name.
type table struct {
	name  string
	build func(*table)
	once  sync.Once

	hosts byHost[*virtualHost] // lower case; "*" is among the wildcards
	// port, when it is not 0, is the only one that a Host header may have; otherwise any port is read over.
	port int
}

// A virtualHost is the routes of some names.
type virtualHost struct {
	name     string
	routes   []*route
	redirect bool // to https, whatever else
	decided  []*decision
}

// A route is what becomes of some of a virtual host's requests.
type route struct {
	from  *virtualService
	rule  *httpRoute
	match *networking.HTTPMatchRequest // nil takes all
	at    int                          // which of the rule's matches
	on    int                          // the port that destinations without one get
	tls   bool                         // the server of a gateway takes TLS
	find  func(host string) *service   // for ports that are not written
	to    weighted                     // without a rule
	code  Code                         // Blackhole or Passthrough, without either
}

// at finds the virtual host of a Host header.
func (t *table) at(host string) *virtualHost {
	t.once.Do(func() {
		if t.build != nil {
			t.build(t)
		}
	})
	host = strings.ToLower(host)
	if bare := withoutPort(host); t.port == 0 || host == joinHost(bare, t.port) {
		host = bare
	}
	if v, ok := t.hosts.exact[host]; ok {
		return v
	}
	for i := 1; i < len(host); i++ { // a star stands for at least one character
		if v, ok := t.hosts.wildcard["*"+host[i:]]; ok {
			return v
		}
	}
	return t.hosts.wildcard["*"]
}

// put adds a virtual host for a name that has none.
func (t *table) put(name string, v *virtualHost) {
	name = strings.ToLower(name)
	if _, there := t.hosts.at(name); !there {
		t.hosts.set(name, v)
	}
}

type tableKey struct {
	egress *egress
	port   int
	host   string
}

// outboundTable is the table of a sidecar's port; with a host, it is that of a listener for this host alone.
func (x *Index) outboundTable(p *proxy, e *egress, number int, host string) *table {
	for _, o := range p.scope.egress { // the first that could have the port gives the routes
		if o.port() == 0 || o.port() == number {
			e = o
			break
		}
	}
	key := tableKey{e, number, host}
	if t := p.tables[key]; t != nil {
		return t
	}
	t := &table{name: itoa(number)}
	if !x.gates.hostPortIgnored {
		t.port = number
	}
	p.tables[key] = t
	if host == "" {
		t.build = func(t *table) { x.buildOutbound(p, e, number, t) }
		return t
	}
	t.name = joinHost(host, number)
	whole := x.outboundTable(p, e, number, "")
	t.build = func(t *table) {
		whole.once.Do(func() { whole.build(whole) })
		if v, ok := whole.hosts.at(strings.ToLower(host)); ok && v.routes != nil {
			t.hosts.set("*", v)
		}
	}
	return t
}

func (x *Index) buildOutbound(p *proxy, e *egress, number int, t *table) {
	proxied := e.port() != 0 && parseProtocol(e.spec.Port.Protocol) == protoProxy
	registry := map[string]*service{}
	var order []string
	for _, s := range e.services {
		if proxied {
			registry[s.host] = s
			order = append(order, s.host)
		} else if p, there := s.port(number); there {
			only := *s
			only.ports = []port{p}
			host := strings.ToLower(s.host)
			if registry[host] == nil {
				order = append(order, host)
			}
			registry[host] = &only
		}
	}
	wild := slices.DeleteFunc(slices.Clone(order), func(h string) bool { return !isWildcard(h) })
	listens := number
	if proxied {
		listens = 0
	}
	find := func(host string) *service { return registry[host] }
	type wrapper struct {
		hosts    []string
		services []*service
		routes   []*route
	}
	var wrappers []wrapper
	for _, v := range e.virtualServices {
		if listens != 80 && !concerns(v, registry, wild) {
			continue
		}
		routes := p.routesOf(v, listens, "mesh", false, find)
		if len(routes) == 0 {
			continue
		}
		w := wrapper{routes: routes}
		some := false
		for _, h := range v.hosts {
			h = strings.ToLower(h)
			if isWildcard(h) {
				continue
			}
			if s := registry[h]; s != nil {
				w.services = append(w.services, s)
			} else {
				w.hosts = append(w.hosts, h)
			}
		}
		for _, h := range v.hosts {
			if !isWildcard(h) {
				continue
			}
			h = strings.ToLower(h)
			found := false
			for _, name := range order {
				if !overlaps(name, h) {
					continue
				}
				found = true
				if owner, ok := e.first.mostSpecific(name); !x.gates.mostSpecificWildcard || ok && owner == v {
					w.services = append(w.services, registry[name])
				}
			}
			if !found {
				w.hosts = append(w.hosts, h)
			}
		}
		for _, s := range w.services {
			some = some || slices.ContainsFunc(s.ports, func(o port) bool { return o.protocol.http() || o.protocol == protoAuto })
		}
		w.services = slices.DeleteFunc(w.services, func(s *service) bool {
			return !slices.ContainsFunc(s.ports, func(o port) bool { return o.protocol.http() || o.protocol == protoAuto })
		})
		if !some && listens != 80 {
			continue
		}
		wrappers = append(wrappers, w)
	}
	taken := map[*service]bool{}
	for _, w := range wrappers {
		for _, s := range w.services {
			taken[s] = true
		}
	}
	for _, host := range order {
		s := registry[host]
		if taken[s] || s.resolution == alias {
			continue
		}
		for _, o := range s.ports {
			if o.protocol.http() || o.protocol == protoAuto {
				// The name is in lower case here, and as written where the cluster is made: istiod's own slip.
				to := weighted{host: host, port: o.number, weight: 1, decided: s.source.decision("")}
				wrappers = append(wrappers, wrapper{services: []*service{s}, routes: []*route{{to: to, on: o.number}}})
			}
		}
	}
	known := map[string]bool{}
	for _, w := range wrappers {
		for _, s := range w.services {
			known[s.host] = true
		}
	}
	named := map[string]bool{}
	for _, w := range wrappers {
		for _, h := range w.hosts {
			if name := joinHost(h, number); !named[name] {
				named[name] = true
				t.put(h, &virtualHost{name: name, routes: w.routes})
			}
		}
		for _, s := range w.services {
			name := joinHost(s.host, number)
			if named[name] {
				continue
			}
			named[name] = true
			v := &virtualHost{name: name, routes: w.routes}
			for _, h := range append([]string{s.host}, s.aliases...) {
				t.put(h, v)
				others := otherNames(h, p.workload.namespace)
				for _, o := range others {
					if !known[o] {
						t.put(o, v)
					}
				}
				if s.resolution == original && s.kubernetes {
					for _, o := range append([]string{h}, others...) {
						t.put("*."+o, v)
					}
				}
			}
			if s.address != unspecified && s.address != "" {
				t.put(s.address, v)
			}
		}
	}
	end := &virtualHost{name: "block_all", routes: []*route{{code: Blackhole}}}
	if p.scope.allowAny {
		end = &virtualHost{name: "allow_any", routes: []*route{{code: Passthrough}}}
	}
	t.put("*", end)
}

// concerns tells whether a VirtualService has a host in common with the services of a port.
func concerns(v *virtualService, registry map[string]*service, wild []string) bool {
	for _, h := range v.hosts {
		h = strings.ToLower(h)
		if registry[h] != nil {
			return true
		}
		if isWildcard(h) {
			for name := range registry {
				if overlaps(h, name) {
					return true
				}
			}
		} else if slices.ContainsFunc(wild, func(w string) bool { return overlaps(h, w) }) {
			return true
		}
	}
	return false
}

// routesOf are the HTTP routes of a VirtualService that count for a port of a gateway ("mesh" for a sidecar), up to the
// one that takes everything.
func (p *proxy) routesOf(v *virtualService, on int, gateway string, tls bool, find func(string) *service) []*route {
	var all []*route
	for _, r := range v.http {
		if len(r.Match) == 0 {
			return append(all, &route{from: v, rule: r, on: on, tls: tls, find: find})
		}
		for i, m := range r.Match {
			if m.Port != 0 && int(m.Port) != on || !p.fitsSource(m, gateway) {
				continue
			}
			made := &route{from: v, rule: r, match: m, at: i, on: on, tls: tls, find: find}
			all = append(all, made)
			if made.takesAll() {
				return all
			}
		}
	}
	return all
}

// fitsSource tells whether a match is for a proxy: by the gateways it names, or else by the labels and namespace of those
// who call.
func (p *proxy) fitsSource(m *networking.HTTPMatchRequest, gateway string) bool {
	if len(m.Gateways) > 0 {
		return slices.Contains(m.Gateways, gateway)
	}
	return subset(m.SourceLabels, p.workload.labels) && (m.SourceNamespace == "" || m.SourceNamespace == p.workload.namespace)
}

// takesAll tells whether a route asks for nothing in a request.
func (r *route) takesAll() bool {
	m := r.match
	if m == nil {
		return true
	}
	switch u := m.Uri.GetMatchType().(type) {
	case nil:
	case *networking.StringMatch_Prefix:
		if u.Prefix != "/" {
			return false
		}
	case *networking.StringMatch_Regex:
		if u.Regex != ".*" {
			return false
		}
	default:
		return false
	}
	return len(m.Headers) == 0 && len(m.WithoutHeaders) == 0 && len(m.QueryParams) == 0 && m.Method == nil && m.Authority == nil && m.Scheme == nil
}

// lastOfAll puts the routes that take everything behind the others.
func lastOfAll(routes []*route) []*route {
	var some, all []*route
	for _, r := range routes {
		if r.takesAll() {
			all = append(all, r)
		} else {
			some = append(some, r)
		}
	}
	return append(some, all...)
}

// headerNames are a match's names in an order that does not change.
func headerNames(m map[string]*networking.StringMatch) []string { return sortedKeys(m) }

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
