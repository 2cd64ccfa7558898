package traffic

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
)

// A clusterKind is how a proxy finds whom to dial.
type clusterKind uint8

const (
	endpointsGiven clusterKind = iota // istiod says (EDS)
	endpointsByDNS
	asDialled // the address that the client dialled
	perRequest
)

// A cluster is a service's port, or a subset of it, as a proxy calls it.
type cluster struct {
	service *service
	port    port
	subset  string
	rule    *rule
	policy  policy
	kind    clusterKind
	labels  map[string]string // of the subset
	// detect is the traffic policy that istiod looks into when it guesses whether the other side has sidecars.
	detect *networking.TrafficPolicy
}

func clusterName(host string, number int, subset string) string {
	return "outbound|" + strconv.Itoa(number) + "|" + subset + "|" + host
}

// cluster finds what a proxy has for a destination, or says why it has nothing.
func (x *Index) cluster(p *proxy, host string, number int, in string) (*cluster, *fault) {
	s := p.scope.byHost[host]
	if s == nil {
		return nil, &fault{UnknownService, "it knows no service " + host}
	}
	to, ok := s.port(number)
	if !ok {
		return nil, &fault{UnknownPort, fmt.Sprintf("%s has no port %d", host, number)}
	}
	c := &cluster{service: s, port: to, subset: in, rule: x.ruleFor(p.scope, p.workload.labels, s)}
	switch {
	case s.resolution == alias:
		return nil, &fault{AliasOnly, fmt.Sprintf("%s is only another name of %s", host, s.of)}
	case s.resolution == dynamicDNS && isWildcard(s.host):
		c.kind = perRequest
		c.policy = c.rule.policyFor(number, "")
		switch to.protocol {
		case protoHTTP, protoHTTP2, protoGRPC, protoTLS:
		default:
			return nil, &fault{UnfitForDynamic, fmt.Sprintf("resolution DYNAMIC_DNS does not work for %s ports", to.protocol)}
		}
		if in != "" {
			return nil, &fault{UnknownSubset, fmt.Sprintf("%s has no subset %q: resolution DYNAMIC_DNS has none", host, in)}
		}
		return c, nil
	case s.dns():
		c.kind = endpointsByDNS
	case s.resolution == original && !p.workload.gateway:
		c.kind = asDialled
	}
	if c.kind == endpointsByDNS && len(x.endpointsOf(c)) == 0 {
		return nil, &fault{NothingToResolve, fmt.Sprintf("%s has no endpoints to ask DNS for", host)}
	}
	top := c.rule.policyFor(number, "")
	if top.byClient {
		c.kind = asDialled
	}
	c.policy = top
	if c.rule != nil {
		c.detect = c.rule.policy
	}
	if in != "" {
		var own ruleSubset
		ok := false
		if c.rule != nil {
			own, ok = c.rule.subset(in)
		}
		if !ok {
			return nil, &fault{UnknownSubset, fmt.Sprintf("no DestinationRule that %s follows has a subset %q of %s", p.workload, in, host)}
		}
		c.labels, c.detect = own.Labels, own.TrafficPolicy
		c.policy = c.rule.policyFor(number, in)
		if c.policy.byClient || own.TrafficPolicy.GetLoadBalancer().GetSimple() == networking.LoadBalancerSettings_PASSTHROUGH {
			c.kind = asDialled // even where the port's own level says otherwise
		}
		if c.kind == endpointsByDNS && len(x.endpointsOf(c)) == 0 {
			return nil, &fault{NothingToResolve, fmt.Sprintf("%s has no endpoints in subset %q", host, in)}
		}
	}
	return c, nil
}

// endpointsOf are those behind the cluster's port and subset. istiod matches those that it gives by the name of the port,
// and those of DNS by its number.
func (x *Index) endpointsOf(c *cluster) []endpoint {
	var all []endpoint
	if c.kind == endpointsByDNS {
		for _, e := range x.atPort(c.service, c.port.number) {
			if subset(c.labels, e.labels) {
				all = append(all, e)
			}
		}
		return all
	}
	for _, e := range x.endpoints[c.service.key()] {
		if e.portName == c.port.name && (e.ip.IsValid() || e.port == 0) && subset(c.labels, e.labels) {
			all = append(all, e)
		}
	}
	return all
}

