package rules

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

type (
	gatewayOf = traffic.Of[*networking.Gateway]
	routesOf  = traffic.Of[*networking.VirtualService]
)

// gatewayCauses are those of what comes to a gateway and finds no listener, no chain or no route there.
var gatewayCauses = []traffic.Cause{traffic.NoListener, traffic.NoFilterChain, traffic.NoVirtualHost, traffic.NoRouteFits}

// gatewayMiss says why a gateway has nothing for what comes to it: no Gateway for it, one for other ports or hosts, or no
// VirtualService that leads on, or one whose routes are of the wrong kind.
func gatewayMiss(p *validate.Pass, b *validate.Break) verdict {
	last, n := b.Last()
	if b.Outcome.Cause == traffic.NoListener {
		// The gateway is no hop yet: who sends is the last.
		if last.Destination.Host == "" {
			return verdict{}
		}
		return noListener(p, b, last, n)
	}
	sender, _ := b.Sender()
	if last.Proxy != traffic.Gateway {
		return verdict{}
	}
	if b.Outcome.Cause == traffic.NoFilterChain && sender.Wire.Layers == 0 {
		return verdict{}
	}
	host := sender.Wire.SNI
	if b.Outcome.Cause != traffic.NoFilterChain {
		host = bareHost(cmp.Or(sender.Destination.Authority, b.Hops[0].Destination.Host))
	}
	pod, _ := p.Index.Pod(last.Workload)
	servers := serversAt(p, pod, last.Listener)
	return routesMiss(p, b, host, last.Workload, pod, servers, n, b.Outcome.Cause == traffic.NoFilterChain)
}

func bareHost(authority string) string {
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		return authority[:i]
	}
	return authority
}

// noListener says why a gateway listens to nothing on a port.
func noListener(p *validate.Pass, b *validate.Break, sender *traffic.Hop, n int) verdict {
	pod, port, ok := gatewayBehind(p, sender)
	if !ok {
		return verdict{}
	}
	called := clusterOf(sender).port // as the client names it
	workload := podName(pod)
	host := bareHost(cmp.Or(sender.Wire.SNI, cmp.Or(sender.Destination.Authority, b.Hops[0].Destination.Host)))
	if strings.HasPrefix(host, "outbound_.") {
		host = b.Hops[0].Destination.Host
	}
	if servers := serversAt(p, pod, "_"+fmt.Sprint(port)); len(servers) > 0 {
		return routesMiss(p, b, host, workload, pod, servers, n, sender.Wire.Layers > 0)
	}
	if sender.Proxy == traffic.Router && slices.ContainsFunc(serversOf(p, pod), func(s placed) bool {
		return s.takes(host) && (s.Tls == nil || s.Tls.HttpsRedirect) != (sender.Wire.Layers == 0)
	}) {
		return verdict{} // the Route's termination is another than the server's
	}
	v := verdict{rule: "MSH412", hop: n, finding: validate.Finding{
		Category:    validate.Dangling,
		Consequence: "nothing listens there: connection refused, 503 UF",
		Message:     fmt.Sprintf("the request goes to port %d of gateway %s, and no Gateway opens that port on it", called, workload),
		Fix:         fmt.Sprintf("write a Gateway with selector %s and a server for %s on port %d", labelText(pod.Labels), host, called),
	}}
	f := &v.finding
	for _, kind := range []string{"VirtualService", "Route"} {
		if d, ok := validate.Decided(sender, kind); ok {
			f.Place = p.Of(d)
		}
	}
	if name, edits := missingGateway(p, sender, pod, host, called); edits != nil {
		f.Fix = fmt.Sprintf("write Gateway %s, which the VirtualService names, with selector {%s} and a server for %s on port %d", name, labelText(pod.Labels), host, called)
		f.Edits = edits
	}
	for _, g := range p.Objects.Gateways {
		for i, s := range g.Spec.Servers {
			one := placed{of: g, field: fmt.Sprintf("spec.servers[%d]", i), Server: s}
			switch {
			case !one.takes(host):
			case within(g.Spec.Selector, pod.Labels):
				f.Related = append(f.Related, p.At(g.Object, one.field+".port.number"))
				if f.Object.Kind == "" {
					f.Place, f.Related = f.Related[0], nil
				}
				f.Edits = nil
				f.Message = fmt.Sprintf("the request goes to port %d of gateway %s, and %s takes %s on port %d", called, workload, g.ID, host, s.GetPort().GetNumber())
				f.Fix = fmt.Sprintf("lead it to port %d, or open port %d in %s", s.GetPort().GetNumber(), called, g.ID)
				if d, ok := validate.Decided(sender, "VirtualService"); ok && (s.Tls == nil || s.Tls.HttpsRedirect) == (sender.Wire.Layers == 0) {
					f.Edits = []validate.Edit{{Object: f.Object, Field: d.Field + ".port", Value: map[string]any{"number": int(s.GetPort().GetNumber())}}}
				}
				return v
			case len(g.Spec.Selector) > 0 && !selectsAny(p, g.Spec.Selector):
				v.rule = "MSH402"
				f.Related = []validate.Place{f.Place}
				f.Place = p.At(g.Object, "spec.selector")
				f.Message = fmt.Sprintf("%s selects %s, and no gateway has those labels: %s has %s", g.ID, labelText(g.Spec.Selector), workload, labelText(pod.Labels))
				f.Fix = fmt.Sprintf("set spec.selector of %s to {%s}", g.ID, labelText(pod.Labels))
				f.Edits = []validate.Edit{{Object: f.Object, Field: "spec.selector", Value: selecting(pod.Labels)}}
			}
		}
	}
	return v
}

