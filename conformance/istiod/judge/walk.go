package judge

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	envoycluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
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
}

// A connection is what comes to a proxy: an address, the TLS around it from the innermost to the outermost, and what
// is inside.
type connection struct {
	ip     string
	port   int
	layers []layer
	speaks string // "http", "h2c" or "tcp": what is inside all TLS
}

func (c *connection) top() *layer {
	if len(c.layers) == 0 {
		return nil
	}
	return &c.layers[len(c.layers)-1]
}

// A message is the HTTP request inside a connection.
type message struct {
	speaks  string
	method  string
	host    string
	path    string
	headers map[string]string
}

func (m *message) header(name string) (string, bool) {
	switch strings.ToLower(name) {
	case ":authority", "host":
		return m.host, true
	case ":method":
		return m.method, true
	case ":path":
		return m.path, true
	case ":scheme":
		return "http", true
	}
	for k, v := range m.headers {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

// maxHops ends what would go round for ever.
const maxHops = 8

// Walk follows one request from the application that makes it to where it ends. The error is about the question or the
// judge; what goes wrong with the request is the path's outcome.
func (w *World) Walk(r Request) (Path, error) {
	target, err := url.Parse(r.To)
	if err != nil {
		return Path{}, fmt.Errorf("to: %w", err)
	}
	port := 80
	if p := target.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return Path{}, fmt.Errorf("to: %w", err)
		}
	} else if target.Scheme == "https" {
		port = 443
	} else if target.Scheme != "http" && target.Scheme != "h2c" {
		return Path{}, fmt.Errorf("to %q: %s has no port of its own: write one", r.To, target.Scheme)
	}
	m := &message{method: r.Method, host: r.Host, path: target.EscapedPath(), headers: r.Headers}
	if m.method == "" {
		m.method = "GET"
	}
	if m.path == "" {
		m.path = "/"
	}
	if target.RawQuery != "" {
		m.path += "?" + target.RawQuery
	}
	if m.host == "" {
		m.host = target.Host
	}
	c := &connection{port: port, speaks: target.Scheme}
	first := Hop{Proxy: "application", Destination: Destination{Host: target.Hostname(), Port: port}, Wire: Wire{Mode: Plaintext}}
	switch target.Scheme {
	case "https", "tls":
		l := layer{wire: Wire{Mode: Application, SNI: target.Hostname()}}
		if _, err := netip.ParseAddr(target.Hostname()); err == nil || r.SNI == "-" {
			l.wire.SNI = ""
		} else if r.SNI != "" {
			l.wire.SNI = r.SNI
		}
		l.verify.Client.Credential = r.Credential
		c.layers, c.speaks = []layer{l}, "tcp"
		if target.Scheme == "https" {
			c.speaks = "http"
			c.layers[0].wire.ALPN = []string{"h2", "http/1.1"}
		}
		first.Wire = onWire(c)
		first.Verify = l.verify
	case "http", "h2c", "tcp":
	default:
		return Path{}, fmt.Errorf("to %q: scheme %q: want http, h2c, https, tcp or tls", r.To, target.Scheme)
	}
	m.speaks = c.speaks

	walk := &walk{world: w, request: r, message: m}
	if r.From == Outside {
		return walk.fromOutside(first, c, target.Hostname())
	}
	client, err := w.client(r)
	if err != nil {
		return Path{}, err
	}
	first.Workload = client.String()
	c.ip = w.resolve(client, target.Hostname())
	first.Destination.Address = c.ip
	walk.hops = []Hop{first}
	if !client.sidecar && !client.gateway {
		return walk.arriveAt(c)
	}
	return walk.proxy(client, c)
}

// A walk is one request under way. It is copied where ways part.
type walk struct {
	world   *World
	request Request
	message *message
	hops    []Hop
}

func (k *walk) end(code Code, format string, args ...any) Path {
	return Path{Request: k.request, Hops: k.hops, Outcome: Outcome{code, fmt.Sprintf(format, args...)}, Share: 100}
}

