package judge

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	envoycluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	envoyendpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	envoylistener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	envoyroute "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	tcp "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	envoytls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"

	"istio.io/istio/pilot/pkg/model"
	v3 "istio.io/istio/pilot/pkg/xds/v3"
	"istio.io/istio/pkg/util/sets"
)

// A layer is one TLS around a connection, with what its sender does.
type layer struct {
	wire   Wire
	verify Verify
	// identity is the SPIFFE name of the sender, where it shows a certificate of the mesh.
	identity string
}

// A connection is what comes to a proxy: an address, the TLS around it from the innermost to the outermost, and what
// is inside.
type connection struct {
	ip     string
	port   int
	layers []layer
	speaks string // "http", "h2c" or "tcp": what is inside all TLS
	// peer says that the endpoint is a workload of the mesh, of which the world has no pod.
	peer bool
	// caller is the layer that was taken off last, if its sender's certificate was verified.
	caller *layer
}

func (c *connection) clone() *connection {
	other := *c
	other.layers = slices.Clone(c.layers)
	return &other
}

func (c *connection) top() *layer {
	if len(c.layers) == 0 {
		return nil
	}
	return &c.layers[len(c.layers)-1]
}

// maxHops ends what would go round for ever.
const maxHops = 8

// An unclear error is configuration that the judge does not understand: the path's outcome is unknown.
type unclear struct{ error }

func unclearf(format string, args ...any) error { return unclear{fmt.Errorf(format, args...)} }

// Walk follows one request from the application that makes it to where it ends. The error is about the question; what
// goes wrong with the request is the path's outcome, and so is what the judge does not understand.
func (w *World) Walk(r Request) (Path, error) {
	host, port, path, err := r.target()
	if err != nil {
		return Path{}, err
	}
	k := &walk{world: w, request: r, message: &message{method: r.Method, scheme: "http", host: r.Host, path: path, headers: map[string]string{}}}
	for name, value := range r.Headers {
		k.message.headers[strings.ToLower(name)] = value
	}
	if k.message.method == "" {
		k.message.method = "GET"
	}
	scheme, authority, _ := strings.Cut(r.To, "://")
	if k.message.host == "" {
		k.message.host, _, _ = strings.Cut(authority, "/")
	}
	c := &connection{port: port, speaks: scheme}
	first := Hop{Proxy: "application", Destination: Destination{Host: host, Port: port}, Wire: Wire{Mode: Plaintext}}
	if scheme == "https" || scheme == "tls" {
		l := layer{wire: Wire{Mode: Application, SNI: host}}
		if _, err := netip.ParseAddr(host); err == nil || r.SNI == "-" {
			l.wire.SNI = ""
		} else if r.SNI != "" {
			l.wire.SNI = r.SNI
		}
		l.verify.Client.Credential = r.Credential
		c.speaks = "tcp"
		if scheme == "https" {
			c.speaks = "http"
			l.wire.ALPN = []string{"h2", "http/1.1"}
		}
		c.layers = []layer{l}
		first.Wire, first.Verify = onWire(c), l.verify
	}
	k.message.speaks = c.speaks

	var found Path
	if r.From == Outside {
		found, err = k.fromOutside(first, c, host)
	} else {
		var client *pod
		if client, err = w.client(r); err != nil {
			return Path{}, err
		}
		first.Workload = client.String()
		c.ip = w.resolve(client, host)
		first.Destination.Address = c.ip
		k.hops = []Hop{first}
		if proxied := client.sidecar || client.gateway; proxied && client.captures(c.ip, c.port) {
			found, err = k.proxy(client, c)
		} else {
			found, err = k.arriveAt(c)
		}
	}
	var cause unclear
	if errors.As(err, &cause) {
		found, err = k.end(Unknown, "%v", err), nil
	}
	found.NotRead = slices.Concat(w.decisive, w.notRead)
	found.share()
	return found, err
}