func selectsAny(p *validate.Pass, selector map[string]string) bool {
	return slices.ContainsFunc(p.Index.Pods(), func(pod traffic.Pod) bool { return pod.Gateway && within(selector, pod.Labels) })
}

// labelText is what of labels tells a gateway's pods from others.
func labelText(labels map[string]string) string {
	labels = selecting(labels)
	keys := make([]string, 0, len(labels))
	for k, v := range labels {
		keys = append(keys, k+": "+v)
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

// selecting is that of labels by which Gateways select pods: Istio's own one, or all but those that say how pods are made.
func selecting(labels map[string]string) map[string]string {
	if v, ok := labels["istio"]; ok {
		return map[string]string{"istio": v}
	}
	all := maps.Clone(labels)
	maps.DeleteFunc(all, func(k, _ string) bool {
		return strings.HasPrefix(k, "sidecar.istio.io/") || strings.HasPrefix(k, "istio.io/") || k == "pod-template-hash"
	})
	return all
}

// routesMiss says why servers of a gateway lead a host nowhere.
func routesMiss(p *validate.Pass, b *validate.Break, host, workload string, pod traffic.Pod, servers []placed, n int, bySNI bool) verdict {
	gone := "the gateway answers 404 (NR, route_not_found)"
	switch {
	case b.Outcome.Cause == traffic.NoListener:
		gone = "the gateway does not listen on the port: connection refused, 503 UF"
	case bySNI:
		gone = "no filter chain matches (filter_chain_not_found): the connection is reset"
	}
	v := verdict{hop: n, finding: validate.Finding{Consequence: gone}}
	f := &v.finding
	takers := slices.DeleteFunc(slices.Clone(servers), func(s placed) bool { return s.dropped || !s.takes(host) })
	if len(takers) == 0 {
		if len(servers) == 0 || bySNI {
			return verdict{} // MSH216 tells of SNIs
		}
		s, certain := serverMeant(p, servers, host)
		v.rule = "MSH403"
		f.Category = validate.Dangling
		f.Place = p.At(s.of.Object, s.field+".hosts")
		f.Message = fmt.Sprintf("%s comes to gateway %s, and no server for the port takes it: %s has %s", host, workload, s.of.ID, strings.Join(s.Hosts, ", "))
		f.Fix = fmt.Sprintf("add %s to hosts of %s", host, s.of.ID)
		if certain {
			f.Edits, f.Safe = []validate.Edit{{Object: f.Object, Field: f.Field, Value: appended(s.Hosts, host)}}, len(servers) == 1
		}
		return v
	}
	s := takers[0]
	at := p.At(s.of.Object, s.field)
	var about, bound []routesOf
	for _, r := range routesFor(p, host) {
		if !p.Index.Member(r.ID.Namespace) {
			return verdict{} // MSH607 tells of namespaces that the control plane does not look into
		}
		about = append(about, r)
		if slices.ContainsFunc(r.Spec.Gateways, func(g string) bool { return names(g, r.ID.Namespace, s.of) }) {
			bound = append(bound, r)
		}
	}
	if len(bound) == 0 {
		if called, ok := calledByAddress(p, b, host, s.of); ok {
			v.rule = "MSH415"
			f.Category = validate.NoRoute
			f.Place, f.Related = called, []validate.Place{at}
			f.Message = fmt.Sprintf("%s leads a call of the address %s to gateway %s, which knows its routes by Host: the Host is the address, and %s has none for it", called.Object, host, workload, called.Object)
			f.Fix = "set rewrite.authority to a host of the VirtualService in the rule for sidecars"
			return v
		}
		if len(about) == 0 && b.Request.From == traffic.Outside {
			f.Severity = validate.Info // applications keep their VirtualServices with themselves
		}
		return unbound(p, v, host, b.Hops[0].Destination.Port, s, about)
	}
	seen := func(r routesOf) bool {
		return p.Index.Exported("VirtualService", r.Spec.ExportTo, r.ID.Namespace, pod.Namespace)
	}
	usable := slices.DeleteFunc(slices.Clone(bound), func(r routesOf) bool { return !seen(r) || !s.allows(host, r.ID.Namespace) })
	if len(usable) == 0 {
		r := bound[0]
		if !seen(r) {
			v.rule = "MSH306"
			f.Place = p.At(r.Object, "spec.exportTo")
			f.Related = []validate.Place{at}
			f.Message = fmt.Sprintf("%s is for %s, but is not exported to namespace %s, in which the gateway runs", r.ID, s.of.ID, pod.Namespace)
			f.Fix = fmt.Sprintf("add %s to exportTo of %s", pod.Namespace, r.ID)
			f.Edits = exportEdit(f.Place, r.Spec.ExportTo, pod.Namespace)
			f.Safe = f.Edits != nil
			if pod.Assumed && s.of.ID.Namespace != pod.Namespace {
				f.Severity = validate.Warning // where the gateway's pods are, the files do not tell
			}
			return v
		}
		v.rule = "MSH404"
		f.Place = p.At(s.of.Object, s.field+".hosts")
		f.Related = []validate.Place{p.At(r.Object, "spec.gateways")}
		f.Message = fmt.Sprintf("%s takes %s of VirtualServices of some namespaces only (%s), and %s is in another", s.of.ID, host, strings.Join(s.Hosts, ", "), r.ID)
		f.Fix = fmt.Sprintf("write %s/%s among its hosts, or move the VirtualService", r.ID.Namespace, host)
		// The prefix may be there to keep other namespaces from the host, so whoever wrote it decides.
		f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: appended(s.Hosts, r.ID.Namespace+"/"+host)}}
		return v
	}
	r := usable[0]
	f.Related = []validate.Place{at}
	if k := wrongKind(kindsFor(usable, s.of), s, host); k.rule != "" {
		v.rule = k.rule
		f.Category = validate.NoRoute
		f.Place = p.At(r.Object, "spec."+k.has)
		f.Message = fmt.Sprintf("%s has %s routes for %s, and %s", r.ID, k.has, s.of.ID, k.why)
		f.Fix = k.fix
		if len(usable) == 1 {
			f.Fix, f.Edits = k.mend(p, r, s, host)
		}
		return v
	}
	if len(kindsFor(usable, s.of)) == 0 {
		v.rule = "MSH415"
		f.Category = validate.NoRoute
		f.Place = p.At(r.Object, "spec.gateways")
		f.Message = fmt.Sprintf("%s names %s, but none of its rules counts there: each match is for other gateways", r.ID, s.of.ID)
		f.Fix = fmt.Sprintf("write a rule with match.gateways [%s/%s]", s.of.ID.Namespace, s.of.ID.Name)
		f.Edits = secondHop(p, r, s, host, b.Hops[0].Destination.Port)
		return v
	}
	if port, field, ok := otherPort(r, s); ok {
		number := int(s.GetPort().GetNumber())
		v.rule = "MSH417"
		f.Category = validate.NoRoute
		f.Place = p.At(r.Object, field)
		f.Message = fmt.Sprintf("%s asks for port %d at %s, whose server has port %d: it is the server's number that counts, not the pod's or the node's", r.ID, port, s.of.ID, number)
		f.Fix = fmt.Sprintf("write port: %d", number)
		f.Edits, f.Safe = []validate.Edit{{Object: f.Object, Field: field, Value: number}}, true
		return v
	}
	v.rule = "MSH415"
	f.Category = validate.NoRoute
	f.Place = p.At(r.Object, "spec."+kindIn(r, b.TLS && bySNI))
	f.Message = fmt.Sprintf("no rule of %s fits %s at %s", r.ID, b.Request.To, s.of.ID)
	f.Fix = "add a rule at the end that fits all, or make one fit"
	f.Edits = restRule(p, r, s)
	if bySNI {
		f.Fix = fmt.Sprintf("add %s to match.sniHosts of a rule", host)
		f.Edits = moreSNI(p, r, s, host)
	}
	return v
}

