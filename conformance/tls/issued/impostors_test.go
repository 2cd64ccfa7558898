package issued

import (
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// impostors are calls in which one side is not who it has to be, though a CA of one of the meshes has signed for it.
func (j *joined) impostors(t testing.TB, l borderLeg) (all []trial) {
	t.Helper()
	with := func(what string, by handshake.Side, saying string, change func(*trial)) {
		x := trial{what: l.name + ", " + what, client: l.client, server: l.server, by: by, saying: saying}
		change(&x)
		all = append(all, x)
	}
	namespace := l.namespace()
	account := l.to.account(t, l.last.Workload)
	with("a server of another trust domain", handshake.TheClient, "the certificate is for", func(x *trial) {
		x.server.Certificate = l.to.signs("other.example", namespace, account)
	})
	with("another workload of the server's mesh", handshake.TheClient, "the certificate is for", func(x *trial) {
		x.server.Certificate = l.to.signs(l.to.trustDomain, namespace, "somebody")
	})
	if len(l.end.ServerNames) > 0 {
		with("a call for what the server does not have", handshake.TheServer, "unrecognized name", func(x *trial) {
			x.client.SNI = "other.example"
		})
	}
	callerNamespace, _, _ := strings.Cut(l.sender.Workload, "/")
	stranger := l.leg
	stranger.client.Certificate = l.from.signs("other.example", callerNamespace, l.from.account(t, l.sender.Workload))
	if len(l.clientNames) > 0 && stranger.admitted() == "" {
		t.Errorf("%s: a client of another trust domain is admitted by %v", l.name, l.clientNames)
	}
	if !l.crosses() || !l.from.federated() {
		return all
	}
	// Roots of their own are worth this: neither mesh can sign for the other.
	with("a server for which the caller's mesh has signed", handshake.TheClient, "authority", func(x *trial) {
		x.server.Certificate = l.from.signs(l.to.trustDomain, namespace, account)
	})
	with("a client for which the server's mesh has signed", handshake.TheServer, "The SSL certificate error", func(x *trial) {
		x.client.Certificate = l.to.signs(l.from.trustDomain, callerNamespace, l.from.account(t, l.sender.Workload))
	})
	return all
}
