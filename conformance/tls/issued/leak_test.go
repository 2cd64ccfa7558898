package issued

import (
	"encoding/base64"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// TestTells: whoever looks for private keys in outputs finds them.
func TestTells(t *testing.T) {
	key := must(must(handshake.NewAuthority("a")).KeyPEM())
	for name, x := range map[string]struct {
		output string
		want   bool
	}{
		"PEM":         {"key: " + string(key), true},
		"base64":      {"tls.key: " + base64.StdEncoding.EncodeToString(key), true},
		"certificate": {base64.StdEncoding.EncodeToString(must(handshake.NewAuthority("a")).PEM()), false},
	} {
		if got := tells([]byte(x.output)); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