// target takes the question's URL apart.
func (r Request) target() (host string, port int, path string, err error) {
	target, err := url.Parse(r.To)
	if err != nil {
		return "", 0, "", fmt.Errorf("to: %w", err)
	}
	defaults := map[string]int{"http": 80, "h2c": 80, "https": 443, "tcp": 0, "tls": 0}
	port, known := defaults[target.Scheme]
	if !known {
		return "", 0, "", fmt.Errorf("to %q: scheme %q: want http, h2c, https, tcp or tls", r.To, target.Scheme)
	}
	if p := target.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return "", 0, "", fmt.Errorf("to %q: port: %w", r.To, err)
		}
	}
	switch {
	case target.Hostname() == "":
		return "", 0, "", fmt.Errorf("to %q: it has no host", r.To)
	case port == 0:
		return "", 0, "", fmt.Errorf("to %q: %s has no port of its own: write one", r.To, target.Scheme)
	case port < 0 || port > 65535:
		return "", 0, "", fmt.Errorf("to %q: port %d: want 1 to 65535", r.To, port)
	}
	switch r.Server {
	case "", Plaintext, Simple, Mutual:
	default:
		return "", 0, "", fmt.Errorf("server %q: want plaintext, simple or mutual", r.Server)
	}
	path = target.EscapedPath()
	if path == "" {
		path = "/"
	}
	if target.RawQuery != "" {
		path += "?" + target.RawQuery
	}
	return target.Hostname(), port, path, nil
}

// A walk is one request under way. It is copied where ways part.
type walk struct {
	world   *World
	request Request
	message *message
	hops    []Hop
}

// end ends the way. What would arrive if something let it that is not evaluated is unknown.
func (k *walk) end(code Code, format string, args ...any) Path {
	for _, h := range k.hops {
		if code == Arrives && len(h.NotRead) > 0 {
			code, format, args = Unknown, "it arrives, if %s of %s let it pass as it is", []any{strings.Join(h.NotRead, ", "), strings.TrimSpace(h.Proxy + " " + h.Workload)}
		}
	}
	if code == Arrives && len(k.world.decisive) > 0 {
		code, format, args = Unknown, "it arrives, if %s changes nothing in it", []any{strings.Join(k.world.decisive, ", ")}
	}
	return Path{Request: k.request, Hops: k.hops, Outcome: Outcome{code, fmt.Sprintf(format, args...)}, part: 1}
}

// arriveAt goes on at the address that a connection is made to: a pod of the world, or the outside.
func (k *walk) arriveAt(c *connection) (Path, error) {
	if len(k.hops) > maxHops {
		return k.end(Loop, "more than %d hops", maxHops), nil
	}
	if to, ok := k.world.borders[joinHost(c.ip, c.port)]; ok {
		across, next := *k, *c
		across.world, next.ip, next.port = to.world, to.pod.ip, to.port
		return across.arriveAt(&next)
	}
	p := k.world.podAt(c.ip)
	switch {
	case p == nil:
		// A Service's address leads to its pods when no proxy did so before.
		if to := k.world.behind(c.ip, c.port); to != nil {
			next := *c
			next.ip, next.port = to.ip, to.port
			return k.arriveAt(&next)
		}
		return k.leave(c), nil
	case p.gateway:
		return k.proxy(p, c)
	case p.sidecar && p.capturesInbound(c.port):
		return k.intoSidecar(p, c)
	default:
		return k.atApplication(p, c)
	}
}

