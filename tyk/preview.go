package tyk

import corev1 "k8s.io/api/core/v1"

// What TLS adds to a pod: two volumes, the second of which every container mounts at CertMount.
const (
	CAVolume   = "ca-pem"    // the ConfigMap of that name, of the pod's own namespace
	CertVolume = "ssl-certs" // an empty folder, which the init container fills
	CertMount  = "/etc/ssl/certs"
)

// MeshHosts are what the address 127.0.0.1 is called in a meshed pod. Only the first is a domain of API definitions, and a
// name of the mesh's certificate.
var MeshHosts = []string{"mesh", "mesh.local"}

// TagsEnv is the variable of the sidecar by which it loads the API definitions tagged mesh, and those tagged with its app.
const TagsEnv = "TYK_GW_DBAPPCONFOPTIONS_TAGS"

// A Preview is an object as the injector leaves it, and what that means for it.
type Preview struct {
	Pods    corev1.PodTemplateSpec // of a workload
	Service corev1.Service         // of a Service
	// Refused is why the object does not get into the cluster at all, or "". Pods and Service are then as they were.
	Refused string
	Changes []string // what was done, a clause each
	Breaks  []string // what will not work any more, a sentence each
}

func (p *Preview) change(text string) { p.Changes = append(p.Changes, text) }
func (p *Preview) breaks(text string) { p.Breaks = append(p.Breaks, text) }
