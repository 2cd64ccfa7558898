package issued

import (
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// pairOf is the certificate and key that istiod gives a proxy of a Secret, and rootOf the CA: the keys of a generic Secret
// go before those of kubernetes.io/tls, and a CA is looked for in the Secret of the name with -cacert first (istiod's
// pilot/pkg/credentials/kube/secrets.go). Package pki has the same by itself; the judge of istiod holds that to istiod.
func (b *bundle) pairOf(t testing.TB, namespace, name string) *handshake.Certificate {
	t.Helper()
	data := b.secret(t, namespace, name)
	for _, keys := range [][2]string{{"cert", "key"}, {"tls.crt", "tls.key"}} {
		if certificate, key := data[keys[0]], data[keys[1]]; len(certificate) > 0 && len(key) > 0 {
			return &handshake.Certificate{CertPEM: certificate, KeyPEM: key}
		}
	}
	return nil
}

func (b *bundle) rootOf(t testing.TB, namespace, name string) []byte {
	t.Helper()
	data := b.secret(t, namespace, name+"-cacert")
	if data == nil {
		data = b.secret(t, namespace, name)
	}
	for _, key := range []string{"cacert", "ca.crt"} {
		if len(data[key]) > 0 {
			return data[key]
		}
	}
	return nil
}
