package tyk

import (
	"encoding/hex"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// authority reads the section CA.
func (r *reader) authority(n *yaml.Node, at string) {
	ca := &r.c.CA
	r.section(n, at, entries{
		"addr": r.text(&ca.Addr), "mongoConnStr": r.text(&ca.MongoConnStr), "certPath": r.text(&ca.CertPath),
		"secure": r.truth(&ca.Secure), "skipCACheck": r.truth(&ca.SkipCACheck),
		"key": func(n *yaml.Node, at string) {
			r.text(&ca.Key)(n, at)
			if _, err := hex.DecodeString(ca.Key); err != nil && !indirect(ca.Key) {
				r.fault(n, at, "an authentication key is written in hexadecimal, or as env:VARIABLE or file:PATH")
			}
		},
		"defaultNames": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) {
				var name Name
				r.section(n, at, entries{
					"C": r.text(&name.C), "ST": r.text(&name.ST), "L": r.text(&name.L), "O": r.text(&name.O), "OU": r.text(&name.OU),
					"SerialNumber": r.text(&name.SerialNumber),
				})
				ca.DefaultNames = append(ca.DefaultNames, name)
			})
		},
		"defaultKeyRequest": func(n *yaml.Node, at string) {
			ca.KeyRequest = &KeyRequest{}
			var size string
			r.section(n, at, entries{"A": r.text(&ca.KeyRequest.A), "S": r.text(&size)})
			ca.KeyRequest.S, _ = strconv.Atoi(size)
			r.keyRequest(n, at)
		},
	})
}

// keyRequest says what cfssl would not make a key of.
func (r *reader) keyRequest(n *yaml.Node, at string) {
	k := r.c.CA.KeyRequest
	switch {
	case k.A == "rsa" && (k.S < 2048 || k.S > 8192):
		r.fault(n, at, "an RSA key of %d bits is refused: 2048 to 8192 are made", k.S)
	case k.A == "ecdsa" && k.S != 256 && k.S != 384 && k.S != 521:
		r.fault(n, at, "there is no curve of %d bits: 256, 384 and 521 are known", k.S)
	case k.A != "rsa" && k.A != "ecdsa":
		r.fault(n, at, "the algorithm %q is unknown: rsa and ecdsa are", k.A)
	}
}

// indirect tells whether a key says where it is, as cfssl reads it (auth.New of v1.4.1, which the controller is built with).
func indirect(key string) bool {
	return strings.HasPrefix(key, "env:") || strings.HasPrefix(key, "file:")
}
