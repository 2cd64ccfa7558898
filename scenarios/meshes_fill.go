package scenarios

import (
	"slices"

	"github.com/meshscenario/scenario/mesh"
)

// fillMeshes completes the two meshes. Where none is written they are a trial: one exports the sample service, the other
// has the sample client; and both are in one cluster where the target can have that.
func fillMeshes(p *Plan) {
	s, t := &p.Spec, p.Target
	peers := t.Has(mesh.FederationCRs)
	trial := len(s.Meshes) == 0
	s.Meshes = slices.Clone(s.Meshes)
	if trial || p.draft.At.IsFlag() {
		s.Meshes = append(s.Meshes, make([]PeerMesh, max(0, 2-len(s.Meshes)))...)
	}
	for i := range s.Meshes {
		m := &s.Meshes[i]
		if i < 2 {
			setDefault(&m.Name, []string{"east", "west"}[i])
		}
		if peers {
			setDefault(&m.Namespace, m.Name+"-mesh-system")
			setDefault(&m.ControlPlane, m.Name+"-mesh")
			setDefault(&m.TrustDomain, m.Name+"-mesh.local")
		}
		setDefault(&m.Namespace, t.RootNamespace)
		setDefault(&m.ControlPlane, "default")
		setDefault(&m.TrustDomain, trustDomain)
		setDefault(&m.Network, "network-"+m.Name)
		setDefault(&m.Cluster, m.Name)
		m.Gateway.fill(peers && trial)
		m.Exports = slices.Clone(m.Exports)
	}
	if len(s.Meshes) != 2 {
		return // which is reported
	}
	a, b := &s.Meshes[0], &s.Meshes[1]
	if len(a.Exports)+len(a.Imports)+len(b.Exports)+len(b.Imports) == 0 {
		a.Exports = []Export{{Namespace: "greetings-service", Name: "rest-greeting-remote"}}
	}
	for i := range s.Meshes {
		for j := range s.Meshes[i].Exports {
			s.Meshes[i].Exports[j].fill()
		}
	}
	all := len(a.Imports)+len(b.Imports) == 0
	for i := range s.Meshes {
		own, other := &s.Meshes[i], s.Meshes[1-i]
		own.Imports = slices.Clone(own.Imports)
		if all {
			for _, e := range other.Exports {
				own.Imports = append(own.Imports, Import{Namespace: e.As.Namespace, Name: e.As.Name})
			}
		}
		for j := range own.Imports {
			own.Imports[j].fill(!peers)
		}
		if g := &own.Gateway; g.Service == "ClusterIP" && len(g.Addresses) == 0 {
			g.Addresses = []string{ingressFor(other) + "." + own.Namespace + clusterSuffix}
		}
	}
	setDefault(&p.Metadata.Name, a.Name+"-"+b.Name)
	p.fillSplit()
}

func (g *PeerGateway) fill(oneCluster bool) {
	if oneCluster {
		setDefault(&g.Service, "ClusterIP")
	}
	setDefault(&g.Service, "LoadBalancer")
	discovery, service := 8188, 15443
	if g.Service == "NodePort" {
		// A node's ports are from this range unless the cluster says otherwise: 30000 to 32767.
		discovery, service = 31188, 31443
	}
	setDefault(&g.DiscoveryPort, discovery)
	setDefault(&g.ServicePort, service)
}

func (e *Export) fill() {
	setDefault(&e.As.Namespace, e.Namespace)
	setDefault(&e.As.Name, e.Name)
	setDefault(&e.Port, 8080)
	setDefault(&e.Protocol, "http")
	setDefault(&e.PortName, e.Protocol+"-web")
	setDefault(&e.ServiceAccount, e.Name)
}

func (i *Import) fill(local bool) {
	setDefault(&i.As.Namespace, i.Namespace)
	setDefault(&i.As.Name, i.Name)
	if i.Local == nil {
		i.Local = &local
	}
}

// fillSplit completes the split, where one is asked for.
func (p *Plan) fillSplit() {
	split := &p.Spec.Split
	if *split == (Split{}) {
		return
	}
	half := 50
	if split.Percent == nil {
		split.Percent = &half
	}
	caller := p.caller()
	setDefault(&split.Mesh, p.Spec.Meshes[1-caller].Name)
	if l := links(p.Spec.Meshes, caller); len(l) > 0 {
		setDefault(&split.Host, map[bool]string{true: l[0].Host, false: l[0].Import.As.Name + "." + p.Spec.Client.Namespace + clusterSuffix}[p.OneMesh()])
	}
}

// caller is the index of the mesh that the client runs in: not the one that a share of its calls is led to, else the first
// that imports something.
func (p *Plan) caller() int {
	meshes := p.Spec.Meshes
	for i, m := range meshes {
		if p.Spec.Split.Mesh == m.Name {
			return 1 - i
		}
	}
	if len(meshes[0].Imports) > 0 {
		return 0
	}
	return 1
}

// links are what mesh i uses of the other: its imports, with the exports that they are of.
func links(meshes []PeerMesh, i int) []Link {
	own, other := meshes[i], meshes[1-i]
	var all []Link
	for _, in := range own.Imports {
		l := Link{Import: in}
		for _, out := range other.Exports {
			if out.As == (ServiceName{in.Namespace, in.Name}) {
				l.Export = out
			}
		}
		l.Host = in.As.Name + "." + in.As.Namespace + clusterSuffix
		if !*in.Local {
			l.Host = in.As.Name + "." + in.As.Namespace + ".svc." + other.Name + "-imports.local"
		}
		all = append(all, l)
	}
	return all
}

// ingressFor names the gateway by which the other mesh reaches this one, where federation has its own.
func ingressFor(other PeerMesh) string { return "ingress-" + other.Name }

// egressFor names the gateway by which this mesh reaches the other, where federation has its own.
func egressFor(other PeerMesh) string { return "egress-" + other.Name }
