package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/validate"
)

var msh708 = validate.Rule{
	ID: "MSH708", Name: "federation-ports", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "a gateway of federation lacks a port, or the peer is called at another",
	Check: func(p *validate.Pass) {
		for _, one := range federated(p) {
			for _, way := range wayGateways(p, one) {
				way.ports(p)
			}
			calledPorts(p, one)
		}
	},
}

// ports holds the Service of a gateway against what federation needs: istiod sends to nothing else.
func (g wayGateway) ports(p *validate.Pass) {
	discovery := "http-discovery"
	if g.in {
		discovery = "https-discovery"
	}
	for _, want := range []struct {
		number int
		name   string
	}{{callsPort, "tls"}, {discoveryPort, discovery}} {
		if slices.ContainsFunc(g.Service.Ports, func(o gatewayPort) bool { return o.Port == want.number }) {
			continue
		}
		field := g.field + ".service.ports"
		p.Report(validate.Finding{
			Place:       p.At(g.plane.object, writtenAt(g.plane.object, field, g.field)),
			Message:     fmt.Sprintf("gateway %s of %s has no port %d, which federation needs", g.name, planeID(g.plane), want.number),
			Consequence: "discovery goes by 8188 and calls by 15443: what its Service does not open is never connected",
			Fix:         fmt.Sprintf("add {name: %s, port: %d}", want.name, want.number),
			Edits:       set(p, g.plane.object, fmt.Sprintf("%s[%d]", field, len(g.Service.Ports)), map[string]any{"name": want.name, "port": want.number}),
		})
	}
	for i, one := range g.Service.Ports {
		if one.Name != "" || len(g.Service.Ports) < 2 {
			continue
		}
		name := map[int]string{callsPort: "tls", discoveryPort: discovery}[one.Port]
		f := validate.Finding{
			Place:       p.At(g.plane.object, fmt.Sprintf("%s.service.ports[%d]", g.field, i)),
			Message:     fmt.Sprintf("port %d of gateway %s of %s has no name", one.Port, g.name, planeID(g.plane)),
			Consequence: "the API server refuses a Service with several ports of which one has no name: the operator cannot make the gateway",
			Fix:         "give it a name",
		}
		if name != "" {
			f.Fix = "name it " + name
			f.Edits, f.Safe = set(p, g.plane.object, f.Field+".name", name), true
		}
		p.Report(f)
	}
}

// calledPorts holds the ports at which a peer is called against what is known of its gateway.
func calledPorts(p *validate.Pass, one peerOf) {
	services, discovery := remotePorts(one)
	theirs, both := far(p, one)
	for _, port := range []struct {
		field         string
		number, usual int
		consequence   string
	}{
		{"servicePort", services, callsPort, "calls reach nothing: 503 (UF)"},
		{"discoveryPort", discovery, discoveryPort, "discovery reaches nothing: the peer is never connected, and nothing is imported"},
	} {
		field := "spec.remote." + port.field
		f := validate.Finding{Place: p.At(one.Object, writtenAt(one.Object, field, "spec.remote")), Consequence: port.consequence}
		if both {
			open, outside := openedFor(p.Peer, theirs, port.usual)
			if len(open) == 0 || slices.Contains(open, port.number) {
				continue
			}
			f.Message = fmt.Sprintf("%s calls %s at port %d (%s), and its gateway %s is open at %s", one.ID, nameOf(p), port.number, port.field, theirs.Spec.Spec.Gateways.Ingress.Name, numbers(open))
			f.Fix = fmt.Sprintf("write %d", outside)
			f.Edits, f.Safe = set(p, one.Object, field, outside), true
			p.Report(f)
			continue
		}
		if port.number != port.usual && (port.number < 30000 || port.number > 32767) {
			f.Severity = validate.Warning
			f.Message = fmt.Sprintf("%s calls the peer at port %d (%s): federation's gateways listen on %d, and node ports are from 30000 to 32767", one.ID, port.number, port.field, port.usual)
			f.Fix = fmt.Sprintf("write %d, or the node port; unless a balancer of its own maps the port", port.usual)
			f.Edits = set(p, one.Object, field, port.usual)
			p.Report(f)
		}
	}
}

// openedFor are the ports by which a mesh's ingress for its peer takes what is meant for one of its own, and the first of
// those that is open to the outside.
func openedFor(p *validate.Pass, one peerOf, number int) (open []int, outside int) {
	for _, way := range wayGateways(p, one) {
		if !way.in {
			continue
		}
		for _, port := range way.Service.Ports {
			if port.Port != number && port.TargetPort.IntValue() != number {
				continue
			}
			if way.Service.Type == "NodePort" && port.NodePort == 0 {
				return nil, 0 // Kubernetes chooses it
			}
			if way.Service.Type != "NodePort" {
				open = append(open, port.Port)
			}
			if port.NodePort != 0 {
				open = append(open, port.NodePort)
			}
		}
	}
	if len(open) > 0 {
		outside = open[0]
	}
	return open, outside
}

func numbers(all []int) string {
	text := ""
	for i, n := range all {
		if i > 0 {
			text += " and "
		}
		text += fmt.Sprint(n)
	}
	return text
}
