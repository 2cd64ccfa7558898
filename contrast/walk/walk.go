package walk

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
)

// Walk follows one request from the application that makes it to where it ends. The error is about the question; what
// goes wrong with the request is the path's outcome.
func (m *Mesh) Walk(r traffic.Request) (traffic.Path, error) {
	host, port, _, err := r.Target()
	if err != nil {
		return traffic.Path{}, err
	}
	scheme, _, _ := strings.Cut(r.To, "://")
	k := &walk{Mesh: m, Path: traffic.Path{Request: r, Share: 100}, own: scheme == "https" || scheme == "tls", host: host, port: port}
	if r.From != traffic.Outside {
		k.namespace, _, _ = strings.Cut(r.From, "/")
		if k.client = m.workload(r.From); k.client == nil {
			k.assume("workload %s, without a sidecar of Contrast", r.From)
		}
	}
	k.hop(traffic.Hop{Proxy: traffic.Application, Destination: traffic.Destination{Host: host, Port: port}, Wire: k.wire()})
	if r.From != traffic.Outside {
		k.last().Workload = r.From
	}
	if k.own {
		k.last().Verify.Client.Credential = r.Credential
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() || host == "localhost" {
		return k.loopback(), nil
	}
	return k.bypass(), nil
}

// workload finds one by NAMESPACE/NAME.
func (m *Mesh) workload(name string) *workload {
	for _, w := range m.workloads {
		if w.String() == name {
			return w
		}
	}
	return nil
}

// sni is what the application's own TLS sends.
func (k *walk) sni() string {
	if _, err := netip.ParseAddr(k.host); err == nil || k.Request.SNI == "-" {
		return ""
	}
	return cmp.Or(k.Request.SNI, k.host)
}

// loopback goes to a socket of the pod's own: one of the sidecar's, or whoever else listens there.
func (k *walk) loopback() traffic.Path {
	at := socket(k.host, k.port)
	if k.client == nil || k.client.source == nil {
		return k.end(traffic.NoEndpoints, traffic.NoListener, "%s is the client's own, and it has no sidecar of Contrast that listens there", at)
	}
	s := k.client.source
	if why := stopped(s); why != "" {
		return k.end(traffic.NoEndpoints, traffic.NoListener, "nothing listens on %s: %s", at, why)
	}
	if s.Egress.Elsewhere {
		return k.end(traffic.Unknown, traffic.NotInTheFiles, "where %s leads stands in what %s is read from", at, s.Egress.Field)
	}
	if k.host == "localhost" {
		at = socket("127.0.0.1", k.port)
	}
	out, found := s.Generation.OutboundAt(s.Config, at)
	if !found {
		return k.end(traffic.NoEndpoints, traffic.NoListener, "no egress entry of %s listens on %s", k.client, at)
	}
	return k.outbound(s, out)
}

// outbound goes on by mutual TLS from the client's sidecar.
func (k *walk) outbound(s *contrast.Source, out contrast.Outbound) traffic.Path {
	host, port := hostPort(out.Remote)
	to := k.resolve(host, k.client.namespace)
	k.meshed = true
	listen := netip.MustParseAddrPort(out.Listen)
	h := traffic.Hop{
		Proxy: traffic.Sidecar, Workload: k.client.String(), Listener: listen.Addr().String() + "_" + strconv.Itoa(int(listen.Port())),
		Cluster: out.Name, Destination: traffic.Destination{Host: cmp.Or(to.host, host), Port: port}, Wire: k.wire(),
	}
	if h.Destination.Host != host {
		h.Destination.Address = host
	}
	h.Verify.Server.CA, h.Verify.Client.Credential = meshCA, meshCA
	k.hop(h)
	k.by(k.client.object, s.Egress.Field)
	if s.Place == contrast.OnWorkload {
		k.assume("a release of Contrast before 1.13, whose contrast generate reads the annotations of %s %s and not those of its pods", k.client.object.Kind, k.client.name)
	}
	return k.arriveAt(to, host, port)
}

// meshCA is how paths name the CA of the deployment, and what it signed: what contrast set renews.
const meshCA = "mesh"

// bypass goes where the application sends it: nothing captures what a pod sends.
func (k *walk) bypass() traffic.Path {
	to := k.resolve(k.host, k.namespace)
	if to.host != k.host && to.service != nil {
		k.last().Destination.Host, k.last().Destination.Address = to.host, k.host
	}
	if k.Request.From == traffic.Outside && to.service != nil && !entrance(to.service) {
		k.assume("a way from outside to Service %s/%s, which is no load balancer", to.service.namespace, to.service.name)
	}
	return k.arriveAt(to, k.host, k.port)
}

// stopped says why a sidecar does not start, or "". The pod then stays closed.
func stopped(s *contrast.Source) string {
	i := slices.IndexFunc(s.Faults, func(f *contrast.Fault) bool { return !f.Stricter })
	if i < 0 {
		return ""
	}
	return "the sidecar does not start with " + s.Faults[i].Error()
}
