package scenarios

// A Definition says which scenario is wanted, for whom, to where and how encrypted: one YAML document, or one set of
// flags. The zero value of a field means "as the scenario has it"; [Resolve] fills every one.
//
// The struct is the schema: the reader, --set and the defaults all follow its tags.
//
//	json  the name of the field in a document
//	enum  the values it may have
//	kind  what a string must look like: a key of kinds (check.go)
//	doc   what it means, with its default where that is the same everywhere
type Definition struct {
	APIVersion string   `json:"apiVersion" enum:"meshscenario.io/v1alpha1" doc:"version of this format"`
	Kind       string   `json:"kind" enum:"Scenario" doc:"always Scenario"`
	Metadata   Metadata `json:"metadata" doc:"the definition's own name"`
	Spec       Spec     `json:"spec" doc:"what is wanted"`
}

// Metadata names a definition.
type Metadata struct {
	Name string `json:"name" kind:"label" doc:"names the rendered objects; default: made from the host"`
}

// Spec is what is wanted.
type Spec struct {
	Scenario    string      `json:"scenario" doc:"1a, 1b, 2a, 2b, expose, redirect, enroll or control-plane"`
	Target      string      `json:"target" doc:"the mesh and its version, such as ossm-2.6"`
	Encryption  string      `json:"encryption" enum:"none,simple,mutual,passthrough" doc:"none, simple (TLS, server verified), mutual (both verified) or passthrough (the application does its own TLS)"`
	Client      Client      `json:"client" doc:"the workload that calls"`
	Service     Service     `json:"service" doc:"what is called, outside the mesh"`
	Egress      Egress      `json:"egress" doc:"the gateway that traffic leaves by (1b, 2b)"`
	Expose      Expose      `json:"expose" doc:"the side that is called: a service of a mesh, made reachable from outside"`
	Redirect    Redirect    `json:"redirect" doc:"the in-mesh name that is led outside (redirect)"`
	Mesh        Mesh        `json:"mesh" doc:"the mesh the client is in; for expose, the mesh of the service"`
	Credentials Credentials `json:"credentials" doc:"the certificate shown to the outside, and the CA that verifies it"`
	Meshes      []PeerMesh  `json:"meshes" doc:"the two meshes that are joined (2a, 2b); default east and west"`
	Contrast    Contrast    `json:"contrast" doc:"the workload's part in the mesh of a Contrast deployment (target contrast)"`
	Split       Split       `json:"split" doc:"the share of calls that goes to the other mesh (2a, 2b); default no split"`
	Tyk         Tyk         `json:"tyk" doc:"on target tyk: the mesh of Tyk gateways, and the workload's place in it"`
}

// Client is the workload that calls.
type Client struct {
	Namespace      string            `json:"namespace" kind:"label" doc:"its namespace; default greetings-client, on other meshes than Istio that of their samples"`
	Name           string            `json:"name" kind:"service" doc:"its Deployment; default rest-client-greeting, on other meshes than Istio their sample"`
	Labels         map[string]string `json:"labels" doc:"labels of its pods; default app: <name>"`
	ServiceAccount string            `json:"serviceAccount" kind:"subdomain" doc:"its ServiceAccount; default default"`
	Image          string            `json:"image" kind:"image" doc:"image of the sample client, for --include workload"`
}

// Service is what is called, outside the mesh.
type Service struct {
	Host            string     `json:"host" kind:"host" doc:"the name that is called; default greeting.remote.com"`
	Port            int        `json:"port" kind:"port" doc:"the port on the wire; default 443, or 80 with encryption none"`
	AppPort         int        `json:"appPort" kind:"port" doc:"the port the application dials; default 80 where a proxy adds the TLS, else port"`
	Protocol        string     `json:"protocol" enum:"http,http2,grpc,tls,tcp" doc:"what the application speaks; default tls with encryption passthrough, else http"`
	SNI             string     `json:"sni" kind:"name" doc:"the server name sent in TLS; default host"`
	SubjectAltNames []string   `json:"subjectAltNames" kind:"san" doc:"names the server's certificate may have; default host"`
	Addresses       []string   `json:"addresses" kind:"address" doc:"addresses the application dials, needed to tell one tcp service from another"`
	Endpoints       []Endpoint `json:"endpoints" doc:"where the host really is, when DNS does not say; two with regions fail over"`
}

// Endpoint is a place where the host can be reached.
type Endpoint struct {
	Address  string `json:"address" kind:"addressOrHost" doc:"IP address or DNS name"`
	Locality string `json:"locality" kind:"locality" doc:"region, or region/zone, or region/zone/subzone"`
}

