package traffic

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
)

// A protocol is what a port is declared to speak, in Istio's words.
type protocol string

const (
	protoHTTP    protocol = "HTTP"
	protoHTTP2   protocol = "HTTP2"
	protoGRPC    protocol = "GRPC"
	protoGRPCWeb protocol = "GRPC-Web"
	protoProxy   protocol = "HTTP_PROXY"
	protoHTTPS   protocol = "HTTPS"
	protoTLS     protocol = "TLS"
	protoTCP     protocol = "TCP"
	protoUDP     protocol = "UDP"
	protoMongo   protocol = "Mongo"
	protoRedis   protocol = "Redis"
	protoMySQL   protocol = "MySQL"
	protoAuto    protocol = "" // not said: the bytes tell
)

var protocols = map[string]protocol{}

func init() {
	for _, p := range []protocol{
		protoHTTP, protoHTTP2, protoGRPC, protoGRPCWeb, protoProxy, protoHTTPS, protoTLS, protoTCP, protoUDP, protoMongo,
		protoRedis, protoMySQL,
	} {
		protocols[strings.ToLower(string(p))] = p
	}
}

func parseProtocol(s string) protocol { return protocols[strings.ToLower(s)] }

func (p protocol) http() bool {
	switch p {
	case protoHTTP, protoHTTP2, protoGRPC, protoGRPCWeb, protoProxy:
		return true
	}
	return false
}

func (p protocol) tls() bool { return p == protoHTTPS || p == protoTLS }

// tcp is what Istio forwards without looking into: TLS is among it.
func (p protocol) tcp() bool {
	switch p {
	case protoTCP, protoHTTPS, protoTLS, protoMongo, protoRedis, protoMySQL:
		return true
	}
	return false
}

func (p protocol) h2() bool { return p == protoHTTP2 || p == protoGRPC || p == protoGRPCWeb }

// serviceProtocol reads a Service's port, by Istio's convention of names.
// https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
func serviceProtocol(p corev1.ServicePort) protocol {
	if p.Protocol == corev1.ProtocolUDP {
		return protoUDP
	}
	name := p.Name
	if p.AppProtocol != nil {
		name = *p.AppProtocol
		switch name {
		case "kubernetes.io/h2c":
			return protoHTTP2
		case "kubernetes.io/ws":
			return protoHTTP
		case "kubernetes.io/wss":
			return protoHTTPS
		}
	}
	if len(name) >= len("grpc-web") && strings.EqualFold(name[:len("grpc-web")], "grpc-web") {
		return protoGRPCWeb
	}
	name, _, _ = strings.Cut(name, "-")
	said := parseProtocol(name)
	if said == protoAuto {
		switch p.Port {
		case 25, 53, 3306, 27017: // whose servers speak first
			return protoTCP
		}
	}
	return said
}

// A port is one of a service.
type port struct {
	name     string
	number   int
	protocol protocol
}

// A resolution is how a proxy finds the endpoints of a service.
type resolution uint8

const (
	static resolution = iota
	byDNS
	byDNSRoundRobin
	original // the address that the client dialled: resolution NONE, and Services without a cluster IP
	dynamicDNS
	alias // a Service of type ExternalName
)

// A service is an entry of the registry: a host of a Service or of a ServiceEntry, at one address.
type service struct {
	host, namespace string
	name            string // the Service's own, or the host: it decides between services of one age
	kubernetes      bool
	external        bool
	resolution      resolution
	ports           []port
	// address is where it listens: an IP address, a CIDR, or "0.0.0.0" when it has none.
	address  string
	exportTo visibility
	exports  []string // the same as written, for comparing
	labels   map[string]string
	selector map[string]string
	names    []string // subjectAltNames
	// exits are the target ports of resolution NONE.
	exits map[int]int
	// of is the name that an alias stands for; aliases are those that stand for this.
	of      string
	aliases []string
	age     int
	source  *source
	assumed bool
}

const unspecified = "0.0.0.0"

