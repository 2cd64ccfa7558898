package schema

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// set is the edit that all of these mends are made of.
func set(field string, value any) []Edit { return []Edit{{Field: field, Value: value}} }

// mendWildcard chooses a resolution that takes the hosts as they are.
func mendWildcard(o patient, p *Problem) {
	const resolution = "spec.resolution"
	wild := slices.ContainsFunc(o.texts("spec.hosts"), func(host string) bool { return strings.HasPrefix(host, "*") })
	switch field := p.Field; {
	case o.text(resolution) != "DYNAMIC_DNS":
		if !o.has("spec.endpoints") {
			p.Edits = set(resolution, "NONE")
		}
	case within(field, "spec.hosts") && !wild:
		p.Fix = "set resolution to DNS, or write a wildcard"
		p.Edits = set(resolution, "DNS")
	case within(field, "spec.ports"):
		at := strings.TrimSuffix(field, ".protocol")
		if strings.EqualFold(o.text(at+".protocol"), "HTTPS") { // which is the same to a sidecar
			p.Fix = "set protocol to TLS"
			p.Edits = set(at+".protocol", "TLS")
		}
	case within(field, "spec.addresses"):
		p.Edits = o.drop("spec.addresses")
	case within(field, "spec.endpoints"):
		p.Edits = o.drop("spec.endpoints")
	}
}

// mendHosts reads as TLS, which names its host, what by number or name is of TLS.
func mendHosts(o patient, p *Problem) {
	name, number := o.text(p.Field+".name"), o.value(p.Field+".number")
	ofTLS := number == int64(443) || number == int64(8443) || strings.HasPrefix(name, "https") || strings.HasPrefix(name, "tls")
	if !ofTLS || !strings.EqualFold(o.text(p.Field+".protocol"), "TCP") {
		return
	}
	p.Fix = "set protocol to TLS, if that is what clients send; else " + p.Fix
	p.Edits = set(p.Field+".protocol", "TLS")
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}

// suited is the resolution that endpoints of a ServiceEntry need, or "".
func suited(o patient) string {
	names, sockets := 0, 0
	for i := range o.list("spec.endpoints") {
		address := o.text(item("spec.endpoints", i) + ".address")
		switch {
		case address == "":
			return ""
		case strings.HasPrefix(address, "unix://"):
			sockets++
		case !isAddress(address):
			names++
		}
	}
	ranges := slices.ContainsFunc(o.texts("spec.addresses"), func(a string) bool { return strings.Contains(a, "/") })
	switch {
	case names == 0:
		return "STATIC"
	case sockets == 0 && !ranges:
		return "DNS"
	}
	return ""
}

// mendEndpoints makes resolution and endpoints go together.
func mendEndpoints(o patient, p *Problem) {
	resolution, at := o.text("spec.resolution"), itemNumber.ReplaceAllString(p.Field, "[]")
	fits := suited(o)
	switch {
	case p.Kind == Missing:
	case at == "spec.workloadSelector":
		p.Edits = set("spec.resolution", "STATIC")
	case strings.HasSuffix(at, ".ports") && strings.HasPrefix(o.text(parent(p.Field)+".address"), "unix://"):
		p.Edits = o.drop(p.Field)
	case strings.HasPrefix(at, "spec.endpoints[].ports."):
		mendEndpointPorts(o, p)
	case (resolution == "" || resolution == "NONE") && at == "spec.endpoints" && fits != "" && !o.has("spec.workloadSelector"):
		p.Fix = "set resolution to " + fits + map[string]string{"STATIC": ": the endpoints are addresses", "DNS": ": the endpoints are names"}[fits]
		p.Edits = set("spec.resolution", fits)
	case resolution == "STATIC" && at == "spec.endpoints[].address" && fits == "DNS" && hostLike(o.text(p.Field)):
		p.Edits = set("spec.resolution", "DNS")
	case resolution == "DNS_ROUND_ROBIN" && strings.HasPrefix(at, "spec.endpoints") && len(o.list("spec.endpoints")) > 1 && fits != "":
		p.Fix = "set resolution to DNS, which takes several, or keep one endpoint"
		p.Edits = set("spec.resolution", "DNS")
	}
}

