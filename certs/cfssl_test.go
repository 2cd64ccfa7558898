package certs

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A cfsslServer is a running cfssl serve, as it is published.
type cfsslServer struct {
	url     string
	ca      *Store // that signs
	own     *Store // that issued its TLS certificate, and its clients'
	options remoteOptions
}

// keyNow and keyBefore are keys of auth_keys.
const (
	keyNow    = "1f9b0c6dd2f84c6aa3e7508e14c2b7795b0d"
	keyBefore = "c40a7e5f13b94d02867fd1e2a95b3c68"
)

// serveCFSSL runs a server with a CA of its own until the test ends.
func serveCFSSL(t *testing.T, config string, own *Store, args ...string) *cfsslServer {
	t.Helper()
	s := &cfsslServer{ca: newStoreNow(t), own: own}
	certificate, key := inStore(own, "tls.crt", "tls.key")
	root, rootKey := rootFiles(s.ca)
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s.url = startCFSSL(t, append([]string{"serve", "-ca", root, "-ca-key", rootKey, "-config", file, "-tls-cert", certificate, "-tls-key", key}, args...))
	s.options = remoteOptions{URL: s.url, ServerCA: trust(t, own), Chain: trust(t, s.ca), Key: keyNow}
	return s
}

// cfsslProgram is the program of tools/go.mod.
var cfsslProgram = sync.OnceValues(func() (string, error) {
	program, err := exec.Command("go", "tool", "-modfile=../tools/go.mod", "-n", "cfssl").Output()
	return strings.TrimSpace(string(program)), err
})

// cfssl is a command of it.
func cfssl(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program, err := cfsslProgram()
	if err != nil {
		t.Fatalf("go tool cfssl: %v", err)
	}
	return exec.CommandContext(t.Context(), program, args...)
}

// startCFSSL runs a server on a port of its own, whatever the arguments say, until the test ends, and gives its URL.
func startCFSSL(t *testing.T, args []string) string {
	t.Helper()
	port := freePort(t)
	run := cfssl(t, append(slices.Clone(args), "-address", "127.0.0.1", "-port", strconv.Itoa(port))...)
	run.Env = append(os.Environ(), "BEFORE="+keyBefore)
	var said bytes.Buffer
	run.Stdout, run.Stderr = &said, &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Process.Kill(); run.Wait() })
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
			break
		}
		if time.Since(begin) > 20*time.Second {
			run.Process.Kill()
			run.Wait()
			t.Fatalf("cfssl serve does not listen: %v\n%s", err, said.String())
		}
	}
	return "https://" + address
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// newStoreNow is a store on the machine's clock, which cfssl serve goes by, with a certificate for the server's TLS.
func newStoreNow(t *testing.T) *Store { return newStoreOf(t, time.Now()) }

func newStoreOf(t *testing.T, now time.Time) *Store {
	t.Helper()
	s, err := Create(filepath.Join(t.TempDir(), "pki"), Init{}, at(now))
	if err != nil {
		t.Fatal(err)
	}
	issue(t, s, Request{Name: "tls", Purpose: Server, IPs: []string{"127.0.0.1"}}, Request{Name: "client", Purpose: Client, DNS: []string{"client.example"}})
	return s
}

func inStore(s *Store, certificate, key string) (string, string) {
	return filepath.Join(s.Dir(), "certs", "tls", certificate), filepath.Join(s.Dir(), "certs", "tls", key)
}

func rootFiles(s *Store) (certificate, key string) {
	folder := filepath.Join(s.Dir(), versionsDir, s.Authorities()[0].Folder)
	return filepath.Join(folder, "ca.crt"), filepath.Join(folder, "ca.key")
}

func trust(t *testing.T, s *Store) []byte {
	t.Helper()
	pem, err := s.Trust()
	if err != nil {
		t.Fatal(err)
	}
	return pem
}

func pairOf(t *testing.T, s *Store, name string) *tls.Certificate {
	t.Helper()
	certificate, key, err := s.Pair(name)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	return &pair
}

// post calls an endpoint as anybody can who reaches the server, and gives what it says.
func (s *cfsslServer) post(t *testing.T, endpoint string, body any) (status int, answer string) {
	t.Helper()
	r, err := newRemote(s.options) // for its TLS
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := r.client.Post(s.url+"/api/v1/cfssl/"+endpoint, "application/json", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text bytes.Buffer
	text.ReadFrom(response.Body)
	return response.StatusCode, text.String()
}
