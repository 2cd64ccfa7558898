package issued

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// joins tells whether a scenario of the catalogue joins two meshes.
func joins(scenario string) bool { return strings.HasPrefix(scenario, "2") }

// A joined is a scenario of two meshes, rendered for both owners.
type joined struct {
	dir  string
	args []string // of render and certs
	// exporter is the first mesh of the definition, and importer the second.
	exporter, importer *member
}

// A member is one of the two meshes: what its owner applies, and the CA that signs for its workloads.
type member struct {
	name, field string // field is where the definition has it
	// manifests is the file of what is rendered, and material that of what istiod reads or writes of the CA.
	manifests, material string
	bundle              bundle
	trustDomain         string
	signer              *handshake.Authority
	chain               []byte // what istiod sends after a certificate that it signed
	roots               []byte // what the workloads verify their own by
}

// federated tells whether each mesh keeps a root of its own.
func (m *member) federated() bool { return m.peer() != nil }

// peer is the object that says how the mesh is joined with the other; nil where none is needed.
func (m *member) peer() *object {
	for i, o := range m.bundle.items {
		if o.Kind == "ServiceMeshPeer" {
			return &m.bundle.items[i]
		}
	}
	return nil
}

// newJoined renders both meshes and gives each the CA that certs makes for it.
func newJoined(t testing.TB, args ...string) *joined {
	t.Helper()
	j := &joined{
		dir: t.TempDir(), args: append(args, "--include", "all"),
		exporter: &member{name: "east", field: "meshes[0]"}, importer: &member{name: "west", field: "meshes[1]"},
	}
	j.render(t)
	if j.exporter.federated() {
		for _, m := range j.members() {
			root := j.ownRoot(t, m)
			j.args = append(j.args, "--set-file", m.field+".rootCertificate="+root)
		}
	} else {
		j.sharedRoot(t, "pki", j.members()...)
	}
	if strings.Contains(tested.run(t, j.with("render", "--mesh", j.importer.name)...).errors, j.exporter.field+".gateway.addresses") {
		// Addresses for documentation (RFC 5737): nobody is called there.
		for i, m := range j.members() {
			j.args = append(j.args, "--set", fmt.Sprintf("%s.gateway.addresses=192.0.2.%d", m.field, i+1))
		}
	}
	j.render(t)
	for _, m := range j.members() {
		if m.trustDomain == "" {
			t.Fatalf("%s: the owner of mesh %s is not asked to tell its trust domain", strings.Join(args, " "), m.name)
		}
	}
	return j
}

func (j *joined) members() []*member { return []*member{j.exporter, j.importer} }

// other is the mesh that m is joined with.
func (j *joined) other(m *member) *member {
	if m == j.exporter {
		return j.importer
	}
	return j.exporter
}

func (j *joined) with(command string, more ...string) []string {
	return append(append(strings.Fields(command), j.args...), more...)
}

var toldTrustDomain = regexp.MustCompile(`: trust domain: (\S+)`)

// render renders both, each with what its owner tells the other.
func (j *joined) render(t testing.TB) {
	t.Helper()
	for _, m := range j.members() {
		r := tested.run(t, j.with("render", "--mesh", m.name, "-o", "json")...)
		if r.status != 0 {
			t.Fatalf("render %s --mesh %s: exit status %d\n%s", strings.Join(j.args, " "), m.name, r.status, r.errors)
		}
		if told := toldTrustDomain.FindStringSubmatch(r.errors); told != nil {
			m.trustDomain = told[1]
		}
		m.apply(t, j.dir, r.out)
	}
}

// apply takes manifests in the place of those that were there.
func (m *member) apply(t testing.TB, dir string, manifests []byte) {
	t.Helper()
	m.bundle.items = items(t, manifests)
	m.manifests = write(t, filepath.Join(dir, m.name+".json"), manifests)
}

func write(t testing.TB, file string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// files are the arguments by which trace and validate read the mesh, and the other as its peer.
func (j *joined) files(m *member) []string {
	args := []string{m.manifests, m.material}
	for _, file := range []string{j.other(m).manifests, j.other(m).material} {
		args = append(args, "--peer", file)
	}
	return append(args, "--target", j.args[2])
}
