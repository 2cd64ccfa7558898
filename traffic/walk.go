package traffic

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
)

// A layer is one TLS around a connection, with what its sender does.
type layer struct {
	wire   Wire
	verify Verify
	// identity is the SPIFFE name of the sender, where it shows a certificate of the mesh.
	identity string
}

// A connection is what comes to a proxy: an address, the TLS around it from the innermost to the outermost, and what is
// inside.
type connection struct {
	ip     netip.Addr
	port   int
	layers []layer
	speaks string // "http", "h2c" or "tcp": what is inside all TLS
	// peer says that the endpoint is a workload of the mesh that the files do not hold.
	peer bool
	// external says that the endpoint is a service outside the mesh, and declared what its port is said to take.
	external bool
	declared protocol
}

func (c *connection) top() *layer {
	if len(c.layers) == 0 {
		return nil
	}
	return &c.layers[len(c.layers)-1]
}

// maxHops ends what would go round for ever.
const maxHops = 8

// A hop under way: what is shown of it, and whose word it was.
type hop struct {
	Hop
	decided []*decision
	peer    peer // who sent what came in
	inbound bool // it comes to the workload, or to a gateway
}

func (h *hop) by(d ...*decision) {
	for _, d := range d {
		if d != nil && !slices.ContainsFunc(h.decided, func(o *decision) bool { return *o == *d }) {
			h.decided = append(h.decided, d)
		}
	}
}

// A walk is one request under way. It is copied where ways part.
type walk struct {
	*Index
	request Request
	message *message
	hops    []hop
	assumed *[]string
	host    string // of the question
	before  string // the Host header before the last proxy rewrote it
	// border is how many hops there were when the request came to the other mesh, which is called there; 0 is not yet.
	border int
	there  string
}

func (k *walk) assume(what string) {
	if !slices.Contains(*k.assumed, what) {
		*k.assumed = append(*k.assumed, what)
	}
}

// countOn notes what of a workload the files do not hold.
func (k *walk) countOn(w *workload) {
	switch {
	case w.given:
	case w.selected:
		k.assume("workload " + w.String() + " with the labels " + labelsOf(w.labels) + ", and its sidecar")
	case w.assumed && w.gateway && w.labels["istio"] != "":
		what := "gateway " + w.String() + ", with the label istio=" + w.labels["istio"]
		if ports := k.stockPorts[w.String()]; len(ports) > 0 {
			last := len(ports) - 1
			what += " and the ports " + strings.Join(ports[:last], ", ") + " and " + ports[last]
		}
		k.assume(what)
	case w.assumed && w.gateway:
		k.assume("gateway " + w.String() + ", with the label " + labelsOf(w.labels))
	case w.assumed && w.name != "*" && k.workloadNames[w.String()] == w:
		k.assume("workload " + w.String() + " behind that Service, and its sidecar")
	case w.injectionAssumed:
		k.assume("automatic injection of sidecars in namespace " + w.namespace)
	}
}

func (k *walk) countOnService(s *service) {
	if s.assumed && s.selector["istio"] == "" { // a gateway's is told with its workload
		k.assume("Service " + s.namespace + "/" + s.source.id.Name)
	}
}

