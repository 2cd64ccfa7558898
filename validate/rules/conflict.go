package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A conflict is two servers of a gateway's pod that cannot both be there.
type conflict struct {
	pod        traffic.Pod
	left, kept placed
	host       string // that both have, where it is this that they cannot
}

type conflictsKey struct{}

// conflicts are the servers that istiod leaves out, each with the one that stays.
func conflicts(p *validate.Pass) []conflict {
	return validate.Once(p, conflictsKey{}, func() []conflict {
		var all []conflict
		for _, pod := range gatewayPods(p) {
			servers := serversOf(p, pod)
			for i, s := range servers {
				if !s.dropped || slices.ContainsFunc(all, func(c conflict) bool { return c.left.same(s) }) {
					continue
				}
				c := conflict{pod: pod, left: s}
				for _, other := range servers[:i] {
					if other.listens != s.listens || other.Bind != s.Bind || other.dropped {
						continue
					}
					if c.kept.Server == nil {
						c.kept = other
					}
					if shared := s.shares(other); s.Tls != nil && other.Tls != nil && shared != "" && c.host == "" {
						c.kept, c.host = other, shared
					}
				}
				if c.kept.Server != nil {
					all = append(all, c)
				}
			}
		}
		return all
	})
}

func (s placed) same(other placed) bool { return s.of.ID == other.of.ID && s.field == other.field }

// shares is a host that two servers have in the same words, or "".
func (s placed) shares(other placed) string {
	resolved := func(s placed, host string) string {
		in, name, found := strings.Cut(host, "/")
		if !found || in == "*" {
			return strings.TrimPrefix(host, "*/")
		}
		if in == "." {
			in = s.of.ID.Namespace
		}
		return in + "/" + name
	}
	for _, h := range s.Hosts {
		if slices.ContainsFunc(other.Hosts, func(o string) bool { return resolved(s, h) == resolved(other, o) }) {
			return h
		}
	}
	return ""
}

// breaks tells whether a way does not arrive because the server that it is meant for is left out.
func (c conflict) breaks(path *traffic.Path) bool {
	if !slices.Contains(conflictCauses, path.Outcome.Cause) {
		return false
	}
	last := &path.Hops[len(path.Hops)-1]
	if last.Workload != podName(c.pod) || !strings.HasSuffix(last.Listener, fmt.Sprintf("_%d", c.left.listens)) {
		return false
	}
	sender, _ := (&validate.Break{Path: path}).Sender()
	host := sender.Wire.SNI
	if sender.Wire.Layers == 0 || strings.HasPrefix(host, "outbound_.") {
		host = bareHost(sender.Destination.Authority)
		if host == "" {
			host = path.Hops[0].Destination.Host
		}
	}
	return c.left.takes(host)
}

// conflictCauses are those of what comes to a listener that is made for another server.
var conflictCauses = []traffic.Cause{
	traffic.HTTPExpected, traffic.TLSExpected, traffic.NoFilterChain, traffic.NoVirtualHost, traffic.NoRouteFits, traffic.BytesExpectedHTTP,
}

// brokenBy is the conflict by which a way does not arrive.
func brokenBy(p *validate.Pass, path *traffic.Path, byHost bool) (conflict, bool) {
	for _, c := range conflicts(p) {
		if (c.host != "") == byHost && c.breaks(path) {
			return c, true
		}
	}
	return conflict{}, false
}

// kind is a server in two words: its protocol, and what it does with TLS.
func (s placed) kind() string {
	protocol := strings.ToUpper(s.GetPort().GetProtocol())
	if s.Tls == nil || s.Tls.HttpsRedirect && plainHTTP[protocol] {
		return protocol
	}
	return protocol + " " + s.Tls.Mode.String()
}

// alone tells whether a VirtualService is at the server that is left out and not at the one that stays.
func (c conflict) alone(p *validate.Pass) (routesOf, bool) {
	for _, r := range boundTo(p, c.left.of.ID.Namespace+"/"+c.left.of.ID.Name) {
		at := func(s placed) bool {
			return slices.ContainsFunc(r.Spec.Gateways, func(g string) bool { return names(g, r.ID.Namespace, s.of) }) &&
				slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return s.meets(fullName(h, r.ID.Namespace), r.ID.Namespace) })
		}
		if at(c.left) && !at(c.kept) {
			return r, true
		}
	}
	return routesOf{}, false
}

// meets tells whether a server and a VirtualService's host have a name in common, for VirtualServices of a namespace.
func (s placed) meets(host, namespace string) bool {
	return slices.ContainsFunc(s.Hosts, func(h string) bool {
		in, name, found := strings.Cut(h, "/")
		if !found {
			in, name = "*", h
		}
		if in == "." {
			in = s.of.ID.Namespace
		}
		return (in == "*" || in == namespace) && (name == "*" || host == "*" || covers(name, host) || covers(host, name))
	})
}

// unlike tells whether two servers show different certificates, or ask different things of clients.
func unlike(a, b *networking.ServerTLSSettings) bool {
	return a.GetMode() != b.GetMode() || a.GetCredentialName() != b.GetCredentialName() || a.GetServerCertificate() != b.GetServerCertificate()
}