// calledByAddress is the route that leads a call of an address to a gateway, and that has rules there for other names.
func calledByAddress(p *validate.Pass, b *validate.Break, host string, to traffic.Of[*networking.Gateway]) (validate.Place, bool) {
	h, _ := b.Sender()
	d, ok := validate.Decided(h, "VirtualService")
	if _, err := netip.ParseAddr(host); err != nil || !ok {
		return validate.Place{}, false
	}
	return p.Of(d), slices.ContainsFunc(p.Objects.VirtualServices, func(r routesOf) bool {
		return r.ID.Namespace == d.Namespace && r.ID.Name == d.Name &&
			slices.ContainsFunc(r.Spec.Gateways, func(g string) bool { return names(g, r.ID.Namespace, to) })
	})
}

// kindIn is the kind of routes that a VirtualService has, the likeliest first.
func kindIn(r routesOf, tls bool) string {
	switch {
	case len(r.Spec.Tls) > 0 && (tls || len(r.Spec.Http) == 0):
		return "tls"
	case len(r.Spec.Http) == 0 && len(r.Spec.Tcp) > 0:
		return "tcp"
	}
	return "http"
}

// unbound says why no VirtualService leads on a host that a server takes: none names the Gateway, or one names it wrongly.
func unbound(p *validate.Pass, v verdict, host string, port int, s placed, about []routesOf) verdict {
	f := &v.finding
	at := p.At(s.of.Object, s.field)
	full := s.of.ID.Namespace + "/" + s.of.ID.Name
	v.rule = "MSH415"
	f.Category = validate.NoRoute
	f.Place = at
	f.Message = fmt.Sprintf("%s takes %s, and no VirtualService says where it goes from there", s.of.ID, host)
	f.Fix = fmt.Sprintf("write a VirtualService for %s with gateways: [%s]", host, full)
	for _, r := range about {
		for i, g := range r.Spec.Gateways {
			if g == "mesh" || exists(p, g, r.ID.Namespace) {
				continue
			}
			v.rule = "MSH401"
			f.Category = validate.Dangling
			f.Place = p.At(r.Object, fmt.Sprintf("spec.gateways[%d]", i))
			f.Related = []validate.Place{at}
			f.Message = fmt.Sprintf("%s names gateway %q, which is not there", r.ID, written(r, "gateways", i))
			if !strings.Contains(written(r, "gateways", i), "/") {
				f.Message += ": a name without a namespace is one of the VirtualService's own"
			}
			f.Fix = fmt.Sprintf("write %s, in spec.gateways and wherever a match names it", full)
			f.Edits = renamed(f.Object, r, g, full)
			f.Safe = g[strings.LastIndex(g, "/")+1:] == s.of.ID.Name
			return v
		}
		for _, m := range gatewayMatches(r) {
			if slices.ContainsFunc(m.gateways, func(g string) bool { return names(g, r.ID.Namespace, s.of) }) {
				v.rule = "MSH401"
				f.Category = validate.Dangling
				f.Place = p.At(r.Object, m.field)
				f.Related = []validate.Place{at}
				f.Message = fmt.Sprintf("a match of %s is for %s, which spec.gateways of the VirtualService does not name, so it never counts", r.ID, s.of.ID)
				f.Fix = fmt.Sprintf("add %s to spec.gateways of %s", full, r.ID)
				f.Edits, f.Safe = []validate.Edit{alsoFor(p, r, full)}, everyMatchNames(r)
				return v
			}
		}
		f.Related = append(f.Related, p.At(r.Object, "spec.hosts"))
		if leadsToGateway(p, r) {
			f.Message = fmt.Sprintf("%s takes %s, and %s, which leads sidecars there, has no rule for it", s.of.ID, host, r.ID)
			f.Fix = fmt.Sprintf("add %s to spec.gateways of %s, and a rule with match.gateways [%s] that leads to %s", full, r.ID, full, host)
			f.Edits = secondHop(p, r, s, host, port)
		}
	}
	return v
}