// A target is where a cluster sends, one of each kind of endpoint, with how many there are of the kind.
type target struct {
	weight   int
	ip       netip.Addr
	name     string
	port     int
	workload *workload
	mutual   bool // by automatic mutual TLS
	peer     bool // its labels say that it has a sidecar
	account  string
}

// targets groups the endpoints that differ in nothing that matters here.
func (x *Index) targets(p *proxy, c *cluster) []target {
	type kind struct {
		port                                     int
		labelled, pod, sidecar, gateway, inbound bool
	}
	var all []target
	at := map[kind]int{}
	behind := x.endpointsOf(c)
	slices.SortStableFunc(behind, func(a, b endpoint) int { return strings.Compare(a.locality, b.locality) }) // as istiod groups them
	slices.SortStableFunc(behind, func(a, b endpoint) int {
		if !a.ip.IsValid() || !b.ip.IsValid() {
			return 0
		}
		return a.ip.Compare(b.ip)
	})
	for _, e := range behind {
		k := kind{port: e.port, labelled: e.mutualTLS && x.mutualTLSTo(p, c, e)}
		if w := e.workload; w != nil {
			k.pod, k.sidecar, k.gateway, k.inbound = true, w.sidecar, w.gateway, w.capturesInbound(e.port)
		} else if w := x.byIP[e.ip]; w != nil { // an endpoint written by its address
			k.pod, k.sidecar, k.gateway, k.inbound = true, w.sidecar, w.gateway, w.capturesInbound(e.port)
		}
		i, known := at[k]
		if !known {
			i = len(all)
			at[k] = i
			all = append(all, target{ip: e.ip, name: e.name, port: e.port, workload: e.workload, mutual: k.labelled, peer: k.labelled && !k.pod, account: e.account})
		}
		all[i].weight += max(1, e.weight)
	}
	return all
}

// mutualTLSTo tells whether istiod marks an endpoint with a sidecar as one that takes the mesh's mutual TLS: as the rule
// says, or else as the PeerAuthentication of the workload lets it.
func (x *Index) mutualTLSTo(p *proxy, c *cluster, e endpoint) bool {
	if mode, said := c.rule.mode(c.port.number, c.subset); said {
		return mode == networking.ClientTLSSettings_ISTIO_MUTUAL
	}
	return x.peers.modeFor(e.namespace, e.labels, e.port) != mtlsDisable
}

// mode is the TLS mode that a rule gives to a port of a subset, by itself or by the whole rule.
func (r *rule) mode(number int, in string) (networking.ClientTLSSettings_TLSmode, bool) {
	if r == nil {
		return 0, false
	}
	of := func(t *networking.TrafficPolicy) (networking.ClientTLSSettings_TLSmode, bool) {
		for _, p := range t.GetPortLevelSettings() {
			if int(p.GetPort().GetNumber()) == number && p.Tls != nil {
				return p.Tls.Mode, true
			}
		}
		if t.GetTls() != nil {
			return t.Tls.Mode, true
		}
		return 0, false
	}
	if in != "" {
		s, ok := r.subset(in)
		if !ok {
			return 0, false
		}
		if mode, said := of(s.TrafficPolicy); said {
			return mode, true
		}
	}
	return of(r.policy)
}

// autoMutualTLS tells whether a cluster without TLS settings uses the mesh's mutual TLS towards those that take it.
func (x *Index) autoMutualTLS(c *cluster) bool {
	if c.service.external || !x.mesh.autoMTLS {
		return false
	}
	passes := c.detect.GetLoadBalancer().GetSimple() == networking.LoadBalancerSettings_PASSTHROUGH
	if c.service.resolution == original || passes {
		behind := x.atPort(c.service, c.port.number)
		if len(behind) == 0 || slices.ContainsFunc(behind, func(e endpoint) bool { return !e.mutualTLS }) {
			return false
		}
	}
	return x.peers.modeOfNamespace(c.service.namespace) != mtlsDisable
}

