package issued

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// A borderLeg is one TLS of a request from one mesh into the other.
type borderLeg struct {
	leg
	crossing
	from, to *member
}

// namespace is the server's.
func (l borderLeg) namespace() string {
	namespace, _, _ := strings.Cut(l.last.Workload, "/")
	return namespace
}

// legs are those of all requests of the importer, at least one of which crosses the border, and whether all of the requests
// arrive, as far as trace can tell.
func (j *joined) legs(t testing.TB) (legs []borderLeg, arrive bool) {
	t.Helper()
	arrive = true
	for _, p := range ask[[]route](t, tested, append([]string{"trace", "--all", "-o", "json"}, j.files(j.importer)...)...) {
		arrive = arrive && p.Outcome.Code == "arrives"
		for _, x := range p.crossings() {
			legs = append(legs, j.leg(t, x))
		}
	}
	if !slices.ContainsFunc(legs, borderLeg.crosses) {
		t.Fatal("no TLS goes from one mesh into the other")
	}
	return legs, arrive
}

// crosses tells whether the TLS goes from one mesh into the other.
func (l borderLeg) crosses() bool { return l.from != l.to }

// at is the mesh of a hop.
func (j *joined) at(h hop) *member {
	if h.Mesh == "" {
		return j.importer
	}
	return j.exporter
}

// leg is what both sides of a crossing do, as trace says it and with what their meshes' CAs sign.
func (j *joined) leg(t testing.TB, x crossing) borderLeg {
	t.Helper()
	l := borderLeg{crossing: x, from: j.at(x.sender), to: j.at(x.last)}
	l.name = fmt.Sprintf("%s to %s", x.sender.Workload, x.last.Workload)
	if x.end == nil || x.end.Credential != "mesh" || x.sender.Verify.Client.Credential != "mesh" {
		t.Fatalf("%s: this TLS is not of the meshes' own certificates: %+v", l.name, x)
	}
	l.client = handshake.Client{
		SNI: x.sender.Wire.SNI, Names: x.sender.Verify.Server.Names,
		Roots: j.rootsFor(t, l.from, x.sender.Verify.Server.CA), Certificate: l.from.shows(t, x.sender.Workload),
	}
	l.server = handshake.Server{
		Names: x.end.ServerNames, ClientOptional: !x.end.Required,
		ClientCA: j.rootsFor(t, l.to, x.end.ClientCA), Certificate: l.to.shows(t, x.last.Workload),
	}
	if len(l.server.Names) == 0 { // any will do
		l.server.Names = []string{l.client.SNI}
	}
	l.clientNames = x.end.ClientNames
	return l
}

// rootsFor is what a proxy of a mesh verifies the other side by. The proxies of a federation have roots by trust domain (Envoy's
// SPIFFE certificate validator): that of the peer counts for the domain alone which the ServiceMeshPeer names. Where the other
// mesh has another, its root is not asked, and there is none but the proxy's own.
func (j *joined) rootsFor(t testing.TB, m *member, ca string) []byte {
	t.Helper()
	if ca == "mesh" {
		return m.roots
	}
	ref, ok := strings.CutPrefix(ca, "configmap ")
	namespace, name, _ := strings.Cut(ref, "/")
	held := m.bundle.object("ConfigMap", namespace, name)
	if !ok || held == nil || held.Data[rootKey] == "" {
		t.Fatalf("mesh %s verifies by %q, and there is no root", m.name, ca)
	}
	peer := decoded[struct{ Security struct{ TrustDomain string } }](t, m.peer())
	if peer.Security.TrustDomain != j.other(m).trustDomain {
		return m.roots
	}
	return []byte(held.Data[rootKey])
}
