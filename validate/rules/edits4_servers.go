package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// usual are the ports that servers of plain HTTP, and of TLS, have instead of each other's.
var usual = map[bool]map[uint32]uint32{false: {443: 80, 8443: 8080}, true: {80: 443, 8080: 8443}}

// portOfServer is the one of two servers that cannot share a port which has the other's usual one, and the port that it is to
// have, if that is free and called.
func portOfServer(p *validate.Pass, pod traffic.Pod, servers ...placed) (placed, uint32) {
	for _, s := range servers {
		http := plainHTTP[strings.ToUpper(s.GetPort().GetProtocol())]
		number := usual[!http][s.GetPort().GetNumber()]
		if number == 0 || !http && s.Tls == nil || !servicePortAt(p, pod, number) {
			continue
		}
		if !slices.ContainsFunc(serversOf(p, pod), func(o placed) bool {
			return o.GetPort().GetNumber() == number && (plainHTTP[strings.ToUpper(o.GetPort().GetProtocol())] != http || !http && (o.Tls == nil || o.shares(s) != ""))
		}) {
			return s, number
		}
	}
	return placed{}, 0
}

// servicePortAt tells whether a Service leads to a port of a gateway's pod, as far as the files hold its Services.
func servicePortAt(p *validate.Pass, pod traffic.Pod, number uint32) bool {
	services := servicesOf(p, pod)
	return len(services) == 0 || slices.ContainsFunc(services, func(s traffic.Of[*corev1.Service]) bool {
		return slices.ContainsFunc(s.Spec.Spec.Ports, func(port corev1.ServicePort) bool {
			return port.Port == int32(number) || port.TargetPort.IntValue() == int(number)
		})
	})
}

// moved are the edits that give a server another port, in all that names it by the old one.
func (s placed) moved(p *validate.Pass, number uint32) []validate.Edit {
	old := s.GetPort().GetNumber()
	edits := []validate.Edit{{Object: p.At(s.of.Object, "").Object, Field: s.field + ".port.number", Value: int(number)}}
	for i, other := range s.of.Spec.Servers {
		if other.GetPort().GetNumber() == old && i != atIndex(s.field) {
			return nil
		}
	}
	for _, r := range boundTo(p, s.of.ID.Namespace+"/"+s.of.ID.Name) {
		o := p.At(r.Object, "").Object
		for _, m := range gatewayMatches(r) {
			if m.isFor(r, s.of) && m.port == old {
				edits = append(edits, validate.Edit{Object: o, Field: strings.TrimSuffix(m.field, "gateways") + "port", Value: int(number)})
			}
			for i, d := range destinations(m.only(r)) {
				if isGateway(p, fullName(d.GetHost(), r.ID.Namespace)) && d.GetPort().GetNumber() == old {
					e := validate.Edit{Object: o, Field: fmt.Sprintf("%s.route[%d].destination.port.number", m.rule, i), Value: int(number)}
					if !slices.Contains(edits, e) {
						edits = append(edits, e)
					}
				}
			}
		}
	}
	return edits
}

// unnamed is a name for a server's port that no other of its Gateway has.
func (s placed) unnamed() string {
	for n := 2; ; n++ {
		name := fmt.Sprintf("%s-%d", s.GetPort().GetName(), n)
		if !slices.ContainsFunc(s.of.Spec.Servers, func(o *networking.Server) bool { return o.GetPort().GetName() == name }) {
			return name
		}
	}
}

// without says how a server leaves the hosts that another one has to that one, where the VirtualServices of these hosts then
// have to be, and by which edits; there are none where the Gateway would be empty, as edits delete no objects.
func (s placed) without(p *validate.Pass, kept placed) (fix string, edits []validate.Edit) {
	var shared, rest []string
	for _, h := range s.Hosts {
		if (placed{of: s.of, Server: &networking.Server{Hosts: []string{h}}}).shares(kept) == "" {
			rest = append(rest, h)
		} else {
			shared = append(shared, h)
		}
	}
	e := validate.Edit{Object: p.At(s.of.Object, "").Object, Field: s.field}
	full := kept.of.ID.Namespace + "/" + kept.of.ID.Name
	switch {
	case len(rest) > 0:
		e.Field, e.Value = s.field+".hosts", jsonList(rest)
		fix = fmt.Sprintf("take %s out of %s of %s", strings.Join(shared, ", "), e.Field, s.of.ID)
	case len(s.of.Spec.Servers) == 1:
		fix = fmt.Sprintf("delete %s", s.of.ID)
	default:
		fix = fmt.Sprintf("take %s out of %s", e.Field, s.of.ID)
	}
	edits = append(edits, e)
	if s.of.ID != kept.of.ID { // of one Gateway, the VirtualServices are at both
		fix += fmt.Sprintf(", which leaves the host to %s", kept.of.ID)
	}
	only := placed{of: s.of, Server: &networking.Server{Hosts: shared}}
	for _, r := range boundTo(p, s.of.ID.Namespace+"/"+s.of.ID.Name) {
		if !listed(r, full) && slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return only.meets(fullName(h, r.ID.Namespace), r.ID.Namespace) }) {
			edits = append(edits, alsoFor(p, r, full))
			fix += fmt.Sprintf("; add %s to spec.gateways of %s", full, r.ID)
		}
	}
	if len(rest) == 0 && len(s.of.Spec.Servers) == 1 {
		return fix, nil
	}
	return fix, edits
}

// into says how a server becomes one with another one, and by which edits.
func (s placed) into(p *validate.Pass, kept placed) (fix string, edits []validate.Edit) {
	more := slices.DeleteFunc(slices.Clone(s.Hosts), func(h string) bool { return slices.Contains(kept.Hosts, h) })
	if s.of.ID.Namespace != kept.of.ID.Namespace {
		for i, h := range more {
			more[i] = strings.Replace(h, "./", s.of.ID.Namespace+"/", 1)
		}
	}
	all := kept
	all.Server = &networking.Server{Hosts: slices.Concat(kept.Hosts, more)}
	fix, edits = s.without(p, all)
	fix = fmt.Sprintf("add %s to %s.hosts of %s, and %s", strings.Join(more, ", "), kept.field, kept.of.ID, fix)
	if edits != nil {
		edits = append(edits, validate.Edit{Object: p.At(kept.of.Object, "").Object, Field: kept.field + ".hosts", Value: jsonList(all.Hosts)})
	}
	return fix, edits
}

// opened is the edit for one more port of a Service.
func opened(p *validate.Pass, s traffic.Of[*corev1.Service], number, target int, protocol string) validate.Edit {
	name := fmt.Sprintf("%s-%d", strings.ToLower(protocol), number)
	item := map[string]any{"name": name, "port": number, "targetPort": target}
	return validate.Edit{Object: p.At(s.Object, "").Object, Field: fmt.Sprintf("spec.ports[%d]", len(s.Spec.Spec.Ports)), Value: item}
}