// accounts are the names that a service's own certificates may have: those of its endpoints, and of the youngest of the
// services that are one to istiod.
func (x *Index) accounts(s *service) []string {
	var names []string
	if of := x.sameKey[s.key()]; len(of) > 0 {
		names = slices.Clone(of[len(of)-1].names)
	}
	for _, e := range x.endpoints[s.key()] {
		if e.account != "" {
			names = append(names, e.account)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// originate is the TLS that a cluster puts around a connection to a target: nil is none. fault says why it cannot.
// authority is the Host that is sent on, where the connection is routed as HTTP, and before is the one that came.
func (x *Index) originate(p *proxy, c *cluster, t target, authority, before string, assume func(string)) (*layer, *fault) {
	tls := c.policy.tls
	if tls == nil {
		if !x.autoMutualTLS(c) || c.kind != asDialled && !t.mutual {
			return nil, nil
		}
		return x.meshTLS(p, c, nil), nil
	}
	if tls.CredentialName != "" && !strings.HasPrefix(tls.CredentialName, "configmap://") && !p.workload.gateway &&
		!(c.rule.selected && x.gates.credentialOnSidecar) && tls.Mode != networking.ClientTLSSettings_ISTIO_MUTUAL {
		return nil, nil // in silence
	}
	switch tls.Mode {
	case networking.ClientTLSSettings_DISABLE:
		return nil, nil
	case networking.ClientTLSSettings_ISTIO_MUTUAL:
		return x.meshTLS(p, c, tls), nil
	}
	skip := tls.InsecureSkipVerify.GetValue() && x.gates.insecureSkipVerify
	l := &layer{wire: Wire{Mode: Simple, SNI: tls.Sni}}
	if c.port.protocol.h2() {
		l.wire.ALPN = []string{"h2"}
	}
	names := tls.SubjectAltNames
	autoSAN := x.gates.autoSAN && tls.Sni == "" && len(names) == 0 && !skip
	if len(names) == 0 && !c.service.kubernetes {
		names = x.accounts(c.service)
	}
	if authority != "" {
		host := withoutPort(authority)
		if x.gates.autoSNIBeforeRewrite && before != "" {
			host = withoutPort(before)
		}
		if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err != nil && x.gates.autoSNI && l.wire.SNI == "" {
			l.wire.SNI = host
		}
		if autoSAN && len(names) == 0 {
			names = []string{host}
		}
	}
	var needed []credential
	var unserved *fault
	mutual := tls.Mode == networking.ClientTLSSettings_MUTUAL
	switch {
	case tls.CredentialName != "":
		own, err := parseCredential(tls.CredentialName, p.workload.namespace)
		if err != nil {
			unserved = &fault{UnknownProvider, err.Error()}
		}
		if mutual {
			l.verify.Client.Credential = own.String()
			needed = append(needed, own)
		}
		if !skip {
			own.ca = true
			l.verify.Server.CA = own.String()
			needed = append(needed, own)
		}
	default:
		if mutual {
			l.verify.Client.Credential = "file " + tls.ClientCertificate
		}
		switch {
		case skip:
		case tls.CaCertificates == "" && !x.gates.verifyByDefault:
		case tls.CaCertificates == "", tls.CaCertificates == "system" && x.gates.systemCA:
			l.verify.Server.CA = "system"
		default:
			l.verify.Server.CA = "file " + tls.CaCertificates
		}
	}
	if mutual {
		l.wire.Mode = Mutual
	}
	if l.verify.Server.CA != "" {
		l.verify.Server.Names = names
	}
	if unserved != nil {
		return l, unserved
	}
	for _, n := range needed {
		if fault := x.serves(p.workload, n, assume); fault != nil {
			return l, fault
		}
	}
	return l, nil
}

// meshTLS is the mesh's own mutual TLS, as a rule sets it or by default.
func (x *Index) meshTLS(p *proxy, c *cluster, tls *networking.ClientTLSSettings) *layer {
	l := &layer{
		wire:     Wire{Mode: IstioMutual, SNI: tls.GetSni(), ALPN: []string{"istio-peer-exchange", "istio"}},
		identity: x.mesh.spiffe(p.workload.namespace, p.workload.account),
	}
	if c.port.protocol.h2() {
		l.wire.ALPN = append(l.wire.ALPN, "h2")
	}
	if l.wire.SNI == "" {
		l.wire.SNI = serverName(c.service.host, c.port.number, c.subset)
	}
	l.verify.Server.CA, l.verify.Client.Credential = "mesh", "mesh"
	l.verify.Server.Names = tls.GetSubjectAltNames()
	if len(l.verify.Server.Names) == 0 {
		l.verify.Server.Names = x.accounts(c.service)
	}
	return l
}

// serverName is the SNI that Istio makes up for a cluster.
func serverName(host string, number int, in string) string {
	return fmt.Sprintf("outbound_.%d_.%s_.%s", number, in, host)
}
