package tyk

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// A Controller is the configuration of tyk-k8s: the file tyk-k8s.yaml (or .json, .toml) of its folder /etc/tyk-k8s. A key
// that the file has is overridden by the variable TK8S_<SECTION>_<KEY> of the controller's environment, such as
// TK8S_CA_KEY: so a secret needs no place in the file, but its key does.
type Controller struct {
	Server    Server
	Dashboard Dashboard // the section Tyk
	Ingress   Ingress
	CA        CA
	Injector  Injector

	lines map[string]int // by paths in small letters
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
	// Templates is the folder of the templates of API definitions. Without one, the built-in one makes them all; with one, a
	// pod is refused whose templates (default-mesh, default-inbound, or that of TemplateKey) are not in it.
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
type Name struct{ C, ST, L, O, OU, SerialNumber string }

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

// Default is the injector of the sample configuration of tyk-k8s, without its addresses and secrets, and with last-mile
// TLS or without: then its init container mounts nothing, unlike the sample's, whose volumes only TLS adds.
func Default(tls bool) Controller {
	init := corev1.Container{
		Name: "run-iptables", Image: "tykio/tyk-k8s-init", ImagePullPolicy: corev1.PullAlways, Command: []string{"/entrypoint"},
		SecurityContext: &corev1.SecurityContext{Privileged: new(true)},
	}
	ssl := "false"
	if tls {
		ssl = "true"
		init.VolumeMounts = []corev1.VolumeMount{{Name: CAVolume, MountPath: "/var/tmp"}, {Name: CertVolume, MountPath: "/tmp/"}}
	}
	return Controller{Injector: Injector{
		CreateRoutes: true, EnableMeshTLS: tls, InitContainers: []corev1.Container{init},
		Containers: []corev1.Container{{
			Name: SidecarName, Image: "tykio/tyk-sidecar:2.8.4", ImagePullPolicy: corev1.PullAlways,
			Command: []string{"/opt/tyk-gateway/tyk", "--conf=/opt/tyk-gateway/tyk.conf"}, WorkingDir: "/opt/tyk-gateway",
			Env: []corev1.EnvVar{
				{Name: "TYK_GW_ENABLECUSTOMDOMAINS", Value: "true"},
				{Name: UseSSLEnv, Value: ssl},
			},
			Ports: []corev1.ContainerPort{{ContainerPort: SidecarPort}},
		}},
	}}
}

// Line is the line, from 1, of a key of the configuration, such as "CA.certPath" or "Injector.containers[0].image": of it,
// or of the nearest that is written around it, in letters of either case. It is 0 where there is none.
func (c *Controller) Line(path string) int {
	for {
		if line, ok := c.lines[strings.ToLower(path)]; ok {
			return line
		}
		if path = parent(path); path == "" {
			return 0
		}
	}
}
