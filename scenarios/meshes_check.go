package scenarios

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/mesh"
)

// fieldOf is the path of a field of mesh i, or of item j of a list there.
func fieldOf(i int, field string, j ...int) string {
	path := fmt.Sprintf("spec.meshes[%d].%s", i, field)
	for _, index := range j {
		path += fmt.Sprintf("[%d]", index)
	}
	return path
}

// checkMeshes holds the two meshes against each other and against what the target can join.
func checkMeshes(p *Plan, r *report) {
	meshes := p.Spec.Meshes
	if len(meshes) != 2 {
		r.problem("spec.meshes", "write both meshes, or leave meshes out for a trial with east and west; more than two are joined in pairs, a definition each", "%d listed, but two are joined", len(meshes))
		return
	}
	for _, field := range []string{"namespace", "name"} {
		if path := "spec.mesh." + field; p.draft.Written(path) {
			r.problem(path, "write it there", "each of the two meshes has its own, in spec.meshes")
		}
	}
	if meshes[0].Name == meshes[1].Name {
		r.problem(fieldOf(1, "name"), "give one another name", "both meshes are called %s", meshes[0].Name)
		return
	}
	for i, m := range meshes {
		if len(m.Name) > longestMesh {
			r.problem(fieldOf(i, "name"), "choose a shorter one", "the names of gateways are made of it, and %q has more than %d letters", m.Name, longestMesh)
		}
		if m.RootCertificate != "" && !isAuthority(m.RootCertificate) {
			r.problem(fieldOf(i, "rootCertificate"), "give the root that signs the mesh's identities, such as root-cert.pem of ConfigMap istio-ca-root-cert", "not the certificate of a CA")
		}
		p.checkExports(r, i)
		p.checkImports(r, i)
	}
	if len(r.errs) > 0 {
		return
	}
	if p.Target.Has(mesh.FederationCRs) {
		p.checkPeers(r)
	} else {
		p.checkJoined(r)
	}
	p.checkCaller(r)
}

// longestMesh keeps "ingress-<name>" and what Kubernetes appends to it within the 63 letters of a name.
const longestMesh = 40

// isAuthority tells whether all certificates of a PEM may sign others.
func isAuthority(text string) bool {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return true
		}
		if c, err := x509.ParseCertificate(block.Bytes); err != nil || !c.IsCA {
			return false
		}
	}
}

func (p *Plan) checkExports(r *report, i int) {
	own := p.Spec.Meshes[i]
	seen := map[ServiceName]bool{}
	for j, e := range own.Exports {
		path := fieldOf(i, "exports", j)
		switch {
		case e.Namespace == "" || e.Name == "":
			r.problem(path, "write {namespace: shop, name: orders}", "a service has a namespace and a name")
			continue
		case seen[e.As]:
			r.problem(path, "leave one out, or export it under another name (as)", "%s.%s is exported twice", e.As.Name, e.As.Namespace)
		}
		seen[e.As] = true
		p.checkMemberOf(r, path+".namespace", e.Namespace, own.Namespace)
	}
}

func (p *Plan) checkImports(r *report, i int) {
	own, other := p.Spec.Meshes[i], p.Spec.Meshes[1-i]
	seen := map[string]bool{}
	for j, l := range links(p.Spec.Meshes, i) {
		path := fieldOf(i, "imports", j)
		in := l.Import
		switch {
		case in.Namespace == "" || in.Name == "":
			r.problem(path, "write {namespace: shop, name: orders}", "a service has a namespace and a name")
			continue
		case l.Export.Name == "":
			var names []string
			for _, e := range other.Exports {
				names = append(names, e.As.Name+"."+e.As.Namespace)
			}
			hint := "it exports nothing: add it to " + fieldOf(1-i, "exports")
			if len(names) > 0 {
				hint = meant("its export", in.Name+"."+in.Namespace, names) + "; or add it to " + fieldOf(1-i, "exports")
			}
			r.problem(path, hint, "mesh %s exports no %s.%s", other.Name, in.Name, in.Namespace)
		case seen[l.Host]:
			r.problem(path, "leave one out, or import it under another name (as)", "%s is imported twice", l.Host)
		}
		seen[l.Host] = true
		if *in.Local {
			p.checkMemberOf(r, path+".as.namespace", in.As.Namespace, own.Namespace)
		}
	}
}

// checkPeers holds the meshes against the federation of OpenShift Service Mesh 2.
func (p *Plan) checkPeers(r *report) {
	a, b := p.Spec.Meshes[0], p.Spec.Meshes[1]
	if a.TrustDomain == b.TrustDomain {
		r.problem(fieldOf(1, "trustDomain"), "give each mesh its own, such as "+b.Name+"-mesh.local", "both meshes have the trust domain %s, and neither could tell its own workloads from the other's", a.TrustDomain)
	}
	if (a.Gateway.Service == "ClusterIP") != (b.Gateway.Service == "ClusterIP") {
		r.problem(fieldOf(0, "gateway.service"), "use ClusterIP for both, or for neither", "ClusterIP is for two meshes in one cluster: %s has %s, %s has %s", a.Name, a.Gateway.Service, b.Name, b.Gateway.Service)
	}
	if a.Gateway.Service == "ClusterIP" && a.Namespace == b.Namespace {
		r.problem(fieldOf(1, "namespace"), "give each control plane a namespace of its own", "both control planes would be in %s of one cluster", a.Namespace)
	}
	for i, m := range p.Spec.Meshes {
		if m.Network != "network-"+m.Name {
			// pkg/servicemesh/federation/discovery/controller.go of maistra/istio: network-<name of the peer>, whatever
			// the control plane says.
			r.problem(fieldOf(i, "network"), "leave it out", "%s calls the network of a peer network-<its name>, here network-%s", p.Target.Product, m.Name)
		}
		if path := fieldOf(i, "cluster"); p.draft.Written(path) {
			r.problem(path, "leave it out", "has no meaning where each mesh has its own control plane")
		}
	}
}