// port finds a port by its number; istiod reads over those of UDP.
func (s *service) port(number int) (port, bool) {
	for _, p := range s.ports {
		if p.number == number && p.protocol != protoUDP {
			return p, true
		}
	}
	return port{}, false
}

func (s *service) key() string { return s.namespace + "/" + s.host }

// dns tells whether proxies ask DNS for the endpoints.
func (s *service) dns() bool { return s.resolution == byDNS || s.resolution == byDNSRoundRobin }

// An endpoint is one of those behind a service's port.
type endpoint struct {
	workload *workload  // nil outside
	ip       netip.Addr // or
	name     string     // what the proxy resolves, or a socket of Unix
	port     int
	portName string
	// number is the service's port, for endpoints of a ServiceEntry: DNS clusters match by it.
	number    int
	labels    map[string]string
	mutualTLS bool   // its labels say that it has a sidecar
	account   string // SPIFFE
	namespace string
	weight    int
	locality  string
}

func (x *Index) addService(s *corev1.Service, src *source) {
	made := &service{
		host: s.Name + "." + s.Namespace + ".svc." + domain, namespace: s.Namespace, name: s.Name, kubernetes: true,
		labels: s.Labels, selector: s.Spec.Selector, age: src.age, source: src, address: s.Spec.ClusterIP, assumed: src.object == nil && !src.given,
	}
	if list := s.Annotations["networking.istio.io/exportTo"]; list != "" {
		for _, e := range strings.Split(list, ",") {
			made.exports = append(made.exports, strings.TrimSpace(e))
		}
	}
	made.exportTo = exported(made.exports, x.mesh.exportServices, s.Namespace)
	switch {
	case s.Spec.Type == corev1.ServiceTypeExternalName && s.Spec.ExternalName != "":
		made.external, made.of, made.address = true, s.Spec.ExternalName, unspecified
		made.resolution = byDNS
		if x.gates.externalNameAlias {
			made.resolution = alias
		}
	case s.Spec.ClusterIP == corev1.ClusterIPNone:
		made.resolution, made.address = original, unspecified
	case s.Spec.ClusterIP == "":
		made.address = numbered("10.96", x.kubernetesServices).String()
	}
	x.kubernetesServices++
	for _, p := range s.Spec.Ports {
		made.ports = append(made.ports, port{p.Name, int(p.Port), serviceProtocol(p)})
	}
	x.services = append(x.services, made)
	if _, there := x.serviceAt[made.host]; !there {
		x.serviceAt[made.host] = len(x.serviceObjects)
	}
	if ip, err := netip.ParseAddr(made.address); err == nil && made.address != unspecified {
		x.serviceByIP[ip] = len(x.serviceObjects)
	}
	x.serviceObjects = append(x.serviceObjects, s)
	x.kubernetesOf = append(x.kubernetesOf, made)

	var all []endpoint
	if made.of != "" && made.resolution == byDNS {
		for _, p := range made.ports {
			all = append(all, endpoint{name: made.of, port: p.number, portName: p.name, namespace: s.Namespace})
		}
	}
	if len(s.Spec.Selector) > 0 {
		for _, w := range x.workloads {
			if w.namespace != s.Namespace || !subset(s.Spec.Selector, w.labels) {
				continue
			}
			for _, p := range s.Spec.Ports {
				if number := targetPort(p, w); number != 0 && p.Protocol != corev1.ProtocolUDP {
					all = append(all, x.endpointOf(w, number, p.Name))
				}
			}
		}
		for _, e := range x.entries {
			if made.resolution != static || e.namespace != s.Namespace || !subset(s.Spec.Selector, e.labels) {
				continue
			}
			for _, p := range s.Spec.Ports {
				if number := entryPort(p, e.spec); number != 0 {
					at := x.entryEndpoint(e.spec, e.labels, e.namespace)
					at.port, at.portName = number, p.Name
					all = append(all, at)
				}
			}
		}
	}
	x.endpoints[made.key()] = append(x.endpoints[made.key()], all...)
}