// leave is the last step outside: whether the service there understands what comes.
func (k *walk) leave(c *connection) Path {
	if top := c.top(); c.peer && top != nil && top.wire.Mode == IstioMutual {
		c.layers = c.layers[:len(c.layers)-1] // by the sidecar that its labels say it has
	}
	wire := onWire(c)
	by := "the proxy"
	if wire.Mode == Application {
		by = "the application"
	}
	switch want := k.request.Server; {
	case want == "":
		return k.end(Arrives, "")
	case want == Plaintext && wire.Layers > 0:
		return k.end(ProtocolError, "TLS to a service that speaks plaintext")
	case want != Plaintext && wire.Layers == 0:
		return k.end(ProtocolError, "plaintext to a service that speaks TLS")
	case want != Plaintext && wire.Layers > 1:
		return k.end(ProtocolError, "TLS within TLS: the service takes one layer off and finds another")
	case want == Mutual && c.top().verify.Client.Credential == "":
		return k.end(TLSFailure, "the service asks for a client certificate, and %s shows none", by)
	case wire.Mode == IstioMutual:
		return k.end(TLSFailure, "the service outside has no certificate of the mesh")
	default:
		return k.end(Arrives, "")
	}
}

// atApplication is a pod without a proxy.
func (k *walk) atApplication(p *pod, c *connection) (Path, error) {
	k.hops = append(k.hops, Hop{Proxy: "workload", Workload: p.String(), Wire: onWire(c)})
	if top := c.top(); top != nil && top.wire.Mode == IstioMutual {
		return k.end(TLSFailure, "%s has no sidecar, and gets the mesh's mutual TLS", p), nil
	}
	return k.leave(c), nil
}

// intoSidecar is the inbound side of a pod's sidecar.
func (k *walk) intoSidecar(p *pod, c *connection) (Path, error) {
	proxy := k.world.proxyOf(p)
	l := proxy.inbound()
	if l == nil {
		return k.end(NoRoute, "%s has no inbound listener", p), nil
	}
	return k.through(proxy, l, Hop{Proxy: "sidecar"}, c)
}

// through takes a connection through a listener: filter chain, TLS, and what the chain does with the bytes.
func (k *walk) through(p *proxy, l *envoylistener.Listener, hop Hop, c *connection) (Path, error) {
	chain, ended, err := k.enter(p, l, &hop, c)
	if err != nil || ended != nil {
		return value(ended), err
	}
	manager, forward, bySNI, err := filters(chain)
	hop.NotRead = unread(l, chain, manager)
	switch {
	case err != nil:
		return Path{}, unclearf("%s: listener %s: %w", p.pod, l.Name, err)
	case manager != nil:
		return k.http(p, manager, hop, c)
	case bySNI && c.top() == nil:
		k.hops = append(k.hops, hop)
		return k.end(ProtocolError, "%s: listener %s goes by SNI, and gets %s", p.pod, l.Name, describe(c)), nil
	case bySNI:
		return k.cluster(p, c.top().wire.SNI, hop, c)
	default:
		return k.tcp(p, forward, hop, c)
	}
}

// enter chooses the filter chain of a listener and takes off the TLS that it terminates.
func (k *walk) enter(p *proxy, l *envoylistener.Listener, hop *Hop, c *connection) (*envoylistener.FilterChain, *Path, error) {
	hop.Workload, hop.Listener = p.String(), l.Name
	stop := func(code Code, format string, args ...any) (*envoylistener.FilterChain, *Path, error) {
		k.hops = append(k.hops, *hop)
		ended := k.end(code, "%s: listener %s "+format, append([]any{p.pod, l.Name}, args...)...)
		return nil, &ended, nil
	}
	chain := filterChain(l, see(l, c))
	if chain == nil {
		return stop(NoRoute, "has no filter chain for %s: the connection is reset", describe(c))
	}
	hop.FilterChain = chain.Name
	hop.DecidedBy = append(decidedBy(chain.Metadata), p.gatewayOf(l, chain)...)
	c.caller = nil
	server, err := downstreamTLS(chain)
	if err != nil {
		return nil, nil, unclearf("%s: listener %s: %w", p.pod, l.Name, err)
	}
	if server == nil {
		return chain, nil, nil
	}
	top := c.top()
	if top == nil {
		return stop(ProtocolError, "expects TLS and gets %s", describe(c))
	}
	ca, names := validation(server.CommonTlsContext)
	own := certificates(server.CommonTlsContext)
	if len(own) == 0 {
		return nil, nil, unclearf("%s: listener %s: TLS whose certificate is not served by SDS", p.pod, l.Name)
	}
	hop.Terminates = &Termination{
		Credential: k.world.authority(p, own[0]), ClientCA: k.world.authority(p, ofCA(ca)),
		Required: server.RequireClientCertificate.GetValue(), ClientNames: names,
		ServerNames: chain.GetFilterChainMatch().GetServerNames(),
	}
	if hop.Terminates.Credential == "mesh" {
		hop.Terminates.Identity = p.model.VerifiedIdentity.String()
	}
	if fault := k.handshake(p, server, top); fault != "" {
		return stop(TLSFailure, "cannot agree on TLS: %s", fault)
	}
	if top.verify.Client.Credential != "" && ca != "" {
		c.caller = top
	}
	c.layers = c.layers[:len(c.layers)-1]
	return chain, nil, nil
}