// arriveAt goes on at the address that a connection is made to: a pod of the world, or the outside.
func (k *walk) arriveAt(c *connection) (Path, error) {
	if len(k.hops) > maxHops {
		return k.end(Loop, "more than %d hops", maxHops), nil
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
	case p.sidecar:
		return k.intoSidecar(p, c)
	default:
		return k.atApplication(p, c)
	}
}

// leave is the last step outside: whether the service there understands what comes.
func (k *walk) leave(c *connection) Path {
	wire := onWire(c)
	own := wire.Mode == Application
	switch want := k.request.Server; {
	case want == "":
		return k.end(Arrives, "")
	case want == Plaintext && wire.Layers > 0:
		return k.end(ProtocolError, "TLS to a service that speaks plaintext")
	case want != Plaintext && wire.Layers == 0:
		return k.end(ProtocolError, "plaintext to a service that speaks TLS")
	case want != Plaintext && wire.Layers > 1:
		return k.end(ProtocolError, "TLS within TLS: the service takes one layer off and finds another")
	case want == Mutual && c.top().verify.Client.Credential == "" && !own:
		return k.end(TLSFailure, "the service asks for a client certificate, and the proxy shows none")
	case want == Mutual && c.top().verify.Client.Credential == "" && own:
		return k.end(TLSFailure, "the service asks for a client certificate, and the application shows none")
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
	proxy, err := k.world.proxyOf(p)
	if err != nil {
		return Path{}, err
	}
	l := proxy.inbound()
	if l == nil {
		return k.end(NoRoute, "%s has no inbound listener", p), nil
	}
	hop := Hop{Proxy: "sidecar"}
	chain, ended, err := k.enter(proxy, l, &hop, c)
	if err != nil || ended != nil {
		return value(ended), err
	}
	manager, _, _, err := filters(chain)
	if err != nil {
		return Path{}, fmt.Errorf("%s: listener %s: %w", p, l.Name, err)
	}
	hop.NotRead = unread(chain, manager)
	hop.Destination, hop.Wire = Destination{Address: p.ip, Port: c.port}, onWire(c)
	k.hops = append(k.hops, hop, Hop{Proxy: "workload", Workload: p.String(), Wire: onWire(c)})
	return k.leave(c), nil
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
	server, err := downstreamTLS(chain)
	if err != nil || server == nil {
		return chain, nil, err
	}
	top := c.top()
	if top == nil {
		return stop(ProtocolError, "expects TLS and gets %s", describe(c))
	}
	ca, names := validation(server.CommonTlsContext)
	own := certificates(server.CommonTlsContext)
	hop.Terminates = &Termination{
		Credential: k.world.authority(p, own[0]), ClientCA: k.world.authority(p, ca),
		Required: server.RequireClientCertificate.GetValue(), ClientNames: names,
		ServerNames: chain.GetFilterChainMatch().GetServerNames(),
	}
	if hop.Terminates.Credential == "mesh" {
		hop.Terminates.Identity = p.model.VerifiedIdentity.String()
	}
	if fault := k.handshake(p, server, top); fault != "" {
		return stop(TLSFailure, "cannot agree on TLS: %s", fault)
	}
	c.layers = c.layers[:len(c.layers)-1]
	return chain, nil, nil
}

// handshake says why the two sides of a TLS cannot agree, as far as their configuration tells. What only the
// certificates themselves can tell is for real handshakes.
func (k *walk) handshake(p *proxy, server *envoytls.DownstreamTlsContext, client *layer) string {
	own := certificates(server.CommonTlsContext)
	ca, _ := validation(server.CommonTlsContext)
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
		if !slices.Contains(names, identity) {
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
			return "a client certificate by " + k.world.authority(p, ca) + " is asked for, and the mesh's is shown"
		}
	}
	return ""
}

