package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// A peer is a ServiceMeshPeer: another mesh, as this one knows it.
type peer struct {
	object          *bundle.Object
	ingress, egress string // the gateways that serve it
	addresses       []string
	port            any
	trustDomain     string
}

const (
	callPort      = 15443 // of gateways between meshes
	discoveryPort = 8188  // of federation, which nothing takes the place of
)

// peersOf lists the peers of the control plane in a namespace.
func (m *migration) peersOf(namespace string) []peer {
	var all []peer
	for _, o := range m.in {
		if !is(o, "federation.maistra.io", "ServiceMeshPeer") || o.Namespace != namespace {
			continue
		}
		spec := getMap(o.Tree(), "spec")
		p := peer{
			object: o, ingress: getText(spec, "gateways", "ingress", "name"), egress: getText(spec, "gateways", "egress", "name"),
			addresses: texts(get(spec, "remote", "addresses")), port: get(spec, "remote", "servicePort"), trustDomain: getText(spec, "security", "trustDomain"),
		}
		if p.port == nil {
			p.port = callPort
		}
		all = append(all, p)
	}
	return all
}

// peerNamed is the peer of a set, which has its name.
func (m *migration) peerNamed(o *bundle.Object) (peer, bool) {
	all := m.peersOf(o.Namespace)
	i := slices.IndexFunc(all, func(p peer) bool { return p.object.Name == o.Name })
	if i < 0 {
		return peer{}, false
	}
	return all[i], true
}

// federationGateway says what becomes of a gateway of federation, and whether it is installed all the same.
func (m *migration) federationGateway(g *gateway) (served bool) {
	for _, p := range m.peersOf(g.plane.namespace) {
		if g.which == "egress" && p.egress == g.name {
			m.tell(Entry{
				Class: Changed, Says: "calls to mesh " + p.object.Name + " went out by it; sidecars call that mesh's gateway themselves now",
				Do: "if there must be a single way out, scenario render 2b --target " + m.to.Name + " leads them through an egress gateway",
			}, g.plane.object, g.field())
			return true
		}
		if g.which == "ingress" && p.ingress == g.name {
			g.between = true
		}
	}
	return false
}

// trustPeers lets workloads in that have names of the other meshes' trust domains.
func (m *migration) trustPeers(p *plane) {
	for _, other := range m.peersOf(p.namespace) {
		if other.trustDomain == "" {
			continue
		}
		aliases, _ := get(p.values, "meshConfig", "trustDomainAliases").([]any)
		set(p.values, "meshConfig.trustDomainAliases", append(slices.Clone(aliases), other.trustDomain))
		m.tell(Entry{Class: Mapped, Became: "Istio " + p.istio + ", spec.values.meshConfig.trustDomainAliases"}, other.object, "spec.security.trustDomain")
	}
}

// federation says what becomes of the federation's objects.
func (m *migration) federation(o *bundle.Object) {
	switch o.Kind {
	case "ServiceMeshPeer":
		m.peer(o)
	case "ExportedServiceSet":
		m.exports(o)
	case "ImportedServiceSet":
		m.imports(o)
	default:
		m.tell(Entry{Class: Decide, Says: "of federation, which is no more, and not known here"}, o, "")
	}
}

func (m *migration) peer(o *bundle.Object) {
	m.tell(Entry{
		Class: Decide, aspect: anyPath,
		Says: "federation is no more: workloads of both meshes speak mutual TLS to each other, end to end, and each must trust the other's root; with federation only the gateways did",
		Do: "give both meshes intermediates of one root (Secret cacerts, made by scenario certs) before calls go this way, or move both into one mesh of two clusters (scenario render 2a --target " + m.to.Name +
			"); with two owners and no common root, call each other as outside services: scenario render 1b --mtls here, scenario render expose --mtls there",
	}, o, "")
	spec := getMap(o.Tree(), "spec")
	for _, s := range []struct{ path, says string }{
		{"remote.discoveryPort", "nothing is discovered: what is imported is declared"},
		{"security.clientID", "the other mesh's workloads are seen by their own names, not by their gateway's: AuthorizationPolicies say who of them may call"},
		{"security.certificateChain", "its root is trusted by way of the common root; the ConfigMap is left as it is, and nobody reads it"},
		{"security.allowDirectInbound", "calls come to workloads as they are, through a gateway that leaves them alone"},
		{"security.allowDirectOutbound", "calls go from sidecars themselves"},
	} {
		if get(spec, strings.Split(s.path, ".")...) != nil {
			m.tell(Entry{Class: Dropped, Says: s.says}, o, "spec."+s.path)
		}
	}
}

// exports lets the other mesh through to what is exported, and to nothing else.
func (m *migration) exports(o *bundle.Object) {
	p, known := m.peerNamed(o)
	if !known || p.ingress == "" {
		m.tell(Entry{Class: Decide, Says: "the files hold no ServiceMeshPeer of its name, and so no gateway by which calls come in", Do: "give the ServiceMeshPeer too"}, o, "")
		return
	}
	rules, _ := get(o.Tree(), "spec", "exportRules").([]any)
	var hosts []any
	for i, item := range rules {
		rule, _ := item.(tree)
		at := fmt.Sprintf("spec.exportRules[%d]", i)
		name, namespace := getText(rule, "nameSelector", "name"), getText(rule, "nameSelector", "namespace")
		switch {
		case namespace == "" || namespace == "*" || getText(rule, "type") == "LabelSelector":
			m.tell(Entry{Class: Decide, Says: "which services it chooses, the files do not tell", Do: "add NAME.NAMESPACE.svc." + domain + " of each to the hosts of Gateway exports-" + o.Name}, o, at)
		default:
			if name == "" {
				name = "*"
			}
			host := name + "." + namespace + ".svc." + domain
			hosts = append(hosts, host)
			e := Entry{Class: Mapped, Became: "Gateway " + o.Namespace + "/exports-" + o.Name + ", host " + host, Says: "calls to it are let through"}
			if getMap(rule, "nameSelector", "alias") != nil {
				e.Class, e.Says, e.Do = Changed, "it was exported under another name; it is called by its own now", "import it in the other mesh by its own name"
			}
			m.tell(e, o, at)
		}
	}
	if len(hosts) == 0 {
		return
	}
	m.make("leads calls of mesh "+o.Name+" to what this one exports, by their SNI; their TLS stays what it is", tree{
		"apiVersion": "networking.istio.io/" + m.to.IstioAPI(), "kind": "Gateway", "metadata": tree{"namespace": o.Namespace, "name": "exports-" + o.Name},
		"spec": tree{"selector": tree{"app": p.ingress}, "servers": []any{tree{
			"port": tree{"number": callPort, "name": "tls", "protocol": "TLS"}, "hosts": hosts, "tls": tree{"mode": "AUTO_PASSTHROUGH"},
		}}},
	})
}

const domain = "cluster.local"