// handshake says why the two sides of a TLS cannot agree, as far as their configuration tells. What only the
// certificates themselves can tell is for real handshakes.
func (k *walk) handshake(p *proxy, server *envoytls.DownstreamTlsContext, client *layer) string {
	own := certificates(server.CommonTlsContext)
	ca, clients := validation(server.CommonTlsContext)
	for _, name := range append(own, ca) {
		if fault := k.world.serves(p, name); fault != "" {
			return fault
		}
	}
	mesh := slices.Contains(own, "default")
	switch trusts := client.verify.Server.CA; {
	case trusts == "mesh" && !mesh:
		return "the client verifies against the mesh's CA, and the server's certificate is " + strings.Join(own, ", ")
	case trusts != "mesh" && trusts != "" && mesh:
		return "the client verifies against " + trusts + ", and the server's certificate is the mesh's"
	}
	if names := client.verify.Server.Names; mesh && len(names) > 0 {
		identity := p.model.VerifiedIdentity.String()
		if !answersTo(names, identity) {
			return fmt.Sprintf("the client expects %s, and the server is %s", strings.Join(names, " or "), identity)
		}
	}
	if server.RequireClientCertificate.GetValue() {
		switch shown := client.verify.Client.Credential; {
		case shown == "":
			return "a client certificate is asked for, and none is shown"
		case ca == "ROOTCA" && shown != "mesh":
			return "a client certificate of the mesh is asked for, and " + shown + " is shown"
		case ca != "ROOTCA" && shown == "mesh":
			return "a client certificate by " + k.world.authority(p, ofCA(ca)) + " is asked for, and the mesh's is shown"
		case client.identity != "" && len(clients) > 0 && !answersTo(clients, client.identity):
			return fmt.Sprintf("the server admits %s, and the client is %s", strings.Join(clients, " or "), client.identity)
		}
	}
	return ""
}

// answersTo tells whether one of the matchers, as matcherText writes them, fits a name.
func answersTo(matchers []string, name string) bool {
	return slices.ContainsFunc(matchers, func(m string) bool {
		prefix, open := strings.CutSuffix(m, "*")
		return m == name || open && strings.HasPrefix(name, prefix)
	})
}

// proxy is the sidecar of a client, or a gateway that a connection came to.
func (k *walk) proxy(p *pod, c *connection) (Path, error) {
	proxy := k.world.proxyOf(p)
	kind := "sidecar"
	if p.gateway {
		kind = "gateway"
	}
	l := proxy.listenerFor(c.ip, c.port)
	if l == nil {
		return k.end(NoRoute, "%s %s listens to nothing on port %d: the connection is refused", kind, p, c.port), nil
	}
	return k.through(proxy, l, Hop{Proxy: kind}, c)
}

