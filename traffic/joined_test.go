package traffic

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// joinedFiles reads the two meshes of an archive, with texts of them replaced: pairs of FILE:OLD and NEW.
func joinedFiles(t *testing.T, name, target string, replaced ...string) (east, west *Index) {
	t.Helper()
	west = joinedRead(t, name, "west", target, nil, replaced...)
	return joinedRead(t, name, "east", target, west, replaced...), west
}

// joinedRead reads one of them.
func joinedRead(t *testing.T, name, file, target string, peer *Index, replaced ...string) *Index {
	t.Helper()
	a, err := txtar.ParseFile("testdata/joined/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	on, ok := mesh.Lookup(target)
	if !ok {
		t.Fatal(target)
	}
	for _, f := range a.Files {
		if f.Name != file+".yaml" {
			continue
		}
		for i := 0; i < len(replaced); i += 2 {
			if old, mine := strings.CutPrefix(replaced[i], file+":"); mine {
				if !bytes.Contains(f.Data, []byte(old)) {
					t.Fatalf("%s has no %q", file, old)
				}
				f.Data = bytes.Replace(f.Data, []byte(old), []byte(replaced[i+1]), 1)
			}
		}
		b, err := bundle.Read(f.Name, bytes.NewReader(f.Data))
		if err != nil {
			t.Fatal(err)
		}
		x, err := NewIndex(b, Options{Target: on, Assume: true, Peer: peer})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	t.Fatalf("no %s", file)
	return nil
}

const (
	imported = "http://discounts.agency.svc.west-imports.local:8000"
	internal = "http://discounts.travel-agency.svc.cluster.local:8000"
)

// TestJoined follows requests from one mesh into the other, and what keeps them from it.
func TestJoined(t *testing.T) {
	outbound := "outbound_.8000_._.discounts."
	for _, c := range []struct {
		name, files, target, to string
		replaced                []string
		outcome                 Code
		cause                   Cause
		want                    string // of the hops, or the reason
	}{
		{"federation", "federation", "ossm-2.6", imported, nil, Arrives, "",
			"sidecar travel-portal/travels istio-mutual " + outbound + "agency.svc.west-imports.local, " +
				"gateway east-mesh-system/egress-west istio-mutual " + outbound + "agency.svc.east-exports.local, " +
				"west: gateway west-mesh-system/ingress-east istio-mutual " + outbound + "travel-agency.svc.cluster.local, " +
				"west: sidecar travel-agency/discounts plaintext , west: workload travel-agency/discounts plaintext "},
		{"other label", "federation", "ossm-2.6", imported, []string{"west:labels: {export: east}", "labels: {export: north}"}, Passthrough, Unregistered, ""},
		{"another trust domain", "federation", "ossm-2.6", imported, []string{"east:trustDomain: west-mesh.local", "trustDomain: north.local"}, TLSFailure, UntrustedServer, `for trust domain "north.local"`},
		{"one trust domain", "federation", "ossm-2.6", imported, []string{
			"east:domain: east-mesh.local", "domain: mesh.local", "west:domain: west-mesh.local", "domain: mesh.local",
			"east:trustDomain: west-mesh.local", "trustDomain: mesh.local", "west:trustDomain: east-mesh.local", "trustDomain: mesh.local",
		}, TLSFailure, UntrustedServer, "both meshes have the trust domain mesh.local"},
		{"another client", "federation", "ossm-2.6", imported, []string{"west:sa/egress-west-service-account", "sa/egress-west"}, TLSFailure, ClientNotAdmitted, "admits spiffe://east-mesh.local/ns/east-mesh-system/sa/egress-west,"},
		{"no such port", "federation", "ossm-2.6", "http://discounts.agency.svc.west-imports.local:9000", nil, NoCluster, UnknownPort, "has no port 9000"},
		{"a rule for nothing", "federation", "ossm-2.6", "http://flights.agency.svc.west-imports.local:8000", []string{`east:name: "*"`, "name: flights"}, NoCluster, NotExported, "does not export"},

		{"clusters", "clusters", "ossm-3.4", internal, nil, Arrives, "",
			"sidecar travel-agency/travels istio-mutual " + outbound + "travel-agency.svc.cluster.local, " +
				"west: gateway istio-system/istio-eastwestgateway istio-mutual " + outbound + "travel-agency.svc.cluster.local, " +
				"west: sidecar travel-agency/discounts plaintext , west: workload travel-agency/discounts plaintext "},
		{"not opened", "clusters", "ossm-3.4", internal, []string{"west:hosts: [discounts.", "hosts: [flights."}, NoRoute, NoListener, "listens to nothing on port 15443"},
		{"kept in the cluster", "clusters", "ossm-3.4", internal, []string{"east:  values:\n", "  values:\n    meshConfig:\n      serviceSettings:\n      - {hosts: [\"*.svc.cluster.local\"], settings: {clusterLocal: true}}\n"}, Unknown, NotInTheFiles, "nobody whom"},
		{"kept but this one", "clusters", "ossm-3.4", internal, []string{"east:  values:\n", "  values:\n    meshConfig:\n      serviceSettings:\n      - {hosts: [\"*.svc.cluster.local\"], settings: {clusterLocal: true}}\n      - {hosts: [discounts.travel-agency.svc.cluster.local], settings: {clusterLocal: false}}\n"}, Arrives, "",
			"sidecar travel-agency/travels istio-mutual " + outbound + "travel-agency.svc.cluster.local, " +
				"west: gateway istio-system/istio-eastwestgateway istio-mutual " + outbound + "travel-agency.svc.cluster.local, " +
				"west: sidecar travel-agency/discounts plaintext , west: workload travel-agency/discounts plaintext "},
		{"one network", "clusters", "ossm-3.4", internal, []string{"west:network: network-west", "network: network-east"}, Unknown, NotInTheFiles, "nobody whom"},

		{"manual", "manual", "ossm-3.4", internal, nil, Arrives, "",
			"sidecar travel-agency/travels istio-mutual " + outbound + "travel-agency.svc.cluster.local, " +
				"other: gateway istio-system/istio-eastwestgateway istio-mutual " + outbound + "travel-agency.svc.cluster.local, " +
				"other: sidecar travel-agency/discounts plaintext , other: workload travel-agency/discounts plaintext "},
		{"a service that is not in the files", "manual", "ossm-3.4", internal, []string{"west:kind: Service\nmetadata: {name: discounts,", "kind: Service\nmetadata: {name: flights,"}, Unknown, NotInTheFiles, "do not hold the Service discounts."},
		{"another account", "manual", "ossm-3.4", internal, []string{"east:sa/discounts", "sa/other"}, TLSFailure, WrongName, "expects spiffe://west.local/ns/travel-agency/sa/other"},
		{"no alias", "manual", "ossm-3.4", internal, []string{"west:trustDomainAliases: [east.local]", "trustDomainAliases: []"}, TLSFailure, ClientNotAdmitted, "admits spiffe://west.local/*"},
		{"no label", "manual", "ossm-3.4", internal, []string{"east:labels: {security.istio.io/tlsMode: istio}", "weight: 1"}, Arrives, "",
			"sidecar travel-agency/travels plaintext "},
	} {
		t.Run(c.name, func(t *testing.T) {
			east, _ := joinedFiles(t, c.files, c.target, c.replaced...)
			from := map[string]string{"federation": "travel-portal/travels"}[c.files]
			if from == "" {
				from = "travel-agency/travels"
			}
			p, err := east.Walk(Request{From: from, To: c.to})
			if err != nil {
				t.Fatal(err)
			}
			if p.Outcome.Code != c.outcome || p.Outcome.Cause != c.cause && c.cause != "" {
				t.Errorf("got %s (%s): %s, want %s (%s)", p.Outcome.Code, p.Outcome.Cause, p.Outcome.Reason, c.outcome, c.cause)
			}
			got := p.Outcome.Reason
			if c.outcome == Arrives {
				got = hopsOf(p)
			}
			if !strings.Contains(got, c.want) || c.outcome == Arrives && got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

// hopsOf writes the hops behind the application.
func hopsOf(p Path) string {
	var all []string
	for _, h := range p.Hops[1:] {
		where := ""
		if h.Mesh != "" {
			where = h.Mesh + ": "
		}
		all = append(all, fmt.Sprintf("%s%s %s %s %s", where, h.Proxy, h.Workload, h.Wire.Mode, h.Wire.SNI))
	}
	return strings.Join(all, ", ")
}

// TestShared follows a VirtualService that leads a share of the calls to the other mesh.
func TestShared(t *testing.T) {
	east, _ := joinedFiles(t, "federation", "ossm-2.6")
	p, err := east.Walk(Request{From: "travel-portal/travels", To: "http://discounts.travel-portal:8000"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		share   int
		crosses bool
	}{{60, false}, {40, true}} {
		way := p.Ways()[i]
		if way.Share != want.share || way.Crosses() != want.crosses || way.Outcome.Code != Arrives {
			t.Errorf("way %d: %d %%, crosses %v, %s: %s", i, way.Share, way.Crosses(), way.Outcome.Code, way.Outcome.Reason)
		}
	}
}

// TestImportedByRuleForMany takes a host that a rule for many services may mean, where the other mesh's files are not there.
func TestImportedByRuleForMany(t *testing.T) {
	for host, want := range map[string]Code{
		"discounts.agency.svc.west-imports.local":  Arrives,
		"discounts.flights.svc.west-imports.local": Passthrough,
		"discounts.agency.svc.north-imports.local": Unknown, // that peer may be in other files,
	} {
		p, err := joinedRead(t, "federation", "east", "ossm-2.6", nil).Walk(Request{From: "travel-portal/travels", To: "http://" + host + ":8000"})
		if err != nil {
			t.Fatal(err)
		}
		if p.Outcome.Code != want || p.Crosses() {
			t.Errorf("%s: %s: %s, want %s", host, p.Outcome.Code, p.Outcome.Reason, want)
		}
	}
}
