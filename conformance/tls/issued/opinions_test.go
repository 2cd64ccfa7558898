package issued

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// secondOpinions asks openssl, and curl where it is installed, to make the call of a trial.
func secondOpinions(t *testing.T, address string, x trial) {
	t.Helper()
	request := handshake.Request{Host: x.client.SNI}
	x.client.MaxVersion = versions[len(versions)-1]
	got, err := handshake.OpenSSL(t.Context(), t.TempDir(), address, x.client, request)
	switch {
	case errors.Is(err, handshake.ErrCannot):
	case err != nil:
		t.Error(err)
	default:
		tally.opinion(&tally.openssl, got.RefusedBy == x.by)
		if got.RefusedBy != x.by {
			t.Errorf("%s: openssl sees it refused by %q, not %q\n%s", x.what, got.RefusedBy, x.by, got.Output)
		}
	}
	// curl verifies the name that it calls, and no other.
	if !slices.Equal(x.client.Names, []string{x.client.SNI}) || noCurl != nil {
		return
	}
	by, output := curl(t, address, x.client)
	tally.opinion(&tally.curl, by == x.by)
	if by != x.by {
		t.Errorf("%s: curl sees it refused by %q, not %q\n%s", x.what, by, x.by, output)
	}
}

var _, noCurl = exec.LookPath("curl")

// curl makes a call and says who refused it.
func curl(t *testing.T, address string, client handshake.Client) (handshake.Side, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		at := filepath.Join(dir, name)
		if err := os.WriteFile(at, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	ip, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--silent", "--show-error", "--noproxy", "*", "--fail", "--cacert", file("ca.pem", client.Roots), "--resolve", client.SNI + ":" + port + ":" + ip}
	if shown := client.Certificate; shown != nil {
		args = append(args, "--cert", file("tls.crt", shown.CertPEM), "--key", file("tls.key", shown.KeyPEM))
	}
	output, err := exec.CommandContext(ctx, "curl", append(args, "https://"+client.SNI+":"+port+"/")...).CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil && strings.HasPrefix(string(output), "here is "):
		return "", string(output)
	case !errors.As(err, &exit):
		t.Fatalf("curl: %v: %s", err, output)
	}
	// The exit statuses of curl(1): 22 is an answer of 400 or more, 35 a handshake that the server ended, 56 one of TLS 1.3
	// that it ended when the client was done; 60 is a certificate that curl does not believe.
	switch exit.ExitCode() {
	case 22, 35, 56:
		return handshake.TheServer, string(output)
	case 60:
		return handshake.TheClient, string(output)
	}
	t.Fatalf("curl: %v: %s", err, output)
	return "", ""
}
