package judge

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Outside, as Request.From, is a client that is in no mesh and comes in by way of a Route or the ingress gateway.
const Outside = "outside"

// A Request is one call to follow.
type Request struct {
	// From is the client workload as NAMESPACE/NAME, or [Outside]. A workload that the bundle does not hold is taken
	// to have the label app=NAME, the ServiceAccount default and a sidecar.
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
}

// A Path is where a request goes.
type Path struct {
	Request Request `json:"request"`
	Hops    []Hop   `json:"hops"`
	Outcome Outcome `json:"outcome"`
	// Share is the percentage of such requests that go this way, and Else the ways of the others, which have no others
	// themselves. The shares add up to 100.
	Share int    `json:"share"`
	Else  []Path `json:"else,omitempty"`
	// NotRead names what the bundle holds and the judge does not follow. Where that surely has a say in where requests
	// go, what would arrive has the outcome unknown.
	NotRead []string `json:"notRead,omitempty"`

	part float64 // Share, before it is rounded
}

// share rounds the shares so that they add up to 100.
func (p *Path) share() {
	all := []*Path{p}
	for i := range p.Else {
		all = append(all, &p.Else[i])
	}
	left := 100
	for _, way := range all {
		way.Share = int(way.part * 100)
		left -= way.Share
	}
	slices.SortStableFunc(all, func(a, b *Path) int {
		return cmp.Compare(b.part*100-float64(b.Share), a.part*100-float64(a.Share))
	})
	for i := range left {
		all[i%len(all)].Share++
	}
}

// A Hop is what one proxy (or the application itself) does with a request: what it chose, and what it sends.
type Hop struct {
	// Proxy is "application", "sidecar", "gateway", "router" or "workload" (the application that is called).
	Proxy string `json:"proxy"`
	// Workload is the NAMESPACE/NAME of the pod that does it.
	Workload string `json:"workload,omitempty"`

	Listener    string `json:"listener,omitempty"`
	FilterChain string `json:"filterChain,omitempty"`
	Route       string `json:"route,omitempty"`
	Cluster     string `json:"cluster,omitempty"`

	Destination Destination `json:"destination"`
	Wire        Wire        `json:"wire"`
	Verify      Verify      `json:"verify"`

	// Terminates is the TLS that the proxy took off what came to it, if it did.
	Terminates *Termination `json:"terminates,omitempty"`

	// NotRead names filters and route settings that may refuse or change the request and that the judge does not
	// evaluate: "envoy.filters.http.ext_authz" and the like. The rest of the path holds if they let
	// it pass as it is; what would arrive then has the outcome unknown.
	NotRead []string `json:"notRead,omitempty"`

	// Delay is how long a fault of the route holds the request back, and for how many it does: "7s for 10 %".
	Delay string `json:"delay,omitempty"`

	// Mirrors are the clusters that get a copy of the request.
	Mirrors []string `json:"mirrors,omitempty"`

	// DecidedBy lists the objects that Envoy's configuration names as its origin: "VirtualService shop/to-egress".
	DecidedBy []string `json:"decidedBy,omitempty"`
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
	// Address is the IP address, or the name that the proxy resolves.
	Address string `json:"address,omitempty"`
	// Authority is the Host header that is sent on, for HTTP.
	Authority string `json:"authority,omitempty"`
}

// What is on the wire of a hop.
const (
	Plaintext   = "plaintext"
	Simple      = "simple"       // TLS
	Mutual      = "mutual"       // TLS with a client certificate
	IstioMutual = "istio-mutual" // TLS with the mesh's own certificates on both sides
	Application = "application"  // the application's own TLS, and nothing around it
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
	NoCluster     Code = "no-cluster"     // the route leads to a cluster that the proxy does not have: 503
	NoEndpoints   Code = "no-endpoints"   // the cluster has no endpoint: 503
	TLSFailure    Code = "tls-failure"    // the two sides of a TLS cannot agree, or a credential is missing
	ProtocolError Code = "protocol-error" // bytes of the wrong kind: TLS into HTTP, HTTP into TLS, TLS within TLS
	Loop          Code = "loop"
	Response      Code = "response" // a proxy answers itself: a redirect, a direct response or a fault
	Denied        Code = "denied"   // an AuthorizationPolicy refuses it: 403
	Unknown       Code = "unknown"
)

// An Outcome is how a path ends, and why in one line.
type Outcome struct {
	Code   Code   `json:"code"`
	Reason string `json:"reason,omitempty"`
}

// Arrives tells whether all of the request's ways arrive.
func (p Path) Arrives() bool {
	all := p.Outcome.Code == Arrives
	for _, way := range p.Else {
		all = all && way.Outcome.Code == Arrives
	}
	return all
}

// WriteText writes the path for people.
func (p Path) WriteText(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "from %s   to %s   on Istio 1.%d\n", p.Request.From, p.Request.To, Minor)
	for _, way := range append([]Path{p}, p.Else...) {
		if way.Share != 100 {
			fmt.Fprintf(&text, "%d %% of them:\n", way.Share)
		}
		for i, h := range way.Hops {
			fmt.Fprintf(&text, " %d  %s %s", i+1, h.Proxy, h.Workload)
			if to := h.Destination.String(); to != "" {
				fmt.Fprintf(&text, " -> %s", to)
			}
			text.WriteString("\n")
			if h.Wire.Mode != "" {
				fmt.Fprintf(&text, "    %s\n", h.Wire.text(h.Verify))
			}
			if len(h.DecidedBy) > 0 {
				fmt.Fprintf(&text, "    decided by %s\n", strings.Join(h.DecidedBy, ", "))
			}
			if len(h.NotRead) > 0 {
				fmt.Fprintf(&text, "    not evaluated: %s\n", strings.Join(h.NotRead, ", "))
			}
			if h.Delay != "" {
				fmt.Fprintf(&text, "    waits %s\n", h.Delay)
			}
			if len(h.Mirrors) > 0 {
				fmt.Fprintf(&text, "    a copy to %s\n", strings.Join(h.Mirrors, ", "))
			}
		}
		fmt.Fprintf(&text, " %s", way.Outcome.Code)
		if way.Outcome.Reason != "" {
			fmt.Fprintf(&text, ": %s", way.Outcome.Reason)
		}
		text.WriteString("\n")
	}
	if len(p.NotRead) > 0 {
		fmt.Fprintf(&text, " not read: %s\n", strings.Join(p.NotRead, ", "))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// String is the destination for people: "greeting.remote.com:443".
func (d Destination) String() string {
	host := d.Host
	if host == "" {
		host = d.Address
	}
	if d.Port == 0 {
		return host
	}
	return fmt.Sprintf("%s:%d", host, d.Port)
}

func (w Wire) text(v Verify) string {
	if w.Layers == 0 {
		return Plaintext
	}
	text := fmt.Sprintf("TLS %s, %d layer", w.Mode, w.Layers)
	if w.Layers > 1 {
		text += "s"
	}
	if w.SNI != "" {
		text += ", sni " + w.SNI
	} else {
		text += ", no sni"
	}
	if w.Mode == Application {
		return text
	}
	switch {
	case v.Server.CA == "":
		text += ", server not verified"
	case len(v.Server.Names) == 0:
		text += ", server verified against " + v.Server.CA + " by any name"
	default:
		text += ", server verified against " + v.Server.CA + " as " + strings.Join(v.Server.Names, " or ")
	}
	if v.Client.Credential != "" {
		text += ", shows " + v.Client.Credential
	}
	return text
}
