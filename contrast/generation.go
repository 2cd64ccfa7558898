package contrast

// A Generation is a way that Contrast's releases call the parts of the mesh.
type Generation string

const (
	// Legacy is of the first releases, whose variables begin with EDG_: the pod is written by hand. (From 0.7 on there were
	// annotations too, which set these variables until 1.0 renamed them: https://docs.edgeless.systems/contrast/0.7/components/service-mesh.)
	Legacy Generation = "legacy"
	// Current is of the releases since 1.0: `contrast generate` adds the containers to what is annotated.
	Current Generation = "current"
)

// Generations lists them, oldest first.
var Generations = []Generation{Legacy, Current}

// Names are what a generation calls the parts of the mesh.
type Names struct {
	// IngressEnv, EgressEnv and AdminPortEnv are the variables that the sidecar reads.
	IngressEnv, EgressEnv, AdminPortEnv string
	// Volume is shared by the containers, which see it at Mount.
	Volume, Mount string
	// Initializer and Sidecar are containers, both among the init containers.
	Initializer, Sidecar string
	// CertificateFolder holds certChain.pem, key.pem and mesh-ca.pem.
	CertificateFolder string
	// InboundChain and RedirectChain are in iptables' table mangle.
	InboundChain, RedirectChain string
	// listeners and clusters are those of Envoy that are there without any egress entry.
	listeners, clusters []string
}

// Names are those of the generation.
func (g Generation) Names() Names {
	if g == Legacy {
		return Names{
			IngressEnv: "EDG_INGRESS_PROXY_CONFIG", EgressEnv: "EDG_EGRESS_PROXY_CONFIG", AdminPortEnv: "EDG_ADMIN_PORT",
			Volume: "tls-certs", Mount: "/tls-config", CertificateFolder: "/tls-config",
			Initializer: "initializer", Sidecar: "sidecar",
			InboundChain: "EDG_INBOUND", RedirectChain: "EDG_IN_REDIRECT",
			listeners: []string{"ingress", "ingressWithoutClientAuth"}, clusters: []string{"ingress"},
		}
	}
	return Names{
		IngressEnv: "CONTRAST_INGRESS_PROXY_CONFIG", EgressEnv: "CONTRAST_EGRESS_PROXY_CONFIG", AdminPortEnv: "CONTRAST_ADMIN_PORT",
		Volume: "contrast-secrets", Mount: "/contrast", CertificateFolder: "/contrast/tls-config",
		Initializer: "contrast-initializer", Sidecar: "contrast-service-mesh",
		InboundChain: "CONTRAST_INBOUND", RedirectChain: "CONTRAST_IN_REDIRECT",
		listeners: []string{"ingress", "ingressWithoutClientAuth"}, clusters: []string{"IngressCluster", "BlackHoleCluster"},
	}
}

// The ports on which the sidecar takes what iptables redirects to it.
const (
	MutualPort = 15006 // asks for a client certificate
	ServerPort = 15007 // does not
)
