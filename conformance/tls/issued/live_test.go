package issued

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// TestServers: certs verify --connect judges a server as the client does whose certificate it shows.
func TestServers(t *testing.T) {
	t.Parallel()
	c := newCell(t, "1b", "--encryption", "mutual", "--target", tested.newest[0])
	c.issue(t)
	c.apply(t)
	legs, _ := c.legs(t)
	l := legs[0]
	s := newStrangers()
	ca := filepath.Join(t.TempDir(), "partner.pem")
	if err := os.WriteFile(ca, s.authority.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	tested.does(t, "certs", "issue", "partnered", "--client", "--dns", "client.example", "--secret", "shop/partner", "--peer-ca", ca, "--pki", c.pki)
	own := []string{"--certificate", c.shown(t, handshake.TheClient).Name}
	others := append(own[:2:2], "--peer", "partnered")
	for _, x := range []struct {
		name  string
		spoil func(*handshake.Server)
		args  []string
		rules []string
	}{
		{"as it is meant", func(*handshake.Server) {}, own, nil},
		{"a server that admits other clients", func(v *handshake.Server) { v.ClientCA = s.authority.PEM() }, own, []string{"MSH225"}},
		{"a server that asks nobody for a certificate", func(v *handshake.Server) { v.ClientCA = nil }, own, []string{"connect-client"}},
		{"a server that lets pass who has none", func(v *handshake.Server) { v.ClientOptional = true }, own, []string{"connect-client"}},
		{"a client without a certificate", func(*handshake.Server) {}, nil, []string{"MSH224"}},
		{"a client with another's CA", func(*handshake.Server) {}, others, []string{"MSH226"}},
		{"that CA's server", func(v *handshake.Server) { v.Certificate = s.certificate(l.client.SNI) }, others, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			server := l.server
			x.spoil(&server)
			nginx, err := handshake.Start(t.Context(), t.TempDir(), handshake.Port{Servers: []handshake.Server{server}})
			if err != nil {
				t.Fatal(err)
			}
			defer nginx.Close()
			found := c.findings(t, append([]string{"--connect", nginx.Address(""), "--servername", l.client.SNI}, x.args...)...)
			if !slices.Equal(found, x.rules) {
				t.Errorf("certs verify --connect finds %v, and was to find %v", found, x.rules)
			}
			tally.count(&tally.live)
		})
	}
}
