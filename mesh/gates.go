package mesh

// A Gate is something that only some versions do, and that changes what must be rendered or what a request meets.
type Gate string

// The gates. Their versions and sources are in [GateTable].
const (
	VerifyByDefault         Gate = "verifyByDefault"
	AutoSNI                 Gate = "autoSNI"
	AutoSAN                 Gate = "autoSAN"
	AutoSNIBeforeRewrite    Gate = "autoSNIBeforeRewrite"
	SniffOutbound           Gate = "sniffOutbound"
	DRWorkloadSelector      Gate = "drWorkloadSelector"
	DRCredentialOnSidecar   Gate = "drCredentialNameOnSidecar"
	CAOnlySecretNoRBAC      Gate = "caOnlySecretNoRBAC"
	ConfigMapCA             Gate = "configMapCA"
	SystemCA                Gate = "systemCA"
	SETargetPort            Gate = "seTargetPort"
	SETargetPortWithNone    Gate = "seTargetPortWithNone"
	IPAutoAllocate          Gate = "ipAutoAllocateDefault"
	WildcardVSMostSpecific  Gate = "wildcardVSMostSpecific"
	ExternalNameAlias       Gate = "externalNameAlias"
	CredentialNames         Gate = "credentialNames"
	CACRL                   Gate = "caCrl"
	OptionalMutual          Gate = "optionalMutual"
	InsecureSkipVerify      Gate = "insecureSkipVerify"
	Tunnel                  Gate = "tunnel"
	ProxyProtocol           Gate = "proxyProtocol"
	DirectResponse          Gate = "directResponse"
	Mirrors                 Gate = "mirrors"
	DNSRoundRobin           Gate = "dnsRoundRobin"
	DynamicDNS              Gate = "dynamicDNS"
	DynamicDNSOnSidecar     Gate = "dynamicDNSOnSidecar"
	NetworkingV1            Gate = "networkingV1"
	HostPortIgnored         Gate = "hostPortIgnored"
	RelativeWeights         Gate = "relativeWeights"
	EnhancedDRMerge         Gate = "enhancedDRMerge"
	FederationCRs           Gate = "federationCRs"
	NativeSidecars          Gate = "nativeSidecars"
	MemberSelectors         Gate = "memberSelectors"
	SMCPMode                Gate = "smcpMode"
	ManageRouteAnnotation   Gate = "manageRouteAnnotation"
	RoutesByDefault         Gate = "routesByDefault"
	PodInjectionLabel       Gate = "podInjectionLabel"
	MeshWideMTLSClusterWide Gate = "meshWideMTLSClusterLocal"
)

// minors is a closed range of minor versions; until 0 means that the newest one still belongs to it, and from 0 that
// none does.
type minors struct{ from, until int }

func (m minors) has(minor int) bool {
	return m.from != 0 && minor >= m.from && (m.until == 0 || minor <= m.until)
}

// Since is the minor of Istio from which on the gate is open, for who tells people what to update to; 0 where it depends
// on the product, or where the gate closes again.
func (g Gate) Since() int {
	for _, row := range GateTable {
		if row.Gate == g && row.maistra == nil && row.istio.until == 0 {
			return row.istio.from
		}
	}
	return 0
}

// A GateRow says which versions a gate is open on.
type GateRow struct {
	Gate Gate
	// Says tells, in one sentence, what is true where the gate is open.
	Says string
	// istio is the range of Istio minors (21 is Istio 1.21).
	istio minors
	// maistra, when set, decides for OpenShift Service Mesh 2 instead, in minors of that product (6 is 2.6): for what
	// the product adds, or switches off in the profile it installs.
	maistra *minors
	// Source is where the range was read.
	Source string
}

