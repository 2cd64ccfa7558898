package judge

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	envoycluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	envoycore "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	envoyendpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	envoylistener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	envoyroute "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	tcp "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	envoytls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	httpoptions "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	envoymatcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"

	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/serviceregistry/provider"
	"istio.io/istio/pilot/pkg/xds/endpoints"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config/visibility"
)

// envoyConfig is the configuration of one Envoy.
type envoyConfig struct {
	listeners []*envoylistener.Listener
	routes    map[string]*envoyroute.RouteConfiguration
	clusters  map[string]*envoycluster.Cluster
}

func (p *proxy) generate(s *xds.FakeDiscoveryServer) {
	p.listeners = s.Listeners(p.model)
	p.routes = map[string]*envoyroute.RouteConfiguration{}
	for _, r := range s.RoutesFromListeners(p.model, p.listeners) {
		// A proxy asks for each name once. Here it comes once for each listener, and istiod empties what it made when it
		// is asked again.
		if p.routes[r.Name] == nil {
			p.routes[r.Name] = r
		}
	}
	p.clusters = map[string]*envoycluster.Cluster{}
	for _, c := range s.Clusters(p.model) {
		p.clusters[c.Name] = c
	}
}

// unpack reads a typed configuration as the message that it must be.
func unpack[M proto.Message](config *anypb.Any, into M) (M, error) {
	if config == nil {
		return into, fmt.Errorf("no configuration where %s is expected", into.ProtoReflect().Descriptor().FullName())
	}
	return into, config.UnmarshalTo(into)
}

// Names that Istio gives to listeners and clusters of its own.
const (
	outboundListener = "virtualOutbound"
	inboundListener  = "virtualInbound"
	blackHole        = "BlackHoleCluster"
	passthrough      = "PassthroughCluster"
)

// listenerFor is the listener that gets a connection to an address. On a sidecar the connection was redirected to the
// outbound listener, which hands it to the listener of its original address, of its port, or keeps it.
func (e *envoyConfig) listenerFor(ip string, port int) *envoylistener.Listener {
	var ofPort, fallback *envoylistener.Listener
	for _, l := range e.listeners {
		switch {
		case l.Name == inboundListener:
			continue
		case l.Name == outboundListener:
			fallback = l
			continue
		}
		addresses := []*envoycore.SocketAddress{l.Address.GetSocketAddress()}
		for _, a := range l.AdditionalAddresses {
			addresses = append(addresses, a.Address.GetSocketAddress())
		}
		for _, a := range addresses {
			if a == nil || int(a.GetPortValue()) != port {
				continue
			}
			switch a.Address {
			case ip:
				return l
			case "0.0.0.0", "::":
				ofPort = l
			}
		}
	}
	if ofPort != nil {
		return ofPort
	}
	return fallback
}

func (e *envoyConfig) inbound() *envoylistener.Listener {
	for _, l := range e.listeners {
		if l.Name == inboundListener {
			return l
		}
	}
	return nil
}

// inspects tells whether a listener filter looks at connections to a port.
func inspects(l *envoylistener.Listener, name string, port int) bool {
	return slices.ContainsFunc(l.ListenerFilters, func(f *envoylistener.ListenerFilter) bool {
		return f.Name == name && !(f.FilterDisabled != nil && matchesPredicate(f.FilterDisabled, port))
	})
}

func matchesPredicate(p *envoylistener.ListenerFilterChainMatchPredicate, port int) bool {
	each := func(set *envoylistener.ListenerFilterChainMatchPredicate_MatchSet) []bool {
		var all []bool
		for _, rule := range set.Rules {
			all = append(all, matchesPredicate(rule, port))
		}
		return all
	}
	switch rule := p.Rule.(type) {
	case *envoylistener.ListenerFilterChainMatchPredicate_AnyMatch:
		return rule.AnyMatch
	case *envoylistener.ListenerFilterChainMatchPredicate_DestinationPortRange:
		return int(rule.DestinationPortRange.Start) <= port && port < int(rule.DestinationPortRange.End)
	case *envoylistener.ListenerFilterChainMatchPredicate_NotMatch:
		return !matchesPredicate(rule.NotMatch, port)
	case *envoylistener.ListenerFilterChainMatchPredicate_OrMatch:
		return slices.Contains(each(rule.OrMatch), true)
	case *envoylistener.ListenerFilterChainMatchPredicate_AndMatch:
		return !slices.Contains(each(rule.AndMatch), false)
	}
	return false
}

