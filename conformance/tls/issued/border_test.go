package issued

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// TestBorder: two meshes whose CAs certs made believe each other's proxies in every TLS of a request that goes from one to the
// other, and no longer where an owner has made a mistake.
func TestBorder(t *testing.T) {
	t.Parallel()
	for _, args := range joinedMatrix(t) {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			j := newJoined(t, args...)
			if found := j.found(t); len(found) > 0 {
				t.Errorf("validate finds %v where nothing is wrong", found)
			}
			legs, arrive := j.legs(t)
			if !arrive {
				t.Error("trace says that not all requests arrive")
			}
			var trials []trial
			strangers := newStrangers()
			for _, l := range legs {
				if l.crosses() {
					tally.count(&tally.border)
				}
				if why := l.admitted(); why != "" {
					t.Errorf("%s: %s", l.name, why)
				}
				trials = append(trials, l.trials(strangers)...)
				trials = append(trials, j.impostors(t, l)...)
			}
			tryAll(t, append(trials, j.mistakes(t)...))
			tally.count(&tally.pairs)
		})
	}
}

// joinedMatrix are the scenarios that join two meshes, on the newest target of each product line that has them.
func joinedMatrix(t *testing.T) (all [][]string) {
	t.Helper()
	for _, target := range tested.newest {
		for _, c := range ask[[]struct {
			Scenario, Target string
			Supported        bool
		}](t, tested, "list", "--target", target, "-o", "json") {
			if c.Supported && c.Target == target && joins(c.Scenario) {
				all = append(all, []string{c.Scenario, "--target", target})
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("no scenario joins two meshes")
	}
	return all
}

// tryAll does the trials against one nginx, each on a port of its own. The gateways and sidecars of a mesh go by SNI alone.
func tryAll(t *testing.T, trials []trial) {
	t.Helper()
	if t.Failed() {
		return
	}
	var ports []handshake.Port
	for i, x := range trials {
		ports = append(ports, handshake.Port{Name: fmt.Sprint(i), SNIOnly: true, Servers: []handshake.Server{x.server}})
	}
	nginx, err := handshake.Start(t.Context(), t.TempDir(), ports...)
	if err != nil {
		t.Fatal(err)
	}
	defer nginx.Close()
	for i, x := range trials {
		for _, version := range versions {
			if why := attempt(t, nginx, fmt.Sprint(i), x, version); why != "" {
				t.Error(why)
			}
			tally.count(&tally.borderTried)
		}
	}
}

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

// rootsFor is what a proxy of a mesh verifies the other side by. A root of the peer's counts for the trust domain alone that the
// ServiceMeshPeer names: for any other, the proxy has its own mesh's and nothing else (Envoy's SPIFFE certificate validator).
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