// written is an item of a list of a VirtualService's spec as the files have it; elsewhere names are in full.
func written(r routesOf, list string, i int) string {
	spec, _ := r.Object.Tree()["spec"].(map[string]any)
	items, _ := spec[list].([]any)
	if i >= len(items) {
		return ""
	}
	text, _ := items[i].(string)
	return text
}

// renamed are the edits that write another name for a gateway, wherever a VirtualService names it.
func renamed(o validate.Object, r routesOf, from, to string) []validate.Edit {
	var edits []validate.Edit
	each := func(field string, gateways []string) {
		for i, g := range gateways {
			if g == from {
				edits = append(edits, validate.Edit{Object: o, Field: fmt.Sprintf("%s[%d]", field, i), Value: to})
			}
		}
	}
	each("spec.gateways", r.Spec.Gateways)
	for _, m := range gatewayMatches(r) {
		each(m.field, m.gateways)
	}
	return edits
}

func appended(list []string, more string) []any {
	all := make([]any, 0, len(list)+1)
	for _, one := range list {
		all = append(all, one)
	}
	return append(all, more)
}

// A kindMiss is routes of a kind that a server does not take.
type kindMiss struct{ rule, has, why, fix string }

// wrongKind says why none of the kinds of routes that there are for a server counts there, or nothing.
func wrongKind(kinds map[string]bool, s placed, host string) kindMiss {
	protocol, number := strings.ToUpper(s.GetPort().GetProtocol()), s.GetPort().GetNumber()
	has := ""
	for _, kind := range []string{"tls", "http", "tcp"} {
		if kinds[kind] {
			has = cmp.Or(has, kind)
		}
	}
	switch {
	case has == "":
	case protocol == "TLS" && s.terminates() && !kinds["tcp"]:
		return kindMiss{"MSH407", has, "a server of protocol TLS that terminates takes tcp routes only: it does not even listen without one",
			fmt.Sprintf("write them as tcp routes with match.port %d; or set protocol HTTPS and http routes", number)}
	case protocol == "HTTPS" && s.terminates() && !kinds["http"]:
		return kindMiss{"MSH405", has, "that server terminates the TLS, so only http routes count",
			"write them as http routes; or set tls.mode PASSTHROUGH, if the application's TLS is to go through"}
	case s.Tls.GetMode() == networking.ServerTLSSettings_PASSTHROUGH && s.Tls != nil && !plainHTTP[protocol] && !kinds["tls"]:
		return kindMiss{"MSH406", has, "that server passes TLS through unopened, so only tls routes count",
			fmt.Sprintf("write them as tls routes with match.sniHosts [%s]; or let the server terminate", host)}
	case s.Tls == nil && !plainHTTP[protocol] && protocol != "HTTPS" && protocol != "TLS" && !kinds["tcp"]:
		return kindMiss{"MSH408", has, fmt.Sprintf("a server of protocol %s takes tcp routes only", protocol),
			fmt.Sprintf("write them as tcp routes with match.port %d", number)}
	case plainHTTP[protocol] && !kinds["http"]:
		return kindMiss{"MSH408", has, fmt.Sprintf("a server of protocol %s takes http routes only", protocol), "write them as http routes"}
	}
	return kindMiss{}
}

