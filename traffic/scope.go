package traffic

import (
	"cmp"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
)

// A sidecar is a Sidecar object.
type sidecarObject struct {
	namespace, name string
	spec            *networking.Sidecar
	age             int
	source          *source
}

// A scope is what the proxies of a namespace see: all of them, or those that a Sidecar object is for.
type scope struct {
	namespace string
	gateway   bool
	sidecar   *sidecarObject
	egress    []*egress
	services  []*service
	byHost    map[string]*service
	allowAny  bool
	proxy     *networking.Destination // where what is not registered goes instead
	decided   *decision               // who says so

	rules map[string][]*rule // by host, once asked for
}

// An egress is one listener of a Sidecar object, or the one that takes everything.
type egress struct {
	spec            *networking.IstioEgressListener // nil for everything
	services        []*service
	virtualServices []*virtualService

	places   map[string][]int // the VirtualServices of an exact host, by place
	wildcard []int            // those that have a wildcard
	// first is the first VirtualService of each host.
	first byHost[*virtualService]
}

func (e *egress) port() int { return int(e.spec.GetPort().GetNumber()) }

// forHost lists, in order, the VirtualServices with a host that has something in common with the name.
func (e *egress) forHost(name string) []*virtualService {
	if isWildcard(name) {
		var all []*virtualService
		for _, v := range e.virtualServices {
			if slices.ContainsFunc(v.hosts, func(h string) bool { return overlaps(h, name) }) {
				all = append(all, v)
			}
		}
		return all
	}
	at := slices.Clone(e.places[name])
	for _, i := range e.wildcard {
		if slices.ContainsFunc(e.virtualServices[i].hosts, func(h string) bool { return isWildcard(h) && overlaps(h, name) }) {
			at = append(at, i)
		}
	}
	slices.Sort(at)
	var all []*virtualService
	for _, i := range slices.Compact(at) {
		all = append(all, e.virtualServices[i])
	}
	return all
}

// scopeOf finds or makes the scope of a proxy: a Sidecar of its namespace that selects it, one of its namespace, the root
// namespace's, or everything. Gateways see everything that is exported to them.
func (x *Index) scopeOf(w *workload) *scope {
	key := scopeKey{namespace: w.namespace, gateway: w.gateway}
	if !w.gateway {
		key.sidecar = x.sidecarOf(w)
	}
	x.mutex.Lock()
	defer x.mutex.Unlock()
	s := x.scopes[key]
	if s == nil {
		s = x.newScope(key)
		x.scopes[key] = s
	}
	return s
}

type scopeKey struct {
	namespace string
	gateway   bool
	sidecar   *sidecarObject
}

func (x *Index) sidecarOf(w *workload) *sidecarObject {
	var plain *sidecarObject
	for _, s := range x.sidecars[w.namespace] { // oldest first
		switch {
		case s.spec.WorkloadSelector == nil:
			if plain == nil {
				plain = s
			}
		case subset(s.spec.WorkloadSelector.Labels, w.labels):
			return s
		}
	}
	if plain != nil {
		return plain
	}
	for _, s := range x.sidecars[x.mesh.rootNamespace] {
		if s.spec.WorkloadSelector == nil {
			return s
		}
	}
	return nil
}

// visibleServices are those exported to a namespace: by name first, then those for everybody.
func (x *Index) visibleServices(namespace string) []*service {
	own := x.exportedTo[namespace]
	if len(own) == 0 {
		return x.public
	}
	return slices.Concat(own, x.public)
}

// visibleVirtualServices are those bound to a gateway ("mesh" for sidecars) that a namespace sees: its private ones, those
// exported to it by name, and those for everybody, each oldest first.
func (x *Index) visibleVirtualServices(namespace, gateway string) []*virtualService {
	of := x.bound[gateway]
	if of == nil {
		return nil
	}
	if len(of.private[namespace]) == 0 && len(of.exported[namespace]) == 0 {
		return of.public
	}
	return slices.Concat(of.private[namespace], of.exported[namespace], of.public)
}

// A binding holds the VirtualServices of a gateway, by who sees them.
type binding struct {
	private, exported map[string][]*virtualService
	public            []*virtualService
}

func (x *Index) bindVirtualServices() {
	slices.SortStableFunc(x.virtualServices, func(a, b *virtualService) int {
		return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(a.name, b.name), cmp.Compare(a.namespace, b.namespace))
	})
	for _, v := range x.virtualServices {
		for _, g := range v.gateways {
			of := x.bound[g]
			if of == nil {
				of = &binding{private: map[string][]*virtualService{}, exported: map[string][]*virtualService{}}
				x.bound[g] = of
			}
			switch {
			case v.exportTo.all:
				of.public = append(of.public, v)
			case v.exportTo.none:
			default:
				for namespace := range v.exportTo.in {
					if namespace == v.namespace {
						of.private[namespace] = append(of.private[namespace], v)
					} else {
						of.exported[namespace] = append(of.exported[namespace], v)
					}
				}
			}
		}
	}
}