// The names of the listener filters that look into a connection before a chain is chosen.
const (
	tlsInspector  = "envoy.filters.listener.tls_inspector"
	httpInspector = "envoy.filters.listener.http_inspector"
)

// A sight is what a listener sees of a connection when it chooses a filter chain.
type sight struct {
	ip        string
	port      int
	transport string // "tls" or "raw_buffer"
	sni       string
	protocols []string // ALPN of the TLS, or what the HTTP inspector found
}

// see is what the inspectors of a listener make of a connection.
func see(l *envoylistener.Listener, c *connection) sight {
	s := sight{ip: c.ip, port: c.port, transport: "raw_buffer"}
	if top := c.top(); top != nil {
		if inspects(l, tlsInspector, c.port) {
			s.transport, s.sni, s.protocols = "tls", strings.ToLower(top.wire.SNI), top.wire.ALPN
		}
		return s
	}
	if inspects(l, httpInspector, c.port) {
		switch c.speaks {
		case "http":
			s.protocols = []string{"http/1.1"}
		case "h2c":
			s.protocols = []string{"h2c"}
		}
	}
	return s
}

// filterChain chooses as Envoy documents for FilterChainMatch: criterion by criterion in a fixed order, at each the most
// specific that fits, and never back. The default chain, or nil, when none is left.
// https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch
func filterChain(l *envoylistener.Listener, s sight) *envoylistener.FilterChain {
	left := l.FilterChains
	// rank of a chain at a criterion: -1 does not fit, 0 does not ask, more is more specific.
	for _, rank := range []func(*envoylistener.FilterChainMatch) int{
		func(m *envoylistener.FilterChainMatch) int {
			return asked(m.GetDestinationPort() != nil, int(m.GetDestinationPort().GetValue()) == s.port)
		},
		func(m *envoylistener.FilterChainMatch) int { return prefixRank(m.GetPrefixRanges(), s.ip) },
		func(m *envoylistener.FilterChainMatch) int { return nameRank(m.GetServerNames(), s.sni) },
		func(m *envoylistener.FilterChainMatch) int {
			return asked(m.GetTransportProtocol() != "", m.GetTransportProtocol() == s.transport)
		},
		func(m *envoylistener.FilterChainMatch) int {
			return asked(len(m.GetApplicationProtocols()) > 0, slices.ContainsFunc(m.GetApplicationProtocols(), func(p string) bool {
				return slices.Contains(s.protocols, p)
			}))
		},
		func(m *envoylistener.FilterChainMatch) int {
			return asked(m.GetSourceType() != envoylistener.FilterChainMatch_ANY, m.GetSourceType() == envoylistener.FilterChainMatch_EXTERNAL)
		},
	} {
		best := 0
		for _, c := range left {
			best = max(best, rank(c.FilterChainMatch))
		}
		var next []*envoylistener.FilterChain
		for _, c := range left {
			if rank(c.FilterChainMatch) == best {
				next = append(next, c)
			}
		}
		left = next
	}
	if len(left) == 0 {
		return l.DefaultFilterChain
	}
	return left[0]
}

func asked(asks, fits bool) int {
	switch {
	case !asks:
		return 0
	case fits:
		return 1
	default:
		return -1
	}
}

func prefixRank(ranges []*envoycore.CidrRange, ip string) int {
	if len(ranges) == 0 {
		return 0
	}
	best := -1
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return best
	}
	for _, r := range ranges {
		prefix, err := netip.ParsePrefix(fmt.Sprintf("%s/%d", r.AddressPrefix, r.PrefixLen.GetValue()))
		if err == nil && prefix.Contains(address) {
			best = max(best, 1+prefix.Bits())
		}
	}
	return best
}