// http routes a request as an HTTP connection manager does.
func (k *walk) http(p *proxy, manager *hcm.HttpConnectionManager, hop Hop, c *connection) (Path, error) {
	refuse := func(code Code, format string, args ...any) (Path, error) {
		k.hops = append(k.hops, hop)
		return k.end(code, "%s: "+format, append([]any{p.pod}, args...)...), nil
	}
	if len(c.layers) > 0 {
		return refuse(ProtocolError, "listener %s expects HTTP and gets %s", hop.Listener, describe(c))
	}
	if c.speaks == "tcp" {
		return refuse(ProtocolError, "listener %s expects HTTP and gets other bytes", hop.Listener)
	}
	m := k.message.at(manager, hop.Terminates != nil)
	k.message = m
	config := manager.GetRouteConfig()
	if rds := manager.GetRds(); rds != nil {
		config = p.routes[rds.RouteConfigName]
		hop.Route = rds.RouteConfigName
	} else if config != nil {
		hop.Route = config.Name
	}
	if config == nil {
		return refuse(NoRoute, "route configuration %q is not there", hop.Route)
	}
	v := virtualHost(config, m.host)
	if v != nil {
		hop.Route += " " + v.Name
	}
	if why, err := (arrival{m, c.port, c.caller}).refuses(manager); err != nil {
		hop.NotRead = append(hop.NotRead, fmt.Sprintf("%s (%v)", rbacFilter, err))
	} else if why != "" {
		return refuse(Denied, "%s: 403", why)
	}
	if v == nil {
		return refuse(NoRoute, "route configuration %s has no virtual host for %s: 404", config.Name, m.host)
	}
	if v.RequireTls != envoyroute.VirtualHost_NONE && m.scheme != "https" {
		return refuse(Response, "redirected (MOVED_PERMANENTLY) to https://%s%s", m.host, m.path)
	}
	route, err := matchingRoute(v, m)
	if err != nil {
		return Path{}, unclearf("%s: %w", p.pod, err)
	}
	if route == nil {
		return refuse(NoRoute, "virtual host %s has no route for %s %s: 404", v.Name, m.method, m.path)
	}
	hop.DecidedBy = append(hop.DecidedBy, decidedBy(route.Metadata)...)
	answer, delay, perhaps, err := injected(route)
	if err != nil {
		return Path{}, unclearf("%s: route %q: %w", p.pod, route.Name, err)
	}
	hop.Delay = delay
	if answer != "" {
		return refuse(Response, "answered with %s, a fault of the route", answer)
	}
	for _, name := range slices.Sorted(maps.Keys(route.TypedPerFilterConfig)) {
		if name == faultFilter && !perhaps {
			continue
		}
		if name != "envoy.filters.http.cors" || m.method == "OPTIONS" { // a preflight is answered by the filter
			hop.NotRead = append(hop.NotRead, name+" of the route")
		}
	}
	switch action := route.Action.(type) {
	case *envoyroute.Route_DirectResponse:
		if v.Name == "block_all" {
			return refuse(Blackhole, "the registry does not know %s: %d", m.host, action.DirectResponse.Status)
		}
		return refuse(Response, "answered with %d", action.DirectResponse.Status)
	case *envoyroute.Route_Redirect:
		to, err := redirected(route.Match, action.Redirect, m)
		if err != nil {
			return Path{}, unclearf("%s: route %q: %w", p.pod, route.Name, err)
		}
		return refuse(Response, "redirected (%s) to %s", action.Redirect.ResponseCode, to)
	case *envoyroute.Route_Route:
		ways, err := m.ways(config, v, route, action.Route)
		if err != nil {
			return Path{}, unclearf("%s: route %q: %w", p.pod, route.Name, err)
		}
		for _, mirror := range action.Route.RequestMirrorPolicies {
			hop.Mirrors = append(hop.Mirrors, mirror.Cluster)
		}
		return k.part(ways, func(k *walk, w way) (Path, error) {
			k.message = w.message
			hop := hop
			hop.Destination.Authority = w.message.host
			hop.DecidedBy = slices.Clone(hop.DecidedBy)
			return k.cluster(p, w.cluster, hop, c.clone())
		})
	default:
		return Path{}, unclearf("%s: route %q: action %T is not understood", p.pod, route.Name, action)
	}
}