// plainHTTP are the protocols of servers that route requests and take no TLS.
var plainHTTP = map[string]bool{"HTTP": true, "HTTP2": true, "GRPC": true, "GRPC-WEB": true}

// names tells whether a VirtualService's gateway is a Gateway.
func names(gateway, namespace string, g gatewayOf) bool {
	return fullGateway(gateway, namespace) == g.ID.Namespace+"/"+g.ID.Name
}

// fullGateway is NAMESPACE/NAME of a gateway that a VirtualService of a namespace names.
func fullGateway(gateway, namespace string) string {
	in, name, found := strings.Cut(gateway, "/")
	switch {
	case found && in == ".":
		return namespace + "/" + name
	case found:
		return gateway
	}
	if name, rest, dotted := strings.Cut(gateway, "."); dotted { // NAME.NAMESPACE, as it was once written
		in, _, _ = strings.Cut(rest, ".")
		return in + "/" + name
	}
	return namespace + "/" + gateway
}

func exists(p *validate.Pass, gateway, namespace string) bool {
	_, ok := gatewayNamed(p, fullGateway(gateway, namespace))
	return ok
}

// A gatewayMatch is a match of a route that says for which gateways and port it is; field is that of its gateways.
type gatewayMatch struct {
	kind, rule, field string
	gateways          []string
	port              uint32
}

