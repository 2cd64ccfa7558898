package traffic

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// Outside, as [Request.From], is a client that is in no mesh and comes in by way of a Route or the ingress gateway.
const Outside = "outside"

// A Request is one call to follow.
type Request struct {
	// From is the client workload as NAMESPACE/NAME, or [Outside]. A workload that the bundle does not hold is taken to
	// have the label app=NAME, the ServiceAccount default and a sidecar; NAMESPACE/* is one without labels.
	From string `json:"from"`
	// Labels are those of a client that the bundle does not hold, instead of app=NAME.
	Labels map[string]string `json:"labels,omitempty"`
	// To is a URL. Its scheme is what the application sends: http, h2c (HTTP/2 without TLS, and gRPC), https (the
	// application's own TLS), tcp (bytes that are none of these), or tls (the same in the application's own TLS).
	To string `json:"to"`
	// Host is the Host header, when it is not the URL's.
	Host    string            `json:"host,omitempty"`
	Method  string            `json:"method,omitempty"` // default GET
	Headers map[string]string `json:"headers,omitempty"`
	// SNI is what the application's own TLS sends when it is not the URL's host; "-" sends none.
	SNI string `json:"sni,omitempty"`
	// Credential names the client certificate that the application's own TLS shows; "" shows none.
	Credential string `json:"credential,omitempty"`
	// Server is what the service at the end speaks: "plaintext", "simple" (TLS) or "mutual" (TLS, and it asks for a
	// certificate). When it is empty, arriving there is enough.
	Server string `json:"server,omitempty"`
	// Guess says that nothing in the files tells that the application sends this: it is what the port is declared to take.
	Guess bool `json:"guess,omitempty"`
}

// A Path is where a request goes.
type Path struct {
	Request Request `json:"request"`
	Hops    []Hop   `json:"hops"`
	Outcome Outcome `json:"outcome"`
	// Mesh is the other mesh, as this one calls it, where the path ends there.
	Mesh string `json:"mesh,omitempty"`
	// Share is the percentage of such requests that go this way, and Else the ways of the others, which have no others
	// themselves. The shares add up to 100.
	Share int    `json:"share"`
	Else  []Path `json:"else,omitempty"`
	// Assumed says, a sentence each, what the path counts on and the files do not hold.
	Assumed []string `json:"assumed,omitempty"`
	// NotRead names objects that decide where requests go and that the model does not follow. What would arrive where
	// there are any has the outcome unknown.
	NotRead []string `json:"notRead,omitempty"`

	part float64 // Share, before it is rounded
}

// Ways lists the path itself, without its others, and the others.
func (p Path) Ways() []Path {
	first := p
	first.Else = nil
	return append([]Path{first}, p.Else...)
}

// Arrives tells whether all of the request's ways arrive.
func (p Path) Arrives() bool {
	return !slices.ContainsFunc(p.Ways(), func(way Path) bool { return way.Outcome.Code != Arrives })
}

// Crosses tells whether any of the request's ways goes on in another mesh.
func (p Path) Crosses() bool {
	return slices.ContainsFunc(p.Ways(), func(way Path) bool {
		return way.Mesh != ""
	})
}

// share rounds the shares so that they add up to 100: what is left over goes to those that lost most.
func (p *Path) share() {
	ways := []*Path{p}
	for i := range p.Else {
		ways = append(ways, &p.Else[i])
	}
	left := 100
	for _, way := range ways {
		way.Share = int(way.part * 100)
		left -= way.Share
	}
	slices.SortStableFunc(ways, func(a, b *Path) int {
		return cmp.Compare(b.part*100-float64(b.Share), a.part*100-float64(a.Share))
	})
	for i := range left {
		ways[i%len(ways)].Share++
	}
}

// The kinds of [Hop.Proxy].
const (
	Application = "application" // the client itself
	Sidecar     = "sidecar"
	Gateway     = "gateway"
	Router      = "router"   // OpenShift's
	Workload    = "workload" // the application that is called
)

// A Hop is what one proxy (or the application itself) does with a request: what it chose, and what it sends.
type Hop struct {
	Proxy string `json:"proxy"`
	// Mesh is the other mesh, as this one calls it, where the hop is there.
	Mesh string `json:"mesh,omitempty"`
	// Workload is the NAMESPACE/NAME of the pod that does it.
	Workload string `json:"workload,omitempty"`

	Listener    string      `json:"listener,omitempty"` // ADDRESS_PORT, as Envoy names it
	Route       string      `json:"route,omitempty"`    // the virtual host
	Cluster     string      `json:"cluster,omitempty"`  // outbound|PORT|SUBSET|HOST, as Envoy names it
	Destination Destination `json:"destination"`
	Wire        Wire        `json:"wire"`
	Verify      Verify      `json:"verify"`
	// Terminates is the TLS that the proxy took off what came to it, if it did.
	Terminates *Termination `json:"terminates,omitempty"`
	// NotRead names what may refuse or change the request at this hop and is not evaluated. The rest of the path holds
	// if it lets the request pass as it is; what would arrive then has the outcome unknown.
	NotRead []string `json:"notRead,omitempty"`
	// Delay is how long the proxy holds the request back, where a fault of a route says so, and for how many: "7s for 10 %".
	Delay string `json:"delay,omitempty"`
	// Mirrors are the clusters that get a copy of the request.
	Mirrors []string `json:"mirrors,omitempty"`
	// DecidedBy lists the objects and fields that made the hop what it is, in the order in which they had their say.
	DecidedBy []Decision `json:"decidedBy,omitempty"`
}

