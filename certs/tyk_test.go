package certs

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/cfssl/api/client"
	"github.com/cloudflare/cfssl/auth"
	"github.com/cloudflare/cfssl/csr"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/generator"
	"github.com/meshscenario/scenario/scenarios"
)

// TestTykAuthority starts the real CFSSL server of last-mile TLS as it is rendered, with a CA made of the rendered request,
// and asks it for what the controller would ask (https://github.com/TykTechnologies/tyk-k8s/blob/master/ca/ca.go,
// GenerateCert), and for what nobody may have.
func TestTykAuthority(t *testing.T) {
	data, args := renderedAuthority(t)
	root, url := serveRendered(t, data, args)
	pool := x509.NewCertPool()
	pool.AddCert(root)
	if life := root.NotAfter.Sub(root.NotBefore); life < 43800*time.Hour || !root.IsCA || !root.MaxPathLenZero {
		t.Errorf("the CA lasts %s, is CA: %t, path length 0: %t", life, root.IsCA, root.MaxPathLenZero)
	}
	trusting := &tls.Config{RootCAs: pool} // CFSSL's own certificate is of the same CA
	for _, c := range []struct {
		name, profile, key string
		usage              x509.ExtKeyUsage // 0 where it must be refused
	}{
		{"mesh", "", keyNow, x509.ExtKeyUsageServerAuth},
		{"mesh.local", "", keyNow, x509.ExtKeyUsageServerAuth}, // what renewal asks for beside mesh
		{"echo.default", "", keyNow, x509.ExtKeyUsageServerAuth},
		{"echo.default", "client", keyNow, x509.ExtKeyUsageClientAuth},
		{"echo.default", "", keyBefore, 0},
		{"api.bank.example", "", keyNow, 0},
		{"echo.elsewhere", "", keyNow, 0},
	} {
		leaf, err := asController(url, trusting, c.name, c.profile, c.key)
		if c.usage == 0 {
			if err == nil {
				t.Errorf("%s, profile %q: signed", c.name, c.profile)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s, profile %q: %v", c.name, c.profile, err)
			continue
		}
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: c.name, KeyUsages: []x509.ExtKeyUsage{c.usage}}); err != nil {
			t.Errorf("%s, profile %q: %v", c.name, c.profile, err)
		}
		if len(leaf.ExtKeyUsage) != 1 || leaf.NotAfter.Sub(leaf.NotBefore) > 2161*time.Hour {
			t.Errorf("%s, profile %q: usages %v, from %s until %s", c.name, c.profile, leaf.ExtKeyUsage, leaf.NotBefore, leaf.NotAfter)
		}
	}
	// Without the key, nothing: by newcert the server signs for anybody, whatever its profiles ask for, where it has that.
	request, err := requestFor("echo.default")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Client{Transport: &http.Transport{TLSClientConfig: trusting}}
	for endpoint, body := range map[string]any{
		"sign":     map[string]string{"hostname": "echo.default", "certificate_request": string(request)},
		"authsign": map[string]string{"hostname": "echo.default", "certificate_request": string(request)},
		"newcert":  map[string]any{"request": map[string]any{"CN": "echo.default", "hosts": []string{"echo.default"}, "key": map[string]any{"algo": "ecdsa", "size": 256}}},
	} {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.Post(url+"/api/v1/cfssl/"+endpoint, "application/json", bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			t.Errorf("%s: answered without a key", endpoint)
		}
	}
}

// renderedAuthority is the ConfigMap of the rendered CFSSL server, and its arguments.
func renderedAuthority(t *testing.T) (data map[string]string, args []string) {
	t.Helper()
	plans, err := scenarios.Resolve([]*scenarios.Draft{scenarios.New("enroll")}, "tyk")
	if err != nil {
		t.Fatal(err)
	}
	b, err := generator.Render(plans, generator.Options{Parts: []scenarios.Part{scenarios.ControlPlane}})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range b.Objects {
		typed, err := o.Typed()
		if err != nil {
			t.Fatal(err)
		}
		switch typed := typed.(type) {
		case *corev1.ConfigMap:
			if o.Name == "cfssl-config" {
				data = typed.Data
			}
		case *appsv1.Deployment:
			if o.Name == "cfssl" {
				args = typed.Spec.Template.Spec.Containers[0].Args
			}
		}
	}
	if data == nil || args == nil {
		t.Fatal("no CFSSL server is rendered")
	}
	return data, args
}

// serveRendered runs the server in a folder that stands for the pod's, and gives its CA and its URL.
func serveRendered(t *testing.T, data map[string]string, args []string) (root *x509.Certificate, url string) {
	t.Helper()
	const pod = "/etc/cfssl"
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	request := write("csr_ca.json", data["csr_ca.json"])
	certificate, key := cfsslPair(t, "gencert", "-initca", request)
	write("ca/tls.crt", certificate)
	write("ca/tls.key", key)
	own := write("own.json", `{"key": {"algo": "ecdsa", "size": 256}}`)
	served, servedKey := cfsslPair(t, "gencert", "-ca", filepath.Join(folder, "ca/tls.crt"), "-ca-key", filepath.Join(folder, "ca/tls.key"), "-hostname", "127.0.0.1", own)
	write("tls/tls.crt", served)
	write("tls/tls.key", servedKey)
	write("auth/key", keyNow+"\n")
	write("config/config_ca.json", strings.ReplaceAll(data["config_ca.json"], pod, folder))
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], pod, folder)
	}
	block, _ := pem.Decode([]byte(certificate))
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return root, startCFSSL(t, args)
}

// cfsslPair is what a command of cfssl makes.
func cfsslPair(t *testing.T, args ...string) (certificate, key string) {
	t.Helper()
	run := cfssl(t, args...)
	var said bytes.Buffer
	run.Stderr = &said
	out, err := run.Output()
	var made struct{ Cert, Key string }
	if err == nil {
		err = json.Unmarshal(out, &made)
	}
	if err != nil {
		t.Fatalf("cfssl %s: %v\n%s", args[0], err, said.String())
	}
	return made.Cert, made.Key
}

// requestFor is a request for a name as the controller makes it: its common name, and the only name in it.
func requestFor(name string) ([]byte, error) {
	r := csr.New()
	r.CN, r.Hosts, r.KeyRequest = name, []string{name}, &csr.KeyRequest{A: "ecdsa", S: 256}
	key, err := r.KeyRequest.Generate()
	if err != nil {
		return nil, err
	}
	return csr.Generate(key.(crypto.Signer), r)
}

// asController asks for a certificate as the controller does, by cfssl's own client; the controller names no profile.
func asController(url string, trusting *tls.Config, name, profile, key string) (*x509.Certificate, error) {
	provider, err := auth.New(key, nil)
	if err != nil {
		return nil, err
	}
	request, err := requestFor(name)
	if err != nil {
		return nil, err
	}
	body := map[string]string{"hostname": name, "certificate_request": string(request)}
	if profile != "" {
		body["profile"] = profile
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	signed, err := client.NewAuthServer(url, trusting, provider).Sign(data)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(signed)
	return x509.ParseCertificate(block.Bytes)
}