// A way is one of those that a request may go: to a cluster, as a message, by a weight.
type way struct {
	cluster string
	message *message
	weight  int
	target  target // of an endpoint, once the cluster is known
}

// part goes each way by itself and makes one path of them, the most used first.
func (k *walk) part(ways []way, walk1 func(*walk, way) (Path, error)) (Path, error) {
	total := 0
	for _, w := range ways {
		total += w.weight
	}
	var leaves []Path
	for _, w := range ways {
		if w.weight == 0 && total > 0 {
			continue
		}
		next := *k
		next.hops = slices.Clone(k.hops)
		path, err := walk1(&next, w)
		if err != nil {
			return Path{}, err
		}
		others := path.Else
		path.Else = nil
		for _, leaf := range append([]Path{path}, others...) {
			leaf.part *= float64(w.weight) / float64(max(total, 1))
			leaves = append(leaves, leaf)
		}
	}
	slices.SortStableFunc(leaves, func(a, b Path) int { return cmp.Compare(b.part, a.part) })
	first := leaves[0]
	first.Else = leaves[1:]
	return first, nil
}

func (k *walk) tcp(p *proxy, forward *tcp.TcpProxy, hop Hop, c *connection) (Path, error) {
	if forward.TunnelingConfig != nil {
		return Path{}, unclearf("%s: listener %s: a tunnel by CONNECT is not followed", p.pod, hop.Listener)
	}
	var ways []way
	switch to := forward.ClusterSpecifier.(type) {
	case *tcp.TcpProxy_Cluster:
		ways = []way{{cluster: to.Cluster, weight: 1}}
	case *tcp.TcpProxy_WeightedClusters:
		for _, c := range to.WeightedClusters.Clusters {
			ways = append(ways, way{cluster: c.Name, weight: int(c.Weight)})
		}
	default:
		return Path{}, unclearf("%s: listener %s: TCP proxy to %T is not understood", p.pod, hop.Listener, to)
	}
	return k.part(ways, func(k *walk, w way) (Path, error) { return k.cluster(p, w.cluster, hop, c.clone()) })
}

// cluster sends the connection on as a cluster says.
func (k *walk) cluster(p *proxy, name string, hop Hop, c *connection) (Path, error) {
	hop.Cluster = name
	stop := func(code Code, format string, args ...any) (Path, error) {
		k.hops = append(k.hops, hop)
		return k.end(code, "%s: "+format, append([]any{p.pod}, args...)...), nil
	}
	switch name {
	case blackHole:
		return stop(Blackhole, "nothing that is registered takes %s to %s", describe(c), joinHost(k.hops[0].Destination.Host, c.port))
	case passthrough:
		hop.Destination = Destination{Address: c.ip, Port: c.port}
		hop.Wire = onWire(c)
		return stop(Passthrough, "nothing that is registered takes %s to %s: forwarded as it came", describe(c), joinHost(k.hops[0].Destination.Host, c.port))
	}
	cluster := p.clusters[name]
	if cluster == nil {
		return stop(NoCluster, "cluster %s is not there: 503", name)
	}
	hop.Destination.Host, hop.Destination.Subset = clusterService(cluster)
	hop.DecidedBy = append(hop.DecidedBy, k.world.rulesOf(cluster)...)

	if cluster.GetType() == envoycluster.Cluster_ORIGINAL_DST {
		to := target{ip: c.ip, port: c.port}
		if override := cluster.GetOriginalDstLbConfig().GetUpstreamPortOverride().GetValue(); override != 0 {
			to.port = int(override)
		}
		var err error
		if to.tls, err = upstreamTLS(cluster, nil); err != nil {
			return Path{}, unclearf("%s: cluster %s: %w", p.pod, name, err)
		}
		return k.send(p, cluster, hop, c, to)
	}
	if cluster.GetClusterType() != nil {
		return stop(Unknown, "cluster %s of type %s is not understood", name, cluster.GetClusterType().GetName())
	}
	ways, err := k.world.targets(p, cluster)
	if err != nil {
		return Path{}, unclearf("%s: cluster %s: %w", p.pod, name, err)
	}
	if len(ways) == 0 {
		return stop(NoEndpoints, "cluster %s has no endpoint: 503", name)
	}
	return k.part(ways, func(k *walk, w way) (Path, error) { return k.send(p, cluster, hop, c.clone(), w.target) })
}