func nameRank(names []string, sni string) int {
	if len(names) == 0 {
		return 0
	}
	best := -1
	for _, n := range names {
		n = strings.ToLower(n) // Envoy reads both in lower case (filter_chain_manager_impl.cc)
		switch suffix, wildcard := strings.CutPrefix(n, "*"); {
		case n == sni && sni != "":
			return 1 << 20
		case wildcard && sni != "" && strings.HasSuffix(sni, suffix) && sni != suffix:
			best = max(best, 1+len(suffix))
		}
	}
	return best
}

// harmless are the filters that Istio puts into every chain and that send no request elsewhere by themselves: faults
// and CORS are of routes. RBAC is evaluated where it meets HTTP ([arrival]). What else is in a chain, the judge does not
// evaluate, and says so.
var harmless = map[string]bool{
	"envoy.filters.network.http_connection_manager": true, "envoy.filters.network.tcp_proxy": true, "envoy.filters.network.sni_cluster": true,
	"istio.metadata_exchange": true, "istio.stats": true, "istio.alpn": true,
	"envoy.filters.http.cors": true, faultFilter: true, "envoy.filters.http.grpc_stats": true, "envoy.filters.http.grpc_web": true,
	"envoy.filters.http.router": true, rbacFilter: true, tlsInspector: true, httpInspector: true, "envoy.filters.listener.original_dst": true,
}

// unread names the filters of a listener and of a chain that are not harmless.
func unread(l *envoylistener.Listener, c *envoylistener.FilterChain, h *hcm.HttpConnectionManager) []string {
	var names []string
	for _, f := range l.ListenerFilters {
		names = append(names, f.Name)
	}
	for _, f := range c.Filters {
		names = append(names, f.Name)
	}
	for _, f := range h.GetHttpFilters() {
		names = append(names, f.Name)
	}
	return slices.DeleteFunc(names, func(name string) bool { return harmless[name] })
}

// filters finds the network filter that takes the connection, and whether the cluster is named by the SNI.
func filters(c *envoylistener.FilterChain) (h *hcm.HttpConnectionManager, t *tcp.TcpProxy, bySNI bool, err error) {
	for _, f := range c.Filters {
		switch f.Name {
		case "envoy.filters.network.http_connection_manager":
			h, err = unpack(f.GetTypedConfig(), &hcm.HttpConnectionManager{})
			return h, nil, false, err
		case "envoy.filters.network.tcp_proxy":
			t, err = unpack(f.GetTypedConfig(), &tcp.TcpProxy{})
			return nil, t, bySNI, err
		case "envoy.filters.network.sni_cluster":
			bySNI = true
		}
	}
	return nil, nil, false, fmt.Errorf("filter chain %q has neither an HTTP connection manager nor a TCP proxy", c.Name)
}

// virtualHost chooses by the Host header: the name itself, the longest *.suffix, the longest prefix.*, or *.
func virtualHost(r *envoyroute.RouteConfiguration, host string) *envoyroute.VirtualHost {
	host = strings.ToLower(host)
	if r.IgnorePortInHostMatching {
		host = withoutPort(host)
	}
	var best *envoyroute.VirtualHost
	bestRank := 0
	for _, v := range r.VirtualHosts {
		for _, d := range v.Domains {
			d = strings.ToLower(d)
			rank := 0
			suffix, startsWith := strings.CutPrefix(d, "*")
			prefix, endsWith := strings.CutSuffix(d, "*")
			switch {
			case d == "*":
				rank = 1
			case d == host:
				rank = 3 << 20
			case startsWith && strings.HasSuffix(host, suffix) && len(host) > len(suffix):
				rank = 2<<20 + len(suffix)
			case endsWith && strings.HasPrefix(host, prefix) && len(host) > len(prefix):
				rank = 1<<20 + len(prefix)
			}
			if rank > bestRank {
				best, bestRank = v, rank
			}
		}
	}
	return best
}

// withoutPort takes the port off a Host header: after the last colon, unless that is within the brackets of an address.
func withoutPort(host string) string {
	if i := strings.LastIndex(host, ":"); i > strings.LastIndex(host, "]") {
		return host[:i]
	}
	return host
}

// matchingRoute is the first route of a virtual host that fits the request.
func matchingRoute(v *envoyroute.VirtualHost, r *message) (*envoyroute.Route, error) {
	for _, route := range v.Routes {
		fits, err := matches(route.Match, r)
		if err != nil {
			return nil, fmt.Errorf("route %q of %q: %w", route.Name, v.Name, err)
		}
		if fits {
			return route, nil
		}
	}
	return nil, nil
}

