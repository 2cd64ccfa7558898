package traffic

import (
	"cmp"

	"github.com/meshscenario/scenario/mesh"
)

// federation is what the files say of the meshes that this one is joined with, by the federation of OpenShift Service
// Mesh 2. The sets have the name of their peer, and its namespace.
type federation struct {
	peers    []*federationPeer
	imported map[string]*importedService // by host
}

// A federationPeer is a ServiceMeshPeer with its sets, either of which may be missing.
type federationPeer struct {
	source    *source
	namespace string // of this mesh's control plane
	name      string
	spec      mesh.PeerSpec
	exports   *exportedSet
	imports   *importedSet
}

type exportedSet struct {
	source *source
	rules  []mesh.ExportRule
}

type importedSet struct {
	source *source
	suffix string
	rules  []mesh.ImportRule
}

// An importedService is a service of another mesh under its name in this one. Its ports are what the other mesh exports:
// without that mesh's files they are not known.
type importedService struct {
	host   string
	peer   *federationPeer
	field  string // of the rule
	export *exportedService
	// alone says that the other mesh's files are there, and export no such service.
	alone bool
}

// federationPort and discoveryPort are where federation's gateways listen, and where they are called unless a peer says
// otherwise (maistra/istio pkg/servicemesh/federation/common/const.go).
const (
	federationPort = 15443
	discoveryPort  = 8188
)

// readFederation finds the names under which services of other meshes are known.
func (x *Index) readFederation(objects []object) {
	if !x.gates.federation {
		return
	}
	at := map[string]*federationPeer{}
	for _, o := range objects {
		if t, ok := o.typed.(*mesh.ServiceMeshPeer); ok {
			p := &federationPeer{source: o.source, namespace: o.id.Namespace, name: o.id.Name, spec: t.Spec}
			at[o.id.Namespace+"/"+o.id.Name] = p
			x.federation.peers = append(x.federation.peers, p)
		}
	}
	for _, o := range objects {
		p := at[o.id.Namespace+"/"+o.id.Name]
		if p == nil {
			continue // istiod finds the sets of a peer by its name
		}
		switch t := o.typed.(type) {
		case *mesh.ExportedServiceSet:
			p.exports = &exportedSet{o.source, t.Spec.ExportRules}
		case *mesh.ImportedServiceSet:
			p.imports = &importedSet{o.source, t.Spec.DomainSuffix, t.Spec.ImportRules}
		}
	}
	for _, p := range x.federation.peers {
		x.readImports(p)
	}
}

// readImports gives the services of a peer their names in this mesh. Where the other mesh's files are there, they are those
// that it exports to this one; else those that rules name in full.
func (x *Index) readImports(p *federationPeer) {
	if p.imports == nil {
		return
	}
	if other := x.options.Peer; other != nil && x.facing(other) == p {
		for _, e := range other.exportsTo(x) {
			if host, field := p.imports.hostOf(p, e.as); host != "" {
				x.federation.imported[host] = &importedService{host: host, peer: p, field: field, export: e}
			}
		}
	}
	for i, r := range p.imports.rules {
		n := r.NameSelector
		if n == nil || anyOne(n.Name) || anyOne(n.Namespace) {
			continue // by name they cannot be told
		}
		host := p.imports.named(p, r, serviceName{n.Namespace, n.Name})
		if host == "" || x.federation.imported[host] != nil {
			continue
		}
		known := x.options.Peer != nil && x.facing(x.options.Peer) == p
		x.federation.imported[host] = &importedService{host: host, peer: p, field: itemField("spec.importRules", i), alone: known}
	}
}

// chain is what holds the root of the other mesh: as it is named, or by default.
func (p *federationPeer) chain() string {
	name := p.name + "-ca-root-cert"
	if c := p.spec.Security.CertificateChain; c != nil {
		name = cmp.Or(c.Name, name)
	}
	return "configmap " + p.namespace + "/" + name
}

// servicePort is where the other mesh takes calls.
func (p *federationPeer) servicePort() int {
	return cmp.Or(int(p.spec.Remote.ServicePort), federationPort)
}

// gatewayAccount is the ServiceAccount that the operator gives a gateway (maistra/istio-operator resources/helm/v2.5/gateways).
func gatewayAccount(gateway string) string { return gateway + "-service-account" }
