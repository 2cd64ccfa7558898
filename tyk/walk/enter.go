package walk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/tyk"
)

// trust is the CA that a meshed pod's own store of certificates holds, besides those of the init container's image.
func trust(p *pod) string { return "configmap " + p.Namespace + "/" + tyk.CAVolume }

// enter comes to the gateway of a pod: by its own application, or from elsewhere.
func (k *walk) enter(p *pod, own bool) traffic.Path {
	if k.encrypted && k.caller == nil {
		k.last().Verify.Server.CA = k.clientTrust()
	}
	k.hop(traffic.Hop{Proxy: traffic.Sidecar, Workload: p.String(), Listener: "0.0.0.0_" + strconv.Itoa(tyk.SidecarPort)})
	switch {
	case k.scheme == "h2c" && k.caller == nil:
		return k.end(traffic.ProtocolError, traffic.BytesExpectedHTTP, "the gateway speaks HTTP/1.1 only where there is no TLS")
	case p.tls && !k.encrypted:
		k.by(k.holder, k.where)
		return k.end(traffic.ProtocolError, traffic.TLSExpected, "plaintext comes to port %d of %s, whose sidecar takes TLS only (%s)", tyk.SidecarPort, p, tyk.UseSSLEnv)
	case !p.tls && k.encrypted:
		k.by(k.holder, k.where)
		return k.end(traffic.ProtocolError, traffic.HTTPExpected, "TLS comes to port %d of %s, whose sidecar takes plaintext HTTP only", tyk.SidecarPort, p)
	}
	if k.encrypted {
		if failed := k.handshake(p); failed {
			return k.Path
		}
	}
	if k.caller == nil && (k.scheme == "tcp" || k.scheme == "tls") {
		return k.end(traffic.ProtocolError, traffic.BytesExpectedHTTP, "the gateway takes HTTP only")
	}
	return k.route(p, own)
}

// clientTrust is what the application that makes the request verifies servers with.
func (k *walk) clientTrust() string {
	if k.client != nil && k.client.sidecar {
		if !k.trusted[k.client.Namespace] {
			k.assume("ConfigMap %s/%s with the CA's certificate", k.client.Namespace, tyk.CAVolume)
		}
		return trust(k.client)
	}
	k.assume("a client that trusts the CA of ConfigMap %s", tyk.CAVolume)
	return "file " + tyk.CAVolume
}

// handshake is the TLS of a connection to a gateway, and tells whether it fails.
func (k *walk) handshake(p *pod) (failed bool) {
	names := k.serverNames(p)
	before := k.Hops[len(k.Hops)-2]
	sni := before.Wire.SNI
	t := &traffic.Termination{Credential: "certificate " + sni, ServerNames: names}
	k.last().Terminates = t
	if !slices.Contains(names, sni) {
		t.Credential = "certificate " + names[0]
		k.end(traffic.TLSFailure, traffic.WrongName, "the sidecar of %s has certificates for %s, and %s is expected", p, strings.Join(names, " and "), orNoName(sni))
		return true
	}
	if !p.Closed || sni != p.Host() {
		return false
	}
	k.by(p.object, p.field(tyk.CallersKey))
	t.ClientCA, t.Required = trust(p), true
	if k.caller == nil && k.Request.Credential == "" {
		k.end(traffic.TLSFailure, traffic.ClientCertificate, "%s lets in the groups %s, by their certificates, and the client shows none", p, strings.Join(p.Callers, ", "))
		return true
	}
	return false
}

func orNoName(sni string) string {
	if sni == "" {
		return "no name"
	}
	return sni
}

func orNone(group string) string {
	if group == "" {
		return "none"
	}
	return "group " + group
}