// Egress is the gateway that traffic leaves by.
type Egress struct {
	Namespace string            `json:"namespace" kind:"label" doc:"namespace of the gateway's pods; default: the control plane's, or istio-egress where gateways are installed by themselves"`
	Service   string            `json:"service" kind:"service" doc:"its Service; default istio-egressgateway"`
	Selector  map[string]string `json:"selector" doc:"labels of its pods; default istio: egressgateway"`
	InnerTLS  string            `json:"innerTLS" enum:"mutual,none" doc:"from sidecar to gateway: mutual (the mesh's own TLS) or none; default mutual"`
}

// Expose is a service of a mesh, made reachable from outside.
type Expose struct {
	Namespace   string   `json:"namespace" kind:"label" doc:"its namespace; default greetings-service"`
	Name        string   `json:"name" kind:"service" doc:"its Service; default rest-greeting-remote"`
	Port        int      `json:"port" kind:"port" doc:"its Service's port; default 8080, or 8443 where the application does the TLS"`
	PathPrefix  string   `json:"pathPrefix" kind:"path" doc:"the paths that are let in; default /"`
	Gateway     Ingress  `json:"gateway" doc:"the ingress gateway"`
	Route       Route    `json:"route" doc:"OpenShift's Route in front of the gateway"`
	Secret      string   `json:"secret" kind:"subdomain" doc:"Secret with the server's certificate, in the gateway's namespace; default greeting-remote-secret"`
	ClientNames []string `json:"clientNames" kind:"san" doc:"with mutual: the only subject alternative names that callers may show; default any that the CA signed"`
	Image       string   `json:"image" kind:"image" doc:"image of the sample service, for --include workload or service"`
}

// Ingress is the gateway that lets traffic in.
type Ingress struct {
	Namespace string            `json:"namespace" kind:"label" doc:"namespace of the gateway's pods; default: the control plane's, or istio-ingress where gateways are installed by themselves"`
	Service   string            `json:"service" kind:"service" doc:"its Service; default istio-ingressgateway"`
	Selector  map[string]string `json:"selector" doc:"labels of its pods; default istio: ingressgateway"`
}

// Route is OpenShift's Route in front of the gateway.
type Route struct {
	Termination              string `json:"termination" enum:"passthrough,edge,reencrypt,none" doc:"where TLS ends; default passthrough where the gateway takes TLS, else none"`
	Insecure                 string `json:"insecure" enum:"none,allow,redirect" doc:"what happens to plain HTTP; default redirect with edge and reencrypt, else none"`
	DestinationCACertificate string `json:"destinationCACertificate" kind:"pem" doc:"with reencrypt: PEM of the CA that signed the gateway's certificate"`
}

// Redirect is the in-mesh name that is led outside.
type Redirect struct {
	Host    string `json:"host" kind:"clusterHost" doc:"the name that callers use; default greeting.<client namespace>.svc.cluster.local"`
	Port    int    `json:"port" kind:"port" doc:"its Service's port; default 8080"`
	Prefix  string `json:"prefix" kind:"path" doc:"only paths that begin so are led outside; default every path"`
	Percent *int   `json:"percent" kind:"percent" doc:"how many of a hundred calls are led outside; default 100"`
}

// Mesh is the mesh, as it is or as --include control-plane makes it.
type Mesh struct {
	Namespace  string `json:"namespace" kind:"label" doc:"namespace of the control plane; default istio-system"`
	Name       string `json:"name" kind:"label" doc:"name of the control plane's resource; default basic on OpenShift Service Mesh 2, else default"`
	Outbound   string `json:"outbound" enum:"registry-only,allow-any" doc:"what happens to calls to hosts that nothing declares; default registry-only"`
	MTLS       string `json:"mtls" enum:"strict,permissive" doc:"whether workloads refuse plaintext from inside; default strict"`
	Membership string `json:"membership" enum:"member,roll" doc:"where membership is an object: a ServiceMeshMember in each namespace or one ServiceMeshMemberRoll; default member"`
	Addons     string `json:"addons" enum:"none,all" doc:"tracing, Kiali, Prometheus and Grafana, where the control plane brings them; default none"`
}

// Credentials are what the proxy that originates TLS needs.
type Credentials struct {
	Secret    string `json:"secret" kind:"subdomain" doc:"the Secret; default greeting-client-secret"`
	Delivery  string `json:"delivery" enum:"sds,mount" doc:"how a sidecar gets it: sds (credentialName) or mount (files); default sds where the target can, else mount"`
	CA        string `json:"ca" enum:"secret,system" doc:"what verifies the server: ca.crt of the Secret, or the CA bundle of the proxy's image; default secret"`
	MountPath string `json:"mountPath" kind:"mountPath" doc:"with mount: the folder; default /etc/certs"`
}
