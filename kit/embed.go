package kit

import (
	"embed"
	_ "embed"
)

//go:embed scripts
var scripts embed.FS

// library is what the scripts share.
//
//go:embed scripts/lib.sh
var library []byte

// wrongCA is the certificate of a CA that nobody has the key of: what it verifies must be refused.
//
//go:embed wrong-ca.crt
var wrongCA []byte