// A target is an endpoint of a cluster, and the TLS that is spoken to it.
type target struct {
	ip   string
	port int
	tls  *envoytls.UpstreamTlsContext
	peer bool // its labels say that it has a sidecar
}

// targets are a cluster's endpoints, one of each kind, by how many there are of it: those of one kind have the port,
// the TLS and the proxy at the other end in common.
func (w *World) targets(p *proxy, c *envoycluster.Cluster) ([]way, error) {
	type kind struct {
		port                            int
		tls                             string
		peer, pod, sidecar, gateway, in bool
	}
	at := map[kind]int{}
	var ways []way
	// In an order that does not change: istiod keeps those of several slices in a map.
	all, err := w.endpointsOf(p, c)
	if err != nil {
		return nil, err
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b *envoyendpoint.LbEndpoint) int {
		x, errX := netip.ParseAddr(a.GetEndpoint().GetAddress().GetSocketAddress().GetAddress())
		y, errY := netip.ParseAddr(b.GetEndpoint().GetAddress().GetSocketAddress().GetAddress())
		if errX != nil || errY != nil {
			return 0
		}
		return x.Compare(y)
	})
	for _, e := range all {
		ip, port, err := socketAddress(e)
		if err != nil {
			return nil, err
		}
		tls, err := upstreamTLS(c, e)
		if err != nil {
			return nil, err
		}
		of := kind{port: port, tls: tls.String(), peer: endpointLabel(e, "tlsMode") == "istio"}
		if at := w.podAt(ip); at != nil {
			of.pod, of.sidecar, of.gateway, of.in = true, at.sidecar, at.gateway, at.capturesInbound(port)
		}
		i, known := at[of]
		if !known {
			i = len(ways)
			at[of] = i
			ways = append(ways, way{target: target{ip: ip, port: port, tls: tls, peer: of.peer && !of.pod}})
		}
		ways[i].weight += int(max(1, e.GetLoadBalancingWeight().GetValue()))
	}
	return ways, nil
}

// send makes the connection to an endpoint.
func (k *walk) send(p *proxy, cluster *envoycluster.Cluster, hop Hop, c *connection, to target) (Path, error) {
	next := &connection{ip: to.ip, port: to.port, speaks: c.speaks, layers: c.layers, peer: to.peer}
	hop.Destination.Address, hop.Destination.Port = to.ip, to.port
	if to.tls != nil {
		l, fault, err := k.originate(p, cluster, to.tls, hop.Destination.Authority)
		if err != nil {
			return Path{}, unclearf("%s: cluster %s: %w", p.pod, cluster.Name, err)
		}
		next.layers = append(slices.Clone(c.layers), l)
		hop.Wire, hop.Verify = onWire(next), l.verify
		if fault != "" {
			k.hops = append(k.hops, hop)
			return k.end(TLSFailure, "%s: cluster %s: %s", p.pod, cluster.Name, fault), nil
		}
	}
	hop.Wire = onWire(next)
	if top := next.top(); top != nil {
		hop.Verify = top.verify
	}
	k.hops = append(k.hops, hop)
	if strings.HasPrefix(cluster.Name, "inbound|") || strings.HasPrefix(cluster.Name, "InboundPassthrough") {
		k.hops = append(k.hops, Hop{Proxy: "workload", Workload: p.String(), Wire: onWire(next)})
		return k.leave(next), nil
	}
	if _, err := netip.ParseAddr(next.ip); err != nil {
		next.ip = k.world.resolve(nil, next.ip)
	}
	return k.arriveAt(next)
}

