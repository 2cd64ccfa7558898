package rules

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

type (
	secretsKey    struct{}
	configMapsKey struct{}
	readerKey     struct{}
	materialKey   struct{}
)

type (
	secretOf    = traffic.Of[*corev1.Secret]
	configMapOf = traffic.Of[*corev1.ConfigMap]
)

// secretsOf are the Secrets of the files, by NAMESPACE/NAME.
func secretsOf(p *validate.Pass) map[string]secretOf {
	return validate.Once(p, secretsKey{}, func() map[string]secretOf { return byFullName(p.Objects.Secrets) })
}

// configMapsOf are the ConfigMaps of the files, in the same way.
func configMapsOf(p *validate.Pass) map[string]configMapOf {
	return validate.Once(p, configMapsKey{}, func() map[string]configMapOf { return byFullName(p.Objects.ConfigMaps) })
}

func byFullName[T any](objects []traffic.Of[T]) map[string]traffic.Of[T] {
	all := map[string]traffic.Of[T]{}
	for _, o := range objects {
		all[o.ID.Namespace+"/"+o.ID.Name] = o
	}
	return all
}

func reader(p *validate.Pass) *pki.Reader {
	return validate.Once(p, readerKey{}, func() *pki.Reader { return new(pki.Reader) })
}

// inFile tells whether an object is of a file, and not of a cluster.
func inFile(o *bundle.Object) bool { return o.At("").Line > 0 }

// formOf stands in the place of what is empty in a file: whoever applies it fills it in. In a cluster, empty is empty.
const formOf = "<empty>"

func valuesOf(s secretOf) pki.Secret {
	data := map[string][]byte{}
	for key, value := range s.Spec.Data {
		data[key] = value
	}
	for key, value := range s.Spec.StringData {
		data[key] = []byte(value)
	}
	for key, value := range data {
		if len(value) == 0 && inFile(s.Object) {
			data[key] = []byte(formOf)
		}
	}
	return pki.Secret{Type: string(s.Spec.Type), Data: data}
}
