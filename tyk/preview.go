package tyk

import corev1 "k8s.io/api/core/v1"

// The ports of the mesh.
const (
	SidecarPort = 8080 // where every sidecar listens, for its own application and for others' sidecars
	InboundPort = 6767 // where the callee's sidecar calls its application: redirected to AppPort
	AppPort     = 80   // where the application must listen
)

// The volumes that TLS adds, and where the second is mounted in every container.
const (
	CAVolume   = "ca-pem"    // the ConfigMap of that name, of the pod's own namespace
	CertVolume = "ssl-certs" // an empty folder, filled by the init container
	CertMount  = "/etc/ssl/certs"
	MeshHost   = "mesh"
	TagsEnv    = "TYK_GW_DBAPPCONFOPTIONS_TAGS"
)

// A Preview is an object as the injector leaves it, and what that means for it.
type Preview struct {
	Pods    corev1.PodTemplateSpec // of a workload
	Service corev1.Service         // of a Service
	Changes []string               // what was done, a clause each
	Breaks  []string               // what will not work any more, a sentence each
	Refused string                 // why the object is not admitted at all, or ""
}

// PreviewPods is what the injector makes of the pods of a workload.
func PreviewPods(w Workload, i Injector) Preview { return Preview{Pods: w.Pods} }

// PreviewService is what the injector makes of a Service.
func PreviewService(s corev1.Service) Preview { return Preview{Service: s} }