// proxy is the sidecar of a client, or a gateway that a connection came to.
func (k *walk) proxy(p *pod, c *connection) (Path, error) {
	proxy, err := k.world.proxyOf(p)
	if err != nil {
		return Path{}, err
	}
	kind := "sidecar"
	if p.gateway {
		kind = "gateway"
	}
	l := proxy.listenerFor(c.ip, c.port)
	if l == nil {
		return k.end(NoRoute, "%s %s listens to nothing on port %d: the connection is refused", kind, p, c.port), nil
	}
	hop := Hop{Proxy: kind}
	chain, ended, err := k.enter(proxy, l, &hop, c)
	if err != nil || ended != nil {
		return value(ended), err
	}
	manager, forward, bySNI, err := filters(chain)
	hop.NotRead = unread(chain, manager)
	switch {
	case err != nil:
		return Path{}, fmt.Errorf("%s: listener %s: %w", p, l.Name, err)
	case manager != nil:
		return k.http(proxy, manager, hop, c)
	case bySNI:
		return k.cluster(proxy, c.top().wire.SNI, hop, c)
	default:
		return k.tcp(proxy, forward, hop, c)
	}
}

func (k *walk) http(p *proxy, manager *hcm.HttpConnectionManager, hop Hop, c *connection) (Path, error) {
	if len(c.layers) > 0 {
		k.hops = append(k.hops, hop)
		return k.end(ProtocolError, "%s: listener %s expects HTTP and gets %s", p.pod, hop.Listener, describe(c)), nil
	}
	if c.speaks == "tcp" {
		k.hops = append(k.hops, hop)
		return k.end(ProtocolError, "%s: listener %s expects HTTP and gets other bytes", p.pod, hop.Listener), nil
	}
	config := manager.GetRouteConfig()
	if rds := manager.GetRds(); rds != nil {
		config = p.routes[rds.RouteConfigName]
		hop.Route = rds.RouteConfigName
	} else if config != nil {
		hop.Route = config.Name
	}
	refuse := func(code Code, format string, args ...any) (Path, error) {
		k.hops = append(k.hops, hop)
		return k.end(code, "%s: "+format, append([]any{p.pod}, args...)...), nil
	}
	if config == nil {
		return refuse(NoRoute, "route configuration %q is not there", hop.Route)
	}
	v := virtualHost(config, k.message.host)
	if v == nil {
		return refuse(NoRoute, "route configuration %s has no virtual host for %s: 404", config.Name, k.message.host)
	}
	hop.Route += " " + v.Name
	if v.RequireTls != envoyroute.VirtualHost_NONE && hop.Terminates == nil {
		return refuse(Response, "redirected (MOVED_PERMANENTLY) to %s", "https://"+k.message.host+k.message.path)
	}
	route, err := matchingRoute(v, k.message)
	if err != nil {
		return Path{}, err
	}
	if route == nil {
		return refuse(NoRoute, "virtual host %s has no route for %s %s: 404", v.Name, k.message.method, k.message.path)
	}
	hop.DecidedBy = append(hop.DecidedBy, decidedBy(route.Metadata)...)
	for _, name := range slices.Sorted(maps.Keys(route.TypedPerFilterConfig)) {
		if name != "envoy.filters.http.cors" {
			hop.NotRead = append(hop.NotRead, name+" of the route")
		}
	}
	switch action := route.Action.(type) {
	case *envoyroute.Route_DirectResponse:
		if v.Name == "block_all" {
			return refuse(Blackhole, "the registry does not know %s: %d", k.message.host, action.DirectResponse.Status)
		}
		return refuse(Response, "answered with %d", action.DirectResponse.Status)
	case *envoyroute.Route_Redirect:
		return refuse(Response, "redirected (%s) to %s", action.Redirect.ResponseCode, redirected(action.Redirect, k.message))
	case *envoyroute.Route_Route:
		return k.routed(p, route, action.Route, hop, c)
	default:
		return Path{}, fmt.Errorf("route %q: action %T is not understood", route.Name, action)
	}
}

func redirected(r *envoyroute.RedirectAction, m *message) string {
	scheme, host, path := "http", m.host, m.path
	if r.GetHttpsRedirect() {
		scheme = "https"
	} else if s := r.GetSchemeRedirect(); s != "" {
		scheme = s
	}
	if r.HostRedirect != "" {
		host = r.HostRedirect
	}
	if p := r.GetPathRedirect(); p != "" {
		path = p
	}
	return scheme + "://" + host + path
}