// checkJoined holds the meshes against what Istio itself can join: 2a makes one mesh of two clusters, 2b leads calls by hand.
func (p *Plan) checkJoined(r *report) {
	one := p.OneMesh()
	a, b := p.Spec.Meshes[0], p.Spec.Meshes[1]
	if one && a.TrustDomain != b.TrustDomain {
		r.problem(fieldOf(1, "trustDomain"), "give both the same; 2b joins meshes that keep their own", "two clusters that are one mesh have one trust domain, not %s and %s", a.TrustDomain, b.TrustDomain)
	}
	if a.Network == b.Network {
		r.problem(fieldOf(1, "network"), "give each its own: between networks, calls go through gateways", "both meshes are in network %s", a.Network)
	}
	if a.Cluster == b.Cluster {
		r.problem(fieldOf(1, "cluster"), "give each its own", "both clusters are called %s", a.Cluster)
	}
	for i, m := range p.Spec.Meshes {
		useless := func(field, reason string) {
			if path := fieldOf(i, field); p.draft.Written(path) {
				r.problem(path, "leave it out", "%s", reason)
			}
		}
		useless("gateway.discoveryPort", "on "+p.Target.Product+" nobody asks the gateway what is exported")
		if m.Gateway.Service == "ClusterIP" {
			r.problem(fieldOf(i, "gateway.service"), "use LoadBalancer or NodePort", "on %s each of the two has a cluster of its own", p.Target.Product)
		}
		if one {
			useless("gateway.addresses", "istiod reads the address from the gateway's Service in the other cluster")
			useless("gateway.servicePort", "istiod reads the port from the gateway's Service in the other cluster")
		} else {
			useless("cluster", "has no meaning where each mesh has its own istiod alone")
		}
		useless("rootCertificate", "both trust one root here, in Secret cacerts of each: scenario certs makes both")
		for j, e := range m.Exports {
			if e.As != (ServiceName{e.Namespace, e.Name}) {
				r.problem(fieldOf(i, "exports", j)+".as", "leave it out; OpenShift Service Mesh 2 has other names", "on %s a service is called what it is called at home: its gateway chooses by that name", p.Target.Product)
			}
		}
		for j, in := range m.Imports {
			if in.As != (ServiceName{in.Namespace, in.Name}) {
				r.problem(fieldOf(i, "imports", j)+".as", "leave it out; OpenShift Service Mesh 2 has other names", "on %s a service is called what it is called at home: the other mesh's gateway chooses by that name", p.Target.Product)
			}
			if !*in.Local {
				r.problem(fieldOf(i, "imports", j)+".local", "leave it out", "on %s callers always use the name of a Service", p.Target.Product)
			}
		}
	}
}

// checkCaller holds the client and the split against the mesh that the client is in.
func (p *Plan) checkCaller(r *report) {
	s := p.Spec
	caller := p.caller()
	p.checkMemberOf(r, "spec.client.namespace", s.Client.Namespace, s.Meshes[caller].Namespace)
	if s.Split == (Split{}) {
		return
	}
	if s.Split.Mesh != s.Meshes[1-caller].Name {
		r.problem("spec.split.mesh", "", "no mesh %q: the two are %s and %s", s.Split.Mesh, s.Meshes[0].Name, s.Meshes[1].Name)
		return
	}
	var names []string
	for _, l := range links(s.Meshes, caller) {
		names = append(names, l.Import.As.Name)
	}
	if len(names) == 0 {
		r.problem("spec.split", "import something of it", "mesh %s uses nothing of mesh %s, so no call can be led there", s.Meshes[caller].Name, s.Split.Mesh)
		return
	}
	if l := splitLink(s.Meshes, caller, s.Split.Host); l.Host == "" {
		service, _, _ := strings.Cut(s.Split.Host, ".")
		r.problem("spec.split.host", "its service is called as the import is: "+oneOf(names), "none of the imports is called %s", service)
	} else if l.Export.Protocol == "tcp" {
		r.problem("spec.split.host", "split http, http2 or grpc", "plain tcp has no calls to share out")
	}
}

// splitLink is what a share of the calls to host goes to: the import of the same service name.
func splitLink(meshes []PeerMesh, caller int, host string) Link {
	service, _, _ := strings.Cut(host, ".")
	for _, l := range links(meshes, caller) {
		if l.Import.As.Name == service {
			return l
		}
	}
	return Link{}
}

// meshClaims: two meshes are joined once, and a share of a host's calls is led away once.
func meshClaims(p *Plan) []claim {
	var claims []claim
	for i, m := range p.Spec.Meshes {
		other := p.Spec.Meshes[1-i].Name
		claims = append(claims, claim{place: "in mesh " + m.Namespace + "/" + m.ControlPlane + " (" + m.Name + ")", what: "mesh " + other, path: fieldOf(i, "name")})
	}
	return append(claims, shareClaims(p)...)
}

func shareClaims(p *Plan) []claim {
	if p.Spec.Split.Host == "" {
		return nil
	}
	return []claim{{place: "in namespace " + p.Spec.Client.Namespace, what: p.Spec.Split.Host, path: "spec.split.host"}}
}