// Walk follows one request from the application that makes it to where it ends. The error is about the question; what
// goes wrong with the request is the path's outcome. Walks may run side by side.
func (x *Index) Walk(r Request) (Path, error) {
	host, port, path, err := r.Target()
	if err != nil {
		return Path{}, err
	}
	k := &walk{Index: x, request: r, assumed: new([]string), host: host}
	k.message = &message{method: cmp.Or(r.Method, "GET"), scheme: "http", host: r.Host, path: path, headers: map[string]string{}}
	for name, value := range r.Headers {
		k.message.headers[strings.ToLower(name)] = value
	}
	scheme, authority, _ := strings.Cut(r.To, "://")
	if k.message.host == "" {
		k.message.host, _, _ = strings.Cut(authority, "/")
		k.message.host, _, _ = strings.Cut(k.message.host, "?")
	}
	c := &connection{port: port, speaks: scheme}
	first := hop{Hop: Hop{Proxy: Application, Destination: Destination{Host: host, Port: port}, Wire: Wire{Mode: Plaintext}}}
	if scheme == "https" || scheme == "tls" {
		l := layer{wire: Wire{Mode: Own, SNI: host}}
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
		found = k.fromOutside(first, c)
	} else {
		client, err := x.client(r)
		if err != nil {
			return Path{}, err
		}
		first.Workload = client.String()
		k.countOn(client)
		c.ip = x.resolve(client, host)
		if i, ok := x.serviceByIP[c.ip]; ok {
			k.countOnService(x.kubernetesOf[i])
		}
		first.Destination.Address = x.shown(c.ip)
		k.hops = []hop{first}
		proxied := (client.sidecar || client.gateway) && client.captures(c.ip, c.port)
		if i := x.importedAs(strings.ToLower(host)); proxied && i != nil && len(x.byName[i.host]) == 0 {
			found = k.federated(i, client, hop{Hop: Hop{Proxy: proxyKind(client)}}, c.port, c)
		} else if proxied {
			found = k.proxy(client, c)
		} else {
			found = k.arriveAt(c)
		}
	}
	found.Assumed = *k.assumed
	found.NotRead = x.decisive
	if found.Crosses() {
		found.NotRead = slices.Concat(x.decisive, x.options.Peer.decisive)
	}
	found.share()
	return found, nil
}

// Target takes the URL apart. The error is about how the question is asked.
func (r Request) Target() (host string, port int, path string, err error) {
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
	case target.User != nil:
		return "", 0, "", fmt.Errorf("to: leave the user out of the URL: only who serves it matters")
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
	path = cmp.Or(target.EscapedPath(), "/")
	if target.RawQuery != "" {
		path += "?" + target.RawQuery
	}
	return target.Hostname(), port, path, nil
}

// client finds the workload that a request comes from, or makes one up.
func (x *Index) client(r Request) (*workload, error) {
	namespace, name, found := strings.Cut(r.From, "/")
	if !found || namespace == "" || name == "" {
		return nil, fmt.Errorf("from %q: want NAMESPACE/WORKLOAD, or %s", r.From, Outside)
	}
	if r.Labels == nil {
		if w := x.workloadNames[r.From]; w != nil {
			return w, nil
		}
	}
	x.mutex.Lock()
	defer x.mutex.Unlock()
	if r.Labels == nil {
		if w := x.madeUp[r.From]; w != nil {
			return w, nil
		}
	}
	w := &workload{
		namespace: namespace, name: name, labels: r.Labels, account: "default", sidecar: true, assumed: true,
		ip: netip.MustParseAddr("10.2.0.1"),
	}
	if w.labels == nil {
		if name != "*" {
			w.labels = map[string]string{"app": name}
		}
		x.madeUp[r.From] = w
	}
	return w, nil
}

// end ends the way. What would arrive if something let it that is not evaluated is unknown.
func (k *walk) end(code Code, cause Cause, format string, args ...any) Path {
	if code == Arrives {
		for _, h := range k.hops {
			if len(h.NotRead) > 0 {
				code, cause, format = Unknown, DependsOnWhatIsThere, "it arrives, if %s of %s let it pass as it is"
				args = []any{strings.Join(h.NotRead, ", "), strings.TrimSpace(h.Proxy + " " + h.Workload)}
				break
			}
		}
	}
	if code == Arrives && len(k.decisive) > 0 {
		code, cause, format, args = Unknown, DependsOnWhatIsThere, "it arrives, if %s changes nothing in it", []any{strings.Join(k.decisive, ", ")}
	}
	if len(k.unread) > 0 && code != Unknown {
		rest := string(code)
		if why := fmt.Sprintf(format, args...); why != "" {
			rest += ", " + why
		}
		code, cause, format, args = Unknown, NotInTheFiles, "not read: %s; by the rest: %s", []any{strings.Join(k.unread, ", "), rest}
	}
	p := Path{Request: k.request, Outcome: Outcome{code, cause, fmt.Sprintf(format, args...)}, Mesh: k.there, part: 1}
	for i, h := range k.hops {
		if k.border > 0 && i >= k.border {
			h.Mesh = k.there
		}
		for _, d := range h.decided {
			h.DecidedBy = append(h.DecidedBy, d.public())
		}
		p.Hops = append(p.Hops, h.Hop)
	}
	return p
}

