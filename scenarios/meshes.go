package scenarios

// A PeerMesh is one of two meshes that are joined: what it is, how the other reaches it, what it offers and what it uses.
type PeerMesh struct {
	Name            string      `json:"name" kind:"label" doc:"what the other mesh calls it; default east and west"`
	Namespace       string      `json:"namespace" kind:"label" doc:"namespace of its control plane; default <name>-mesh-system on OpenShift Service Mesh 2, else istio-system"`
	ControlPlane    string      `json:"controlPlane" kind:"label" doc:"name of its control plane's resource; default <name>-mesh on OpenShift Service Mesh 2, else default"`
	TrustDomain     string      `json:"trustDomain" kind:"name" doc:"what its identities begin with; default <name>-mesh.local on OpenShift Service Mesh 2, else cluster.local"`
	Network         string      `json:"network" kind:"label" doc:"name of its network; default network-<name>"`
	Cluster         string      `json:"cluster" kind:"label" doc:"name of its cluster, where two clusters are one mesh; default its name"`
	Gateway         PeerGateway `json:"gateway" doc:"how the other mesh reaches it"`
	RootCertificate string      `json:"rootCertificate" kind:"pem" doc:"PEM of the root that signs its identities, for the other mesh; default: a command brings it"`
	Exports         []Export    `json:"exports" doc:"its services that the other mesh may use; default a sample service of the first mesh"`
	Imports         []Import    `json:"imports" doc:"services of the other mesh that it uses, as that exports them; default all of them"`
}

// PeerGateway is how a mesh is reached from the other.
type PeerGateway struct {
	Service       string   `json:"service" enum:"LoadBalancer,NodePort,ClusterIP" doc:"type of the gateway's Service; ClusterIP where both meshes share a cluster; default LoadBalancer"`
	Addresses     []string `json:"addresses" kind:"addressOrHost" doc:"where the other mesh reaches it; no default, for only the cluster knows"`
	DiscoveryPort int      `json:"discoveryPort" kind:"port" doc:"port there that tells what is exported; default 8188, with NodePort 31188"`
	ServicePort   int      `json:"servicePort" kind:"port" doc:"port there that takes calls; default 15443, with NodePort 31443"`
}

// ServiceName is a Service by its namespace and name.
type ServiceName struct {
	Namespace string `json:"namespace" kind:"label" doc:"its namespace"`
	Name      string `json:"name" kind:"service" doc:"its name"`
}

// Export is a service that the other mesh may use.
type Export struct {
	Namespace      string      `json:"namespace" kind:"label" doc:"its namespace"`
	Name           string      `json:"name" kind:"service" doc:"its name"`
	As             ServiceName `json:"as" doc:"what the other mesh calls it; default the same"`
	Port           int         `json:"port" kind:"port" doc:"its Service's port; default 8080"`
	PortName       string      `json:"portName" kind:"label" doc:"what its Service calls that port; default <protocol>-web"`
	Protocol       string      `json:"protocol" enum:"http,http2,grpc,tcp" doc:"what it speaks; default http"`
	ServiceAccount string      `json:"serviceAccount" kind:"subdomain" doc:"what its pods run as; default its name"`
}

// Import is a service of the other mesh, by the name under which that exports it.
type Import struct {
	Namespace string      `json:"namespace" kind:"label" doc:"its namespace, as exported"`
	Name      string      `json:"name" kind:"service" doc:"its name, as exported"`
	As        ServiceName `json:"as" doc:"what this mesh calls it; default the same"`
	Local     *bool       `json:"local" doc:"whether callers use the name of a Service of their own cluster; default false on OpenShift Service Mesh 2, where the name then ends in .svc.<mesh>-imports.local, else true"`
}

// Split leads a share of the calls to a service of the caller's mesh to the same service of the other.
type Split struct {
	Mesh    string `json:"mesh" kind:"label" doc:"the mesh that the share goes to"`
	Host    string `json:"host" kind:"clusterHost" doc:"the name that callers use; default <service>.<client namespace>.svc.cluster.local"`
	Percent *int   `json:"percent" kind:"percent" doc:"how many of a hundred calls; default 50"`
}

// A Link is a service that a mesh uses of the other: what callers dial, and what answers.
type Link struct {
	Host   string `json:"host"` // what callers dial
	Import Import `json:"import"`
	Export Export `json:"export"` // of the other mesh
}
