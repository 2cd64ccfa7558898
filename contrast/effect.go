package contrast

import (
	"net/netip"
	"path"
)

// An Inbound is what meets a connection that comes to a port of the pod over TCP and IPv4 from outside of it.
type Inbound struct {
	Port int    `json:"port"` // 0 is every port that no other names
	Name string `json:"name,omitempty"`
	TLS  TLS    `json:"tls"`
	// Listener is the port of the sidecar to which iptables redirects the connection; 0 where it goes to the application.
	Listener int `json:"listener,omitempty"`
	// Shows is the certificate chain that the sidecar shows; "" where there is no TLS.
	Shows string `json:"shows,omitempty"`
	// ClientCertificate tells whether one must be shown, and Verifies what it is verified by. A client that shows one
	// without being asked to is verified too; one that cannot be is turned away.
	ClientCertificate bool   `json:"clientCertificate"`
	Verifies          string `json:"verifies,omitempty"`
}

// Inbound says what each port does, in the order of the entries, with every other port at the end. Entries for a port
// that another names before are left out: iptables never comes to them.
func (g Generation) Inbound(c Config) []Inbound {
	if c.IngressDisabled {
		return []Inbound{{TLS: NoTLS}}
	}
	var all []Inbound
	seen := map[int]bool{}
	for _, e := range c.Ingress {
		if !seen[e.Port] {
			seen[e.Port] = true
			all = append(all, g.inbound(e))
		}
	}
	return append(all, g.inbound(Ingress{TLS: MutualTLS}))
}

// InboundAt is what a port does.
func (g Generation) InboundAt(c Config, port int) Inbound {
	if c.IngressDisabled {
		return Inbound{Port: port, TLS: NoTLS}
	}
	for _, e := range c.Ingress {
		if e.Port == port {
			return g.inbound(e)
		}
	}
	return g.inbound(Ingress{Port: port, TLS: MutualTLS})
}

func (g Generation) inbound(e Ingress) Inbound {
	in := Inbound{Port: e.Port, Name: e.Name, TLS: e.TLS}
	if e.TLS == NoTLS {
		return in
	}
	in.Listener, in.Shows, in.Verifies = ServerPort, g.certificate(), g.meshCA()
	if e.TLS == MutualTLS {
		in.Listener, in.ClientCertificate = MutualPort, true
	}
	return in
}

// An Outbound is where the sidecar takes what the pod's application sends to one of its sockets, over TLS, without SNI.
type Outbound struct {
	Name   string `json:"name"`
	Listen string `json:"listen"`
	Remote string `json:"remote"`
	// Shows is the client certificate's chain, and Verifies the CA that the server's must be of. Whose certificate it is
	// is not looked at: any workload of the mesh may answer.
	Shows    string `json:"shows"`
	Verifies string `json:"verifies"`
}

// Outbound says where each socket leads, in the order of the entries.
func (g Generation) Outbound(c Config) []Outbound {
	var all []Outbound
	for _, e := range c.Egress {
		all = append(all, Outbound{Name: e.Name, Listen: e.Listen, Remote: e.Remote, Shows: g.certificate(), Verifies: g.meshCA()})
	}
	return all
}

// OutboundAt is where a socket of the pod, as 127.137.0.1:8081, leads; it is not where the sidecar does not listen there.
func (g Generation) OutboundAt(c Config, socket string) (Outbound, bool) {
	wanted, err := netip.ParseAddrPort(socket)
	if err != nil {
		return Outbound{}, false
	}
	for _, out := range g.Outbound(c) {
		if listen, err := netip.ParseAddrPort(out.Listen); err == nil && listen == wanted {
			return out, true
		}
	}
	return Outbound{}, false
}

// Bypasses are the connections that the sidecar does not see, a sentence each.
func Bypasses() []string {
	return []string{
		"UDP, in both directions: only TCP is redirected.",
		"IPv6: the rules are iptables', not ip6tables', and remotes are looked up by their IPv4 addresses.",
		"Calls of the pod to itself, over its loopback device.",
		"Calls of the application to anything but the sockets of the egress entries: they go out as the application sends them.",
	}
}

func (g Generation) certificate() string {
	return path.Join(g.Names().CertificateFolder, "certChain.pem")
}
func (g Generation) meshCA() string { return path.Join(g.Names().CertificateFolder, "mesh-ca.pem") }

// Stopped says what becomes of a pod whose sidecar does not start ([Faults.Crash]). Without a startup probe, which the
// first releases had none of, Kubernetes goes on to the next container once a sidecar has run, however shortly.
func (g Generation) Stopped() string {
	if g == Legacy {
		return "the sidecar stops over and over, before it has set any rule of iptables: the application may start without it, and its ports take plaintext from everybody"
	}
	return "the sidecar stops over and over, before it is ready: the pod stays in Init, and takes no connection"
}