func matches(m *envoyroute.RouteMatch, r *message) (bool, error) {
	path, query, _ := strings.Cut(r.path, "?")
	fold := func(s string) string {
		if m.CaseSensitive != nil && !m.CaseSensitive.Value {
			return strings.ToLower(s)
		}
		return s
	}
	fits := false
	switch p := m.PathSpecifier.(type) {
	case *envoyroute.RouteMatch_Prefix:
		fits = strings.HasPrefix(fold(path), fold(p.Prefix))
	case *envoyroute.RouteMatch_Path:
		fits = fold(path) == fold(p.Path)
	case *envoyroute.RouteMatch_PathSeparatedPrefix:
		fits = fold(path) == fold(p.PathSeparatedPrefix) || strings.HasPrefix(fold(path), fold(p.PathSeparatedPrefix)+"/")
	case *envoyroute.RouteMatch_SafeRegex:
		var err error
		if fits, err = matchesRegex(p.SafeRegex.Regex, path); err != nil {
			return false, err
		}
	default:
		return false, fmt.Errorf("path match %T is not understood", p)
	}
	if !fits {
		return false, nil
	}
	for _, h := range m.Headers {
		value, present := r.header(h.Name)
		if ok, err := matchesHeader(h, value, present); err != nil || !ok {
			return false, err
		}
	}
	for _, q := range m.QueryParameters {
		value, present := queryParameter(query, q.Name)
		ok := present
		if s := q.GetStringMatch(); s != nil && present {
			var err error
			if ok, err = matchesString(s, value); err != nil {
				return false, err
			}
		}
		if !ok {
			return false, nil
		}
	}
	if m.Grpc != nil && r.speaks != "h2c" || m.RuntimeFraction != nil || len(m.DynamicMetadata) > 0 || m.TlsContext != nil {
		return false, fmt.Errorf("a match by gRPC, fraction, metadata or certificate is not understood")
	}
	return true, nil
}

func queryParameter(query, name string) (string, bool) {
	for _, pair := range strings.Split(query, "&") {
		if k, v, _ := strings.Cut(pair, "="); k == name && pair != "" {
			return v, true
		}
	}
	return "", false
}

func matchesRegex(expression, s string) (bool, error) {
	r, err := regexp.Compile("^(?:" + expression + ")$")
	if err != nil {
		return false, err
	}
	return r.MatchString(s), nil
}

func matchesHeader(h *envoyroute.HeaderMatcher, value string, present bool) (bool, error) {
	if !present && h.TreatMissingHeaderAsEmpty {
		present = true
	}
	fits := false
	switch s := h.HeaderMatchSpecifier.(type) {
	case nil:
		fits = present
	case *envoyroute.HeaderMatcher_PresentMatch:
		fits = present == s.PresentMatch
	case *envoyroute.HeaderMatcher_StringMatch:
		if !present {
			return false, nil // not even inverted: an absent header does not match
		}
		var err error
		if fits, err = matchesString(s.StringMatch, value); err != nil {
			return false, err
		}
	default:
		return false, fmt.Errorf("header match %T is not understood", s)
	}
	return fits != h.InvertMatch, nil
}

func matchesString(m *envoymatcher.StringMatcher, s string) (bool, error) {
	fold := func(s string) string {
		if m.IgnoreCase {
			return strings.ToLower(s)
		}
		return s
	}
	s = fold(s)
	switch p := m.MatchPattern.(type) {
	case *envoymatcher.StringMatcher_Exact:
		return s == fold(p.Exact), nil
	case *envoymatcher.StringMatcher_Prefix:
		return strings.HasPrefix(s, fold(p.Prefix)), nil
	case *envoymatcher.StringMatcher_Suffix:
		return strings.HasSuffix(s, fold(p.Suffix)), nil
	case *envoymatcher.StringMatcher_Contains:
		return strings.Contains(s, fold(p.Contains)), nil
	case *envoymatcher.StringMatcher_SafeRegex:
		return matchesRegex(p.SafeRegex.Regex, s)
	}
	return false, fmt.Errorf("string match %T is not understood", m.MatchPattern)
}