// targetPort is where a Service's port leads in a pod; 0 is a name that the pod does not have.
func targetPort(p corev1.ServicePort, w *workload) int {
	switch {
	case p.TargetPort.StrVal != "":
		return int(w.ports[p.TargetPort.StrVal])
	case p.TargetPort.IntVal != 0:
		return int(p.TargetPort.IntVal)
	default:
		return int(p.Port)
	}
}

// entryPort is where a Service's port leads at a WorkloadEntry; 0 is a name that it does not have.
func entryPort(p corev1.ServicePort, e *networking.WorkloadEntry) int {
	name, number := p.Name, int(p.Port)
	if p.TargetPort.StrVal != "" {
		name, number = p.TargetPort.StrVal, 0
	} else if p.TargetPort.IntVal != 0 {
		number = int(p.TargetPort.IntVal)
	}
	if n := e.Ports[name]; n > 0 && name != "" {
		return int(n)
	}
	return number
}

func (x *Index) endpointOf(w *workload, number int, portName string) endpoint {
	return endpoint{
		workload: w, ip: w.ip, port: number, portName: portName, labels: x.mesh.cluster.label(w.labels),
		mutualTLS: w.labels[tlsMode] == "istio", namespace: w.namespace,
		account: x.mesh.spiffe(w.namespace, w.account), weight: 1,
	}
}

// addSlice reads the endpoints that an EndpointSlice gives by hand.
func (x *Index) addSlice(e *discoveryv1.EndpointSlice) {
	of := e.Labels[discoveryv1.LabelServiceName]
	if of == "" || e.AddressType == discoveryv1.AddressTypeFQDN {
		return
	}
	key := e.Namespace + "/" + of + "." + e.Namespace + ".svc." + domain
	for _, at := range e.Endpoints {
		for _, address := range at.Addresses {
			ip, err := netip.ParseAddr(address)
			if err != nil {
				continue
			}
			for _, p := range e.Ports {
				made := endpoint{ip: ip, namespace: e.Namespace, weight: 1}
				if p.Port != nil {
					made.port = int(*p.Port)
				}
				if p.Name != nil {
					made.portName = *p.Name
				}
				x.endpoints[key] = append(x.endpoints[key], made)
			}
		}
	}
}

// mirrored are the EndpointSlices that Kubernetes makes of Endpoints that people write, one for each set of ports.
// https://kubernetes.io/docs/concepts/services-networking/service/#endpointslice-mirroring
//
//lint:ignore SA1019 people still write them
func mirrored(e *corev1.Endpoints) []*discoveryv1.EndpointSlice {
	var all []*discoveryv1.EndpointSlice
	for _, s := range e.Subsets {
		slice := &discoveryv1.EndpointSlice{}
		slice.Namespace, slice.Labels = e.Namespace, map[string]string{discoveryv1.LabelServiceName: e.Name}
		for _, p := range s.Ports {
			slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &p.Name, Port: &p.Port})
		}
		for _, at := range s.Addresses {
			slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{Addresses: []string{at.IP}})
		}
		all = append(all, slice)
	}
	return all
}

// A workloadEntry is a machine outside Kubernetes.
type workloadEntry struct {
	namespace, name string
	labels          map[string]string
	spec            *networking.WorkloadEntry
}

func (x *Index) entryEndpoint(e *networking.WorkloadEntry, labels map[string]string, namespace string) endpoint {
	made := endpoint{labels: labels, namespace: namespace, weight: max(1, int(e.Weight)), locality: e.Locality}
	if ip, err := netip.ParseAddr(e.Address); err == nil {
		made.ip = ip
	} else {
		made.name = strings.TrimPrefix(e.Address, "unix://")
	}
	if mode, said := labels[tlsMode]; said {
		made.mutualTLS = mode == "istio"
	} else {
		made.mutualTLS = e.ServiceAccount != ""
	}
	if e.ServiceAccount != "" {
		made.account = x.mesh.spiffe(namespace, e.ServiceAccount)
	}
	return made
}

