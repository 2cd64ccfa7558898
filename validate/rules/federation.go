package rules

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

type (
	peerOf    = traffic.Of[*mesh.ServiceMeshPeer]
	importsOf = traffic.Of[*mesh.ImportedServiceSet]
)

// The ports on which federation's gateways listen (maistra/istio pkg/servicemesh/federation/common/const.go).
const (
	callsPort     = 15443
	discoveryPort = 8188
)

// federated are the ServiceMeshPeers of the files, on a mesh that knows them.
func federated(p *validate.Pass) []peerOf {
	if !p.Target.Has(mesh.FederationCRs) {
		return nil
	}
	return p.Objects.Peers
}

// planeOf is the control plane of a namespace in the files.
func planeOf(p *validate.Pass, namespace string) (plane, bool) {
	for _, c := range planes(p) {
		if namespaceOf(c.object) == namespace {
			return c, true
		}
	}
	return plane{}, false
}

// peerOfSet is the peer of a set's name and namespace.
func peerOfSet(p *validate.Pass, set bundle.ID) (peerOf, bool) {
	for _, one := range p.Objects.Peers {
		if one.ID.Namespace == set.Namespace && one.ID.Name == set.Name {
			return one, true
		}
	}
	return peerOf{}, false
}

// A setOf is an ExportedServiceSet or ImportedServiceSet.
type setOf struct {
	object *bundle.Object
	id     bundle.ID
}

func serviceSets(p *validate.Pass) []setOf {
	var all []setOf
	for _, s := range p.Objects.Exports {
		all = append(all, setOf{s.Object, s.ID})
	}
	for _, s := range p.Objects.Imports {
		all = append(all, setOf{s.Object, s.ID})
	}
	return all
}

// A wayGateway is a gateway of a control plane to or from a peer.
type wayGateway struct {
	planeGateway
	plane plane
	name  string
	field string // of the control plane
	in    bool
}

// wayGateways are the two of a peer, as far as the control plane of its namespace has them.
func wayGateways(p *validate.Pass, one peerOf) []wayGateway {
	c, ok := planeOf(p, one.ID.Namespace)
	if !ok {
		return nil
	}
	var all []wayGateway
	g := one.Spec.Spec.Gateways
	for _, way := range []struct {
		name, list string
		of         map[string]planeGateway
		in         bool
	}{
		{g.Ingress.Name, "additionalIngress", c.Spec.Gateways.AdditionalIngress, true},
		{g.Egress.Name, "additionalEgress", c.Spec.Gateways.AdditionalEgress, false},
	} {
		if held, there := way.of[way.name]; there {
			all = append(all, wayGateway{held, c, way.name, fmt.Sprintf("spec.gateways.%s[%q]", way.list, way.name), way.in})
		}
	}
	return all
}

// far is the other mesh's side of a peer, where the files of that mesh are given and the peer stands for it.
func far(p *validate.Pass, one peerOf) (theirs peerOf, ok bool) {
	if p.Peer == nil {
		return peerOf{}, false
	}
	facing, ok := p.Index.Facing()
	if !ok || facing.Object != one.Object {
		return peerOf{}, false
	}
	return p.Peer.Index.Facing()
}

// trustDomainOf is what a mesh says of its trust domain, and whether its files hold a control plane.
func trustDomainOf(p *validate.Pass) (name string, known bool) {
	name, _ = p.Index.TrustDomain()
	return name, len(planes(p)) > 0 || len(p.Objects.Istios) > 0
}

// identity is the NAMESPACE and account of a clientID, and its trust domain.
func identity(clientID string) (domain, namespace, account string, ok bool) {
	parts := strings.Split(strings.TrimPrefix(clientID, "spiffe://"), "/")
	if len(parts) != 5 || parts[1] != "ns" || parts[3] != "sa" {
		return "", "", "", false
	}
	return parts[0], parts[2], parts[4], parts[0] != "" && parts[2] != "" && parts[4] != ""
}

// chainOf is the ConfigMap that a peer names for the other mesh's root, by default that of its name.
func chainOf(one peerOf) (name string) {
	if c := one.Spec.Spec.Security.CertificateChain; c != nil && c.Name != "" {
		return c.Name
	}
	return one.ID.Name + "-ca-root-cert"
}

// remotePorts are where a peer says that the other mesh is called: for services and for discovery.
func remotePorts(one peerOf) (services, discovery int) {
	r := one.Spec.Spec.Remote
	return cmp.Or(int(r.ServicePort), callsPort), cmp.Or(int(r.DiscoveryPort), discoveryPort)
}

// set is one safe edit of a field.
func set(p *validate.Pass, o *bundle.Object, field string, value any) []validate.Edit {
	return []validate.Edit{{Object: p.At(o, "").Object, Field: field, Value: value}}
}

// writtenAt is a field where it is written, else what is around it.
func writtenAt(o *bundle.Object, field, else1 string) string {
	if o.Has(field) {
		return field
	}
	return else1
}

// nameOf is how the other mesh is called in messages.
func nameOf(p *validate.Pass) string { return traffic.Called(p.Peer.Index.Name()) }

// importedHosts are the hosts that a set of imports makes known.
func importedHosts(p *validate.Pass) []traffic.Import {
	return slices.DeleteFunc(p.Index.Imported(), func(i traffic.Import) bool { return !i.Exported })
}

// hostIn is the host of a URL, without its port.
func hostIn(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// systemOf is the namespace of the control plane that a peer belongs to: the only one of the files, else the peer's own.
func systemOf(p *validate.Pass, one peerOf) string {
	if all := planes(p); len(all) == 1 {
		return namespaceOf(all[0].object)
	}
	return one.ID.Namespace
}

// hasGateway tells whether a peer's control plane has a gateway, as far as the files tell.
func hasGateway(p *validate.Pass, one peerOf, name string) bool {
	c, ok := planeOf(p, systemOf(p, one))
	_, out := c.Spec.Gateways.AdditionalEgress[name]
	_, in := c.Spec.Gateways.AdditionalIngress[name]
	return !ok || out || in || holdsService(p, one.ID.Namespace, name)
}
