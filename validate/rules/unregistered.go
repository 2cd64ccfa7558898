package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A verdict is a rule's, with what it has to say about a way and the hop that it is about.
type verdict struct {
	rule    string
	hop     int
	finding validate.Finding
}

// report reports what an analysis found, if it is this rule's.
func report(p *validate.Pass, b *validate.Break, id string, found verdict) bool {
	return found.rule == id && p.Broken(b, found.hop, found.finding)
}

// hidden is for hosts that are declared and not for the client, whether nothing takes the request or a route leads there.
func hidden(p *validate.Pass, b *validate.Break) verdict {
	if b.Outcome.Cause == traffic.UnknownService {
		return destinationMiss(p, b)
	}
	return unregistered(p, b)
}

// unregistered says why nothing in the registry takes a request: the host is not declared, or not for the client, or not
// for the port, or not for what the application sends.
func unregistered(p *validate.Pass, b *validate.Break) verdict {
	h, n := exit(b)
	if h == nil {
		return verdict{}
	}
	dialled := b.Hops[0].Destination
	blocked := b.Outcome.Code == traffic.Blackhole
	client := clientOf(h)
	what := "it is refused: the sidecar's policy is REGISTRY_ONLY (BlackHoleCluster: HTTP is answered with 502, anything else is reset)"
	severity := validate.Error
	if !blocked {
		what = "it leaves as it came (PassthroughCluster): no rule, no gateway and no metrics of the host apply, and a policy of REGISTRY_ONLY would refuse it"
		severity = validate.Warning
	}
	v := verdict{hop: n, finding: validate.Finding{Severity: severity, Consequence: what}}
	f := &v.finding
	entries := entriesCalled(p, dialled.Host)
	if len(entries) == 0 {
		route := matched(p, dialled.Host, dialled.Port)
		if route.Object.Kind != "" && !isService(p, serviceName(dialled.Host, client)) && !(b.Request.Guess && entrance(p, route.Object)) {
			v = ignoredRoute(v, route, b, fmt.Sprintf("write a ServiceEntry with host %s and port %d%s", dialled.Host, dialled.Port, wanted(b).spoken()))
			v.finding.Edits = wanted(b).entryEdit(p, route.Object)
			return v
		}
		if !blocked {
			// Whoever allows everything means to; but not who has rules for the host.
			rules := rulesFor(p, dialled.Host)
			rules = slices.DeleteFunc(rules, func(r traffic.Of[*networking.DestinationRule]) bool { return wildcard(r.Spec.Host) })
			if len(rules) == 0 {
				return verdict{}
			}
			v.rule = "MSH302"
			f.Place = p.At(rules[0].Object, "spec.host")
			f.Message = fmt.Sprintf("%s is for %s, which no ServiceEntry declares: as the mesh lets anything out, the request leaves, but the rule does not count", rules[0].ID, dialled.Host)
			f.Fix = fmt.Sprintf("write a ServiceEntry with host %s and port %d%s", dialled.Host, dialled.Port, wanted(b).spoken())
			d, root := wanted(b), ""
			if root, _, _ = p.Index.Mesh(); rules[0].ID.Namespace != root {
				d.owner = rules[0].ID.Namespace // where the rule counts for who sees the ServiceEntry
			}
			f.Edits = d.entryEdit(p, f.Object)
			return v
		}
		if service, ok := serviceOf(p, serviceName(dialled.Host, client)); ok {
			v.rule = "MSH303"
			f.Place = p.At(service.Object, "spec.ports")
			f.Message = fmt.Sprintf("Service %s has no port %d, which the application calls", dialled.Host, dialled.Port)
			f.Fix = "call a port that the Service has, or add this one to it"
			if b.Request.Guess {
				f.Severity = validate.Info // only a match of a VirtualService speaks of the port
			}
			return v
		}
		v.rule = "MSH301"
		if e, ok := behindAddress(p, dialled.Host); ok {
			f.Place = p.At(e.Object, "spec.addresses")
			f.Message = fmt.Sprintf("the application calls the address %s, and %s declares it by its name only, %s: the address is an endpoint there, which is not what clients call", dialled, e.ID, e.Spec.Hosts[0])
			f.Fix = fmt.Sprintf("add %s to spec.addresses of %s", dialled.Host, e.ID)
			f.Edits = []validate.Edit{{Object: f.Object, Field: fmt.Sprintf("spec.addresses[%d]", len(e.Spec.Addresses)), Value: dialled.Host}}
			return v
		}
		if len(h.DecidedBy) > 0 {
			f.Place = p.Of(h.DecidedBy[len(h.DecidedBy)-1])
		}
		if at, ok := calledAt(p, client, dialled.Host); ok { // each host that is not declared is a mistake of its own
			if f.Place.Object.Kind != "" {
				f.Related = []validate.Place{f.Place}
			}
			f.Place = at
		}
		f.Message = fmt.Sprintf("no ServiceEntry declares %s, and the outbound policy is REGISTRY_ONLY", dialled)
		f.Fix = fmt.Sprintf("write a ServiceEntry with host %s and port %d%s, exported to namespace %s", dialled.Host, dialled.Port, wanted(b).spoken(), client)
		f.Edits = wanted(b).entryEdit(p, clientObject(p, h, f.Object))
		return v
	}
	visible := slices.DeleteFunc(slices.Clone(entries), func(e entryOf) bool { return !seen(p, e, client) })
	first := entries[0]
	if len(visible) == 0 {
		v.rule = "MSH304"
		f.Place = p.At(first.Object, "spec.exportTo")
		f.Message = fmt.Sprintf("%s declares %s, but is not exported to namespace %s, from which it is called", first.ID, dialled.Host, client)
		f.Fix = fmt.Sprintf("add %s to exportTo of %s, or write one in that namespace", client, first.ID)
		f.Edits = exportEdit(f.Place, first.Spec.ExportTo, client)
		if !p.Index.Member(first.ID.Namespace) {
			v.rule = "MSH607"
			why, fix, ok := outside(p, first.ID.Namespace)
			if !ok {
				return verdict{} // the files leave open who is a member
			}
			f.Edits = admission(p, first.ID.Namespace)
			f.Place = p.At(first.Object, "metadata.namespace")
			f.Message = fmt.Sprintf("%s declares %s, and its namespace %s", first.ID, dialled.Host, why)
			f.Fix = fix + "; or move the ServiceEntry"
		}
		return v
	}
	first = visible[0]
	entry, at, ok := declaredIn(visible, dialled.Port)
	if s := hidingSidecar(p, h); s.Object != nil {
		if locked, found := lockedOut(p, s, client, first, dialled, v); found {
			return locked
		}
		if !imports(s, client, first, dialled.Host) {
			v.rule = "MSH304"
			f.Place = p.At(s.Object, "spec.egress[0].hosts")
			f.Related = []validate.Place{p.At(first.Object, "spec.hosts")}
			f.Message = fmt.Sprintf("%s declares %s, but %s does not import it for the client", first.ID, dialled.Host, s.ID)
			f.Fix = fmt.Sprintf("add %q to spec.egress[].hosts of %s", importOf(first, dialled.Host), s.ID)
			f.Edits = importEdit(p, s, dialled.Port, importOf(first, dialled.Host))
			return v
		}
	}
	if !ok {
		if route := matched(p, dialled.Host, dialled.Port); asksPort(route) {
			v = ignoredRoute(v, p.At(first.Object, "spec.ports"), b, fmt.Sprintf("add port %d%s to spec.ports of %s", dialled.Port, wanted(b).spoken(), first.ID), route)
			v.finding.Edits = wanted(b).portEdit(p, first)
			return v
		}
		v.rule = "MSH303"
		f.Place = p.At(first.Object, "spec.ports")
		f.Message = fmt.Sprintf("%s declares %s without port %d, which the application calls", first.ID, dialled.Host, dialled.Port)
		f.Fix = fmt.Sprintf("add port %d%s to spec.ports of %s", dialled.Port, wanted(b).spoken(), first.ID)
		f.Edits = wanted(b).portEdit(p, first)
		return v
	}
	f.Place = p.At(entry.Object, at+".protocol")
	protocol := entry.Spec.Ports[atIndex(at)].Protocol
	_, isAddress := netip.ParseAddr(dialled.Host)
	tls := isTLS(protocol)
	switch {
	case isBytes(protocol):
		return lostBytes(p, b, v, visible, entry, at, protocol)
	case tls && b.TLS && (isAddress == nil || b.Hops[0].Wire.SNI != dialled.Host):
		v.rule = "MSH314"
		f.Message = fmt.Sprintf("port %d of %s is told from others by SNI, and the application sends %s", dialled.Port, entry.ID, orSNI(b.Hops[0].Wire.SNI))
		f.Fix = fmt.Sprintf("have the client send the SNI %s; or declare the port as TCP, with the address of the host in spec.addresses", entry.Spec.Hosts[0])
		if isAddress == nil && len(entry.Spec.Addresses) > 0 {
			f.Message = fmt.Sprintf("port %d of %s is told from others by SNI, and the application, which calls %s, sends %s", dialled.Port, entry.ID, dialled.Host, orSNI(b.Hops[0].Wire.SNI))
			f.Fix = "declare the port as TCP: spec.addresses then tells it from others; or have the client call the host by its name"
			f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: "TCP"}}
		}
	case tls && !b.TLS && inBand[dialled.Port] != "":
		v.rule = "MSH232"
		f.Category = validate.Protocol
		f.Message = fmt.Sprintf("port %d of %s is told from others by the SNI of a ClientHello, and %s begins in plaintext", dialled.Port, entry.ID, inBand[dialled.Port])
		f.Fix = "declare the port as TCP, with the host's address in spec.addresses where other hosts use the port too: the TLS of the client's driver goes through it"
		f.Edits = declaredTCP(p, entry, f.Place)
	case tls && !b.TLS:
		v.rule = "MSH204"
		f.Severity, f.Category = validate.Error, validate.PlaintextToTLS
		f.Consequence += "; the server there refuses the plaintext, with 400 or a reset"
		f.Message = fmt.Sprintf("port %d of %s takes %s, and the application sends plaintext to it", dialled.Port, entry.ID, protocol)
		f.Fix = fmt.Sprintf("have the application call https://%s; or declare port 80 with targetPort %d, and let a DestinationRule make the TLS", dialled, dialled.Port)
		f.Edits = recalled(p, b.Request, "http://", "https://")
	case b.TLS:
		v.rule = "MSH206"
		f.Message = fmt.Sprintf("port %d of %s is declared to take %s, and the application sends TLS to it", dialled.Port, entry.ID, protocol)
		f.Edits = declaredTLS(p, f.Place, dialled)
		f.Fix = "declare the port with protocol HTTPS; or have the application call http://, and let a DestinationRule make the TLS"
	default:
		v.rule = "MSH303"
		f.Category = validate.Protocol
		f.Message = fmt.Sprintf("port %d of %s is declared to take %s, which is not what the application sends", dialled.Port, entry.ID, protocol)
		f.Fix = "declare the port with the protocol that is spoken there"
		if d := wanted(b); !b.Request.Guess && d.protocol != "" && (!isBytes(d.protocol) || d.apart(p, entry.ID.String())) {
			f.Fix = "declare the port as " + d.protocol + ", which is what the application sends"
			f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: d.protocol}}
		}
	}
	return v
}

