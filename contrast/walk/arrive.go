package walk

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
)

// arriveAt comes to where a host leads.
func (k *walk) arriveAt(to place, host string, port int) traffic.Path {
	if to.service == nil {
		return k.stranger(to, host, port)
	}
	k.by(to.service.object, "spec.ports")
	p, there := to.service.port(port)
	if !there {
		return k.end(traffic.NoCluster, traffic.UnknownPort, "Service %s/%s has no port %d", to.service.namespace, to.service.name, port)
	}
	workloads := k.behind(to.service)
	if len(workloads) == 0 {
		if len(to.service.spec.Spec.Selector) > 0 {
			return k.stranger(place{inCluster: true, host: to.host}, host, port)
		}
		return k.end(traffic.Unknown, traffic.NotInTheFiles, "the files do not tell who is behind Service %s/%s", to.service.namespace, to.service.name)
	}
	var path traffic.Path
	for i, w := range workloads {
		one := *k
		one.Hops = append([]traffic.Hop(nil), k.Hops...)
		one.Assumed = append([]string(nil), k.Assumed...)
		if found := one.pod(w, w.target(to.service, p), p); i == 0 || path.Arrives() && !found.Arrives() {
			path = found // of several workloads behind one Service, the worst
		}
	}
	return path
}

// stranger is a host behind which the files hold nobody.
func (k *walk) stranger(to place, host string, port int) traffic.Path {
	switch {
	case !k.meshed:
		what := "plaintext"
		if k.own {
			what = "the application's own TLS"
		}
		return k.end(traffic.Passthrough, "", "no sidecar of Contrast captures what goes out, so %s:%d gets %s: forwarded as it came", host, port, what)
	case to.inCluster:
		k.assume("behind %s:%d a workload of the same Contrast deployment, with TLS on that port", host, port)
		return k.arrives()
	}
	return k.end(traffic.TLSFailure, traffic.UntrustedServer, "only workloads of the same Contrast deployment have a certificate of its CA, and %s is not in the cluster", host)
}

// pod comes to a port of a workload.
func (k *walk) pod(w *workload, port int, of corev1.ServicePort) traffic.Path {
	if port == 0 {
		return k.end(traffic.NoCluster, traffic.UnknownPort, "%s has no port named %s", w, of.TargetPort.StrVal)
	}
	if refused := k.refused(w, port); refused != "" {
		return k.end(traffic.NoRoute, "", "NetworkPolicy %s lets nobody in from there to port %d of %s", refused, port, w)
	}
	if w.source == nil {
		return k.application(w, port, of)
	}
	s := w.source
	if why := stopped(s); why != "" {
		return k.end(traffic.NoEndpoints, traffic.NoListener, "%s lets nothing in: %s", w, why)
	}
	if s.Ingress.Elsewhere {
		return k.end(traffic.Unknown, traffic.NotInTheFiles, "what port %d of %s takes stands in what %s is read from", port, w, s.Ingress.Field)
	}
	if port == contrast.MutualPort || port == contrast.ServerPort {
		return k.end(traffic.NoRoute, traffic.NoFilterChain, "port %d is the sidecar's own: what is sent there goes nowhere", port)
	}
	in := s.Generation.InboundAt(s.Config, port)
	if in.TLS == contrast.NoTLS {
		return k.application(w, port, of)
	}
	return k.inbound(w, s, in, port, of)
}

// inbound comes to a sidecar, which takes a layer of TLS off.
func (k *walk) inbound(w *workload, s *contrast.Source, in contrast.Inbound, port int, of corev1.ServicePort) traffic.Path {
	k.hop(traffic.Hop{
		Proxy: traffic.Sidecar, Workload: w.String(), Listener: "0.0.0.0_" + strconv.Itoa(in.Listener), Cluster: traffic.IngressCluster,
		Destination: traffic.Destination{Port: port},
		Terminates:  &traffic.Termination{Credential: meshCA, ClientCA: meshCA, Required: in.ClientCertificate},
	})
	k.by(w.object, s.Ingress.Field)
	switch {
	case !k.meshed && !k.own:
		return k.end(traffic.ProtocolError, traffic.TLSExpected, "plaintext comes to port %d of %s, whose sidecar takes TLS only", port, w)
	case !k.meshed && in.ClientCertificate && k.Request.Credential == "":
		return k.end(traffic.TLSFailure, traffic.ClientCertificate, "the sidecar of %s asks for a client certificate of the deployment's CA, and the client shows none", w)
	case k.meshed:
		k.meshed = false
	default:
		k.own = false
	}
	k.last().Wire = k.wire()
	return k.application(w, port, of)
}
