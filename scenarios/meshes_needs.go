package scenarios

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/mesh"
)

// federationNeeds are those of the plan's own mesh.
func (p *Plan) federationNeeds(has func(Part) bool) []Need {
	var needs []Need
	if !has(ControlPlane) {
		needs = append(needs, p.controlPlaneNeed(has))
	}
	if e := p.Spec.Egress; p.byEgress() && (!has(ControlPlane) || !p.bringsEgress()) {
		needs = append(needs, gatewayNeed("egress", e.Namespace, e.Service, e.Selector, p.bringsEgress()))
	}
	if !has(Members) {
		for _, namespace := range p.memberNamespaces() {
			needs = append(needs, p.memberNeed(namespace))
		}
	}
	if !has(Workload) && p.Target.PodInjection && p.Calls() {
		c := p.Spec.Client
		needs = append(needs, Need{Text: fmt.Sprintf("pods of Deployment %s/%s asking for a sidecar", c.Namespace, c.Name), Command: p.injectCommand(c.Namespace, c.Name)})
	}
	if !has(ServiceSide) {
		for _, e := range p.Own.Exports {
			needs = append(needs, Need{Text: fmt.Sprintf("Service %s/%s with port %d named %s, its pods with a sidecar and running as ServiceAccount %s; --include service renders a sample", e.Namespace, e.Name, e.Port, e.PortName, e.ServiceAccount)})
		}
	}
	if !p.OneMesh() && !p.Target.Has(mesh.FederationCRs) && !has(Namespaces) {
		for _, l := range p.Links() {
			needs = append(needs, Need{Text: fmt.Sprintf("namespace %s, which holds the name of a service of mesh %s; --include namespaces renders it", l.Export.Namespace, p.Other.Name)})
		}
	}
	needs = append(needs, p.trustNeeds()...)
	if need := p.AddressNeed(); need != nil {
		needs = append(needs, *need)
	}
	if p.Splits() {
		s := p.Spec.Split
		needs = append(needs, Need{Text: fmt.Sprintf("Service %s, whose own pods answer the other %d of a hundred calls", s.Host, 100-*s.Percent)})
	}
	return needs
}

// AddressNeed is where the other mesh is reached, where the plan must know that and does not; else it is nil. The command is
// for the other mesh's cluster.
func (p *Plan) AddressNeed() *Need {
	if p.Own == nil || !p.needsAddress() || p.Reached() {
		return nil
	}
	return &Need{
		Text:    fmt.Sprintf("the address of mesh %s, in meshes[%d].gateway.addresses: %s left out until it is known. In its cluster", p.Other.Name, p.otherIndex(), p.leftOut()),
		Command: p.addressCommand(p.Other, *p.Own),
	}
}