func (x *Index) newScope(key scopeKey) *scope {
	s := &scope{
		namespace: key.namespace, gateway: key.gateway, sidecar: key.sidecar, byHost: map[string]*service{},
		allowAny: x.mesh.allowAny, decided: x.mesh.decided, rules: map[string][]*rule{},
	}
	if key.gateway {
		// istiod shows a gateway the view of its namespace's sidecars, in which services of the namespace itself come first,
		// where a sidecar without a Sidecar object happened to ask before it; this is what a gateway has of its own.
		at := map[string]int{}
		for _, v := range x.visibleServices(key.namespace) {
			s.add(v, at)
		}
		return s
	}
	listeners := []*networking.IstioEgressListener{nil}
	if key.sidecar != nil {
		spec := key.sidecar.spec
		if len(spec.Egress) > 0 {
			listeners = spec.Egress
		}
		if p := spec.OutboundTrafficPolicy; p != nil {
			s.allowAny = p.Mode == networking.OutboundTrafficPolicy_ALLOW_ANY
			s.proxy = p.EgressProxy
			s.decided = key.sidecar.source.decision("spec.outboundTrafficPolicy")
		}
	}
	for _, l := range listeners {
		s.egress = append(s.egress, x.newEgress(s.namespace, l))
	}
	x.collect(s)
	return s
}

// An imports list is what a listener of a Sidecar imports from one namespace ("*" for all): "host" and "~host".
type imports struct{ hosts, excluded []string }

func (i imports) excludes(name string) bool {
	return slices.ContainsFunc(i.excluded, func(e string) bool { return within(name, e) })
}

func (i imports) takes(name string) bool {
	return slices.ContainsFunc(i.hosts, func(h string) bool {
		return h == name || (isWildcard(h) || isWildcard(name)) && within(name, h)
	})
}

// takesRoutes is for VirtualServices: a wildcard is imported with a name under it, and the other way round.
func (i imports) takesRoutes(name string) bool {
	return slices.ContainsFunc(i.hosts, func(h string) bool {
		return h == name || (isWildcard(h) || isWildcard(name)) && overlaps(name, h)
	})
}

func (x *Index) newEgress(namespace string, spec *networking.IstioEgressListener) *egress {
	e := &egress{spec: spec, places: map[string][]int{}}
	if spec == nil {
		e.virtualServices = x.visibleVirtualServices(namespace, "mesh")
		e.services = oneNamespace(x.visibleServices(namespace), namespace)
	} else {
		from := map[string]*imports{}
		for _, h := range spec.Hosts {
			ns, name, ok := strings.Cut(h, "/")
			if !ok {
				continue
			}
			ns, excluded := strings.CutPrefix(ns, "~")
			switch {
			case excluded && ns == "":
				ns = "*"
			case ns == ".":
				ns = namespace
			}
			i := from[ns]
			if i == nil {
				i = &imports{}
				from[ns] = i
			}
			if excluded {
				i.excluded = append(i.excluded, name)
			} else {
				i.hosts = append(i.hosts, name)
			}
		}
		imported := func(ns, name string, takes func(imports, string) bool) bool {
			own, everywhere := from[ns], from["*"]
			if own != nil && own.excludes(name) || everywhere != nil && everywhere.excludes(name) {
				return false
			}
			return own != nil && takes(*own, name) || everywhere != nil && takes(*everywhere, name)
		}
		for _, v := range x.visibleVirtualServices(namespace, "mesh") {
			if slices.ContainsFunc(v.hosts, func(h string) bool { return imported(v.namespace, h, imports.takesRoutes) }) {
				e.virtualServices = append(e.virtualServices, v)
			}
		}
		var services []*service
		for _, s := range x.visibleServices(namespace) {
			if !imported(s.namespace, s.host, imports.takes) {
				continue
			}
			if e.matchesPorts() {
				if s = s.withPort(e.port()); s == nil {
					continue
				}
			}
			services = append(services, s.withAliases(func(a string) bool { return imported(s.namespace, a, imports.takes) }))
		}
		e.services = oneNamespace(services, namespace)
	}
	for i, v := range e.virtualServices {
		some := false
		for _, h := range v.hosts {
			if _, there := e.first.at(h); !there {
				e.first.set(h, v)
			}
			if isWildcard(h) {
				some = true
			} else {
				e.places[h] = append(e.places[h], i)
			}
		}
		if some {
			e.wildcard = append(e.wildcard, i)
		}
	}
	return e
}

// matchesPorts tells whether the listener takes only what is on its own port; one for an HTTP proxy takes everything.
func (e *egress) matchesPorts() bool {
	return e.port() != 0 && parseProtocol(e.spec.GetPort().GetProtocol()) != protoProxy
}