// GateTable holds every gate once, with its source.
//
// Minor versions are as coarse as a target is. Where a change came in a patch release the row says so, and the gate is
// open from the first minor all of whose supported patches have it.
var GateTable = []GateRow{
	{VerifyByDefault, "a DestinationRule with TLS and no CA verifies the server against the CA bundle of the proxy's image; before, nothing is verified",
		minors{21, 0}, nil, "https://istio.io/latest/news/releases/1.21.x/announcing-1.21/upgrade-notes/ (VERIFY_CERTIFICATE_AT_CLIENT)"},
	{AutoSNI, "requests routed as HTTP send their Host as SNI when the DestinationRule sets none",
		minors{21, 0}, nil, "https://istio.io/latest/news/releases/1.21.x/announcing-1.21/upgrade-notes/ (ENABLE_AUTO_SNI)"},
	{AutoSAN, "the server's name is checked against the automatic SNI, as long as neither sni nor subjectAltNames is set",
		minors{21, 0}, nil, "istio/istio pilot/pkg/networking/core/cluster_tls.go"},
	{AutoSNIBeforeRewrite, "the automatic SNI is the Host from before the route rewrote it",
		minors{21, 23}, nil, "Envoy 1.32 release notes (auto_sni reads the rewritten authority); Istio 1.24 ships that Envoy"},
	{SniffOutbound, "a sidecar looks at the first bytes to tell HTTP from TLS on an outbound port of unknown or other protocol",
		minors{5, 0}, &minors{6, 0}, "maistra/istio-operator base profiles v2.0 to v2.5: proxy.networking.protocol.autoDetect.outbound false; Istio 1.19 removed the switch"},
	{DRWorkloadSelector, "a DestinationRule can be limited to workloads by labels",
		minors{14, 0}, nil, "https://istio.io/latest/news/releases/1.14.x/announcing-1.14/change-notes/"},
	{DRCredentialOnSidecar, "a sidecar reads credentialName of a DestinationRule that has a workloadSelector",
		minors{14, 0}, nil, "https://istio.io/latest/news/releases/1.14.x/announcing-1.14/change-notes/"},
	{CAOnlySecretNoRBAC, "a proxy needs no permission to list Secrets to be given a CA-only one of its own namespace",
		minors{25, 0}, nil, "https://github.com/istio/istio/pull/54732"},
	{ConfigMapCA, "credentialName can name a ConfigMap (configmap://) that holds the CA",
		minors{26, 0}, nil, "https://istio.io/latest/news/releases/1.26.x/announcing-1.26/change-notes/"},
	{SystemCA, "caCertificates: system means the CA bundle of the proxy's image; before, a file of that name",
		minors{12, 0}, nil, "istio/istio pkg/security/security.go, release-1.12"},
	{SETargetPort, "ServiceEntry ports have targetPort",
		minors{8, 0}, nil, "istio/api networking/v1alpha3/service_entry.proto"},
	{SETargetPortWithNone, "targetPort counts with resolution NONE too",
		minors{22, 0}, nil, "https://istio.io/latest/news/releases/1.22.x/announcing-1.22/change-notes/"},
	{IPAutoAllocate, "istiod gives ServiceEntries without addresses an address of their own (used where DNS capture is on)",
		minors{25, 0}, nil, "https://istio.io/latest/news/releases/1.25.x/announcing-1.25/change-notes/"},
	{WildcardVSMostSpecific, "of several wildcard VirtualServices the most specific host wins; before, the oldest object (1.18.7 and 1.19.6 backport it)",
		minors{20, 0}, nil, "https://istio.io/latest/news/releases/1.20.x/announcing-1.20.2/ (PERSIST_OLDEST_FIRST_HEURISTIC_FOR_VIRTUAL_SERVICE_HOST_MATCHING)"},
	{ExternalNameAlias, "a Service of type ExternalName is an alias of the name it gives, and has no configuration of its own",
		minors{21, 0}, nil, "https://istio.io/latest/news/releases/1.21.x/announcing-1.21/upgrade-notes/"},
	{CredentialNames, "a Gateway server can name two credentials (credentialNames, tlsCertificates)",
		minors{27, 0}, nil, "istio/api networking/v1alpha3/gateway.proto"},
	{CACRL, "TLS settings can name a certificate revocation list (caCrl)",
		minors{22, 0}, nil, "istio/api networking/v1alpha3/destination_rule.proto"},
	{OptionalMutual, "a Gateway server can ask for a client certificate without requiring it (OPTIONAL_MUTUAL)",
		minors{19, 0}, nil, "istio/api networking/v1alpha3/gateway.proto"},
	{InsecureSkipVerify, "a DestinationRule can switch verification off (insecureSkipVerify)",
		minors{19, 0}, nil, "istio/api networking/v1alpha3/destination_rule.proto"},
	{Tunnel, "a DestinationRule can tunnel TCP through an HTTP CONNECT proxy (tunnel)",
		minors{15, 0}, nil, "istio/api networking/v1alpha3/destination_rule.proto"},
	{ProxyProtocol, "a DestinationRule can send the PROXY protocol (proxyProtocol)",
		minors{21, 0}, nil, "istio/api networking/v1alpha3/destination_rule.proto"},
	{DirectResponse, "a VirtualService can answer by itself (directResponse)",
		minors{15, 0}, nil, "istio/api networking/v1alpha3/virtual_service.proto"},
	{Mirrors, "a VirtualService can mirror to several destinations (mirrors)",
		minors{19, 0}, nil, "istio/api kubernetes/customresourcedefinitions.gen.yaml, 1.18.7 and 1.19.0"},
	{DNSRoundRobin, "a ServiceEntry can resolve with DNS_ROUND_ROBIN",
		minors{12, 0}, nil, "istio/api networking/v1alpha3/service_entry.proto"},
	{DynamicDNS, "a ServiceEntry can resolve with DYNAMIC_DNS, at a waypoint",
		minors{28, 0}, nil, "https://istio.io/latest/news/releases/1.28.x/announcing-1.28/change-notes/"},
	{DynamicDNSOnSidecar, "a ServiceEntry with DYNAMIC_DNS also works at a sidecar",
		minors{30, 0}, nil, "https://istio.io/latest/news/releases/1.30.x/announcing-1.30/change-notes/"},
	{NetworkingV1, "networking.istio.io/v1 and security.istio.io/v1 are served; before, v1beta1",
		minors{22, 0}, nil, "https://istio.io/latest/news/releases/1.22.x/announcing-1.22/"},
	{HostPortIgnored, "a port in the Host header does not keep a request from its virtual host",
		minors{16, 0}, nil, "istio/istio pilot/pkg/networking/core/v1alpha3/httproute.go"},
	{RelativeWeights, "route weights are relative; before, they must add up to 100",
		minors{15, 0}, nil, "istio/istio pkg/config/validation/validation.go, release-1.14 and release-1.16"},
	{EnhancedDRMerge, "DestinationRules for one host merge only when their exportTo is equal",
		minors{24, 0}, nil, "istio/istio pilot/pkg/features (ENABLE_ENHANCED_DESTINATIONRULE_MERGE)"},
	{NativeSidecars, "on Kubernetes 1.33 and later, sidecars start before the init containers of a pod (ENABLE_NATIVE_SIDECARS)",
		minors{27, 0}, nil, "https://istio.io/latest/news/releases/1.27.x/announcing-1.27/upgrade-notes/"},
	{FederationCRs, "ServiceMeshPeer, ExportedServiceSet and ImportedServiceSet exist",
		minors{}, &minors{1, 6}, "maistra/api federation/v1"},
	{MemberSelectors, "a ServiceMeshMemberRoll can choose members by labels",
		minors{}, &minors{2, 6}, "maistra/api core/v1/servicemeshmemberroll_types.go"},
	{SMCPMode, "a ServiceMeshControlPlane has spec.mode (MultiTenant, ClusterWide)",
		minors{}, &minors{4, 6}, "maistra/api core/v2/servicemeshcontrolplane_types.go"},
	{ManageRouteAnnotation, "a Gateway annotated maistra.io/manageRoute: \"false\" gets no Route of the operator's",
		minors{}, &minors{1, 6}, "maistra/istio pilot/pkg/config/kube/ior (MAISTRA-2205)"},
	{RoutesByDefault, "the operator makes Routes of Gateways unless the control plane says otherwise; after, a new control plane must say so",
		minors{}, &minors{1, 4}, "maistra/istio-operator pkg/controller/servicemesh/webhooks/mutation/controlplane.go"},
	{PodInjectionLabel, "a pod asks for its sidecar by the label sidecar.istio.io/inject; before, by the annotation of that name alone",
		minors{10, 0}, &minors{2, 6}, "maistra/istio pkg/kube/inject/inject.go, 2.1.6 and 2.2.0"},
	{MeshWideMTLSClusterWide, "the ISTIO_MUTUAL rule that mtls: true makes covers *.cluster.local; before, *.local (2.2.10, 2.3.7 and 2.4.3 have it too)",
		minors{}, &minors{5, 6}, "maistra/istio-operator resources/helm/v2.x/mesh-config/templates/enable-mesh-mtls.yaml"},
}
