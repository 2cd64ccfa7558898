package contrast

import "path"

// A Generation is a way that Contrast's releases call the parts of the mesh.
type Generation string

const (
	// Legacy is of the releases before 1.0: the pod is written by hand.
	Legacy Generation = "legacy"
	// Current is of the releases since: `contrast generate` adds the containers to what is annotated.
	Current Generation = "current"
)

// Generations lists them, oldest first.
var Generations = []Generation{Legacy, Current}

// The annotations that `contrast generate` reads, on the workload itself and not on its pod template.
const (
	IngressAnnotation   = "contrast.edgeless.systems/servicemesh-ingress"
	EgressAnnotation    = "contrast.edgeless.systems/servicemesh-egress"
	AdminPortAnnotation = "contrast.edgeless.systems/servicemesh-admin-interface-port"
)

// Disabled is what a page of Contrast's documentation says to write as the ingress annotation. No release that could be
// read takes it: the text reaches the sidecar, which does not start.
const Disabled = "DISABLED"

// RuntimeClassPrefix begins the names of Contrast's runtime classes. `contrast generate` passes over other pods.
const RuntimeClassPrefix = "contrast-cc"

// Names are what a generation calls the parts of the mesh.
type Names struct {
	// IngressEnv, EgressEnv and AdminPortEnv are the variables that the sidecar reads.
	IngressEnv, EgressEnv, AdminPortEnv string
	// Volume is shared by the containers, which see it at Mount.
	Volume, Mount string
	// Initializer and Sidecar are containers, both among the init containers.
	Initializer, Sidecar string
	// CertificateFolder holds certChain.pem, key.pem, mesh-ca.pem and coordinator-root-ca.pem.
	CertificateFolder string
	// InboundChain and RedirectChain are in iptables' table mangle.
	InboundChain, RedirectChain string
}

// Names are those of the generation.
func (g Generation) Names() Names {
	if g == Legacy {
		return Names{
			IngressEnv: "EDG_INGRESS_PROXY_CONFIG", EgressEnv: "EDG_EGRESS_PROXY_CONFIG", AdminPortEnv: "EDG_ADMIN_PORT",
			Volume: "tls-certs", Mount: "/tls-config", CertificateFolder: "/tls-config",
			Initializer: "initializer", Sidecar: "sidecar",
			InboundChain: "EDG_INBOUND", RedirectChain: "EDG_IN_REDIRECT",
		}
	}
	return Names{
		IngressEnv: "CONTRAST_INGRESS_PROXY_CONFIG", EgressEnv: "CONTRAST_EGRESS_PROXY_CONFIG", AdminPortEnv: "CONTRAST_ADMIN_PORT",
		Volume: "contrast-secrets", Mount: "/contrast", CertificateFolder: path.Join("/contrast", "tls-config"),
		Initializer: "contrast-initializer", Sidecar: "contrast-service-mesh",
		InboundChain: "CONTRAST_INBOUND", RedirectChain: "CONTRAST_IN_REDIRECT",
	}
}
