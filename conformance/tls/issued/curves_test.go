package issued

import (
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// TestCurves: certs issue gives no scenario a leaf on P-384, because a server that shows one has no cipher for who offers
// Envoy's curves in TLS 1.2, and that is all that Envoy does as a client.
func TestCurves(t *testing.T) {
	t.Parallel()
	c := newCell(t, "1b", "--encryption", "mutual", "--target", tested.newest[0])
	c.issue(t)
	c.apply(t)
	before, _ := c.legs(t)
	if r := tested.run(t, c.with("certs issue", "--key", "ecdsa-384", "--pki", c.pki)...); r.status != 2 {
		t.Errorf("certs issue --key ecdsa-384: exit status %d", r.status)
	}
	tested.does(t, "certs", "issue", "own", "--server", "--dns", before[0].client.SNI, "--key", "ecdsa-384", "--secret", c.shown(t, handshake.TheServer).Secrets[0].ref(), "--pki", c.pki)
	c.apply(t)
	legs, _ := c.legs(t)
	nginx, err := handshake.Start(t.Context(), t.TempDir(), handshake.Port{Servers: []handshake.Server{legs[0].server}})
	if err != nil {
		t.Fatal(err)
	}
	defer nginx.Close()
	in12 := trial{what: "a leaf on P-384", client: legs[0].client, server: legs[0].server, by: handshake.TheServer, saying: "no shared cipher"}
	in13 := in12
	in13.by, in13.saying = "", ""
	for i, x := range []trial{in12, in13} {
		if why := attempt(t, nginx, "", x, versions[i]); why != "" {
			t.Error(why)
		}
	}
}
