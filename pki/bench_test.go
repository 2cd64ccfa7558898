package pki

import (
	"fmt"
	"testing"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// BenchmarkSecrets reads 2,500 Secrets, as many as a big bundle has: all different, with one CA. A reader that has seen them
// is what a second rule meets.
func BenchmarkSecrets(b *testing.B) {
	const many = 2500
	secrets := make([]Secret, many)
	for i := range secrets {
		leaf := world.root.Leaf([]string{fmt.Sprintf("s%d.ext.example", i)})
		secrets[i] = Secret{"kubernetes.io/tls", leaf.Secret(world.root)}
	}
	rsa := world.root.Leaf([]string{"rsa.ext.example"}, func(t *pkitest.Template) { t.Key = pkitest.RSA(2048) }).Secret(world.root)
	all := func(r *Reader) {
		for _, s := range secrets {
			if _, faults := r.Secret(s); len(faults) > 0 {
				b.Fatal(said(faults))
			}
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			all(new(Reader))
		}
	})
	seen := new(Reader)
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			all(seen)
		}
	})
	b.Run("one RSA", func(b *testing.B) {
		for b.Loop() {
			FromSecret(rsa, "")
		}
	})
}
