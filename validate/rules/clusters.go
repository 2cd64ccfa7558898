package rules

import (
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// networkLabel is how istiod finds the gateway of a network, and the network of a cluster.
const networkLabel = "topology.istio.io/network"

type kubeServiceOf = traffic.Of[*corev1.Service]

// An openServer is a server of a Gateway that passes on what is sent to services of the mesh, by the SNI that proxies make
// up (AUTO_PASSTHROUGH).
type openServer struct {
	gateway gatewayOf
	at      int
	*networking.Server
}

func openServers(p *validate.Pass) []openServer {
	var all []openServer
	for _, g := range p.Objects.Gateways {
		for i, s := range g.Spec.Servers {
			if s.GetTls().GetMode() == networking.ServerTLSSettings_AUTO_PASSTHROUGH {
				all = append(all, openServer{g, i, s})
			}
		}
	}
	return all
}

// values is the object of the files that holds the values of Istio's chart, and the field under which they are.
func values(p *validate.Pass) (*bundle.Object, string, bool) {
	if len(p.Objects.Istios) > 0 {
		return p.Objects.Istios[0].Object, "spec.values", true
	}
	for _, c := range p.Objects.ConfigMaps {
		if c.Spec.Data["istiod.yaml"] != "" {
			return c.Object, `data["istiod.yaml"]`, true
		}
	}
	return nil, "", false
}

// meshValueAt is the place of one of the values, as far as it is written.
func meshValueAt(p *validate.Pass, o *bundle.Object, under, field string) validate.Place {
	if o.Kind == "ConfigMap" {
		return p.At(o, under)
	}
	for at := under + "." + field; at != under; at = at[:strings.LastIndexByte(at, '.')] {
		if o.Has(at) {
			return p.At(o, at)
		}
	}
	return p.At(o, writtenAt(o, under, "metadata.name"))
}

// oneMesh tells whether the files of two clusters say that they are of one mesh.
func oneMesh(p *validate.Pass) bool {
	if p.Peer == nil || p.Target.ControlPlane == mesh.SMCP {
		return false
	}
	id, _, _ := p.Index.Cluster()
	other, _, _ := p.Peer.Index.Cluster()
	return id != "" && id == other
}

// byHand tells whether one of two meshes declares the other's services itself.
func byHand(p *validate.Pass) bool {
	for _, side := range []*validate.Pass{p, p.Peer} {
		if side != nil && slices.ContainsFunc(side.Objects.ServiceEntries, func(e entryOf) bool { return len(remoteEndpoints(e)) > 0 }) {
			return true
		}
	}
	return false
}

// remoteEndpoints are those of a ServiceEntry in the mesh that stand for a gateway of another network, by their places.
func remoteEndpoints(e entryOf) []int {
	if e.Spec.Location != networking.ServiceEntry_MESH_INTERNAL {
		return nil
	}
	var all []int
	for i, at := range e.Spec.Endpoints {
		gateway := at.Network != ""
		for _, number := range at.Ports {
			gateway = gateway || number == callsPort
		}
		if gateway {
			all = append(all, i)
		}
	}
	return all
}

// gatewayServices are the Services of the files that lead to what a Gateway is for.
func gatewayServices(p *validate.Pass, g gatewayOf) []kubeServiceOf {
	var all []kubeServiceOf
	for _, s := range p.Objects.Services {
		fits := len(s.Spec.Spec.Selector) > 0 && s.ID.Namespace == g.ID.Namespace
		for k, v := range g.Spec.Selector {
			fits = fits && s.Spec.Spec.Selector[k] == v
		}
		if fits {
			all = append(all, s)
		}
	}
	return all
}

// idOf names an object.
func idOf(o *bundle.Object) string {
	return bundle.ID{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}.String()
}