// routed goes each way of a route action.
func (k *walk) routed(p *proxy, route *envoyroute.Route, action *envoyroute.RouteAction, hop Hop, c *connection) (Path, error) {
	m := *k.message
	if prefix := action.PrefixRewrite; prefix != "" {
		if matched := route.Match.GetPrefix(); matched != "" {
			m.path = prefix + strings.TrimPrefix(m.path, matched)
		} else if matched := route.Match.GetPathSeparatedPrefix(); matched != "" {
			m.path = prefix + strings.TrimPrefix(m.path, matched)
		} else {
			m.path = prefix
		}
	}
	if host := action.GetHostRewriteLiteral(); host != "" {
		m.host = host
	}
	type way struct {
		cluster, host string
		weight        int
	}
	var ways []way
	switch to := action.ClusterSpecifier.(type) {
	case *envoyroute.RouteAction_Cluster:
		ways = []way{{to.Cluster, m.host, 100}}
	case *envoyroute.RouteAction_WeightedClusters:
		for _, c := range to.WeightedClusters.Clusters {
			host := m.host
			if rewritten := c.GetHostRewriteLiteral(); rewritten != "" {
				host = rewritten
			}
			for _, h := range c.RequestHeadersToAdd {
				if name := strings.ToLower(h.Header.GetKey()); name == ":authority" || name == "host" {
					host = h.Header.GetValue()
				}
			}
			ways = append(ways, way{c.Name, host, int(c.Weight.GetValue())})
		}
	default:
		return Path{}, fmt.Errorf("route %q: cluster specifier %T is not understood", route.Name, to)
	}
	var paths []Path
	total := 0
	for _, way := range ways {
		total += way.weight
	}
	for _, way := range ways {
		if way.weight == 0 {
			continue
		}
		message := m
		message.host = way.host
		own := *c
		own.layers = slices.Clone(c.layers)
		next := &walk{world: k.world, request: k.request, message: &message, hops: slices.Clone(k.hops)}
		hop := hop
		hop.Destination.Authority = way.host
		hop.DecidedBy = slices.Clone(hop.DecidedBy)
		path, err := next.cluster(p, way.cluster, hop, &own)
		if err != nil {
			return Path{}, err
		}
		path.Share = way.weight * 100 / total
		paths = append(paths, path)
	}
	return join(paths), nil
}

// join makes one path of several ways, the most used first.
func join(paths []Path) Path {
	slices.SortStableFunc(paths, func(a, b Path) int { return b.Share - a.Share })
	first := paths[0]
	first.Else = append(first.Else, paths[1:]...)
	return first
}