// addServiceEntry makes a service for each host and address, as istiod does, and their endpoints.
func (x *Index) addServiceEntry(spec *networking.ServiceEntry, namespace string, labels map[string]string, src *source) {
	made := service{
		namespace: namespace, external: spec.Location == networking.ServiceEntry_MESH_EXTERNAL, labels: labels,
		exports: spec.ExportTo, exportTo: exported(spec.ExportTo, x.mesh.exportServices, namespace),
		names: spec.SubjectAltNames, age: src.age, source: src,
	}
	switch spec.Resolution {
	case networking.ServiceEntry_DNS:
		made.resolution = byDNS
	case networking.ServiceEntry_DNS_ROUND_ROBIN:
		made.resolution = byDNSRoundRobin
	case networking.ServiceEntry_NONE:
		made.resolution = original
	case networking.ServiceEntry_DYNAMIC_DNS:
		made.resolution = dynamicDNS
	}
	if spec.WorkloadSelector != nil {
		made.selector = spec.WorkloadSelector.Labels
	}
	for _, p := range spec.Ports {
		made.ports = append(made.ports, port{p.Name, int(p.Number), parseProtocol(p.Protocol)})
		if made.resolution == original && p.TargetPort != 0 && x.gates.targetPortWithNone {
			if made.exits == nil {
				made.exits = map[int]int{}
			}
			made.exits[int(p.Number)] = int(p.TargetPort)
		}
	}
	var addresses []string
	for _, a := range spec.Addresses {
		if _, err := netip.ParseAddr(a); err == nil {
			addresses = append(addresses, a)
		} else if prefix, err := netip.ParsePrefix(a); err == nil {
			if prefix.IsSingleIP() {
				a = prefix.Addr().String()
			}
			addresses = append(addresses, a)
		}
	}
	if len(spec.Addresses) == 0 {
		addresses = []string{unspecified}
	}
	for _, h := range spec.Hosts {
		x.entryAddresses[h] = append(x.entryAddresses[h], spec.Addresses...)
	}
	hosts := slices.Clone(spec.Hosts)
	slices.Sort(hosts) // of one age, the name decides
	hosts = slices.Compact(hosts)
	for _, host := range hosts {
		for _, address := range addresses {
			s := made
			s.host, s.name, s.address = host, host, address
			x.services = append(x.services, &s)
			x.addEntryEndpoints(&s, spec)
			if spec.WorkloadSelector != nil {
				x.selecting = append(x.selecting, &s)
			}
			for i, e := range spec.Endpoints {
				ip, err := netip.ParseAddr(e.Address)
				if err == nil && !slices.ContainsFunc(spec.Endpoints[:i], func(o *networking.WorkloadEntry) bool { return o.Address == e.Address }) {
					x.atAddress[ip] = append(x.atAddress[ip], &s)
				}
			}
		}
	}
}