// IngressCluster is what the sidecar of Contrast calls the application beside it.
const IngressCluster = "IngressCluster"

// InboundTarget is where the sidecar of Tyk's mesh calls the application beside it.
const InboundTarget = "http://localhost:6767"

// Inward tells whether the hop is a sidecar's to the application beside it.
func (h Hop) Inward() bool {
	return strings.HasPrefix(h.Cluster, "inbound|") || h.Cluster == IngressCluster || h.Cluster == InboundTarget
}

// A Decision is a field of an object that had a say in a hop.
type Decision struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	Field     string `json:"field,omitempty"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
}

// String names the object: "VirtualService shop/to-egress".
func (d Decision) String() string {
	return bundle.ID{Kind: d.Kind, Namespace: d.Namespace, Name: d.Name}.String()
}

// A Termination is the server's side of a TLS.
type Termination struct {
	Credential string `json:"credential"`         // what it shows: as Verify.Client.Credential
	ClientCA   string `json:"clientCA,omitempty"` // who must have signed a client's certificate: as Verify.Server.CA
	// Required says that a client without a certificate is refused.
	Required bool `json:"required,omitempty"`
	// ClientNames are those of which the client's certificate must have one; none means that any name will do.
	ClientNames []string `json:"clientNames,omitempty"`
	// ServerNames are the SNIs for which it is chosen; none means any, and none at all.
	ServerNames []string `json:"serverNames,omitempty"`
	// Identity is the SPIFFE name in the certificate of the mesh, where that is shown.
	Identity string `json:"identity,omitempty"`
}

// A Destination is where a hop sends to.
type Destination struct {
	Host   string `json:"host,omitempty"` // the service, as the proxy knows it
	Port   int    `json:"port,omitempty"` // the port that is dialled: after targetPort
	Subset string `json:"subset,omitempty"`
	// Address is the IP address, or the name that the proxy resolves; "" where it is a pod.
	Address string `json:"address,omitempty"`
	// Authority is the Host header that is sent on, for HTTP.
	Authority string `json:"authority,omitempty"`
}

// String is the destination for people: "greeting.remote.com:443".
func (d Destination) String() string {
	host := cmp.Or(d.Host, d.Address)
	if d.Port == 0 || host == "" {
		return host
	}
	return joinHost(host, d.Port)
}

// What is on the wire of a hop: [Wire.Mode].
const (
	Plaintext   = "plaintext"
	Simple      = "simple"       // TLS
	Mutual      = "mutual"       // TLS with a client certificate
	IstioMutual = "istio-mutual" // TLS with the mesh's own certificates on both sides
	Own         = "application"  // the application's own TLS, and nothing around it
)

// A Wire is what is on the wire of a hop; without a mode, the hop sends nothing.
type Wire struct {
	Layers int      `json:"layers"` // of TLS; 2 is TLS within TLS
	Mode   string   `json:"mode"`   // of the outermost layer
	SNI    string   `json:"sni,omitempty"`
	ALPN   []string `json:"alpn,omitempty"`
}

// Verify is who verifies whom on a hop's outermost TLS.
type Verify struct {
	Server struct {
		// CA is who must have signed the server's certificate: "mesh", "system" (the proxy image's bundle), "secret
		// NAMESPACE/NAME", "configmap NAMESPACE/NAME", "file PATH", or "" when nothing is verified.
		CA string `json:"ca,omitempty"`
		// Names are those of which the certificate must have one; none means that any name will do.
		Names []string `json:"names,omitempty"`
	} `json:"server"`
	Client struct {
		// Credential is what is shown: "mesh", "secret NAMESPACE/NAME", "file PATH", or "".
		Credential string `json:"credential,omitempty"`
	} `json:"client"`
}

// A Code says how a path ends.
type Code string

// The ways to end.
const (
	Arrives       Code = "arrives"
	Blackhole     Code = "blackhole"      // refused: nothing in the registry, and the policy is REGISTRY_ONLY
	Passthrough   Code = "passthrough"    // forwarded as it came: nothing in the registry, and the policy is ALLOW_ANY
	NoRoute       Code = "no-route"       // no virtual host or route matches: 404; or no filter chain: reset
	NoCluster     Code = "no-cluster"     // the route leads to a service, port or subset that the proxy does not know: 503
	NoEndpoints   Code = "no-endpoints"   // the service has no endpoint: 503
	TLSFailure    Code = "tls-failure"    // the two sides of a TLS cannot agree, or a credential is missing
	ProtocolError Code = "protocol-error" // bytes of the wrong kind: TLS into HTTP, HTTP into TLS, TLS within TLS
	Loop          Code = "loop"
	Denied        Code = "denied"   // an AuthorizationPolicy refuses it: 403
	Response      Code = "response" // a proxy answers itself: a redirect or a direct response
	Unknown       Code = "unknown"  // what the files, or the model, cannot tell: the reason says what
)

// An Outcome is how a path ends, and why in one line.
type Outcome struct {
	Code Code `json:"code"`
	// Cause says what it is about the last hop, where the request does not arrive.
	Cause  Cause  `json:"cause,omitempty"`
	Reason string `json:"reason,omitempty"`
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

// describe names what comes in a connection.
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

func joinHost(host string, port int) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("%s:%d", host, port)
}