// endpointsOf lists a cluster's endpoints. Where they are of several priorities nothing can be told: which come first
// depends on the locality of the proxy's node. Nor can it of a Service that is exported to nobody: istiod takes its
// endpoints in only when it hears of them before it hears of the Service (serviceNeedsPush in
// pilot/pkg/serviceregistry/kube/controller/endpointslice.go).
func (w *World) endpointsOf(p *proxy, c *envoycluster.Cluster) ([]*envoyendpoint.LbEndpoint, error) {
	assignment := c.LoadAssignment
	if c.GetType() == envoycluster.Cluster_EDS {
		name := c.Name
		if s := c.EdsClusterConfig.GetServiceName(); s != "" {
			name = s
		}
		_, _, host, _ := model.ParseSubsetKey(name)
		// What the proxy knows by that name may be another's, such as a ServiceEntry's.
		known := w.server.PushContext().ServiceForHostname(p.model, host)
		for _, s := range w.server.Env().Services() {
			if known != nil && known.Attributes.ServiceRegistry != provider.Kubernetes {
				break
			}
			if s.Hostname == host && s.Attributes.ServiceRegistry == provider.Kubernetes && s.Attributes.ExportTo.Contains(visibility.None) {
				return nil, fmt.Errorf("whether istiod has endpoints of %s, which is exported to nobody, depends on the order of events", host)
			}
		}
		builder := endpoints.NewEndpointBuilder(name, p.model, w.server.PushContext())
		assignment = builder.BuildClusterLoadAssignment(w.server.Env().EndpointIndex)
	}
	var all []*envoyendpoint.LbEndpoint
	priorities := map[uint32]bool{}
	for _, l := range assignment.GetEndpoints() {
		if len(l.LbEndpoints) > 0 {
			all = append(all, l.LbEndpoints...)
			priorities[l.Priority] = true
		}
	}
	if len(priorities) > 1 {
		return nil, errors.New("which endpoints come first depends on the locality of the proxy's node")
	}
	return all, nil
}

// upstreamTLS is the TLS that a cluster speaks to an endpoint, or nil.
func upstreamTLS(c *envoycluster.Cluster, e *envoyendpoint.LbEndpoint) (*envoytls.UpstreamTlsContext, error) {
	socket := c.TransportSocket
	for _, m := range c.TransportSocketMatches {
		if endpointFits(m.GetMatch().GetFields(), e) {
			socket = m.TransportSocket
			break
		}
	}
	switch socket.GetName() {
	case "", "envoy.transport_sockets.raw_buffer":
		return nil, nil
	case "envoy.transport_sockets.tls":
		return unpack(socket.GetTypedConfig(), &envoytls.UpstreamTlsContext{})
	default:
		return nil, fmt.Errorf("transport socket %s is not understood", socket.Name)
	}
}

func endpointFits(want map[string]*structpb.Value, e *envoyendpoint.LbEndpoint) bool {
	for k, v := range want {
		if endpointLabel(e, k) != v.GetStringValue() {
			return false
		}
	}
	return true
}

// endpointLabel is what an endpoint says of itself for the choice of a transport socket.
func endpointLabel(e *envoyendpoint.LbEndpoint, key string) string {
	return e.GetMetadata().GetFilterMetadata()["envoy.transport_socket_match"].GetFields()[key].GetStringValue()
}

// downstreamTLS is the TLS that a filter chain terminates, or nil.
func downstreamTLS(c *envoylistener.FilterChain) (*envoytls.DownstreamTlsContext, error) {
	switch c.GetTransportSocket().GetName() {
	case "", "envoy.transport_sockets.raw_buffer":
		return nil, nil
	case "envoy.transport_sockets.tls":
		return unpack(c.TransportSocket.GetTypedConfig(), &envoytls.DownstreamTlsContext{})
	default:
		return nil, fmt.Errorf("transport socket %s is not understood", c.TransportSocket.Name)
	}
}