// arriveAt goes on at the address that a connection is made to: a workload, or the outside.
func (k *walk) arriveAt(c *connection) Path {
	if len(k.hops) > maxHops {
		return k.end(Loop, TooManyHops, "more than %d hops", maxHops)
	}
	w := k.byIP[c.ip]
	if w != nil {
		k.countOn(w)
	}
	switch {
	case w == nil:
		// A Service's address leads to its pods when no proxy did so before.
		if at, port := k.behind(c.ip, c.port); at.IsValid() {
			next := *c
			next.ip, next.port = at, port
			return k.arriveAt(&next)
		}
		if path, crosses := k.cross(c); crosses {
			return path
		}
		if path, crosses := k.crossOutside(c); crosses {
			return path
		}
		return k.leave(c)
	case w.gateway:
		return k.proxy(w, c)
	case w.sidecar && w.capturesInbound(c.port):
		p := k.proxyOf(w)
		l, by := k.inbound(p, c.port)
		h := hop{Hop: Hop{Proxy: Sidecar}}
		h.by(by...)
		return k.through(p, l, h, c)
	default:
		k.hops = append(k.hops, hop{Hop: Hop{Proxy: Workload, Workload: w.String(), Wire: onWire(c)}})
		if top := c.top(); top != nil && top.wire.Mode == IstioMutual {
			return k.end(TLSFailure, MeshTLSNoSidecar, "%s has no sidecar, and gets the mesh's mutual TLS", w)
		}
		return k.leave(c)
	}
}

// leave is the last step: whether the service there understands what comes.
func (k *walk) leave(c *connection) Path {
	if top := c.top(); c.peer && top != nil && top.wire.Mode == IstioMutual {
		c.layers = c.layers[:len(c.layers)-1] // by the sidecar that its labels say it has
	}
	wire := onWire(c)
	by := "the proxy"
	if wire.Mode == Own {
		by = "the application"
	}
	switch want := k.request.Server; {
	case want == "" && !k.options.Assume:
		return k.end(Arrives, "", "")
	case want == "" && wire.Layers > 1 && !c.peer:
		return k.end(ProtocolError, DoubleTLS, "TLS within TLS: an ordinary service takes one layer off and finds another")
	case want == "" && wire.Mode == IstioMutual && c.external:
		return k.end(TLSFailure, MeshTLSOutside, "the service outside has no certificate of the mesh")
	case want == "" && wire.Layers == 0 && c.external && c.port == 443:
		return k.end(ProtocolError, PlaintextToTLS, "plaintext to port 443, where services take TLS")
	case want == "" && wire.Layers == 0 && c.external && c.declared.tls():
		return k.end(ProtocolError, PlaintextToTLS, "plaintext to a port that is declared to take TLS")
	case want == "" && wire.Layers > 0 && c.external && c.port == 80:
		return k.end(ProtocolError, TLSToPlaintext, "TLS to port 80, where services take plaintext")
	case want == "":
		return k.end(Arrives, "", "")
	case want == Plaintext && wire.Mode == IstioMutual:
		return k.end(ProtocolError, MeshTLSOutside, "TLS to a service that speaks plaintext")
	case want == Plaintext && wire.Layers > 0:
		return k.end(ProtocolError, TLSToPlaintext, "TLS to a service that speaks plaintext")
	case want != Plaintext && wire.Layers == 0:
		return k.end(ProtocolError, PlaintextToTLS, "plaintext to a service that speaks TLS")
	case want != Plaintext && wire.Layers > 1:
		return k.end(ProtocolError, DoubleTLS, "TLS within TLS: the service takes one layer off and finds another")
	case want == Mutual && c.top().verify.Client.Credential == "":
		return k.end(TLSFailure, NoClientCertificate, "the service asks for a client certificate, and %s shows none", by)
	case wire.Mode == IstioMutual:
		return k.end(TLSFailure, MeshTLSOutside, "the service outside has no certificate of the mesh")
	default:
		return k.end(Arrives, "", "")
	}
}