// originate is the TLS that a cluster puts around a connection, or why it cannot. authority is the Host that is sent
// on, where the connection is routed as HTTP: from it Envoy's router takes the automatic SNI and name, without the port,
// and none where it is an address.
func (k *walk) originate(p *proxy, cluster *envoycluster.Cluster, tls *envoytls.UpstreamTlsContext, authority string) (layer, string, error) {
	l := layer{wire: Wire{Mode: Simple, SNI: tls.Sni, ALPN: tls.CommonTlsContext.GetAlpnProtocols()}}
	ca, names := validation(tls.CommonTlsContext)
	options, err := httpOptions(cluster)
	if err != nil {
		return l, "", err
	}
	if authority != "" {
		host := withoutPort(authority)
		if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err != nil && options.GetAutoSni() && l.wire.SNI == "" {
			l.wire.SNI = host
		}
		if options.GetAutoSanValidation() && len(names) == 0 {
			names = []string{host}
		}
	}
	certs := certificates(tls.CommonTlsContext)
	l.verify.Server.CA = k.world.authority(p, ofCA(ca))
	l.verify.Server.Names = names
	if len(certs) > 0 {
		l.wire.Mode = Mutual
		l.verify.Client.Credential = k.world.authority(p, certs[0])
		if certs[0] == "default" {
			l.wire.Mode, l.identity = IstioMutual, p.model.VerifiedIdentity.String()
		}
	}
	for _, name := range append(certs, ca) {
		if fault := k.world.serves(p, name); fault != "" {
			return l, fault, nil
		}
	}
	return l, "", nil
}

// serves says why a proxy does not get an SDS resource, or "". What the proxy's own agent serves (the mesh's
// certificates, files) is taken to be there.
func (w *World) serves(p *proxy, name string) string {
	if !strings.Contains(name, "://") {
		return ""
	}
	push := &model.PushRequest{Forced: true, Push: w.server.PushContext()}
	resources, _, err := w.server.Discovery.Generators[v3.SecretType].Generate(p.model, &model.WatchedResource{ResourceNames: sets.New(name)}, push)
	if err != nil {
		return err.Error()
	}
	if len(resources) == 0 {
		return "istiod serves no credential " + w.authority(p, name) + " to " + p.String() + ": the Secret or a key of it is missing, or its ServiceAccount may not list Secrets"
	}
	return ""
}

// authority writes the name of an SDS resource as people know it.
func (w *World) authority(p *proxy, name string) string {
	switch scheme, rest, _ := strings.Cut(name, ":"); {
	case name == "":
		return ""
	case name == "default", name == "ROOTCA":
		return "mesh"
	case scheme == "kubernetes":
		return "secret " + p.namespace + "/" + strings.TrimPrefix(rest, "//")
	case scheme == "configmap":
		return "configmap " + strings.TrimPrefix(rest, "//")
	case name == "file-root:system":
		return "system"
	case scheme == "file-root", scheme == "file-cert":
		path, _, _ := strings.Cut(rest, "~")
		return "file " + path
	default:
		return name
	}
}

// ofCA is the name of the Secret or ConfigMap whose CA a resource is, by the ending that Istio gives it.
func ofCA(name string) string { return strings.TrimSuffix(name, "-cacert") }

// onWire is what somebody on the network would see.
func onWire(c *connection) Wire {
	top := c.top()
	if top == nil {
		return Wire{Mode: Plaintext}
	}
	wire := top.wire
	wire.Layers = len(c.layers)
	return wire
}

func describe(c *connection) string {
	top := c.top()
	switch {
	case top == nil && c.speaks == "tcp":
		return "plaintext"
	case top == nil:
		return "plaintext HTTP"
	case top.wire.SNI == "":
		return fmt.Sprintf("TLS (%s) without SNI", top.wire.Mode)
	default:
		return fmt.Sprintf("TLS (%s) with SNI %s", top.wire.Mode, top.wire.SNI)
	}
}

func value(p *Path) Path {
	if p == nil {
		return Path{}
	}
	return *p
}
