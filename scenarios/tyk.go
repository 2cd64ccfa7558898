package scenarios

// Tyk is the place of a workload in a mesh of Tyk gateways, as the controller tyk-k8s makes it, and that mesh.
type Tyk struct {
	App          string   `json:"app" kind:"service" doc:"label app of the pods, by which its two API definitions are named, and name of its Service; default client.name"`
	Route        string   `json:"route" kind:"path" doc:"where meshed callers find it: https://mesh<route>; default /<app>-svc"`
	Group        string   `json:"group" kind:"label" doc:"with mutual: the group it calls others in; default app"`
	CallerGroups []string `json:"callerGroups" kind:"label" doc:"with mutual: the groups that may call it; default its own"`

	Namespaces   []string `json:"namespaces" kind:"label" doc:"all namespaces with meshed pods; default the client's"`
	SidecarImage string   `json:"sidecarImage" kind:"image" doc:"image of the gateway beside each application; default tykio/tyk-sidecar:2.8.4"`
	InitImage    string   `json:"initImage" kind:"image" doc:"image that leads a pod's calls into its sidecar; default tykio/tyk-k8s-init"`
	DashboardURL string   `json:"dashboardURL" kind:"url" doc:"the Tyk Dashboard; default http://dashboard.<namespace of the controller>:3000"`
	StorageHosts string   `json:"storageHosts" kind:"hostPorts" doc:"Redis of the sidecars, HOST:PORT,...; default redis.<namespace of the controller>:6379"`

	Controller TykController `json:"controller" doc:"tyk-k8s, which injects the sidecars"`
	CA         TykCA         `json:"ca" doc:"the CFSSL server that signs for last-mile TLS"`
	Secrets    TykSecrets    `json:"secrets" doc:"the Secrets that are counted on; none is rendered"`
}

// TykController is tyk-k8s.
type TykController struct {
	Namespace string `json:"namespace" kind:"label" doc:"its namespace, which has no meshed pods; default tyk"`
	Image     string `json:"image" kind:"image" doc:"its image; default tykio/tyk-k8s:latest"`
	WebhookCA string `json:"webhookCA" kind:"pem" doc:"PEM of the CA that signed its certificate; default: to be added to the webhook later"`
}

// TykCA is the CFSSL server.
type TykCA struct {
	Addr         string `json:"addr" kind:"url" doc:"where the controller finds it; default https://cfssl-svc.<namespace of the controller>"`
	Image        string `json:"image" kind:"image" doc:"its image; default docker.io/cfssl/cfssl:v1.6.5"`
	Certificate  string `json:"certificate" kind:"pem" doc:"PEM of the one certificate that verifies what it signs, for ConfigMap ca-pem; default: to be made later"`
	RenewalImage string `json:"renewalImage" kind:"image" doc:"an image with scenario in it, for a CronJob that tells which certificates are due; default no such job"`
}

// TykSecrets names Secrets.
type TykSecrets struct {
	Dashboard string `json:"dashboard" kind:"subdomain" doc:"keys secret and org, in the controller's namespace; default tyk-k8s-controller"`
	Webhook   string `json:"webhook" kind:"subdomain" doc:"certificate of the webhook, in the controller's namespace; default sidecar-injector-webhook-certs"`
	Sidecar   string `json:"sidecar" kind:"subdomain" doc:"keys secret and node-secret, in each namespace with meshed pods; default tyk-sidecar"`
	AuthKey   string `json:"authKey" kind:"subdomain" doc:"key key, by which the controller asks CFSSL, in the controller's namespace; default cfssl-auth"`
	CA        string `json:"ca" kind:"subdomain" doc:"certificate and key that CFSSL signs with, in the controller's namespace; default cfssl-ca"`
	CFSSL     string `json:"cfssl" kind:"subdomain" doc:"certificate of CFSSL's own TLS, in the controller's namespace; default cfssl-tls"`
	Mongo     string `json:"mongo" kind:"subdomain" doc:"key url, where the controller records certificates, in the controller's namespace; default tyk-k8s-mongo"`
}