func (k *walk) tcp(p *proxy, forward *tcp.TcpProxy, hop Hop, c *connection) (Path, error) {
	switch to := forward.ClusterSpecifier.(type) {
	case *tcp.TcpProxy_Cluster:
		return k.cluster(p, to.Cluster, hop, c)
	case *tcp.TcpProxy_WeightedClusters:
		var paths []Path
		total := 0
		for _, w := range to.WeightedClusters.Clusters {
			total += int(w.Weight)
		}
		for _, w := range to.WeightedClusters.Clusters {
			own := *c
			own.layers = slices.Clone(c.layers)
			next := &walk{world: k.world, request: k.request, message: k.message, hops: slices.Clone(k.hops)}
			path, err := next.cluster(p, w.Name, hop, &own)
			if err != nil {
				return Path{}, err
			}
			path.Share = int(w.Weight) * 100 / total
			paths = append(paths, path)
		}
		return join(paths), nil
	default:
		return Path{}, fmt.Errorf("%s: TCP proxy to %T is not understood", p.pod, to)
	}
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
		return stop(Blackhole, "the registry does not know %s", joinHost(k.hops[0].Destination.Host, c.port))
	case passthrough:
		hop.Destination = Destination{Address: c.ip, Port: c.port}
		hop.Wire = onWire(c)
		return stop(Passthrough, "the registry does not know %s: forwarded as it came", joinHost(k.hops[0].Destination.Host, c.port))
	}
	cluster := p.clusters[name]
	if cluster == nil {
		return stop(NoCluster, "cluster %s is not there: 503", name)
	}
	host, _, subset := clusterService(cluster)
	hop.Destination.Host, hop.Destination.Subset = host, subset
	hop.DecidedBy = append(hop.DecidedBy, k.world.rulesOf(cluster)...)

	next := &connection{ip: c.ip, port: c.port, speaks: c.speaks, layers: c.layers}
	var tls *envoytls.UpstreamTlsContext
	var err error
	switch {
	case cluster.GetType() == envoycluster.Cluster_ORIGINAL_DST:
		if override := cluster.GetOriginalDstLbConfig().GetUpstreamPortOverride().GetValue(); override != 0 {
			next.port = int(override)
		}
		tls, err = upstreamTLS(cluster, nil)
	case cluster.GetClusterType() != nil:
		return stop(Unknown, "cluster %s of type %s is not understood", name, cluster.GetClusterType().GetName())
	default:
		endpoints := k.world.endpointsOf(p, cluster)
		if len(endpoints) == 0 {
			return stop(NoEndpoints, "cluster %s has no endpoint: 503", name)
		}
		if next.ip, next.port, err = socketAddress(endpoints[0]); err != nil {
			return Path{}, err
		}
		tls, err = upstreamTLS(cluster, endpoints[0])
	}
	if err != nil {
		return Path{}, err
	}
	hop.Destination.Address, hop.Destination.Port = next.ip, next.port
	if tls != nil {
		l, fault, err := k.originate(p, cluster, tls)
		if err != nil {
			return Path{}, err
		}
		next.layers = append(slices.Clone(c.layers), l)
		if fault != "" {
			hop.Wire, hop.Verify = onWire(next), l.verify
			return stop(TLSFailure, "cluster %s: %s", name, fault)
		}
	}
	hop.Wire = onWire(next)
	if top := next.top(); top != nil {
		hop.Verify = top.verify
	}
	k.hops = append(k.hops, hop)
	if _, err := netip.ParseAddr(next.ip); err != nil {
		next.ip = k.world.resolve(nil, next.ip)
	}
	return k.arriveAt(next)
}

// originate is the TLS that a cluster puts around a connection, or why it cannot.
func (k *walk) originate(p *proxy, cluster *envoycluster.Cluster, tls *envoytls.UpstreamTlsContext) (layer, string, error) {
	l := layer{wire: Wire{Mode: Simple, SNI: tls.Sni, ALPN: tls.CommonTlsContext.GetAlpnProtocols()}}
	ca, names := validation(tls.CommonTlsContext)
	options, err := httpOptions(cluster)
	if err != nil {
		return l, "", err
	}
	if k.message.speaks != "tcp" {
		// Both need an HTTP request; Envoy takes the Host as it is sent on, without its port.
		host := withoutPort(k.message.host)
		if options.GetAutoSni() && l.wire.SNI == "" {
			l.wire.SNI = host
		}
		if options.GetAutoSanValidation() && len(names) == 0 {
			names = []string{host}
		}
	}
	certs := certificates(tls.CommonTlsContext)
	l.verify.Server.CA = k.world.authority(p, ca)
	l.verify.Server.Names = names
	if len(certs) > 0 {
		l.wire.Mode = Mutual
		l.verify.Client.Credential = k.world.authority(p, certs[0])
		if certs[0] == "default" {
			l.wire.Mode = IstioMutual
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
		return "secret " + p.namespace + "/" + strings.TrimSuffix(strings.TrimPrefix(rest, "//"), "-cacert")
	case scheme == "configmap":
		return "configmap " + strings.TrimSuffix(strings.TrimPrefix(rest, "//"), "-cacert")
	case name == "file-root:system":
		return "system"
	case scheme == "file-root", scheme == "file-cert":
		path, _, _ := strings.Cut(rest, "~")
		return "file " + path
	default:
		return name
	}
}

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