// matched is where a VirtualService for sidecars asks for a port of a host, or else where it has the host.
func matched(p *validate.Pass, host string, port int) validate.Place {
	for _, r := range p.Objects.VirtualServices {
		if !forSidecars(r.Spec.Gateways) || !slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return fullName(h, r.ID.Namespace) == host }) {
			continue
		}
		for _, m := range matches(r.Spec) {
			if forSidecars(m.gateways) && (m.port == port || port == 0 && m.port != 0) {
				return p.At(r.Object, m.field+".port")
			}
		}
		return p.At(r.Object, "spec.hosts")
	}
	return validate.Place{}
}

// A matching is one match of a VirtualService, of whatever kind its routes are.
type matching struct {
	field    string
	port     int
	gateways []string
}

func matches(spec *networking.VirtualService) []matching {
	var all []matching
	for i, h := range spec.Http {
		for j, m := range h.Match {
			all = append(all, matching{fmt.Sprintf("spec.http[%d].match[%d]", i, j), int(m.Port), m.Gateways})
		}
	}
	for i, h := range spec.Tls {
		for j, m := range h.Match {
			all = append(all, matching{fmt.Sprintf("spec.tls[%d].match[%d]", i, j), int(m.Port), m.Gateways})
		}
	}
	for i, h := range spec.Tcp {
		for j, m := range h.Match {
			all = append(all, matching{fmt.Sprintf("spec.tcp[%d].match[%d]", i, j), int(m.Port), m.Gateways})
		}
	}
	return all
}