// gatewayMatches are those of all routes of a VirtualService; a rule without a match is one for everything, and has no
// field.
func gatewayMatches(r routesOf) []gatewayMatch {
	var all []gatewayMatch
	add := func(kind string, i, n int, at func(int) ([]string, uint32)) {
		rule := fmt.Sprintf("spec.%s[%d]", kind, i)
		if n == 0 {
			all = append(all, gatewayMatch{kind: kind, rule: rule})
		}
		for j := range n {
			gateways, port := at(j)
			all = append(all, gatewayMatch{kind, rule, fmt.Sprintf("%s.match[%d].gateways", rule, j), gateways, port})
		}
	}
	for i, h := range r.Spec.Http {
		add("http", i, len(h.Match), func(j int) ([]string, uint32) { return h.Match[j].Gateways, h.Match[j].Port })
	}
	for i, h := range r.Spec.Tls {
		add("tls", i, len(h.Match), func(j int) ([]string, uint32) { return h.Match[j].Gateways, h.Match[j].Port })
	}
	for i, h := range r.Spec.Tcp {
		add("tcp", i, len(h.Match), func(j int) ([]string, uint32) { return h.Match[j].Gateways, h.Match[j].Port })
	}
	return all
}

// isFor tells whether a match counts at a Gateway, whatever its port.
func (m gatewayMatch) isFor(r routesOf, g gatewayOf) bool {
	return len(m.gateways) == 0 || slices.ContainsFunc(m.gateways, func(n string) bool { return names(n, r.ID.Namespace, g) })
}

// kindsFor are the kinds of routes that VirtualServices have for a Gateway.
func kindsFor(all []routesOf, g gatewayOf) map[string]bool {
	kinds := map[string]bool{}
	for _, r := range all {
		for _, m := range gatewayMatches(r) {
			if m.isFor(r, g) {
				kinds[m.kind] = true
			}
		}
	}
	return kinds
}

// otherPort is the port that all matches for a server's gateway ask for, where it is not the server's.
func otherPort(r routesOf, s placed) (int, string, bool) {
	wrong, field := 0, ""
	for _, m := range gatewayMatches(r) {
		switch {
		case !m.isFor(r, s.of):
		case m.port == 0 || m.port == s.GetPort().GetNumber():
			return 0, "", false
		default:
			wrong, field = int(m.port), strings.TrimSuffix(m.field, "gateways")+"port"
		}
	}
	return wrong, field, wrong != 0
}