// proxy is the sidecar of a client, or a gateway that a connection came to.
func (k *walk) proxy(w *workload, c *connection) Path {
	p := k.proxyOf(w)
	l := p.listenerFor(c.ip, c.port)
	h := hop{Hop: Hop{Proxy: proxyKind(w)}}
	if !w.gateway && l == nil {
		l = p.rest
	}
	if l == nil {
		return k.end(NoRoute, NoListener, "%s %s listens to nothing on port %d: the connection is refused", h.Proxy, w, c.port)
	}
	return k.through(p, l, h, c)
}

func proxyKind(w *workload) string {
	if w.gateway {
		return Gateway
	}
	return Sidecar
}

// through takes a connection through a listener: chain, TLS, and what the chain does with the bytes.
func (k *walk) through(p *proxy, l *listener, h hop, c *connection) Path {
	h.Workload, h.Listener = p.workload.String(), l.name()
	stop := func(code Code, cause Cause, format string, args ...any) Path {
		k.hops = append(k.hops, h)
		return k.end(code, cause, "%s: listener %s "+format, append([]any{p.workload, l.name()}, args...)...)
	}
	made := l.choose(l.see(c))
	if made == nil && l.bind == "virtualInbound" && c.top() == nil {
		return stop(NoRoute, StrictRefuses, "takes only the mesh's mutual TLS, and %s comes: the connection is reset", describe(c))
	}
	if made == nil {
		return stop(NoRoute, NoFilterChain, "has no filter chain for %s: the connection is reset", describe(c))
	}
	h.by(made.decided...)
	if made.terminates != nil {
		top := c.top()
		if top == nil {
			return stop(ProtocolError, TLSExpected, "expects TLS and gets %s", describe(c))
		}
		h.Terminates = &made.terminates.Termination
		if fault := k.handshake(p, made.terminates, top); fault != nil {
			return stop(TLSFailure, fault.cause, "cannot agree on TLS: %s", fault.text)
		}
		if made.terminates.ClientCA != "" {
			h.peer = peer{identity: top.identity, foreign: top.identity == "" && top.verify.Client.Credential != ""}
		}
		c.layers = c.layers[:len(c.layers)-1]
	}
	h.inbound = h.Proxy == Gateway || l.bind == "virtualInbound"
	for _, o := range k.policiesOf(p, h.inbound) {
		if o.spec == nil || made.table == nil {
			h.NotRead = append(h.NotRead, o.id.String())
		}
	}
	if made.tunnel {
		k.hops = append(k.hops, h)
		return k.end(Unknown, NotFollowed, "%s: listener %s: a tunnel by CONNECT is not followed", p.workload, l.name())
	}
	if made.table != nil {
		return k.http(p, made.table, h, c)
	}
	return k.part(made.routes, func(r weighted) int { return r.weight }, func(k *walk, r weighted) Path {
		h := h
		h.decided = slices.Clone(h.decided)
		return k.send(p, r, h, c.clone(), "")
	})
}

func (c *connection) clone() *connection {
	other := *c
	other.layers = slices.Clone(c.layers)
	return &other
}