// memberNamespaces are those whose workloads or names are part of the plan's own mesh.
func (p *Plan) memberNamespaces() []string {
	var all []string
	for _, e := range p.Own.Exports {
		all = append(all, e.Namespace)
	}
	if p.Calls() {
		all = append(all, p.Spec.Client.Namespace)
	}
	for _, l := range p.Links() {
		if *l.Import.Local && (p.Target.Has(mesh.FederationCRs) || p.OneMesh()) {
			all = append(all, l.Import.As.Namespace)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// controlPlaneNeed is the control plane that part federation adds to.
func (p *Plan) controlPlaneNeed(has func(Part) bool) Need {
	what := fmt.Sprintf("the control plane %s/%s (%s)", p.Own.Namespace, p.Own.ControlPlane, p.Target.Product)
	if p.Target.ControlPlane == mesh.Helm && !p.OneMesh() {
		return Need{Text: what + "; --include control-plane renders its values"}
	}
	if p.Target.ControlPlane == mesh.Helm {
		return Need{Text: what + " with the values that --include control-plane renders: global.meshID, global.multiCluster.clusterName and global.network say which of the two it is"}
	}
	if has(Federation) {
		return Need{Text: what + ", to which this adds what joins the two: apply with --server-side, which keeps the rest; --include control-plane renders it whole"}
	}
	return Need{Text: what + "; --include control-plane renders it"}
}

// needsAddress tells whether some object of the plan names the address of the other mesh.
func (p *Plan) needsAddress() bool {
	if p.Target.Has(mesh.FederationCRs) {
		return true
	}
	return !p.OneMesh() && len(p.Own.Imports) > 0
}

// leftOut names what cannot be rendered without the address of the other mesh.
func (p *Plan) leftOut() string {
	if p.Target.Has(mesh.FederationCRs) {
		return "ServiceMeshPeer " + p.Other.Name + " and its sets are"
	}
	return "what leads calls there is"
}

func (p *Plan) otherIndex() int {
	if p.Other == &p.Spec.Meshes[0] {
		return 0
	}
	return 1
}

// gatewayOf names the Service by which the other mesh reaches m.
func (p *Plan) gatewayOf(m *PeerMesh, other PeerMesh) (namespace, service string) {
	if p.Target.Has(mesh.FederationCRs) {
		return m.Namespace, ingressFor(other)
	}
	return m.Namespace, eastWest
}

// eastWest is what Istio calls the gateway between the clusters of a mesh.
const eastWest = "istio-eastwestgateway"

// addressCommand tells where a mesh is reached.
func (p *Plan) addressCommand(m *PeerMesh, other PeerMesh) string {
	if m.Gateway.Service == "NodePort" {
		return fmt.Sprintf(`%s get nodes -o jsonpath='{.items[*].status.addresses[?(@.type=="ExternalIP")].address}'`, p.CLI())
	}
	namespace, service := p.gatewayOf(m, other)
	return fmt.Sprintf("%s get service %s -n %s -o jsonpath='{.status.loadBalancer.ingress[*].ip}{.status.loadBalancer.ingress[*].hostname}'", p.CLI(), service, namespace)
}

// trustNeeds are the other mesh's root, or one root for both.
func (p *Plan) trustNeeds() []Need {
	if !p.Target.Has(mesh.FederationCRs) {
		needs := []Need{{
			Text:    fmt.Sprintf("Secret %s/cacerts with ca-cert.pem, ca-key.pem, root-cert.pem and cert-chain.pem, a CA of this cluster's own under the root that both trust, before istiod starts; scenario certs issue and certs secret --mesh %s make it", p.Own.Namespace, p.Own.Name),
			Command: fmt.Sprintf("%s create secret generic cacerts -n %s --from-file=ca-cert.pem --from-file=ca-key.pem --from-file=root-cert.pem --from-file=cert-chain.pem", p.CLI(), p.Own.Namespace),
		}}
		if p.OneMesh() {
			needs = append(needs, Need{
				Text:    fmt.Sprintf("a remote secret, by which istiod of cluster %s reads the services of cluster %s; CONTEXT names that cluster in the kubeconfig", p.Own.Cluster, p.Other.Cluster),
				Command: fmt.Sprintf("istioctl create-remote-secret --context=CONTEXT --name=%s -i %s | %s apply -n %s -f -", p.Other.Cluster, p.Other.Namespace, p.CLI(), p.Own.Namespace),
			})
		}
		return needs
	}
	if p.Other.RootCertificate != "" {
		return nil
	}
	if p.Together() {
		return []Need{{
			Text:    fmt.Sprintf("ConfigMap %s/%s-ca-root-cert with root-cert.pem, the root of mesh %s, once its control plane is ready", p.Own.Namespace, p.Other.Name, p.Other.Name),
			Command: fmt.Sprintf(`%[1]s get configmap istio-ca-root-cert -n %[2]s -o jsonpath='{.data.root-cert\.pem}' | %[1]s create configmap %[3]s-ca-root-cert -n %[4]s --from-file=root-cert.pem=/dev/stdin`, p.CLI(), p.Other.Namespace, p.Other.Name, p.Own.Namespace),
		}}
	}
	return []Need{{
		Text:    fmt.Sprintf("ConfigMap %s/%s-ca-root-cert with root-cert.pem, the root of mesh %s, which its owner hands over", p.Own.Namespace, p.Other.Name, p.Other.Name),
		Command: fmt.Sprintf("%s create configmap %s-ca-root-cert -n %s --from-file=root-cert.pem", p.CLI(), p.Other.Name, p.Own.Namespace),
	}}
}

// federatedPods are the commands that restart what part control-plane is applied together with, of a plan for one of two
// meshes.
func (p *Plan) federatedPods(has func(Part) bool) []string {
	if p.Own == nil {
		return nil
	}
	var all []string
	restart := func(deployment, namespace string) {
		all = append(all, fmt.Sprintf("%s rollout restart deployment %s -n %s", p.CLI(), deployment, namespace))
	}
	if !p.Target.BuiltInGateways {
		if len(p.Own.Exports) > 0 && has(Federation) {
			restart(eastWest, p.Own.Namespace)
		}
		if p.byEgress() {
			restart(p.Spec.Egress.Service, p.Spec.Egress.Namespace)
		}
	}
	if has(ServiceSide) {
		for _, e := range p.Own.Exports {
			restart(e.Name, e.Namespace)
		}
	}
	return all
}

// byEgress tells whether calls leave by an egress gateway that the definition names.
func (p *Plan) byEgress() bool {
	return p.Scenario.uses("egress") && !p.Target.Has(mesh.FederationCRs) && len(p.Own.Imports) > 0
}