// httpOptions are a cluster's options for HTTP; automatic SNI and names are among them.
func httpOptions(c *envoycluster.Cluster) (*envoycore.UpstreamHttpProtocolOptions, error) {
	config := c.TypedExtensionProtocolOptions["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
	if config == nil {
		return nil, nil
	}
	options, err := unpack(config, &httpoptions.HttpProtocolOptions{})
	return options.GetUpstreamHttpProtocolOptions(), err
}

// certificates and validation read the two sides of a TLS context, as names of SDS resources.
func certificates(c *envoytls.CommonTlsContext) []string {
	var names []string
	for _, s := range c.GetTlsCertificateSdsSecretConfigs() {
		names = append(names, s.Name)
	}
	return names
}

func validation(c *envoytls.CommonTlsContext) (ca string, names []string) {
	ca = c.GetValidationContextSdsSecretConfig().GetName()
	context := c.GetValidationContext()
	if combined := c.GetCombinedValidationContext(); combined != nil {
		ca = combined.GetValidationContextSdsSecretConfig().GetName()
		context = combined.GetDefaultValidationContext()
	}
	if ca == "" {
		ca = context.GetTrustedCa().GetFilename()
	}
	//lint:ignore SA1019 Istio writes both
	for _, m := range context.GetMatchSubjectAltNames() {
		names = append(names, matcherText(m))
	}
	for _, m := range context.GetMatchTypedSubjectAltNames() {
		names = append(names, matcherText(m.GetMatcher()))
	}
	return ca, names
}

func matcherText(m *envoymatcher.StringMatcher) string {
	switch p := m.MatchPattern.(type) {
	case *envoymatcher.StringMatcher_Exact:
		return p.Exact
	case *envoymatcher.StringMatcher_Prefix:
		return p.Prefix + "*"
	case *envoymatcher.StringMatcher_Suffix:
		return "*" + p.Suffix
	}
	return m.String()
}

// decidedBy reads the objects that Istio notes as the origin of a listener, route or cluster.
func decidedBy(metadata *envoycore.Metadata) []string {
	config := metadata.GetFilterMetadata()["istio"].GetFields()["config"].GetStringValue()
	// /apis/networking.istio.io/v1/namespaces/shop/destination-rule/ext
	parts := strings.Split(strings.Trim(config, "/"), "/")
	if len(parts) != 7 {
		return nil
	}
	var kind strings.Builder
	for _, word := range strings.Split(parts[5], "-") {
		if word != "" {
			kind.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return []string{kind.String() + " " + parts[4] + "/" + parts[6]}
}

// gatewayOf names the Gateways whose servers make a filter chain: Envoy's configuration does not. They are the ones on
// the listener's port that have a host in common with the chain, or any where the chain asks for no name.
func (p *proxy) gatewayOf(l *envoylistener.Listener, chain *envoylistener.FilterChain) []string {
	if p.model.MergedGateway == nil {
		return nil
	}
	var all []string
	port := l.Address.GetSocketAddress().GetPortValue()
	for at, merged := range p.model.MergedGateway.MergedServers {
		if at.Number != port {
			continue
		}
		for _, server := range merged.Servers {
			names := chain.GetFilterChainMatch().GetServerNames()
			common := len(names) == 0 || slices.ContainsFunc(server.Hosts, func(h string) bool {
				if _, host, found := strings.Cut(h, "/"); found {
					h = host
				}
				return h == "*" || slices.Contains(names, h)
			})
			if of := "Gateway " + p.model.MergedGateway.GatewayNameForServer[server]; common && !slices.Contains(all, of) {
				all = append(all, of)
			}
		}
	}
	slices.Sort(all)
	return all
}

// clusterService reads what the name of a cluster says: host and subset of the registry's service.
func clusterService(c *envoycluster.Cluster) (host, subset string) {
	if !strings.Contains(c.Name, "|") {
		return "", ""
	}
	_, subset, name, _ := model.ParseSubsetKey(c.Name)
	return string(name), subset
}

func socketAddress(e *envoyendpoint.LbEndpoint) (string, int, error) {
	a := e.GetEndpoint().GetAddress().GetSocketAddress()
	if a == nil {
		return "", 0, fmt.Errorf("endpoint %s is no socket address", e.GetEndpoint().GetAddress())
	}
	return a.Address, int(a.GetPortValue()), nil
}

func joinHost(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