// handshake says why the two sides of a TLS cannot agree, as far as their configuration tells.
func (k *walk) handshake(p *proxy, server *serverTLS, client *layer) *fault {
	for _, c := range server.needed {
		if fault := k.serves(p.workload, c, k.assume); fault != nil {
			return fault
		}
	}
	switch trusts := client.verify.Server.CA; {
	case trusts == "mesh" && !server.mesh:
		return &fault{UntrustedServer, "the client verifies against the mesh's CA, and the server's certificate is " + server.Credential}
	case trusts != "mesh" && trusts != "" && server.mesh:
		return &fault{UntrustedServer, "the client verifies against " + trusts + ", and the server's certificate is the mesh's"}
	}
	if names := client.verify.Server.Names; server.mesh && len(names) > 0 && !answersTo(names, server.Identity) {
		return &fault{WrongName, fmt.Sprintf("the client expects %s, and the server is %s", strings.Join(names, " or "), server.Identity)}
	}
	if !server.Required {
		return nil
	}
	switch shown := client.verify.Client.Credential; {
	case shown == "":
		return &fault{ClientCertificate, "a client certificate is asked for, and none is shown"}
	case server.ClientCA == "mesh" && shown != "mesh":
		return &fault{UntrustedClient, "a client certificate of the mesh is asked for, and " + shown + " is shown"}
	case server.ClientCA != "mesh" && shown == "mesh":
		return &fault{UntrustedClient, "a client certificate by " + server.ClientCA + " is asked for, and the mesh's is shown"}
	case client.identity != "" && len(server.ClientNames) > 0 && !answersTo(server.ClientNames, client.identity):
		return &fault{ClientNotAdmitted, fmt.Sprintf("the server admits %s, and the client is %s", strings.Join(server.ClientNames, " or "), client.identity)}
	}
	return nil
}

// answersTo tells whether a name is one of those given; one that ends in a star stands for all that begin so.
func answersTo(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		prefix, open := strings.CutSuffix(n, "*")
		return n == name || open && strings.HasPrefix(name, prefix)
	})
}

