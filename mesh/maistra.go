package mesh

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// The types below have the fields that are rendered or read, and no others: strict decoding refuses the rest. Each
// field is held against the CRD by a test.

// ServiceMeshControlPlane is maistra.io/v2.
type ServiceMeshControlPlane struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ControlPlaneSpec `json:"spec"`
}

// ControlPlaneSpec is the spec of a [ServiceMeshControlPlane].
type ControlPlaneSpec struct {
	Version   string                `json:"version,omitempty"`
	Profiles  []string              `json:"profiles,omitempty"`
	Policy    *TypeOnly             `json:"policy,omitempty"`
	Telemetry *TypeOnly             `json:"telemetry,omitempty"`
	Tracing   *Tracing              `json:"tracing,omitempty"`
	Security  *ControlPlaneSecurity `json:"security,omitempty"`
	Proxy     *ControlPlaneProxy    `json:"proxy,omitempty"`
	Gateways  *ControlPlaneGateways `json:"gateways,omitempty"`
	Addons    *ControlPlaneAddons   `json:"addons,omitempty"`
}

// TypeOnly chooses an implementation by name.
type TypeOnly struct {
	Type string `json:"type,omitempty"`
}

// Tracing says who traces; Sampling is in hundredths of a percent.
type Tracing struct {
	Type     string `json:"type,omitempty"`
	Sampling *int32 `json:"sampling,omitempty"`
}

// ControlPlaneSecurity holds the mesh's own TLS.
type ControlPlaneSecurity struct {
	DataPlane *DataPlaneSecurity `json:"dataPlane,omitempty"`
	Trust     *TrustDomains      `json:"trust,omitempty"`
}

// TrustDomains: Domain is what the mesh's identities begin with.
type TrustDomains struct {
	Domain string `json:"domain,omitempty"`
}

// DataPlaneSecurity: MTLS makes workloads refuse plaintext, and clients use mutual TLS for the whole cluster domain;
// AutoMTLS lets clients use it where the other side has a sidecar.
type DataPlaneSecurity struct {
	AutoMTLS *bool `json:"automtls,omitempty"`
	MTLS     *bool `json:"mtls,omitempty"`
}

// ControlPlaneProxy configures the proxies.
type ControlPlaneProxy struct {
	Networking    *ProxyNetworking    `json:"networking,omitempty"`
	AccessLogging *ProxyAccessLogging `json:"accessLogging,omitempty"`
}

// ProxyNetworking configures what proxies do with traffic.
type ProxyNetworking struct {
	TrafficControl *ProxyTrafficControl `json:"trafficControl,omitempty"`
}

// ProxyTrafficControl configures what proxies capture.
type ProxyTrafficControl struct {
	Outbound *ProxyOutbound `json:"outbound,omitempty"`
}

// ProxyOutbound: Policy is ALLOW_ANY or REGISTRY_ONLY.
type ProxyOutbound struct {
	Policy string `json:"policy,omitempty"`
}

// ProxyAccessLogging says where proxies log requests.
type ProxyAccessLogging struct {
	File *ProxyAccessLogFile `json:"file,omitempty"`
}

// ProxyAccessLogFile: Encoding is TEXT or JSON.
type ProxyAccessLogFile struct {
	Name     string `json:"name,omitempty"`
	Encoding string `json:"encoding,omitempty"`
}

// ControlPlaneGateways configures the gateways that the operator installs.
type ControlPlaneGateways struct {
	OpenShiftRoute    *Enablement                  `json:"openshiftRoute,omitempty"`
	AdditionalIngress map[string]AdditionalIngress `json:"additionalIngress,omitempty"`
	AdditionalEgress  map[string]AdditionalEgress  `json:"additionalEgress,omitempty"`
}

// AdditionalIngress is an ingress gateway by its name. RouterMode is sni-dnat or standard.
type AdditionalIngress struct {
	Enabled    *bool           `json:"enabled,omitempty"`
	RouterMode string          `json:"routerMode,omitempty"`
	Service    *GatewayService `json:"service,omitempty"`
}

// AdditionalEgress is an egress gateway by its name. RequestedNetworkView lists the networks whose services it sees.
type AdditionalEgress struct {
	Enabled              *bool           `json:"enabled,omitempty"`
	RouterMode           string          `json:"routerMode,omitempty"`
	RequestedNetworkView []string        `json:"requestedNetworkView,omitempty"`
	Service              *GatewayService `json:"service,omitempty"`
}

// GatewayService is the Service of a gateway. The labels are those of its pods too.
type GatewayService struct {
	Type     string           `json:"type,omitempty"`
	Metadata *GatewayMetadata `json:"metadata,omitempty"`
	Ports    []GatewayPort    `json:"ports,omitempty"`
}

// GatewayMetadata are labels and annotations.
type GatewayMetadata struct {
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// GatewayPort is a port of a gateway's Service.
type GatewayPort struct {
	Name     string `json:"name,omitempty"`
	Port     int32  `json:"port"`
	NodePort int32  `json:"nodePort,omitempty"`
}

// Enablement switches something on or off.
type Enablement struct {
	Enabled *bool `json:"enabled,omitempty"`
}

// ControlPlaneAddons are what the operator installs beside the mesh.
type ControlPlaneAddons struct {
	Prometheus *Enablement  `json:"prometheus,omitempty"`
	Grafana    *Enablement  `json:"grafana,omitempty"`
	Kiali      *Enablement  `json:"kiali,omitempty"`
	Jaeger     *JaegerAddon `json:"jaeger,omitempty"`
}

// JaegerAddon installs Jaeger.
type JaegerAddon struct {
	Install *JaegerInstall `json:"install,omitempty"`
}

// JaegerInstall says how.
type JaegerInstall struct {
	Storage *JaegerStorage `json:"storage,omitempty"`
}

// JaegerStorage: Type is Memory or Elasticsearch.
type JaegerStorage struct {
	Type string `json:"type,omitempty"`
}

// ServiceMeshMemberRoll is maistra.io/v1: the namespaces of a mesh, in the control plane's namespace, named default.
type ServiceMeshMemberRoll struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              MemberRollSpec `json:"spec"`
}

// MemberRollSpec is the spec of a [ServiceMeshMemberRoll].
type MemberRollSpec struct {
	Members []string `json:"members,omitempty"`
}

// ServiceMeshMember is maistra.io/v1: it makes its own namespace a member, and is named default.
type ServiceMeshMember struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              MemberSpec `json:"spec"`
}

// MemberSpec is the spec of a [ServiceMeshMember].
type MemberSpec struct {
	ControlPlaneRef ControlPlaneRef `json:"controlPlaneRef"`
}

// ControlPlaneRef names a [ServiceMeshControlPlane].
type ControlPlaneRef struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}