func hostLike(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if !isLabel(strings.ToLower(label)) {
			return false
		}
	}
	return true
}

// mendEndpointPorts gives ports of endpoints the name of the ServiceEntry's port that is not among them yet: where there
// are several of these, the nearest.
func mendEndpointPorts(o patient, p *Problem) {
	wrong := last(p.Field)
	var right string
	for i := range o.list("spec.endpoints") {
		at := item("spec.endpoints", i) + ".ports"
		value := o.value(entryOf(at, wrong))
		if value == nil {
			continue
		}
		var free []string
		for j := range o.list("spec.ports") {
			if name := o.text(item("spec.ports", j) + ".name"); name != "" && !slices.Contains(o.keys(at), name) {
				free = append(free, name)
			}
		}
		if slices.Contains(free, wrong) {
			return
		}
		name := nearest(wrong, free)
		if len(free) == 1 {
			name = free[0]
		}
		if name == "" || right != "" && right != name {
			p.Edits = nil
			return
		}
		right = name
		p.Edits = append(p.Edits, Edit{Field: entryOf(at, wrong)}, Edit{Field: entryOf(at, name), Value: value})
	}
	if right != "" {
		p.Fix = fmt.Sprintf("write %s, the name of the port in spec.ports", right)
	}
}

// mendRange keeps the addresses where a resolution goes with them: a range is written for what cannot be told apart by
// name.
func mendRange(o patient, p *Problem) {
	var ranges []string
	for i, a := range o.texts("spec.addresses") {
		if strings.Contains(a, "/") {
			ranges = append(ranges, item("spec.addresses", i))
		}
	}
	resolution := "NONE"
	if o.has("spec.endpoints") || o.has("spec.workloadSelector") {
		resolution = suited(o)
	}
	if resolution == "NONE" || resolution == "STATIC" {
		p.Fix = fmt.Sprintf("set resolution to %s, or remove the range", resolution)
		p.Edits = set("spec.resolution", resolution)
		return
	}
	p.Fix = "remove the range"
	p.Edits = o.drop(ranges...)
}

// mendPortTwice takes out a port that is written twice, and renames one of two ports of one name.
func mendPortTwice(o patient, p *Problem) {
	const ports = "spec.ports"
	type port struct {
		number         any
		name, protocol string
	}
	var all []port
	var names []string
	for i := range o.list(ports) {
		at := item(ports, i)
		one := port{o.value(at + ".number"), o.text(at + ".name"), strings.ToUpper(o.text(at + ".protocol"))}
		for j, other := range all {
			switch {
			case one.number == other.number && one.number != nil:
				differ := !alike(one.protocol, other.protocol) || o.value(at+".targetPort") != o.value(item(ports, j)+".targetPort")
				if differ || named(o, one.name) && one.name != other.name {
					return // which of the two is meant is not known
				}
				p.Fix = fmt.Sprintf("remove port %s, which is for the same as %s", one.name, other.name)
				if one.name == other.name {
					p.Fix = "remove one of the two"
				}
				p.Edits = o.drop(at)
				return
			case one.name == other.name && one.name != "":
				for k := range o.list(ports) {
					names = append(names, o.text(item(ports, k)+".name"))
				}
				name := unused(portNameFor(one.protocol, one.number), names)
				p.Fix = "rename one of them, for example to " + name
				p.Edits = set(at+".name", name)
				return
			}
		}
		all = append(all, one)
	}
}

// alike says whether two protocols are the same to a proxy.
func alike(a, b string) bool {
	if a == "HTTPS" {
		a = "TLS"
	}
	if b == "HTTPS" {
		b = "TLS"
	}
	return a == b
}

// named says whether an endpoint refers to a port.
func named(o patient, port string) bool {
	for i := range o.list("spec.endpoints") {
		if slices.Contains(o.keys(item("spec.endpoints", i)+".ports"), port) {
			return true
		}
	}
	return false
}

func portNameFor(protocol string, number any) string {
	if protocol == "" {
		protocol = "TCP"
	}
	return fmt.Sprintf("%s-%v", strings.ToLower(strings.ReplaceAll(protocol, "_", "-")), number)
}
