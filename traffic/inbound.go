package traffic

import (
	"slices"

	networking "istio.io/api/networking/v1alpha3"
)

// inbound is the listener side of a sidecar for one port of its pod: what the PeerAuthentication lets in, as HTTP or as
// bytes, by the protocol of the Service's port, or of the Sidecar's ingress.
func (x *Index) inbound(p *proxy, number int) (*listener, []*decision) {
	mode, policy := x.peers.decide(p.workload.namespace, p.workload.labels, number)
	var by []*decision
	if policy != nil {
		by = append(by, policy.source.decision(policy.field))
	}
	speaks, known := protoAuto, false
	if side := p.scope.sidecar; side != nil && len(side.spec.Ingress) > 0 {
		i := slices.IndexFunc(side.spec.Ingress, func(l *networking.IstioIngressListener) bool { return int(l.Port.GetNumber()) == number })
		if i >= 0 {
			speaks, known = parseProtocol(side.spec.Ingress[i].Port.Protocol), true
			by = append(by, side.source.decision(itemField("spec.ingress", i)))
		}
	} else {
		for _, t := range x.portsOf(p.workload) {
			if t.target == number {
				speaks, known = t.port.protocol, true
				break
			}
		}
	}
	if !known {
		speaks = protoAuto
	}
	if speaks == protoAuto && !x.gates.sniffOutbound {
		speaks = protoTCP // the profiles that switch looking into bytes off do so both ways
	}
	mesh := &serverTLS{mesh: true}
	mesh.Credential, mesh.ClientCA, mesh.Required = "mesh", "mesh", true
	mesh.ClientNames = x.mesh.identities()
	mesh.Identity = x.mesh.spiffe(p.workload.namespace, p.workload.account)
	// A chain of HTTP has a table; what it leads to is the application, whichever host is asked for.
	app := func(c chain, http bool) *chain {
		if http {
			c.table = &table{name: "inbound"}
			c.table.hosts.set("*", &virtualHost{name: "inbound|http", routes: []*route{{to: weighted{raw: inboundCluster}}}})
		} else {
			c.routes = []weighted{{raw: inboundCluster, weight: 1}}
		}
		return &c
	}
	tls := func(http bool, protocols ...string) *chain {
		return app(chain{transport: "tls", protocols: protocols, terminates: mesh}, http)
	}
	plain := func(http bool, protocols ...string) *chain {
		return app(chain{transport: "raw_buffer", protocols: protocols}, http)
	}
	l := &listener{bind: "virtualInbound", port: number, seesTLS: mode != mtlsDisable}
	isHTTP, sniffed := speaks.http(), speaks == protoAuto
	httpALPN := meshALPN[2:]
	switch {
	case mode == mtlsStrict && sniffed:
		l.chains = []*chain{tls(true, httpALPN...), tls(false)}
	case mode == mtlsStrict:
		l.chains = []*chain{tls(isHTTP)}
	case mode == mtlsPermissive && isHTTP:
		l.chains = []*chain{tls(true, meshALPN...), plain(true)}
	case mode == mtlsPermissive && sniffed:
		l.seesHTTP = true
		l.chains = []*chain{tls(true, httpALPN...), plain(true, plainHTTP...), tls(false, meshALPN[:2]...), plain(false), app(chain{transport: "tls"}, false)}
	case mode == mtlsPermissive:
		l.chains = []*chain{tls(false, meshALPN...), app(chain{transport: "tls"}, false), plain(false)}
	case sniffed:
		l.seesHTTP = true
		l.chains = []*chain{plain(true, plainHTTP...), plain(false)}
	default:
		l.chains = []*chain{plain(isHTTP)}
	}
	l.index()
	return l, by
}

// inboundCluster is the application behind its own sidecar.
const inboundCluster = "inbound"
