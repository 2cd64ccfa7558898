package mesh

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ServiceMeshPeer is federation.maistra.io/v1: another mesh, in the control plane's namespace, by the name that this mesh
// gives it.
type ServiceMeshPeer struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              PeerSpec `json:"spec"`
}

// PeerSpec is the spec of a [ServiceMeshPeer].
type PeerSpec struct {
	Remote   PeerRemote   `json:"remote"`
	Gateways PeerGateways `json:"gateways"`
	Security PeerSecurity `json:"security"`
}

// PeerRemote is where the other mesh is reached; the ports are 8188 and 15443 where they are left out.
type PeerRemote struct {
	Addresses     []string `json:"addresses,omitempty"`
	DiscoveryPort int32    `json:"discoveryPort,omitempty"`
	ServicePort   int32    `json:"servicePort,omitempty"`
}

// PeerGateways are this mesh's gateways to the other, by the names that the control plane gives them.
type PeerGateways struct {
	Ingress GatewayRef `json:"ingress"`
	Egress  GatewayRef `json:"egress"`
}

// GatewayRef names a gateway.
type GatewayRef struct {
	Name string `json:"name,omitempty"`
}

// PeerSecurity: ClientID is what the other mesh's egress gateway shows, without spiffe://; CertificateChain names what holds
// the root of the other mesh, <peer>-ca-root-cert where it is left out.
type PeerSecurity struct {
	TrustDomain      string            `json:"trustDomain,omitempty"`
	ClientID         string            `json:"clientID,omitempty"`
	CertificateChain *CertificateChain `json:"certificateChain,omitempty"`
}

// CertificateChain names a ConfigMap with root-cert.pem.
type CertificateChain struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// ExportedServiceSet is federation.maistra.io/v1: what the peer of its name may use.
type ExportedServiceSet struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ExportedSpec `json:"spec"`
}

// ExportedSpec is the spec of an [ExportedServiceSet]. The first rule that matches counts.
type ExportedSpec struct {
	ExportRules []ExportRule `json:"exportRules,omitempty"`
}

// ExportRule: Type is NameSelector or LabelSelector.
type ExportRule struct {
	Type          string                `json:"type"`
	NameSelector  *ServiceNameMapping   `json:"nameSelector,omitempty"`
	LabelSelector *ServiceLabelSelector `json:"labelSelector,omitempty"`
}

// ServiceLabelSelector chooses services by labels.
type ServiceLabelSelector struct {
	Namespace string                `json:"namespace,omitempty"`
	Selector  *metav1.LabelSelector `json:"selector,omitempty"`
	Aliases   []ServiceNameMapping  `json:"aliases,omitempty"`
}

// ServiceNameMapping is a service and what the other mesh calls it.
type ServiceNameMapping struct {
	Namespace string        `json:"namespace,omitempty"`
	Name      string        `json:"name,omitempty"`
	Alias     *ServiceAlias `json:"alias,omitempty"`
}

// ServiceAlias is another name of a service.
type ServiceAlias struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
}

// ImportedServiceSet is federation.maistra.io/v1: what of the exports of the peer of its name is used.
type ImportedServiceSet struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ImportedSpec `json:"spec"`
}

// ImportedSpec is the spec of an [ImportedServiceSet]. The first rule that matches counts.
type ImportedSpec struct {
	DomainSuffix string            `json:"domainSuffix,omitempty"`
	Locality     *ImportedLocality `json:"locality,omitempty"`
	ImportRules  []ImportRule      `json:"importRules,omitempty"`
}

// ImportedLocality is where the imported services are taken to be.
type ImportedLocality struct {
	Region  string `json:"region,omitempty"`
	Zone    string `json:"zone,omitempty"`
	Subzone string `json:"subzone,omitempty"`
}

// ImportRule: Type is NameSelector. With ImportAsLocal the service is one of the cluster's own name, and the alias must say
// which.
type ImportRule struct {
	Type          string              `json:"type"`
	DomainSuffix  string              `json:"domainSuffix,omitempty"`
	ImportAsLocal bool                `json:"importAsLocal,omitempty"`
	NameSelector  *ServiceNameMapping `json:"nameSelector,omitempty"`
}
