package istiod

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"istio.io/istio/security/pkg/pki/ca"
	"istio.io/istio/security/pkg/pki/util"
)

// clusterCA is the CA of a cluster, as istiod makes it of Secret cacerts, which `scenario certs` made in a folder.
func clusterCA(t *testing.T, pki, mesh string) (*ca.IstioCA, *x509.CertPool) {
	t.Helper()
	run := func(args ...string) []byte {
		command := exec.Command(tested.binary, append([]string{"certs"}, args...)...)
		var stderr bytes.Buffer
		command.Stderr = &stderr
		out, err := command.Output()
		if err != nil {
			t.Fatalf("scenario certs %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
		}
		return out
	}
	if held, err := filepath.Glob(filepath.Join(pki, "index.json")); err != nil || len(held) == 0 {
		run("init", "--intermediates", "--pki", pki)
	}
	target := tested.newest().Name
	run("issue", "2a", "--target", target, "--pki", pki)
	var secret struct{ Data map[string]string }
	if err := yaml.Unmarshal(run("secret", "2a", "--target", target, "--pki", pki, "--mesh", mesh), &secret); err != nil {
		t.Fatal(err)
	}
	data := func(key string) []byte {
		value, err := base64.StdEncoding.DecodeString(secret.Data[key])
		if err != nil || len(value) == 0 {
			t.Fatalf("Secret cacerts of %s: %s: %v", mesh, key, err)
		}
		return value
	}
	held, err := util.NewVerifiedKeyCertBundleFromPem(data("ca-cert.pem"), data("ca-key.pem"), data("cert-chain.pem"), data("root-cert.pem"), nil)
	if err != nil {
		t.Fatalf("istiod refuses Secret cacerts of %s: %v", mesh, err)
	}
	made, err := ca.NewIstioCA(&ca.IstioCAOptions{DefaultCertTTL: time.Hour, MaxCertTTL: time.Hour, KeyCertBundle: held})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(data("root-cert.pem"))
	return made, roots
}

// workload is the certificate that istiod gives a workload.
func workload(t *testing.T, by *ca.IstioCA, identity string) tls.Certificate {
	t.Helper()
	request, key, err := util.GenCSR(util.CertOptions{Host: identity, ECSigAlg: util.EcdsaSigAlg})
	if err != nil {
		t.Fatal(err)
	}
	chain, err := by.SignWithCertChain(request, ca.CertOpts{SubjectIDs: []string{identity}, TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair([]byte(strings.Join(chain, "")), key)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// TestAcrossTheBorder: what istiod of each cluster signs by the CAs that `scenario certs` made is taken in the other, with
// mutual TLS; without the other's root it is not, on the side that lacks it.
func TestAcrossTheBorder(t *testing.T) {
	const client, server = "spiffe://cluster.local/ns/istio-egress/sa/istio-egressgateway", "spiffe://cluster.local/ns/greetings-service/sa/rest-greeting-remote"
	shared := filepath.Join(t.TempDir(), "pki")
	east, root := clusterCA(t, shared, "east")
	west, _ := clusterCA(t, shared, "west")
	stranger, other := clusterCA(t, filepath.Join(t.TempDir(), "pki"), "west")
	for _, c := range []struct {
		name             string
		client, server   tls.Certificate
		clientT, serverT *x509.CertPool // whom each trusts
		client1, server1 bool           // who refuses
	}{
		{"one root", workload(t, west, client), workload(t, east, server), root, root, false, false},
		{"the server lacks the client's root", workload(t, stranger, client), workload(t, east, server), root, root, false, true},
		{"the client lacks the server's root", workload(t, west, client), workload(t, east, server), other, root, true, false},
	} {
		clientErr, serverErr := shake(c.client, c.server, c.clientT, c.serverT, server)
		if (clientErr != nil) != c.client1 || (serverErr != nil) != c.server1 {
			t.Errorf("%s: the client says %v, the server %v", c.name, clientErr, serverErr)
		}
	}
}

// shake is one of mutual TLS by SPIFFE names. A side's error is why it refuses the other, not that it was refused.
func shake(client, server tls.Certificate, clientTrusts, serverTrusts *x509.CertPool, identity string) (clientErr, serverErr error) {
	verify := func(into *error, roots *x509.CertPool, name string) func(tls.ConnectionState) error {
		return func(state tls.ConnectionState) error {
			between := x509.NewCertPool()
			for _, c := range state.PeerCertificates[1:] {
				between.AddCert(c)
			}
			shown := state.PeerCertificates[0]
			_, *into = shown.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
			if *into == nil && name != "" && (len(shown.URIs) != 1 || shown.URIs[0].String() != name) {
				*into = fmt.Errorf("it is %v, not %s", shown.URIs, name)
			}
			return *into
		}
	}
	a, b := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer b.Close()
		s := tls.Server(b, &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAnyClientCert, VerifyConnection: verify(&serverErr, serverTrusts, "")})
		if s.Handshake() == nil {
			_, _ = s.Write([]byte("."))
		}
	}()
	c := tls.Client(a, &tls.Config{Certificates: []tls.Certificate{client}, InsecureSkipVerify: true, VerifyConnection: verify(&clientErr, clientTrusts, identity)})
	if c.Handshake() == nil {
		_, _ = io.ReadFull(c, make([]byte, 1))
	}
	_ = a.Close()
	<-done
	return clientErr, serverErr
}
