package tyk

import corev1 "k8s.io/api/core/v1"

// A Controller is the configuration of tyk-k8s, the file tyk-k8s.yaml of its folder /etc/tyk-k8s.
type Controller struct {
	Server    Server
	Dashboard Dashboard // section Tyk
	Ingress   Ingress
	CA        CA
	Injector  Injector

	lines map[string]int
}

// A Server is the webhook's own. Without CertFile it serves plain HTTP, which no API server calls.
type Server struct {
	Addr     string // ":9797" where empty
	CertFile string
	KeyFile  string
}

// A Dashboard is the Tyk Dashboard, or the gateway, that the API definitions are made in.
type Dashboard struct {
	URL, Secret, Org string
	// Templates is the folder of the templates of API definitions; without one, the built-in one counts for all.
	Templates          string
	IsGateway          bool
	IsHybrid           bool
	InsecureSkipVerify bool
}

// Ingress is what the ingress controller watches.
type Ingress struct {
	WatchNamespaces []string
}

// A CA is the CFSSL server that signs, and what it is asked.
type CA struct {
	Addr, Key    string
	DefaultNames []Name
	// KeyRequest is nil where the configuration has none.
	KeyRequest   *KeyRequest
	MongoConnStr string
	// CertPath is the file of the CA's certificate: with TLS, the controller ends at once without it.
	CertPath    string
	Secure      bool
	SkipCACheck bool
}

// A Name is a subject of a certificate, without its common name.
type Name struct{ C, ST, L, O, OU string }

// A KeyRequest is an algorithm, rsa or ecdsa, and a size of keys in bits.
type KeyRequest struct {
	A string
	S int
}

// An Injector is what the webhook adds.
type Injector struct {
	CreateRoutes      bool
	EnableMeshTLS     bool
	MeshCertificateID string
	Containers        []corev1.Container
	InitContainers    []corev1.Container
}

// SidecarName is the name, in letters of either case, of the container that is given the tags of its workload.
const SidecarName = "tyk-mesh"

// Line is the line, from 1, of a key of the configuration, such as "CA.certPath" or "Injector.containers[0].image": of it,
// or of the nearest that is written around it. It is 0 where the configuration was not read.
func (c *Controller) Line(path string) int { return 0 }

// ParseController reads a configuration, YAML or JSON, strictly. It gives what could be read, and the faults.
func ParseController(data []byte) (*Controller, []Fault) { return &Controller{}, nil }

// A Fault is what is wrong in a text that was read, and where.
type Fault struct {
	Line  int    // from 1
	Path  string // such as "CA.certPath"
	What  string // the fault, in one sentence
	Fatal bool   // the controller ends because of it, or cannot read the file
}