// http routes a request by a table.
func (k *walk) http(p *proxy, t *table, h hop, c *connection) Path {
	refuse := func(code Code, cause Cause, format string, args ...any) Path {
		k.hops = append(k.hops, h)
		return k.end(code, cause, "%s: "+format, append([]any{p.workload}, args...)...)
	}
	if len(c.layers) > 0 {
		return refuse(ProtocolError, HTTPExpected, "listener %s expects HTTP and gets %s", h.Listener, describe(c))
	}
	if c.speaks == "tcp" {
		return refuse(ProtocolError, BytesExpectedHTTP, "listener %s expects HTTP and gets other bytes", h.Listener)
	}
	k.message = k.message.at(h.Terminates != nil)
	m := k.message
	v := t.at(m.host)
	if v != nil {
		h.Route = v.name
		h.by(v.decided...)
	}
	if h.inbound {
		if why := k.authorize(p, &h, c.port); why != "" {
			return refuse(Denied, PolicyRefuses, "%s: 403", why)
		}
	}
	if v == nil {
		return refuse(NoRoute, NoVirtualHost, "no virtual host for %s: 404", m.host)
	}
	if v.redirect && m.scheme != "https" {
		return refuse(Response, Redirected, "redirected (MOVED_PERMANENTLY) to https://%s%s", m.host, m.path)
	}
	var r *route
	for _, one := range v.routes {
		fits, err := m.fits(one.match)
		if err != nil {
			return refuse(Unknown, NotFollowed, "%s: %v", one.from.source.id, err)
		}
		if fits {
			r = one
			break
		}
	}
	if r == nil {
		return refuse(NoRoute, NoRouteFits, "virtual host %s has no route for %s %s: 404", v.name, m.method, m.path)
	}
	switch {
	case r.code != "" && k.hidden(p):
		return refuse(Unknown, NotInTheFiles, "the files do not hold the Service %s", k.host)
	case r.code == Blackhole:
		h.by(p.scope.decided)
		return refuse(Blackhole, Unregistered, "the registry does not know %s: 502", m.host)
	case r.code == Passthrough:
		to := weighted{raw: passthrough, weight: 1, decided: p.scope.decided}
		if d := p.scope.proxy; d != nil {
			to = weighted{host: d.Host, port: int(d.GetPort().GetNumber()), subset: d.Subset, weight: 1, decided: p.scope.decided}
		}
		h.Destination.Authority = m.host
		return k.send(p, to, h, c, m.host)
	}
	if r.rule != nil {
		field := r.rule.field
		if r.match != nil && r.rule.source == r.from.source {
			field = fieldAt(field, -1, "match", r.at)
		}
		if r.rule.under != "" {
			h.by(r.from.source.decision(r.rule.under))
		}
		h.by(r.rule.source.decision(field))
		if answer := h.inject(r.rule.Fault, r.rule.source); answer != "" {
			return refuse(Response, Answered, "answered with %s, a fault of %s", answer, r.rule.source.id)
		}
		if r.rule.CorsPolicy != nil && m.method == "OPTIONS" { // a preflight is answered by the filter
			h.NotRead = append(h.NotRead, "corsPolicy of "+r.rule.source.id.String())
		}
		if d := r.rule.Redirect; d != nil {
			return refuse(Response, Redirected, "redirected (%s) to %s", codes[d.RedirectCode], m.redirected(r, d))
		}
		if d := r.rule.DirectResponse; d != nil {
			return refuse(Response, Answered, "answered with %d", d.Status)
		}
		h.Mirrors = r.mirrors(k.Index)
	}
	ways, err := m.ways(k.Index, r)
	if err != nil {
		return refuse(Unknown, NotFollowed, "%v", err)
	}
	return k.part2(ways, func(k *walk, w way) Path {
		k.before = m.host
		k.message = w.message
		h := h
		h.decided = slices.Clone(h.decided)
		h.Destination.Authority = w.message.host
		return k.send(p, w.to, h, c.clone(), w.message.host)
	})
}

// mirrors are the clusters that get a copy of what goes by a route.
func (r *route) mirrors(x *Index) []string {
	var all []string
	h := r.rule.HTTPRoute
	add := func(d *networking.Destination) {
		to := r.destination(x, d)
		all = append(all, clusterName(to.host, to.port, to.subset))
	}
	percent := h.MirrorPercentage == nil || h.MirrorPercentage.Value > 0
	//lint:ignore SA1019 it still counts
	if old := h.MirrorPercent; h.MirrorPercentage == nil && old != nil {
		percent = old.Value > 0
	}
	if h.Mirror != nil && percent {
		add(h.Mirror)
	}
	for _, m := range h.Mirrors {
		if m.Destination != nil && (m.Percentage == nil || m.Percentage.Value > 0) {
			add(m.Destination)
		}
	}
	return all
}

func (k *walk) part(routes []weighted, weight func(weighted) int, each func(*walk, weighted) Path) Path {
	ways := make([]way, len(routes))
	for i, r := range routes {
		ways[i] = way{to: r, weight: weight(r)}
	}
	return k.part2(ways, func(k *walk, w way) Path { return each(k, w.to) })
}

// part2 goes each way by itself and makes one path of them, the most used first.
func (k *walk) part2(ways []way, each func(*walk, way) Path) Path {
	if len(ways) == 1 {
		return each(k, ways[0])
	}
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
		path := each(&next, w)
		others := path.Else
		path.Else = nil
		for _, leaf := range append([]Path{path}, others...) {
			leaf.part *= float64(w.weight) / float64(max(total, 1))
			leaves = append(leaves, leaf)
		}
	}
	if len(leaves) == 0 {
		return k.end(NoRoute, ZeroWeights, "the route leads nowhere: every weight is 0")
	}
	slices.SortStableFunc(leaves, func(a, b Path) int { return cmp.Compare(b.part, a.part) })
	first := leaves[0]
	first.Else = leaves[1:]
	return first
}

