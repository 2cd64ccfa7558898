package tyk

// The ports of the mesh (docker/initContainer/entrypoint, docker/sidecar-builder/files/tyk-smesh.conf).
const (
	SidecarPort = 8080 // where every sidecar listens, for its own application and for others' sidecars
	InboundPort = 6767 // where the callee's sidecar calls its application: redirected to AppPort
	AppPort     = 80   // where the application must listen
)

// A Redirect is a rule that the init container adds to the chain OUTPUT of the table nat: TCP to this port of whatever
// host, of whatever process of the pod, goes to that port of 127.0.0.1.
type Redirect struct{ From, To int }

// Redirects are the rules in their order. There are none for IPv6 or UDP, and none leaves out the sidecar's own calls: one
// to port 80 or 443 comes back to itself.
var Redirects = []Redirect{{80, SidecarPort}, {443, SidecarPort}, {InboundPort, AppPort}}

// Redirected is the port of 127.0.0.1 that a TCP connection to a port ends at, and whether it is redirected at all.
func Redirected(port int) (to int, ok bool) {
	for _, r := range Redirects {
		if r.From == port {
			return r.To, true
		}
	}
	return port, false
}
