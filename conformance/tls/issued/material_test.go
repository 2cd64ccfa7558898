package issued

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// rootKey is the key of Secret cacerts, of the ConfigMap that istiod writes into each namespace, and of that with a peer's
// root (Istio's plug-in CA certificates; maistra/istio pkg/servicemesh/federation/common/const.go).
const rootKey = "root-cert.pem"

// ownRoot makes a CA for a mesh that shares none, and gives the file of its root, which signs by itself.
func (j *joined) ownRoot(t testing.TB, m *member) string {
	t.Helper()
	c := cell{pki: filepath.Join(j.dir, "pki-of-"+m.name)}
	tested.does(t, "certs", "init", "--pki", c.pki)
	m.roots, m.chain = c.trust(t), nil
	at := filepath.Join(c.pki, "versions", c.index(t).Authorities[0].Folder)
	m.signer = must(handshake.ReadAuthority(must(os.ReadFile(filepath.Join(at, "ca.crt"))), must(os.ReadFile(filepath.Join(at, "ca.key")))))
	m.writesRoot(t, j.dir)
	return filepath.Join(c.pki, "ca.crt")
}

// writesRoot writes the ConfigMap in which istiod tells its root, beside its own objects.
func (m *member) writesRoot(t testing.TB, dir string) {
	t.Helper()
	namespace := m.peer().Metadata.Namespace
	m.material = write(t, filepath.Join(dir, m.name+"-root.json"), must(json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]string{"namespace": namespace, "name": "istio-ca-root-cert"},
		"data":     map[string]string{rootKey: string(m.roots)},
	})))
}

// sharedRoot gives the meshes the Secrets that certs makes for each of them, in a store of that name.
func (j *joined) sharedRoot(t testing.TB, store string, members ...*member) {
	t.Helper()
	pki := filepath.Join(j.dir, store)
	tested.does(t, "certs", "init", "--intermediates", "--pki", pki)
	tested.does(t, j.with("certs issue", "--pki", pki)...)
	for _, m := range members {
		list := tested.does(t, j.with("certs secret", "--mesh", m.name, "--pki", pki, "-o", "json")...)
		m.material = write(t, filepath.Join(j.dir, m.name+"-"+store+".json"), list)
		made := bundle{items(t, list)}
		if len(made.items) != 1 {
			t.Fatalf("certs secret --mesh %s gives %d Secrets, not one", m.name, len(made.items))
		}
		data := made.secret(t, made.items[0].Metadata.Namespace, made.items[0].Metadata.Name)
		m.signer = must(handshake.ReadAuthority(data["ca-cert.pem"], data["ca-key.pem"]))
		m.chain, m.roots = data["cert-chain.pem"], data[rootKey]
	}
}

// believes adds roots to those of the mesh's Secret cacerts.
func (m *member) believes(t testing.TB, roots []byte) {
	t.Helper()
	all := slices.Concat(m.roots, roots)
	coded := base64.StdEncoding.EncodeToString
	list := must(os.ReadFile(m.material))
	write(t, m.material, bytes.ReplaceAll(list, []byte(coded(m.roots)), []byte(coded(all))))
	m.roots = all
}

// account is the service account of a proxy: that of its Deployment. A gateway without one is the operator's, which names the
// account after it (maistra/istio-operator resources/helm/v2.6/gateways).
func (m *member) account(t testing.TB, workload string) string {
	t.Helper()
	namespace, name, _ := strings.Cut(workload, "/")
	o := m.bundle.object("Deployment", namespace, name)
	if o == nil {
		return name + "-service-account"
	}
	v := decoded[struct {
		Template struct {
			Spec struct{ ServiceAccountName string }
		}
	}](t, o)
	if v.Template.Spec.ServiceAccountName == "" {
		return "default"
	}
	return v.Template.Spec.ServiceAccountName
}

// shows is the certificate that a proxy of the mesh gets from its istiod.
func (m *member) shows(t testing.TB, workload string) *handshake.Certificate {
	t.Helper()
	namespace, _, _ := strings.Cut(workload, "/")
	return m.signs(m.trustDomain, namespace, m.account(t, workload))
}

// signs is a certificate as the mesh's istiod signs it, whatever it says.
func (m *member) signs(trustDomain, namespace, account string) *handshake.Certificate {
	made := must(m.signer.Issue(handshake.Leaf{URIs: []string{"spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + account}}))
	made.CertPEM = append(made.CertPEM, m.chain...)
	return &made
}
