package traffic

import (
	"fmt"
	"net/netip"
	"slices"
)

// federated follows a request to an imported service: from the sidecar by the mesh's mutual TLS to the egress gateway of the
// peer, which takes that off and leads by its SNI to the other mesh's ingress. All of that is federation's own, made in
// istiod's memory (maistra/istio pilot/pkg/serviceregistry/federation), and no object can change it.
func (k *walk) federated(i *importedService, client *workload, h hop, port int, c *connection) Path {
	peer := i.peer
	egress := peer.spec.Gateways.Egress.Name
	set := peer.imports
	h.by(set.source.decision(i.field))
	h.Workload, h.Cluster = client.String(), clusterName(i.host, port, "")
	if i.alone {
		k.hops = append(k.hops, h)
		return k.end(NoCluster, NotExported, "%s: mesh %s does not export the service: istiod makes no service of the import", client, peer.name)
	}
	if e := i.export; e != nil && e.service != nil {
		if _, ok := e.service.port(port); !ok {
			k.hops = append(k.hops, h)
			return k.end(NoCluster, UnknownPort, "%s: mesh %s exports %s/%s, which has no port %d", client, peer.name, e.own.namespace, e.own.name, port)
		}
	}
	own := layer{wire: Wire{Mode: IstioMutual, SNI: serverName(i.host, port, "")}}
	own.verify.Server.CA, own.verify.Client.Credential = "mesh", "mesh"
	own.verify.Server.Names = []string{k.mesh.spiffe(peer.namespace, gatewayAccount(egress))}
	out := c.clone()
	out.layers = append(out.layers, own)
	h.Wire, h.Verify = onWire(out), own.verify
	h.Destination = Destination{Authority: h.Destination.Authority, Host: egress + "." + peer.namespace + ".svc." + domain, Port: federationPort}
	k.hops = append(k.hops, h)
	remote := peer.spec.Remote
	if len(remote.Addresses) == 0 {
		return k.end(NoEndpoints, FederationNoAddress, "%s gives no address of the other mesh", peer.source.id)
	}
	theirs := layer{wire: Wire{Mode: IstioMutual}, identity: k.mesh.spiffe(peer.namespace, gatewayAccount(egress))}
	theirs.verify.Server.CA, theirs.verify.Client.Credential = peer.chain(), "mesh"
	if i.export != nil {
		// By the name that the other mesh gives the service towards this one, which only its files tell.
		theirs.wire.SNI = serverName(i.export.host(), port, "")
		theirs.verify.Server.Names = []string{k.options.Peer.mesh.spiffe(i.export.peer.namespace, gatewayAccount(i.export.peer.spec.Gateways.Ingress.Name))}
	}
	out = c.clone()
	out.layers = append(out.layers, theirs)
	out.port = peer.servicePort()
	gateway := hop{Hop: Hop{
		Proxy: Gateway, Workload: peer.namespace + "/" + egress, Wire: onWire(out), Verify: theirs.verify,
		Destination: Destination{Address: remote.Addresses[0], Port: out.port},
		Terminates:  &Termination{Credential: "mesh", ClientCA: "mesh", Required: true},
	}}
	gateway.by(peer.source.decision("spec.remote.addresses"))
	k.hops = append(k.hops, gateway)
	if i.export != nil {
		return k.fromPeer(i, theirs, out, port)
	}
	k.assume(fmt.Sprintf("mesh %s exports the service, with port %d", peer.name, port))
	return k.end(Arrives, "", "")
}

// fromPeer goes on in the other mesh: at its ingress gateway for this one, which takes the TLS off and sends to the service.
func (k *walk) fromPeer(i *importedService, l layer, c *connection, port int) Path {
	e := i.export
	there := k.options.Peer
	ingress := there.gatewayOf(e.peer.namespace, e.peer.spec.Gateways.Ingress.Name)
	next := k.beyond(i.peer.name)
	next.countOn(ingress)
	h := hop{Hop: Hop{
		Proxy: Gateway, Workload: ingress.String(),
		Terminates: &Termination{
			Credential: "mesh", Identity: there.mesh.spiffe(ingress.namespace, ingress.account),
			ClientCA: e.peer.chain(), ClientNames: []string{"spiffe://" + e.peer.spec.Security.ClientID}, Required: true,
			ServerNames: []string{e.host(), "*." + e.host()},
		},
	}}
	h.by(e.peer.source.decision("spec.gateways.ingress.name"), e.peer.exports.source.decision(e.field))
	if f := there.admits(k.Index, i.peer, e.peer, l); f != nil {
		next.hops = append(next.hops, h)
		return next.end(TLSFailure, f.cause, "%s: cannot agree on TLS: %s", ingress, f.text)
	}
	c.layers, c.ip = c.layers[:len(c.layers)-1], netip.Addr{}
	host := e.own.name + "." + e.own.namespace + ".svc." + domain
	next.host = host
	return next.send(there.proxyOf(ingress), weighted{host: host, port: port, weight: 1}, h, c, "")
}

// admits says why the gateways of two meshes refuse each other: own is what the called mesh says of the caller, and theirs
// what the caller says of the called.
func (x *Index) admits(from *Index, theirs, own *federationPeer, l layer) *fault {
	for _, side := range []struct {
		who    *federationPeer
		reader *Index
		of     *Index
		cause  Cause
	}{{theirs, from, x, UntrustedServer}, {own, x, from, UntrustedClient}} {
		switch said, is := side.who.spec.Security.TrustDomain, side.of.mesh.trustDomain; {
		case said != is:
			return &fault{side.cause, fmt.Sprintf("%s is for trust domain %q, and the other mesh's is %s: its root is not asked", side.who.source.id, said, is)}
		case is == side.reader.mesh.trustDomain:
			return &fault{side.cause, fmt.Sprintf("both meshes have the trust domain %s, so %s brings no root: each verifies against its own", is, side.who.source.id)}
		}
	}
	if want := "spiffe://" + own.spec.Security.ClientID; want != l.identity {
		return &fault{ClientNotAdmitted, fmt.Sprintf("%s admits %s, and the client is %s", own.source.id, want, l.identity)}
	}
	return nil
}

// shared sends to an imported service. One of this cluster that has its name is the same service to istiod, and the egress
// gateway is one endpoint more.
func (k *walk) shared(p *proxy, i *importedService, to weighted, h hop, c *connection, authority string) Path {
	if len(k.byName[i.host]) == 0 {
		return k.federated(i, p.workload, h, to.port, c)
	}
	to.here = true
	local := 0
	if s := p.scope.byHost[i.host]; s != nil {
		local = max(1, len(k.atPort(s, to.port)))
	}
	ways := []way{{weight: local, to: to}, {weight: 1, to: weighted{}}}
	return k.part2(ways, func(k *walk, w way) Path {
		h := h
		h.decided = slices.Clone(h.decided)
		if w.to.here {
			return k.send(p, to, h, c.clone(), authority)
		}
		return k.federated(i, p.workload, h, to.port, c.clone())
	})
}