// withPort is the service with that port alone, or nil.
func (s *service) withPort(number int) *service {
	i := slices.IndexFunc(s.ports, func(p port) bool { return p.number == number })
	if i < 0 {
		return nil
	}
	if len(s.ports) == 1 {
		return s
	}
	only := *s
	only.ports = s.ports[i : i+1]
	return &only
}

func (s *service) withAliases(keep func(string) bool) *service {
	if !slices.ContainsFunc(s.aliases, func(a string) bool { return !keep(a) }) {
		return s
	}
	only := *s
	only.aliases = slices.DeleteFunc(slices.Clone(s.aliases), func(a string) bool { return !keep(a) })
	return &only
}

// oneNamespace leaves, of each host, the services of one namespace: the proxy's own, or that of a Service, or that of the
// first.
func oneNamespace(services []*service, own string) []*service {
	type from struct {
		namespace  string
		kubernetes bool
	}
	chosen := make(map[string]from, len(services))
	several := false
	for _, s := range services {
		this := from{s.namespace, s.kubernetes}
		old, known := chosen[s.host]
		switch {
		case !known:
			chosen[s.host] = this
		case s.namespace == own:
			chosen[s.host] = this
		case !old.kubernetes && s.kubernetes && old.namespace != own:
			chosen[s.host] = this
		}
		several = several || known && old.namespace != s.namespace
	}
	if !several {
		return services
	}
	return slices.DeleteFunc(slices.Clone(services), func(s *service) bool { return chosen[s.host].namespace != s.namespace })
}

// collect joins what the listeners import, and what their VirtualServices lead to besides.
func (x *Index) collect(s *scope) {
	at := map[string]int{}
	for _, e := range s.egress {
		for _, v := range e.services {
			s.add(v, at)
		}
		for _, v := range e.virtualServices {
			ports := map[string][]int{}
			v.destinations(s.namespace, func(host string, port int) { ports[host] = append(ports[host], port) })
			for host, wanted := range ports {
				to := x.pick(host, s.namespace)
				if to == nil {
					continue
				}
				if e.matchesPorts() {
					to = to.withPort(e.port())
				} else {
					to = to.withPorts(wanted)
				}
				if to != nil {
					s.add(to, at)
				}
			}
		}
	}
}

// pick chooses the namespace whose service of a host a VirtualService leads to: the proxy's own, else a Service, else the
// oldest that is exported to it.
func (x *Index) pick(host, own string) *service {
	of := x.byName[host]
	if s := of[own]; s != nil {
		return s
	}
	var best *service
	for _, s := range of {
		if !s.exportTo.to(own) {
			continue
		}
		if best == nil || s.kubernetes && !best.kubernetes || s.kubernetes == best.kubernetes && s.age < best.age {
			best = s
		}
	}
	return best
}

// withPorts is the service with those ports that are wanted; 0 wants all. None left is nil.
func (s *service) withPorts(wanted []int) *service {
	if len(wanted) == 0 || slices.Contains(wanted, 0) {
		return s
	}
	var ports []port
	for _, p := range s.ports {
		if slices.Contains(wanted, p.number) {
			ports = append(ports, p)
		}
	}
	switch len(ports) {
	case 0:
		return nil
	case len(s.ports):
		return s
	}
	only := *s
	only.ports = ports
	return &only
}

// add takes a service into the scope. Of several for one host the first stays, a Service beats a ServiceEntry, and alike
// ones of one namespace join their ports.
func (s *scope) add(v *service, at map[string]int) {
	i, known := at[v.host]
	if !known {
		at[v.host] = len(s.services)
		s.services = append(s.services, v)
		s.byHost[v.host] = v
		return
	}
	old := s.services[i]
	switch {
	case old == v, old.kubernetes && !v.kubernetes:
		return
	case !old.kubernetes && v.kubernetes:
		s.services[i], s.byHost[v.host] = v, v
		return
	}
	if slices.Equal(old.ports, v.ports) || old.namespace != v.namespace || old.resolution != v.resolution ||
		!equalLabels(old.labels, v.labels) || !equalLabels(old.selector, v.selector) || !equalSets(old.exports, v.exports) {
		return
	}
	joined := *old
	joined.ports = slices.Clone(old.ports)
	for _, p := range v.ports {
		if !slices.ContainsFunc(joined.ports, func(o port) bool { return o.number == p.number }) {
			joined.ports = append(joined.ports, p)
		}
	}
	s.services[i], s.byHost[v.host] = &joined, &joined
}

func equalLabels(a, b map[string]string) bool { return len(a) == len(b) && subset(a, b) }

func equalSets(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) }) &&
		!slices.ContainsFunc(b, func(s string) bool { return !slices.Contains(a, s) })
}
