package handshake

import (
	"errors"
	"os/exec"
	"testing"
)

// TestOpenSSLAgrees asks for a second opinion on every call of the table that s_client can make.
func TestOpenSSLAgrees(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Fatal("openssl is not on the PATH: apt-get install openssl")
	}
	o := newOutside(t)
	o.each(t, func(t *testing.T, c call) {
		if c.want.alpn == "h2" {
			return // it cannot read the answer
		}
		t.Parallel()
		want := Opinion{RefusedBy: c.want.by, Status: c.want.status}
		if c.want.phase == Handshake {
			want.Status = 0
		} else if want.RefusedBy == "" {
			want.Status = 200
		}
		request := c.request()
		header := request
		if o.sniOnly[c.port] && !c.client.AutoName {
			header.Host = c.client.SNI
		}
		got, err := OpenSSL(t.Context(), t.TempDir(), o.Address(c.port), c.client, header)
		if errors.Is(err, ErrCannot) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		agreed := got.RefusedBy == want.RefusedBy && got.Status == want.Status
		if agreed != (c.apart == "") {
			t.Errorf("openssl: %+v, foretold %+v; known to differ: %q", got, want, c.apart)
		}
		tally.Lock()
		defer tally.Unlock()
		tally.openssl++
		if !agreed {
			tally.apart++
		}
	})
}