// route is what a gateway does with a request by its host and path.
func (k *walk) route(p *pod, own bool) traffic.Path {
	apis := k.loaded(p)
	host := k.authority()
	a, domain, ok := match(apis, host, k.path)
	switch {
	case !domain && own:
		return k.end(traffic.NoRoute, traffic.NoVirtualHost, "404: the sidecar has every call to ports 80 and 443, and no API for the host %s; in the mesh the host is %s", host, tyk.MeshHosts[0])
	case !domain:
		return k.end(traffic.NoRoute, traffic.NoVirtualHost, "404: the sidecar of %s has no API for the host %s, but for %s", p, host, p.Host())
	case !ok:
		return k.end(traffic.NoRoute, traffic.NoRouteFits, "404: no API of host %s begins with that path; there are %s", host, routes(apis, host))
	}
	sameRoute, sameSlug := rivals(apis, a)
	if len(sameSlug) > 0 {
		return k.end(traffic.Unknown, traffic.DependsOnWhatIsThere, "%s and %s have the same app, so that the API definitions of whichever came first serve both", a.of, strings.Join(sameSlug, ", "))
	}
	if len(sameRoute) > 0 {
		return k.end(traffic.NoRoute, traffic.NoRouteFits, "404: %s and %s have the same route, and the gateway changes it for both", a.of, strings.Join(sameRoute, ", "))
	}
	k.last().Route = a.Slug
	k.by(a.of.object, a.of.field(tyk.RouteKey))
	if a.of.Closed && a.Domain == tyk.MeshHosts[0] {
		k.by(a.of.object, a.of.field(tyk.CallersKey))
		k.assume("the API definitions of `scenario tyk grants`: tyk-k8s reads no groups")
		if !slices.Contains(a.of.Callers, p.Group) {
			return k.end(traffic.NoRoute, traffic.NoRouteFits, "404: %s lets in the groups %s, and %s is in %s, so that its sidecar has no such API", a.of, strings.Join(a.of.Callers, ", "), p, orNone(p.Group))
		}
	}
	return k.proxy(p, a)
}

// proxy sends the request on to the target of an API.
func (k *walk) proxy(p *pod, a api) traffic.Path {
	target, err := url.Parse(a.Target)
	if err != nil || target.Hostname() == "" {
		return k.end(traffic.NoCluster, traffic.UnknownService, "target_url %q of API %s is no URL of a host", a.Target, a.Slug)
	}
	port, _ := strconv.Atoi(target.Port())
	if port == 0 {
		port = map[string]int{"http": 80, "https": 443}[target.Scheme]
	}
	k.caller, k.host, k.port = p, target.Hostname(), port
	k.encrypted = target.Scheme == "https"
	k.path = "/" + strings.TrimPrefix(strings.TrimPrefix(k.path, a.ListenPath), "/")
	k.Request.Host = ""
	h := k.last()
	h.Cluster = strings.TrimSuffix(a.Target, "/")
	h.Destination = traffic.Destination{Host: k.host, Port: port, Authority: target.Host}
	h.Wire = traffic.Wire{Mode: traffic.Plaintext}
	if k.encrypted {
		h.Wire = traffic.Wire{Layers: 1, Mode: traffic.Simple, SNI: k.host}
		h.Verify.Server.CA, h.Verify.Server.Names = trust(p), []string{k.host}
		if a.of.Closed {
			h.Wire.Mode, h.Verify.Client.Credential = traffic.Mutual, "certificate "+p.Host()
		}
	}
	if to, captured := tyk.Redirected(port); captured && to == tyk.AppPort && k.host == "localhost" {
		return k.application(p)
	} else if captured {
		return k.end(traffic.Loop, "", "the sidecar's own call to port %d is led back to it: the rules of the pod spare nobody", port)
	}
	return k.dial(k.host, port)
}

// application comes to the workload itself, on the one port where it is called.
func (k *walk) application(p *pod) traffic.Path {
	k.hop(traffic.Hop{Proxy: traffic.Workload, Workload: p.String(), Destination: traffic.Destination{Host: "localhost", Port: tyk.AppPort}})
	if ports := p.ports(); len(ports) > 0 && !slices.Contains(ports, tyk.AppPort) {
		return k.end(traffic.NoEndpoints, traffic.NoListener, "the sidecar calls port %d of its own pod, and %s listens on %s", tyk.AppPort, p, joined(ports))
	}
	k.Outcome = traffic.Outcome{Code: traffic.Arrives}
	return k.Path
}