// forSidecars tells whether a list of gateways is for sidecars too.
func forSidecars(gateways []string) bool {
	return len(gateways) == 0 || slices.Contains(gateways, "mesh")
}

func orSNI(sni string) string {
	if sni == "" {
		return "none"
	}
	return sni
}

func declaredIn(entries []traffic.Of[*networking.ServiceEntry], port int) (traffic.Of[*networking.ServiceEntry], string, bool) {
	for _, e := range entries {
		for i, one := range e.Spec.Ports {
			if int(one.Number) == port {
				return e, fmt.Sprintf("spec.ports[%d]", i), true
			}
		}
	}
	return traffic.Of[*networking.ServiceEntry]{}, "", false
}

// hidingSidecar is the Sidecar object of a hop's workload that has egress listeners.
func hidingSidecar(p *validate.Pass, h *traffic.Hop) traffic.Of[*networking.Sidecar] {
	namespace, _, _ := strings.Cut(h.Workload, "/")
	root, _, _ := p.Index.Mesh()
	pod, _ := p.Index.Pod(h.Workload)
	var found traffic.Of[*networking.Sidecar]
	rank := 0
	for _, s := range p.Objects.Sidecars {
		selector := s.Spec.GetWorkloadSelector().GetLabels()
		own := 0
		switch {
		case s.ID.Namespace == namespace && len(selector) > 0 && within(selector, pod.Labels):
			own = 3
		case s.ID.Namespace == namespace && len(selector) == 0:
			own = 2
		case s.ID.Namespace == root && len(selector) == 0:
			own = 1
		}
		if own > rank {
			found, rank = s, own
		}
	}
	if found.Object != nil && len(found.Spec.Egress) == 0 {
		return traffic.Of[*networking.Sidecar]{}
	}
	return found
}

// imports tells whether a Sidecar imports a host of a ServiceEntry.
func imports(s traffic.Of[*networking.Sidecar], client string, e traffic.Of[*networking.ServiceEntry], host string) bool {
	for _, l := range s.Spec.Egress {
		for _, h := range l.Hosts {
			namespace, name, _ := strings.Cut(h, "/")
			if namespace == "." {
				namespace = client
			}
			if (namespace == "*" || namespace == e.ID.Namespace) && (covers(name, host) ||
				slices.ContainsFunc(e.Spec.Hosts, func(declared string) bool { return covers(name, declared) })) {
				return true
			}
		}
	}
	return false
}