// send sends a connection on to a cluster. authority is the Host header, where it was routed as HTTP.
func (k *walk) send(p *proxy, to weighted, h hop, c *connection, authority string) Path {
	stop := func(code Code, cause Cause, format string, args ...any) Path {
		k.hops = append(k.hops, h)
		return k.end(code, cause, "%s: "+format, append([]any{p.workload}, args...)...)
	}
	h.by(to.decided)
	if (to.raw == blackHole || to.raw == passthrough) && k.hidden(p) {
		return stop(Unknown, NotInTheFiles, "the files do not hold the Service %s", k.host)
	}
	switch to.raw {
	case inboundCluster:
		h.Cluster = "inbound|" + itoa(c.port) + "||"
		h.Wire = onWire(c)
		if top := c.top(); top != nil {
			h.Verify = top.verify
		}
		h.Destination.Port = c.port
		k.hops = append(k.hops, h, hop{Hop: Hop{Proxy: Workload, Workload: p.workload.String(), Wire: onWire(c)}})
		return k.leave(c)
	case blackHole:
		h.Cluster = blackHole
		return stop(Blackhole, Unregistered, "nothing that is registered takes %s to %s", describe(c), joinHost(k.host, c.port))
	case passthrough:
		if k.options.Assume && p.scope.decided == nil && !k.mesh.held {
			k.assume("outbound policy ALLOW_ANY, the default")
		}
		h.Cluster = passthrough
		h.Destination = Destination{Address: k.shown(c.ip), Port: c.port}
		h.Wire = onWire(c)
		return stop(Passthrough, Unregistered, "nothing that is registered takes %s to %s: forwarded as it came", describe(c), joinHost(k.host, c.port))
	}
	if i := k.importedAs(to.host); i != nil && !to.here {
		return k.shared(p, i, to, h, c, authority)
	}
	h.Cluster = clusterName(to.host, to.port, to.subset)
	cl, missing := k.cluster(p, to.host, to.port, to.subset)
	if cl == nil {
		if k.options.Assume && k.couldBe(to.host) {
			return stop(Unknown, NotInTheFiles, "the files do not hold the Service %s", to.host)
		}
		// Subsets of a gateway of the installation belong to what leads there; those of a service, to its own manifests.
		if s := p.scope.byHost[to.host]; missing.cause == UnknownSubset && s.assumed && s.selector["istio"] == "" && !k.ruledBy(to.host) {
			return stop(Unknown, NotInTheFiles, "the files hold neither the Service %s nor a DestinationRule for it", to.host)
		}
		return stop(NoCluster, missing.cause, "%s: 503", missing.text)
	}
	k.countOnService(cl.service)
	h.Destination.Host, h.Destination.Subset = cl.service.host, cl.subset
	h.by(cl.service.source.decision(portField(cl)))
	dnat := to.raw != "" // by SNI: the TLS stays, and only endpoints that take it are there
	if dnat {
		h.Cluster, h.Destination.Host, h.Destination.Subset = to.raw, "", ""
	} else if cl.rule != nil {
		h.by(k.ruleDecision(cl))
	}
	if cl.policy.proxy {
		h.NotRead = append(h.NotRead, "proxyProtocol of "+cl.rule.source.id.String())
	}
	switch cl.kind {
	case perRequest:
		return stop(Unknown, NotFollowed, "%s: resolution DYNAMIC_DNS is not followed", cl.service.host)
	case asDialled:
		t := target{ip: c.ip, port: c.port}
		if exit := cl.service.exits[cl.port.number]; exit != 0 {
			t.port = exit
		}
		return k.dial(p, cl, t, h, c, authority, dnat)
	}
	if cl.service.kubernetes && cl.service.exportTo.none {
		return stop(Unknown, ByChance, "%s is exported to nobody: whether istiod knows its endpoints depends on the order of events", cl.service.host)
	}
	targets := k.targets(p, cl)
	if dnat {
		targets = slices.DeleteFunc(targets, func(t target) bool { return !t.mutual })
	}
	if len(targets) == 0 {
		if k.options.Assume && len(cl.service.selector) > 0 && len(k.endpoints[cl.service.key()]) == 0 && !k.selectsEntry(cl.service) {
			// Pods are often elsewhere, and machines of a WorkloadGroup register themselves.
			return stop(Unknown, NotInTheFiles, "the files hold nobody whom %s selects", cl.service.host)
		}
		if cl.service.assumed && len(cl.labels) > 0 {
			return stop(Unknown, NotInTheFiles, "the files do not hold the pods of subset %s of the Service %s", cl.subset, cl.service.host)
		}
		return stop(NoEndpoints, NobodyBehind, "%s has no endpoint: 503", h.Cluster)
	}
	ways := make([]way, len(targets))
	for i, t := range targets {
		ways[i] = way{weight: t.weight, to: weighted{port: i}}
	}
	return k.part2(ways, func(k *walk, w way) Path {
		h := h
		h.decided = slices.Clone(h.decided)
		return k.dial(p, cl, targets[w.to.port], h, c.clone(), authority, dnat)
	})
}

