package walk

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
)

// application comes to the workload itself.
func (k *walk) application(w *workload, port int, of corev1.ServicePort) traffic.Path {
	sees := k.wire()
	k.hop(traffic.Hop{Proxy: traffic.Workload, Workload: w.String(), Destination: traffic.Destination{Port: port}})
	named := speaks(of)
	if k.Request.Server != "" {
		named = map[string]string{traffic.Plaintext: plain}[k.Request.Server]
		if named == "" {
			named = encrypted
		}
	}
	sidecar := len(k.Hops) > 2 && k.Hops[len(k.Hops)-2].Workload == w.String()
	switch {
	case sees.Layers > 0 && named == plain && sidecar:
		return k.end(traffic.ProtocolError, traffic.DoubleTLS, "the sidecar of %s takes its TLS off and finds another inside, which the application does not take on a port named %s", w, of.Name)
	case k.meshed && !w.initialized:
		return k.end(traffic.TLSFailure, traffic.UntrustedServer, "%s is given no certificate of the deployment's CA: no initializer of Contrast runs in it", w)
	case k.meshed && named == encrypted:
		return k.end(traffic.Unknown, traffic.DependsOnWhatIsThere, "port %d of %s is the application's own: whether it shows the workload's certificate is not in the files", port, w)
	case k.meshed, sees.Layers > 0 && named == plain:
		return k.end(traffic.ProtocolError, traffic.TLSToPlaintext, "TLS comes to port %d of %s, where no sidecar takes it off", port, w)
	case sees.Layers == 0 && named == encrypted && !sidecar: // where one takes TLS off, the name is for clients
		return k.end(traffic.ProtocolError, traffic.PlaintextToTLS, "plaintext comes to port %d of %s, which takes TLS", port, w)
	}
	if sees.Layers > 0 {
		k.last().Wire = sees
	}
	return k.arrives()
}

// What the application behind a Service's port speaks.
const (
	plain     = "plaintext"
	encrypted = "TLS"
)

// speaks is what a Service's port is declared to be, or "" where it is not.
func speaks(p corev1.ServicePort) string {
	switch protocol(p) {
	case "https", "tls":
		return encrypted
	case "http", "http2", "h2c", "grpc", "ws", "mongo", "mysql", "redis":
		return plain
	}
	return ""
}

// protocol is what a Service's port says of itself, as other meshes read it: by its appProtocol, else by the beginning of
// its name.
func protocol(p corev1.ServicePort) string {
	name := p.Name
	if p.AppProtocol != nil {
		name = strings.TrimPrefix(*p.AppProtocol, "kubernetes.io/")
	}
	prefix, _, _ := strings.Cut(strings.ToLower(name), "-")
	return prefix
}
