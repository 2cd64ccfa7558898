package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh861 = validate.Rule{
	ID: "MSH861", Name: "contrast-probe", Category: validate.PlaintextToTLS, Severity: validate.Error, Anywhere: true,
	Title: "the kubelet probes a port of a pod whose sidecar asks for TLS there",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			if !c.sure() || !c.mesh.Injected && c.mesh.Sidecar < 0 {
				continue
			}
			for _, one := range c.containers() {
				for _, h := range handlers(one.Container) {
					if c.isSidecar(one.field) {
						probesItself(p, c, one, h)
					} else {
						probed(p, c, one, h)
					}
				}
			}
		}
	},
}

// probed reports a probe that the sidecar's TLS stands in the way of. The kubelet connects from outside the pod, so that
// iptables leads it to the sidecar; it has no certificate, and does not look at the server's.
// https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
func probed(p *validate.Pass, c contrastPod, one container, h handler) {
	var port int
	var scheme string
	switch {
	case h.http != nil && (h.http.Host == ""):
		port, scheme = c.number(one, h.http.Port), string(h.http.Scheme)
	case h.grpc != nil:
		port, scheme = int(h.grpc.Port), "gRPC"
	case h.tcp != nil && h.tcp.Host == "":
		port, scheme = c.number(one, h.tcp.Port), "TCP"
	}
	tls := c.tls(port)
	if port == 0 || tls == contrast.NoTLS || scheme == "HTTPS" && tls == contrast.ServerTLS {
		return
	}
	field := c.at(one.field + "." + h.field)
	at := p.At(c.object, field)
	f := validate.Finding{
		Place:       at,
		Message:     fmt.Sprintf("the %s of container %s asks port %d, where the sidecar wants TLS with a certificate of the mesh, and the kubelet has none", h.what, one.Name, port),
		Consequence: "the probe fails as long as the pod runs: it is never ready, or is started over and over",
		Fix:         "let the probe run a command in the container (exec); or ask a port for it alone, which an ingress entry leaves to the application: NAME#PORT#true",
		Related:     []validate.Place{c.where(p, c.source().Ingress)},
	}
	switch {
	case scheme == "TCP":
		f.Severity = validate.Info
		f.Message = fmt.Sprintf("the %s of container %s opens port %d, where the sidecar listens in its place", h.what, one.Name, port)
		f.Consequence = "it succeeds as soon as the sidecar runs, whether the application does or not"
	case tls == contrast.ServerTLS && scheme != "gRPC":
		f.Message = fmt.Sprintf("the %s of container %s asks port %d in the clear, where the sidecar wants TLS", h.what, one.Name, port)
		f.Fix = "set scheme: HTTPS: the kubelet takes any certificate, and the port asks for none"
		f.Edits = []validate.Edit{{Object: at.Object, Field: field + ".httpGet.scheme", Value: "HTTPS"}}
	}
	p.Report(f)
}

// probesItself reports a probe of the sidecar on one of its own ports, to which iptables leads it as it does all others.
func probesItself(p *validate.Pass, c contrastPod, one container, h handler) {
	if h.http == nil && h.tcp == nil {
		return
	}
	field := c.at(one.field + "." + h.field)
	f := validate.Finding{
		Place:       p.At(c.object, field),
		Severity:    validate.Warning,
		Message:     fmt.Sprintf("the %s of the sidecar (%s) opens a port, and what comes from outside is led to the sidecar's own", h.what, one.Name),
		Consequence: "Envoy connects such a connection to itself, again and again, until it has none left; newer ones drop it, and the probe tells nothing",
		Fix:         "probe by a command, as contrast generate does: exec: {command: [/bin/test, -f, /ready]}",
	}
	f.Edits = []validate.Edit{{Object: f.Object, Field: field + ".tcpSocket"}, {Object: f.Object, Field: field + ".httpGet"}, {Object: f.Object, Field: field + ".exec", Value: map[string]any{"command": []any{"/bin/test", "-f", "/ready"}}}}
	if h.tcp == nil {
		f.Edits = f.Edits[1:]
	} else {
		f.Edits = slices.Delete(f.Edits, 1, 2)
	}
	p.Report(f)
}