// selectsEntry tells whether a service selects a machine that the files hold, be it one that its resolution cannot use.
func (x *Index) selectsEntry(s *service) bool {
	return slices.ContainsFunc(x.entries, func(e workloadEntry) bool { return e.namespace == s.namespace && subset(s.selector, e.labels) })
}

// ruledBy tells whether a DestinationRule of the files is meant for a host, however it is spelt.
func (x *Index) ruledBy(host string) bool {
	label, _, _ := strings.Cut(host, ".")
	return x.ruled[label] || x.ruled["*"]
}

// portField is the field of a service's port.
func portField(c *cluster) string {
	i := slices.IndexFunc(c.service.ports, func(p port) bool { return p.number == c.port.number })
	return itemField("spec.ports", i)
}

// ruleDecision is what a rule says of a cluster's TLS, or else the rule.
func (x *Index) ruleDecision(c *cluster) *decision {
	if c.policy.tls != nil {
		return c.policy.tlsFrom
	}
	if s, ok := c.rule.subset(c.subset); ok && c.subset != "" {
		return s.source.decision(s.field)
	}
	return c.rule.source.decision("spec")
}

// dial makes the connection to a target.
func (k *walk) dial(p *proxy, cl *cluster, t target, h hop, c *connection, authority string, dnat bool) Path {
	next := &connection{
		ip: t.ip, port: t.port, speaks: c.speaks, layers: c.layers, peer: t.peer,
		external: cl.service.external, declared: cl.port.protocol,
	}
	h.Destination.Port = t.port
	h.Destination.Address = t.name
	if t.ip.IsValid() {
		h.Destination.Address = k.shown(t.ip)
	}
	if !dnat {
		made, fault := k.originate(p, cl, t, authority, k.before, k.assume)
		if made != nil {
			for _, c := range []string{made.verify.Client.Credential, made.verify.Server.CA} {
				if k.options.Assume && strings.HasPrefix(c, "file ") {
					k.assume(c + " in the proxy of " + p.workload.String())
				}
			}
			next.layers = append(slices.Clone(c.layers), *made)
			if fault != nil {
				h.Wire, h.Verify = onWire(next), made.verify
				k.hops = append(k.hops, h)
				return k.end(TLSFailure, fault.cause, "%s: cluster %s: %s", p.workload, h.Cluster, fault.text)
			}
		}
	}
	h.Wire = onWire(next)
	if top := next.top(); top != nil {
		h.Verify = top.verify
	}
	k.hops = append(k.hops, h)
	if !next.ip.IsValid() {
		next.ip = k.resolve(nil, t.name)
	}
	return k.arriveAt(next)
}
