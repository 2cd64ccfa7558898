package kit

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/pki/pkitest"
	"github.com/meshscenario/scenario/scenarios"
)

// cluster stands in for kubectl: everything is there and ready, and what a client calls is answered as the environment
// says: ANSWER is the HTTP status, and STATUS that of curl; OUTSIDE is the HTTP status for a host that nothing declares.
const cluster = `#!/bin/sh
case "$*" in
exec*undeclared*) printf '%s' "$OUTSIDE" ;;
exec*https*) exit 35 ;;
exec*) printf '%s' "$ANSWER"; exit "$STATUS" ;;
'get pods'*) printf '%s\n' "$PODS" ;;
*Ready*) printf True ;;
*availableReplicas*) printf '1 of 1' ;;
esac
`

// TestTry runs test.sh with a real curl against real servers: what works passes, and whatever is wrong is told, with the
// exit status.
func TestTry(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl here: apt-get install curl")
	}
	root, other := pkitest.Root("root"), pkitest.Root("other")
	server := root.Leaf([]string{"greeting.remote.com"})
	dir := t.TempDir()
	file := func(name string, data []byte, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("kubectl", []byte(cluster), 0o755)
	caller := root.Leaf([]string{"caller"})
	base := []string{
		"PATH=" + dir + ":/usr/bin:/bin", "HOME=" + dir, "PODS=pod client istio-proxy", "ANSWER=200", "STATUS=0", "OUTSIDE=502", "ADDRESS=127.0.0.1",
		"CACERT=" + file("a:ca.crt", root.PEM(), 0o600), "CERT=" + file("a:tls.crt", caller.PEM(), 0o600), "KEY=" + file("a:tls.key", caller.KeyPEM(), 0o600),
	}
	// Of somebody's curl, nothing counts.
	file(".curlrc", []byte("insecure\n"), 0o600)
	unknown := file("unknown.crt", other.PEM(), 0o600)
	for name, tc := range map[string]struct {
		scenario string
		server   *pkitest.Pair
		auth     tls.ClientAuthType
		status   int
		env      []string
		failed   []string // what the lines that begin FAILED are about; none: all is well
	}{
		"all is well":               {scenario: "expose", server: server, auth: tls.RequireAndVerifyClientCert, status: 200},
		"all is well from a client": {scenario: "1b", server: server, auth: tls.RequireAndVerifyClientCert, status: 200},
		"nobody asks for a certificate": {scenario: "expose", server: server, auth: tls.NoClientCert, status: 200,
			failed: []string{"without a certificate: it ended with http200"}},
		"another service answers": {scenario: "expose", server: server, auth: tls.RequireAndVerifyClientCert, status: 503,
			failed: []string{"answers from outside: HTTP 503, expected 200"}},
		"another name": {scenario: "expose", server: root.Leaf([]string{"other.example"}), auth: tls.RequireAndVerifyClientCert, status: 200,
			failed: []string{"answers from outside: no answer, curl's status 60, expected HTTP 200", "without a certificate: it ended with 60"}},
		"another CA": {scenario: "expose", server: server, auth: tls.RequireAndVerifyClientCert, status: 200, env: []string{"CACERT=" + unknown},
			failed: []string{"answers from outside: no answer, curl's status 60", "without a certificate: it ended with 60"}},
		"no proxy": {scenario: "1b", server: server, auth: tls.RequireAndVerifyClientCert, status: 200, env: []string{"PODS=pod client"},
			failed: []string{"have a proxy: no proxy in pod pod", "have a proxy: no proxy in pod pod"}},
		"the client is not answered": {scenario: "1b", server: server, auth: tls.RequireAndVerifyClientCert, status: 200, env: []string{"ANSWER=503"},
			failed: []string{"rest-client-greeting calls http://greeting.remote.com:80/hello: HTTP 503, expected 200"}},
		"the client has no curl": {scenario: "1b", server: server, auth: tls.RequireAndVerifyClientCert, status: 200, env: []string{"ANSWER=", "STATUS=126"},
			failed: []string{"rest-client-greeting calls http://greeting.remote.com:80/hello: no answer, curl's status 126"}},
		"everything is let out": {scenario: "1b", server: server, auth: tls.RequireAndVerifyClientCert, status: 200, env: []string{"OUTSIDE=200"},
			failed: []string{"a host that nothing declares: it ended with http200"}},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := try(t, tc.scenario, tc.server, tc.auth, root, tc.status, append(base, tc.env...))
			var failed []string
			for line := range strings.Lines(out) {
				if said, ok := strings.CutPrefix(line, "FAILED: "); ok {
					failed = append(failed, said)
				}
			}
			if (err == nil) != (len(tc.failed) == 0) || len(failed) != len(tc.failed) {
				t.Fatalf("%v, %d checks failed, expected %d:\n%s", err, len(failed), len(tc.failed), out)
			}
			for i, want := range tc.failed {
				if !strings.Contains(failed[i], want) {
					t.Errorf("%q does not say %q", failed[i], want)
				}
			}
		})
	}
}

// try runs the test.sh of a kit against a server.
func try(t *testing.T, id string, server *pkitest.Pair, auth tls.ClientAuthType, callers *pkitest.Pair, status int, env []string) (string, error) {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(callers.PEM())
	pair, err := tls.X509KeyPair(server.PEM(), server.KeyPEM())
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/hello" {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: auth, ClientCAs: pool}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // most handshakes here fail
	s.StartTLS()
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	dir := write(t, kitOf(t, scenarios.Cell{Scenario: id, Encryption: scenarios.Mutual, Target: "istio-1.31"}))
	command := exec.Command("sh", filepath.Join(dir, "test.sh"))
	command.Env = append(env, "PORT="+port)
	out, err := command.CombinedOutput()
	return string(out), err
}