func (x *Index) addEntryEndpoints(s *service, spec *networking.ServiceEntry) {
	var bases []endpoint
	var portMaps []map[string]uint32 // by the port's name
	switch {
	case spec.WorkloadSelector != nil:
		for _, w := range x.workloads {
			if w.namespace == s.namespace && subset(spec.WorkloadSelector.Labels, w.labels) {
				bases, portMaps = append(bases, x.endpointOf(w, 0, "")), append(portMaps, w.ports)
			}
		}
		for _, e := range x.entries {
			if e.namespace != s.namespace || !subset(spec.WorkloadSelector.Labels, e.labels) {
				continue
			}
			made := x.entryEndpoint(e.spec, e.labels, e.namespace)
			if made.name != "" && !s.dns() {
				continue
			}
			bases, portMaps = append(bases, made), append(portMaps, e.spec.Ports)
		}
	case len(spec.Endpoints) == 0 && s.dns():
		bases, portMaps = []endpoint{{name: s.host, namespace: s.namespace, weight: 1}}, []map[string]uint32{nil}
		if ip, err := netip.ParseAddr(s.host); err == nil {
			bases[0].ip = ip
		}
	default:
		for _, e := range spec.Endpoints {
			bases, portMaps = append(bases, x.entryEndpoint(e, e.Labels, s.namespace)), append(portMaps, e.Ports)
		}
	}
	key := s.key()
	known := map[int]bool{}
	if s.resolution == byDNSRoundRobin {
		// One endpoint a port is all that such a cluster can have: the oldest's.
		for _, e := range x.endpoints[key] {
			known[e.number] = true
		}
	}
	for i, base := range bases {
		for _, p := range spec.Ports {
			e := base
			e.portName, e.number, e.port = p.Name, int(p.Number), int(p.Number)
			if p.TargetPort > 0 && x.gates.targetPort {
				e.port = int(p.TargetPort)
			}
			if n := portMaps[i][p.Name]; n > 0 {
				e.port = int(n)
			}
			if known[e.number] {
				continue
			}
			if s.resolution == byDNSRoundRobin {
				known[e.number] = true
			}
			x.endpoints[key] = append(x.endpoints[key], e)
		}
	}
}

// atPort are the endpoints that istiod has for a port of a service. It keeps them by namespace and host, where a Service and
// ServiceEntries may meet: the last of them that has any for the port has the say.
func (x *Index) atPort(s *service, number int) []endpoint {
	var found []endpoint
	key := s.key()
	for _, t := range x.sameKey[key] {
		var own []endpoint
		for _, e := range x.endpoints[key] {
			for _, p := range t.ports {
				if p.number == number && (e.number == number || e.number == 0 && e.portName == p.name) {
					own = append(own, e)
					break
				}
			}
		}
		if len(own) > 0 {
			found = own
		}
	}
	return found
}

// sortServices puts services in order of age; of one age, by name and namespace.
func (x *Index) sortServices() {
	slices.SortStableFunc(x.services, func(a, b *service) int {
		return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(a.name, b.name), cmp.Compare(a.namespace, b.namespace))
	})
	x.byName = map[string]map[string]*service{}
	x.sameKey = map[string][]*service{}
	for _, s := range x.services {
		x.sameKey[s.key()] = append(x.sameKey[s.key()], s)
		of := x.byName[s.host]
		if of == nil {
			of = map[string]*service{}
			x.byName[s.host] = of
		}
		// The oldest has the name, except that nobody takes a Service's.
		if old := of[s.namespace]; old == nil || !old.kubernetes && s.kubernetes {
			of[s.namespace] = s
		}
	}
	x.resolveAliases()
	x.exportedTo = map[string][]*service{}
	for _, s := range x.services {
		switch {
		case s.exportTo.all:
			x.public = append(x.public, s)
		case s.exportTo.none:
		default:
			for namespace := range s.exportTo.in {
				x.exportedTo[namespace] = append(x.exportedTo[namespace], s)
			}
		}
	}
}

// resolveAliases gives each service the names of type ExternalName that lead to it, through others of the kind.
func (x *Index) resolveAliases() {
	leads := map[string]string{}
	for _, s := range x.services {
		if s.resolution == alias {
			leads[s.host] = s.of
		}
	}
	if len(leads) == 0 {
		return
	}
	aliases := map[string][]*service{}
	for _, s := range x.services {
		if s.resolution != alias {
			continue
		}
		to, steps := s.of, 0
		for leads[to] != "" && steps <= len(leads) {
			to = leads[to]
			steps++
		}
		if steps <= len(leads) {
			aliases[to] = append(aliases[to], s)
		}
	}
	for _, s := range x.services {
		of := aliases[s.host]
		slices.SortFunc(of, func(a, b *service) int {
			return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.host, b.host))
		})
		for _, a := range of {
			s.aliases = append(s.aliases, a.host)
		}
	}
}
