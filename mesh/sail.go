package mesh

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Istio is sailoperator.io/v1: a control plane of OpenShift Service Mesh 3. It belongs to no namespace.
type Istio struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              IstioSpec `json:"spec"`
}

// IstioSpec is the spec of an [Istio]. Namespace cannot be changed later.
type IstioSpec struct {
	Version        string          `json:"version,omitempty"`
	Namespace      string          `json:"namespace"`
	UpdateStrategy *UpdateStrategy `json:"updateStrategy,omitempty"`
	Values         *IstioValues    `json:"values,omitempty"`
}

// UpdateStrategy: Type is InPlace or RevisionBased.
type UpdateStrategy struct {
	Type string `json:"type,omitempty"`
}

// IstioValues are values of Istio's charts.
type IstioValues struct {
	MeshConfig *MeshConfig  `json:"meshConfig,omitempty"`
	Global     *IstioGlobal `json:"global,omitempty"`
}

// IstioGlobal says which mesh, cluster and network a control plane is of.
type IstioGlobal struct {
	MeshID       string        `json:"meshID,omitempty"`
	Network      string        `json:"network,omitempty"`
	MultiCluster *MultiCluster `json:"multiCluster,omitempty"`
}

// MultiCluster names the cluster.
type MultiCluster struct {
	ClusterName string `json:"clusterName,omitempty"`
}

// MeshConfig is the part of Istio's mesh configuration that is rendered or read.
type MeshConfig struct {
	OutboundTrafficPolicy *OutboundTrafficPolicy  `json:"outboundTrafficPolicy,omitempty"`
	AccessLogFile         string                  `json:"accessLogFile,omitempty"`
	AccessLogEncoding     string                  `json:"accessLogEncoding,omitempty"`
	DiscoverySelectors    []*metav1.LabelSelector `json:"discoverySelectors,omitempty"`
	TrustDomain           string                  `json:"trustDomain,omitempty"`
	TrustDomainAliases    []string                `json:"trustDomainAliases,omitempty"`
	ServiceSettings       []ServiceSettings       `json:"serviceSettings,omitempty"`
}

// ServiceSettings are for the services of these hosts.
type ServiceSettings struct {
	Settings *ClusterLocal `json:"settings,omitempty"`
	Hosts    []string      `json:"hosts,omitempty"`
}

// ClusterLocal keeps the calls to a service in the caller's cluster.
type ClusterLocal struct {
	ClusterLocal *bool `json:"clusterLocal,omitempty"`
}

// OutboundTrafficPolicy: Mode is ALLOW_ANY or REGISTRY_ONLY.
type OutboundTrafficPolicy struct {
	Mode string `json:"mode,omitempty"`
}

// IstioCNI is sailoperator.io/v1: the CNI plugin, named default. It belongs to no namespace.
type IstioCNI struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              IstioCNISpec `json:"spec"`
}

// IstioCNISpec is the spec of an [IstioCNI].
type IstioCNISpec struct {
	Version   string `json:"version,omitempty"`
	Namespace string `json:"namespace"`
}
