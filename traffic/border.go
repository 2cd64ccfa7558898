package traffic

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"
)

// beyond is the walk, as it goes on in the other mesh. A request does not come back.
func (k *walk) beyond(name string) *walk {
	next := *k
	next.Index, next.border, next.there = k.options.Peer, len(k.hops), name
	return &next
}

// facing is the ServiceMeshPeer by which a mesh knows another: the only one, or the one that says most of what the other is.
func (x *Index) facing(other *Index) *federationPeer {
	var best *federationPeer
	most := 0
	for _, p := range x.federation.peers {
		points := 0
		if td := p.spec.Security.TrustDomain; td != "" && td == other.mesh.trustDomain {
			points += 2
		}
		if strings.Contains(p.spec.Security.ClientID, "/ns/"+other.mesh.rootNamespace+"/") {
			points++
		}
		if slices.Contains(other.mesh.names, p.name) {
			points += 4
		}
		if points > most || len(x.federation.peers) == 1 {
			best, most = p, points
		}
	}
	return best
}

// gatewayOf is a gateway that a control plane speaks of: the files hold none of its objects, since the operator makes them.
func (x *Index) gatewayOf(namespace, name string) *workload {
	if w := x.workloadNames[namespace+"/"+name]; w != nil {
		return w
	}
	x.mutex.Lock()
	defer x.mutex.Unlock()
	if w := x.madeUp[namespace+"/"+name]; w != nil {
		return w
	}
	w := &workload{
		namespace: namespace, name: name, account: gatewayAccount(name), gateway: true, given: true,
		labels: map[string]string{"service.istio.io/canonical-name": name}, ip: netip.MustParseAddr("10.2.0.2"),
	}
	x.madeUp[w.String()] = w
	return w
}

// cross goes on in the other mesh, where what a mesh sends out by its own mutual TLS comes to a gateway of it. Addresses
// are seldom in files: where no Service of the other mesh says one, the only gateway that takes the port is meant.
func (k *walk) cross(c *connection) (Path, bool) {
	there := k.options.Peer
	top := c.top()
	if there == nil || k.border > 0 || top == nil || top.wire.Mode != IstioMutual {
		return Path{}, false
	}
	address := k.hops[len(k.hops)-1].Destination.Address
	s, port, sure := there.entranceAt(address, c.port)
	if s == nil {
		return Path{}, false
	}
	at, number := there.servicePort(s, func(p corev1.ServicePort) bool { return p.Port == port })
	if !at.IsValid() {
		return Path{}, false
	}
	if !sure {
		k.assume(cmp.Or(address, "the address") + " is that of Service " + s.Namespace + "/" + s.Name + " of " + Called(there.Name()))
	}
	next := k.beyond(there.Name())
	in := c.clone()
	in.ip, in.port, in.external, in.peer = at, number, false, false
	if host, open := there.unheld(s, top.wire.SNI); open {
		gateway := hop{Hop: Hop{Proxy: Gateway, Workload: there.byIP[at].String()}}
		next.hops = append(slices.Clone(next.hops), gateway)
		return next.end(Unknown, NotInTheFiles, "the files of %s do not hold the Service %s", Called(there.Name()), host), true
	}
	return next.arriveAt(in), true
}

// crossOutside goes on in the other mesh, where a request leaves for a host by which that mesh is called from outside: the
// two have nothing in common but what they show each other.
func (k *walk) crossOutside(c *connection) (Path, bool) {
	there := k.options.Peer
	if there == nil || k.border > 0 {
		return Path{}, false
	}
	sent := k.hops[len(k.hops)-1].Destination
	host := strings.ToLower(cmp.Or(sent.Host, sent.Address, k.host))
	if !slices.ContainsFunc(there.callable(), func(o *offer) bool { return strings.EqualFold(o.host, host) && o.port == c.port }) {
		return Path{}, false
	}
	next := k.beyond(there.Name())
	next.host = host
	in := c.clone()
	in.external, in.peer, in.ip = false, false, netip.Addr{}
	return next.enter(in), true
}

// unheld is the host that an SNI of the mesh asks for, where a gateway is open for it and the files do not hold its Service.
func (x *Index) unheld(s *corev1.Service, sni string) (host string, open bool) {
	parts := strings.SplitN(sni, "_.", 4)
	if len(parts) < 4 || !x.options.Assume || !x.couldBe(parts[3]) {
		return "", false
	}
	host = parts[3]
	for _, g := range x.gateways {
		for _, server := range g.spec.Servers {
			if server.GetTls().GetMode() == networking.ServerTLSSettings_AUTO_PASSTHROUGH && subset(g.spec.Selector, s.Spec.Selector) &&
				slices.ContainsFunc(serverHosts(server.Hosts, g.namespace), func(h string) bool { return within(host, h[strings.LastIndexByte(h, '/')+1:]) }) {
				return host, true
			}
		}
	}
	return "", false
}

// entranceAt is the Service of gateways that an address outside leads to, and its port.
func (x *Index) entranceAt(address string, number int) (found *corev1.Service, port int32, sure bool) {
	for _, s := range x.serviceObjects {
		i := slices.IndexFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return int(p.Port) == number || int(p.NodePort) == number })
		if i < 0 || !x.leadsToGateway(s) || s.Spec.Type == "" || s.Spec.Type == corev1.ServiceTypeClusterIP && len(s.Spec.ExternalIPs) == 0 {
			continue
		}
		known := outsideAddresses(s)
		switch {
		case slices.Contains(known, address):
			return s, s.Spec.Ports[i].Port, true
		case len(known) > 0:
		case found != nil:
			return nil, 0, false // which of them, the files do not tell
		default:
			found, port = s, s.Spec.Ports[i].Port
		}
	}
	return found, port, false
}

// outsideAddresses are those by which a Service says that it is reached from outside.
func outsideAddresses(s *corev1.Service) []string {
	all := slices.Clone(s.Spec.ExternalIPs)
	if s.Spec.LoadBalancerIP != "" {
		all = append(all, s.Spec.LoadBalancerIP)
	}
	for _, i := range s.Status.LoadBalancer.Ingress {
		all = append(all, cmp.Or(i.IP, i.Hostname))
	}
	return all
}

func (x *Index) leadsToGateway(s *corev1.Service) bool {
	return slices.ContainsFunc(x.workloads, func(w *workload) bool { return w.gateway && leads(s, w) })
}

// Other is the name of a mesh that its files give none.
const Other = "other"

// Name is what the files call the mesh: its cluster or control plane, or else [Other].
func (x *Index) Name() string {
	if len(x.mesh.names) > 0 {
		return x.mesh.names[0]
	}
	return Other
}

// Called names a mesh for people.
func Called(mesh string) string {
	if mesh == Other {
		return "the other mesh"
	}
	return "mesh " + mesh
}
