package contrast

// The annotations that `contrast generate` copies into the variables of the sidecar that it adds. Releases up to 1.12 read
// those of the workload, later ones those of its pod template, and neither the other's
// (https://github.com/edgelesssys/contrast/pull/1707). One that is there, whatever it says, brings the sidecar, and with it
// mutual TLS for every port that nothing exempts.
const (
	IngressAnnotation   = "contrast.edgeless.systems/servicemesh-ingress"
	EgressAnnotation    = "contrast.edgeless.systems/servicemesh-egress"
	AdminPortAnnotation = "contrast.edgeless.systems/servicemesh-admin-interface-port"
)

// Disabled is the ingress string by which releases since 1.13 leave incoming connections alone, by their documentation and
// https://github.com/edgelesssys/contrast/pull/1725. To the sidecars before, it is an entry of one part: they stop.
const Disabled = "DISABLED"

// RuntimeClassPrefix begins the names of Contrast's runtime classes. `contrast generate` passes over other pods.
const RuntimeClassPrefix = "contrast-cc"
