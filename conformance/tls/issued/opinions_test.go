package issued

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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

// An opinion is another client's: who of the two refused. The error [handshake.ErrCannot] is
// that it has no way to make the call.
type opinion struct {
	name string
	ask  func(t *testing.T, address string, client handshake.Client) (by handshake.Side, output string, err error)
	of   *int
}

// opinions are those of openssl, and of curl where it is installed.
var opinions = []opinion{{"openssl", openssl, &tally.openssl}, {"curl", curl, &tally.curl}}

// secondOpinions asks them to make the call of a trial.
func secondOpinions(t *testing.T, asked []opinion, address string, x trial) {
	t.Helper()
	for _, o := range asked {
		by, output, err := o.ask(t, address, x.client)
		switch {
		case errors.Is(err, handshake.ErrCannot):
			continue
		case err != nil:
			t.Errorf("%s: %v", x.what, err)
		case by != x.by:
			t.Errorf("%s: %s sees it refused by %q, not %q\n%s", x.what, o.name, by, x.by, output)
		}
		tally.opinion(o.of, err == nil && by == x.by)
	}
}

func openssl(t *testing.T, address string, client handshake.Client) (handshake.Side, string, error) {
	t.Helper()
	client.MaxVersion = versions[len(versions)-1]
	got, err := handshake.OpenSSL(t.Context(), t.TempDir(), address, client, handshake.Request{Host: client.SNI})
	return got.RefusedBy, got.Output, err
}

var _, noCurl = exec.LookPath("curl")

// curl verifies the name that it calls, and no other.
func curl(t *testing.T, address string, client handshake.Client) (handshake.Side, string, error) {
	t.Helper()
	if noCurl != nil || !slices.Equal(client.Names, []string{client.SNI}) {
		return "", "", handshake.ErrCannot
	}
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
		return "", string(output), nil
	case !errors.As(err, &exit):
		return "", "", fmt.Errorf("curl: %w: %s", cmp.Or(err, errors.New("another server answered")), output)
	}
	// The exit statuses of curl(1): 22 is an answer of 400 or more, 35 a handshake that the server ended, 56 one of TLS 1.3
	// that it ended when the client was done; 60 is a certificate that curl does not believe.
	switch exit.ExitCode() {
	case 22, 35, 56:
		return handshake.TheServer, string(output), nil
	case 60:
		return handshake.TheClient, string(output), nil
	}
	return "", "", fmt.Errorf("curl: %w: %s", err, output)
}
