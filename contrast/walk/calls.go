package walk

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
)

// A call is an address in what a container is told.
type call struct {
	scheme   string // "" where only an address stands there
	host, at string
}

// addressForm is a URL or HOST:PORT within a text.
var addressForm = regexp.MustCompile(`(?:\b(https?|h2c|grpcs?|tcp|tls)://)?\b([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([0-9]{1,5}))?\b`)

// schemes are those of URLs, as what is sent.
var schemes = map[string]string{"http": "http", "https": "https", "h2c": "h2c", "grpc": "h2c", "grpcs": "https", "tcp": "tcp", "tls": "tls"}

func (w *workload) calls() []call {
	var all []call
	for _, text := range w.texts {
		for _, found := range addressForm.FindAllStringSubmatch(text, -1) {
			scheme, host, port := schemes[found[1]], found[2], found[3]
			number, err := strconv.Atoi(cmp.Or(port, map[string]string{"http": "80", "h2c": "80", "https": "443"}[scheme]))
			if err != nil || number < 1 || number > 65535 {
				continue
			}
			all = append(all, call{scheme, host, socket(host, number)})
		}
	}
	return all
}

// known tells whether a host that a workload is told of is a Service of the files, or a remote of its own sidecar.
func (m *Mesh) known(host string, w *workload) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	return m.resolve(host, w.namespace).service != nil || slices.ContainsFunc(w.egress(), func(e contrast.Egress) bool {
		return strings.HasPrefix(e.Remote, host+":")
	})
}

// schemeOf is what the Service's port behind HOST:PORT is named to take.
func (m *Mesh) schemeOf(at, namespace string) string {
	host, number := hostPort(at)
	if s := m.resolve(host, namespace).service; s != nil {
		if p, there := s.port(number); there {
			return schemeOf(p)
		}
	}
	return "tcp"
}

// schemeOf is what the application behind a port is named to take; of HTTP with TLS, the sidecar makes the TLS.
func schemeOf(p corev1.ServicePort) string {
	switch protocol(p) {
	case "http", "https", "ws":
		return "http"
	case "h2c", "http2", "grpc":
		return "h2c"
	}
	return "tcp"
}
