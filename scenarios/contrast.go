package scenarios

// Contrast is a workload's part in the service mesh of Contrast.
type Contrast struct {
	Generation       string            `json:"generation" enum:"current,legacy" doc:"of the release: current (1.0 and later, contrast generate adds the containers to annotated pods) or legacy (before, pods are written by hand); default current"`
	Ingress          []ContrastIngress `json:"ingress" doc:"ports of the application, and what callers must speak; a port that is not listed takes mutual TLS; default one of the sample's, with mutual TLS"`
	Egress           []ContrastEgress  `json:"egress" doc:"other workloads of the deployment that the application calls; default with 1a: service.host, or two of the sample's"`
	AdminPort        int               `json:"adminPort" kind:"port" doc:"port of the admin interface of the sidecar's Envoy; default none"`
	RuntimeClass     string            `json:"runtimeClass" kind:"contrastClass" doc:"runs pods in confidential virtual machines; default contrast-cc, which contrast generate makes the platform's own"`
	CoordinatorHost  string            `json:"coordinatorHost" kind:"name" doc:"where the initializer gets certificates, if the whole pod is written; default coordinator-ready, or coordinator with generation legacy"`
	InitializerImage string            `json:"initializerImage" kind:"digest" doc:"image of the initializer with its digest, as contrast generate of your release writes it; with meshImage, the whole pod is written; default left to contrast generate"`
	MeshImage        string            `json:"meshImage" kind:"digest" doc:"image of the sidecar (service-mesh-proxy) with its digest; goes with initializerImage"`
}

// ContrastIngress is a port of the application.
type ContrastIngress struct {
	Name string `json:"name" kind:"portName" doc:"names the port; default port-<number>"`
	Port int    `json:"port" kind:"port" doc:"the port that the application listens on"`
	TLS  string `json:"tls" enum:"mutual,server,none" doc:"what callers must speak: mutual (TLS with a certificate of the deployment), server (TLS, any client) or none (what the application itself takes); default mutual"`
}

// ContrastEgress is another workload of the deployment, and the socket on which the sidecar waits for the application.
type ContrastEgress struct {
	Name   string `json:"name" doc:"names the entry; default the beginning of the remote's host"`
	Listen string `json:"listen" doc:"what the application dials, such as 127.137.0.1:8081; default an address of its own, and the remote's port if the application does not listen on it"`
	Remote string `json:"remote" doc:"HOST:PORT of the other workload's Service; default service.host and service.port"`
	Env    string `json:"env" kind:"variable" doc:"the application's variable that holds the remote's address, which is given the sidecar's instead"`
	Scheme string `json:"scheme" kind:"scheme" doc:"what stands before the address in env, such as http; default nothing"`
}
