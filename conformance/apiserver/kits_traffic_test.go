package apiserver

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

// wire stands in for what no API server does: pods that run, their proxies, and the outside host, for the scenario of the
// README. The outside host is a TLS server that demands certificates; the way from a pod to it is a proxy that adds TLS as the
// egress gateway does and knows no other host. Both have what the Secrets hold that the kit has put into the cluster. It gives
// what test.sh is to find in its environment.
func (c kitCluster) wire(t *testing.T, bin string) []string {
	const host = "greeting.remote.com"
	server, client := c.secret(t, "greeting-remote-secret"), c.secret(t, "greeting-client-secret")
	outside := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host || r.URL.Path != "/hello" {
			http.NotFound(w, r)
		}
	}))
	outside.TLS = &tls.Config{Certificates: []tls.Certificate{server.pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: server.ca}
	outside.Config.ErrorLog = log.New(io.Discard, "", 0) // of those whom it must refuse
	outside.StartTLS()
	t.Cleanup(outside.Close)

	gateway := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "https", Host: outside.Listener.Addr().String()})
	gateway.Transport = &http.Transport{TLSClientConfig: &tls.Config{ServerName: host, RootCAs: client.ca, Certificates: []tls.Certificate{client.pair}}}
	sidecar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host {
			w.WriteHeader(http.StatusBadGateway) // as the BlackHole route answers
			return
		}
		gateway.ServeHTTP(w, r)
	}))
	t.Cleanup(sidecar.Close)

	address, port, err := net.SplitHostPort(outside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return []string{"ADDRESS=" + address, "PORT=" + port, "SIDECAR=" + sidecar.Listener.Addr().String()}
}

// ownOC puts an oc into a folder that writes down what it is called with, as anybody on the machine can see it with ps. What it
// is to execute in a pod it executes here, and leads all that it calls to $SIDECAR.
func (c kitCluster) ownOC(t *testing.T, bin string) (arguments string) {
	var real string
	var err error
	for _, one := range c.Environment() {
		if path, ok := strings.CutPrefix(one, "PATH="); ok {
			real, err = lookPath(path, "oc")
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	arguments = filepath.Join(t.TempDir(), "oc.log")
	script := fmt.Sprintf(`#!/bin/sh
printf '%%s\n' "$*" >>'%s'
[ "$1" = exec ] || exec '%s' "$@"
while [ "$1" != -- ]; do shift; done
shift
exec "$@" --connect-to "::$SIDECAR"
`, arguments, real)
	if err := os.WriteFile(filepath.Join(bin, "oc"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return arguments
}

// tells says which private key of a store a text has a part of, as it is in its file or as a Secret has it; "" is none.
func tells(t *testing.T, store, text string) string {
	t.Helper()
	keys, err := filepath.Glob(filepath.Join(store, "versions", "*", "*.key"))
	if err != nil || len(keys) < 2 {
		t.Fatalf("%d keys in %s: %v", len(keys), store, err)
	}
	header := base64.StdEncoding.EncodeToString([]byte("-----BEGIN EC PRIVATE KEY-----"))
	for _, key := range keys {
		data, err := os.ReadFile(key)
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.Join(strings.Split(string(data), "\n")[1:], "")
		for _, form := range []string{plain[:strings.Index(plain, "-")], base64.StdEncoding.EncodeToString(data)} {
			const piece = 24
			for i := 0; i+piece <= len(form); i++ {
				if strings.Contains(text, form[i:i+piece]) && !strings.Contains(header, form[i:i+piece]) {
					return key
				}
			}
		}
	}
	return ""
}

func lookPath(path, name string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		if found, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("no %s in %s", name, path)
}

// material is what a Secret holds.
type material struct {
	pair tls.Certificate
	ca   *x509.CertPool
}

// secret reads a Secret of the control plane's namespace from the cluster.
func (c kitCluster) secret(t *testing.T, name string) material {
	t.Helper()
	o, err := c.Get(plane.Object{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"namespace": "istio-system", "name": name}})
	if err != nil {
		t.Fatal(err)
	}
	data := map[string][]byte{}
	for key, value := range o["data"].(map[string]any) {
		if data[key], err = base64.StdEncoding.DecodeString(value.(string)); err != nil {
			t.Fatal(key, " is no base64")
		}
	}
	m := material{ca: x509.NewCertPool()}
	if m.pair, err = tls.X509KeyPair(data["tls.crt"], data["tls.key"]); err != nil || !m.ca.AppendCertsFromPEM(data["ca.crt"]) {
		t.Fatalf("Secret %s: %v", name, err)
	}
	return m
}

// TestTells: a part of a key is found as text and as a Secret's value, and what every key begins with is none.
func TestTells(t *testing.T) {
	store := filepath.Join(t.TempDir(), "pki")
	for _, arguments := range [][]string{{"certs", "init"}, {"certs", "issue", "1b", "--mtls"}} {
		if _, err := output(exec.Command(scenario, append(arguments, "--pki", store)...)); err != nil {
			t.Fatal(err)
		}
	}
	keys, _ := filepath.Glob(filepath.Join(store, "versions", "*", "tls.key"))
	data, err := os.ReadFile(keys[0])
	if err != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString(data)
	for _, text := range []string{"--from-literal=tls.key=" + string(data[40:70]), encoded[60:100]} {
		if tells(t, store, "oc create "+text) != keys[0] {
			t.Errorf("a part of %s is not found", keys[0])
		}
	}
	if key := tells(t, store, encoded[:40]+"-----BEGIN EC PRIVATE KEY-----"); key != "" {
		t.Errorf("%s is found in what every key begins with", key)
	}
}
