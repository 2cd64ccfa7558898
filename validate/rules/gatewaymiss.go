package rules

import (
	"cmp"
	"fmt"
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
	sender, sent := b.Sender()
	if b.Outcome.Cause == traffic.NoListener {
		// The gateway is no hop yet: who sends is the last.
		if sender, sent = b.Last(); sender.Destination.Host == "" {
			return verdict{}
		}
		return noListener(p, b, sender, sent)
	}
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

// A placed server is one of a Gateway, with its field.
type placed struct {
	of    gatewayOf
	field string
	*networking.Server
}

// serversAt are the servers for a listener of a gateway's pod.
func serversAt(p *validate.Pass, pod traffic.Pod, listener string) []placed {
	var all []placed
	_, at, _ := strings.Cut(listener, "_")
	for _, g := range p.Objects.Gateways {
		if !within(g.Spec.Selector, pod.Labels) {
			continue
		}
		for i, s := range g.Spec.Servers {
			number := fmt.Sprint(s.GetPort().GetNumber())
			if at == "" || number == at || number == "443" && at == "8443" || number == "80" && at == "8080" {
				all = append(all, placed{g, fmt.Sprintf("spec.servers[%d]", i), s})
			}
		}
	}
	return all
}

// takes tells whether a server is for a host, whichever namespace its VirtualServices must be of.
func (s placed) takes(host string) bool {
	return slices.ContainsFunc(s.Hosts, func(h string) bool {
		_, name, found := strings.Cut(h, "/")
		if !found {
			name = h
		}
		return name == "*" || covers(name, host)
	})
}

// allows tells whether VirtualServices of a namespace may be behind a host of a server.
func (s placed) allows(host, namespace string) bool {
	return slices.ContainsFunc(s.Hosts, func(h string) bool {
		in, name, found := strings.Cut(h, "/")
		if !found {
			in, name = "*", h
		}
		if in == "." {
			in = s.of.ID.Namespace
		}
		return (in == "*" || in == namespace) && (name == "*" || covers(name, host))
	})
}

func (s placed) terminates() bool {
	switch s.GetTls().GetMode() {
	case networking.ServerTLSSettings_PASSTHROUGH, networking.ServerTLSSettings_AUTO_PASSTHROUGH:
		return false
	}
	return s.Tls != nil
}

// noListener says why a gateway listens to nothing on a port.
func noListener(p *validate.Pass, b *validate.Break, sender *traffic.Hop, n int) verdict {
	service := clusterOf(sender)
	var pods []traffic.Pod
	for _, s := range p.Objects.Services {
		if s.ID.Name+"."+s.ID.Namespace+".svc.cluster.local" != service.host {
			continue
		}
		for _, pod := range p.Index.Pods() {
			if pod.Namespace == s.ID.Namespace && len(s.Spec.Spec.Selector) > 0 && within(s.Spec.Spec.Selector, pod.Labels) {
				pods = append(pods, pod)
			}
		}
	}
	for _, pod := range p.Index.Pods() { // the stock ones, which no file holds
		if pod.Gateway && pod.Assumed && strings.HasPrefix(service.host, pod.Name+"."+pod.Namespace+".") {
			pods = append(pods, pod)
		}
	}
	if len(pods) == 0 || !pods[0].Gateway {
		return verdict{}
	}
	pod := pods[0]
	workload := pod.Namespace + "/" + pod.Name
	host := bareHost(cmp.Or(sender.Wire.SNI, cmp.Or(sender.Destination.Authority, b.Hops[0].Destination.Host)))
	if strings.HasPrefix(host, "outbound_.") {
		host = b.Hops[0].Destination.Host
	}
	servers := serversAt(p, pod, "_"+fmt.Sprint(service.port))
	if len(servers) > 0 {
		return routesMiss(p, b, host, workload, pod, servers, n, sender.Wire.Layers > 0)
	}
	v := verdict{rule: "MSH412", hop: n, finding: validate.Finding{
		Category:    validate.Dangling,
		Consequence: "nothing listens there: connection refused, 503 UF",
		Message:     fmt.Sprintf("the request goes to port %d of gateway %s, and no Gateway opens that port on it", service.port, workload),
		Fix:         fmt.Sprintf("write a Gateway with selector %s and a server for %s on port %d", labelText(pod.Labels), host, service.port),
	}}
	f := &v.finding
	if d, ok := validate.Decided(sender, "VirtualService"); ok {
		f.Place = p.Of(d)
	}
	for _, g := range p.Objects.Gateways {
		for i, s := range g.Spec.Servers {
			one := placed{g, fmt.Sprintf("spec.servers[%d]", i), s}
			switch {
			case !one.takes(host):
			case within(g.Spec.Selector, pod.Labels):
				f.Related = append(f.Related, p.At(g.Object, one.field+".port.number"))
				f.Message = fmt.Sprintf("the request goes to port %d of gateway %s, and %s takes %s on port %d", service.port, workload, g.ID, host, s.GetPort().GetNumber())
				f.Fix = fmt.Sprintf("lead it to port %d, or open port %d in %s", s.GetPort().GetNumber(), service.port, g.ID)
				return v
			case len(g.Spec.Selector) > 0 && !selectsAny(p, g.Spec.Selector):
				v.rule = "MSH402"
				f.Related = []validate.Place{f.Place}
				f.Place = p.At(g.Object, "spec.selector")
				f.Message = fmt.Sprintf("%s selects %s, and no gateway has those labels: %s has %s", g.ID, labelText(g.Spec.Selector), workload, labelText(pod.Labels))
				f.Fix = fmt.Sprintf("set spec.selector of %s to labels of the gateway's pods", g.ID)
			}
		}
	}
	return v
}

func selectsAny(p *validate.Pass, selector map[string]string) bool {
	return slices.ContainsFunc(p.Index.Pods(), func(pod traffic.Pod) bool { return pod.Gateway && within(selector, pod.Labels) })
}

func labelText(labels map[string]string) string {
	if v, ok := labels["istio"]; ok {
		return "istio: " + v
	}
	keys := make([]string, 0, len(labels))
	for k, v := range labels {
		keys = append(keys, k+": "+v)
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

// routesMiss says why servers of a gateway lead a host nowhere.
func routesMiss(p *validate.Pass, b *validate.Break, host, workload string, pod traffic.Pod, servers []placed, n int, bySNI bool) verdict {
	gone := "the gateway answers 404 (NR, route_not_found)"
	if bySNI {
		gone = "no filter chain matches (filter_chain_not_found): the connection is reset"
	}
	v := verdict{hop: n, finding: validate.Finding{Consequence: gone}}
	f := &v.finding
	takers := slices.DeleteFunc(slices.Clone(servers), func(s placed) bool { return !s.takes(host) })
	if len(takers) == 0 {
		if len(servers) == 0 || bySNI {
			return verdict{} // MSH216 tells of SNIs
		}
		s := servers[0]
		v.rule = "MSH403"
		f.Category = validate.Dangling
		f.Place = p.At(s.of.Object, s.field+".hosts")
		f.Message = fmt.Sprintf("%s comes to gateway %s, and no server for the port takes it: %s has %s", host, workload, s.of.ID, strings.Join(s.Hosts, ", "))
		f.Fix = fmt.Sprintf("add %s to hosts of %s", host, s.of.ID)
		return v
	}
	s := takers[0]
	at := p.At(s.of.Object, s.field)
	var about, bound []routesOf
	for _, r := range p.Objects.VirtualServices {
		if !slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return covers(h, host) }) {
			continue
		}
		about = append(about, r)
		if slices.ContainsFunc(r.Spec.Gateways, func(g string) bool { return names(g, r.ID.Namespace, s.of) }) {
			bound = append(bound, r)
		}
	}
	switch {
	case len(bound) == 0:
		v.rule = "MSH415"
		f.Category = validate.NoRoute
		f.Place = at
		f.Message = fmt.Sprintf("%s takes %s, and no VirtualService says where it goes from there", s.of.ID, host)
		f.Fix = fmt.Sprintf("write a VirtualService for %s with gateways: [%s/%s]", host, s.of.ID.Namespace, s.of.ID.Name)
		for _, r := range about {
			for i, g := range r.Spec.Gateways {
				if g == "mesh" || exists(p, g, r.ID.Namespace) {
					continue
				}
				v.rule = "MSH401"
				f.Category = validate.Dangling
				f.Place = p.At(r.Object, fmt.Sprintf("spec.gateways[%d]", i))
				f.Related = []validate.Place{at}
				f.Message = fmt.Sprintf("%s names gateway %q, which is not there: a name without a namespace is one of the VirtualService's own", r.ID, g)
				f.Fix = fmt.Sprintf("write %s/%s", s.of.ID.Namespace, s.of.ID.Name)
				return v
			}
			f.Related = append(f.Related, p.At(r.Object, "spec.gateways"))
		}
		return v
	case !p.Index.Exported("VirtualService", bound[0].Spec.ExportTo, bound[0].ID.Namespace, pod.Namespace):
		r := bound[0]
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
	case !s.allows(host, bound[0].ID.Namespace):
		r := bound[0]
		v.rule = "MSH404"
		f.Place = p.At(s.of.Object, s.field+".hosts")
		f.Related = []validate.Place{p.At(r.Object, "spec.gateways")}
		f.Message = fmt.Sprintf("%s takes %s of VirtualServices of some namespaces only (%s), and %s is in another", s.of.ID, host, strings.Join(s.Hosts, ", "), r.ID)
		f.Fix = fmt.Sprintf("write %s/%s among its hosts, or move the VirtualService", r.ID.Namespace, host)
		return v
	}
	r := bound[0]
	f.Related = []validate.Place{at}
	kinds := kindsFor(bound, s.of)
	protocol := strings.ToUpper(s.GetPort().GetProtocol())
	kind := func(id string, category validate.Category, has, why, fix string) verdict {
		v.rule = id
		f.Category = category
		f.Place = p.At(r.Object, "spec."+has)
		f.Message = fmt.Sprintf("%s has %s routes for %s, and %s", r.ID, has, s.of.ID, why)
		f.Fix = fix
		return v
	}
	switch {
	case protocol == "TLS" && s.terminates() && !kinds["tcp"]:
		has := "http"
		if kinds["tls"] {
			has = "tls"
		}
		return kind("MSH407", validate.NoRoute, has, "a server of protocol TLS that terminates takes tcp routes only: it does not even listen without one",
			fmt.Sprintf("write them as tcp routes with match.port %d; or set protocol HTTPS and http routes", s.GetPort().GetNumber()))
	case protocol == "HTTPS" && s.terminates() && !kinds["http"] && kinds["tls"]:
		return kind("MSH405", validate.NoRoute, "tls", "that server terminates the TLS, so only http routes count",
			"write them as http routes; or set tls.mode PASSTHROUGH, if the application's TLS is to go through")
	case s.Tls != nil && !s.terminates() && !kinds["tls"] && !kinds["tcp"] && kinds["http"]:
		return kind("MSH406", validate.NoRoute, "http", "that server passes TLS through unopened, so only tls routes count",
			fmt.Sprintf("write them as tls routes with match.sniHosts [%s]; or let the server terminate", host))
	case (protocol == "TCP" || protocol == "MONGO" || protocol == "MYSQL") && !kinds["tcp"]:
		return kind("MSH408", validate.NoRoute, "http", "a server of protocol TCP takes tcp routes only", fmt.Sprintf("write them as tcp routes with match.port %d", s.GetPort().GetNumber()))
	case len(kinds) == 0:
		v.rule = "MSH415"
		f.Category = validate.NoRoute
		f.Place = p.At(r.Object, "spec.gateways")
		f.Message = fmt.Sprintf("%s names %s, but none of its rules counts there: each match is for other gateways", r.ID, s.of.ID)
		f.Fix = fmt.Sprintf("write a rule with match.gateways [%s/%s]", s.of.ID.Namespace, s.of.ID.Name)
		return v
	}
	if port, field, ok := otherPort(r, s); ok {
		v.rule = "MSH417"
		f.Category = validate.NoRoute
		f.Place = p.At(r.Object, field)
		f.Message = fmt.Sprintf("%s asks for port %d at %s, whose server has port %d: it is the server's number that counts, not the pod's or the node's", r.ID, port, s.of.ID, s.GetPort().GetNumber())
		f.Fix = fmt.Sprintf("write port: %d", s.GetPort().GetNumber())
		return v
	}
	v.rule = "MSH415"
	f.Category = validate.NoRoute
	f.Place = p.At(r.Object, "spec.http")
	f.Message = fmt.Sprintf("no rule of %s fits %s at %s", r.ID, b.Request.To, s.of.ID)
	f.Fix = "add a rule without match at the end, or make one fit"
	return v
}

// names tells whether a VirtualService's gateway is a Gateway.
func names(gateway, namespace string, g gatewayOf) bool {
	in, name, found := strings.Cut(gateway, "/")
	if !found {
		in, name = namespace, gateway
		if short, rest, dotted := strings.Cut(gateway, "."); dotted { // NAME.NAMESPACE, as it was once written
			own, _, _ := strings.Cut(rest, ".")
			in, name = own, short
		}
	}
	if in == "." {
		in = namespace
	}
	return g.ID.Name == name && g.ID.Namespace == in
}

func exists(p *validate.Pass, gateway, namespace string) bool {
	return slices.ContainsFunc(p.Objects.Gateways, func(g gatewayOf) bool { return names(gateway, namespace, g) })
}

// kindsFor are the kinds of routes that VirtualServices have for a Gateway.
func kindsFor(all []routesOf, g gatewayOf) map[string]bool {
	kinds := map[string]bool{}
	for _, r := range all {
		at := func(gateways []string) bool {
			return len(gateways) == 0 || slices.ContainsFunc(gateways, func(n string) bool { return names(n, r.ID.Namespace, g) })
		}
		for _, h := range r.Spec.Http {
			if len(h.Match) == 0 || slices.ContainsFunc(h.Match, func(m *networking.HTTPMatchRequest) bool { return at(m.Gateways) }) {
				kinds["http"] = true
			}
		}
		for _, h := range r.Spec.Tls {
			if slices.ContainsFunc(h.Match, func(m *networking.TLSMatchAttributes) bool { return at(m.Gateways) }) {
				kinds["tls"] = true
			}
		}
		for _, h := range r.Spec.Tcp {
			if len(h.Match) == 0 || slices.ContainsFunc(h.Match, func(m *networking.L4MatchAttributes) bool { return at(m.Gateways) }) {
				kinds["tcp"] = true
			}
		}
	}
	return kinds
}

// otherPort is the port that all matches for a server's gateway ask for, where it is not the server's.
func otherPort(r routesOf, s placed) (int, string, bool) {
	wrong, field := 0, ""
	check := func(port uint32, gateways []string, at string) bool {
		for _, g := range gateways {
			if !names(g, r.ID.Namespace, s.of) {
				continue
			}
			if port == 0 || port == s.GetPort().GetNumber() {
				return false
			}
			wrong, field = int(port), at
		}
		return true
	}
	for i, h := range r.Spec.Http {
		for j, m := range h.Match {
			if !check(m.Port, m.Gateways, fmt.Sprintf("spec.http[%d].match[%d].port", i, j)) {
				return 0, "", false
			}
		}
	}
	for i, h := range r.Spec.Tls {
		for j, m := range h.Match {
			if !check(m.Port, m.Gateways, fmt.Sprintf("spec.tls[%d].match[%d].port", i, j)) {
				return 0, "", false
			}
		}
	}
	return wrong, field, wrong != 0
}
