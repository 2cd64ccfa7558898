package traffic

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
)

// A Maker is an object of the files that says of a Secret or ConfigMap that it will be there: a controller makes it.
type Maker struct {
	Object *bundle.Object
	ID     bundle.ID // of the object
	Field  string    // that names what is made
	Kind   string    // of what is made: Secret or ConfigMap
	// Namespace is where it is made, "" where that is any, or not told.
	Namespace, Name string
	// Keys are those that it will have. Unless All, it may have others.
	Keys []string
	All  bool
}

// Makers are those of the files.
func (x *Index) Makers() []Maker { return x.makers }

// copying are the annotations by which a controller copies a Secret into other namespaces.
var copying = []string{
	"reflector.v1.k8s.emberstack.com/reflection-auto-enabled", "replicator.v1.mittwald.de/replicate-to",
	"replicator.v1.mittwald.de/replicate-to-matching", "kubed.appscode.com/sync", "config-syncer.appscode.com/sync",
}

// The annotations and labels that OpenShift's operators act upon.
const (
	servingCert = "service.beta.openshift.io/serving-cert-secret-name"
	servingOld  = "service.alpha.openshift.io/serving-cert-secret-name"
	injectCA    = "service.beta.openshift.io/inject-cabundle"
	injectTrust = "config.openshift.io/inject-trusted-cabundle"
)

// makersOf says what an object makes, or that somebody will add to it.
func makersOf(o object) []Maker {
	if o.object == nil {
		return nil
	}
	make1 := func(field, kind, namespace, name string, keys ...string) []Maker {
		return []Maker{{o.object, o.id, field, kind, namespace, name, keys, kind == "ConfigMap"}}
	}
	switch t := o.typed.(type) {
	case nil:
		return custom(o)
	case *corev1.Secret:
		if copied(t.Annotations) {
			return make1("metadata.annotations", "Secret", "", o.id.Name)
		}
	case *corev1.Service:
		for _, key := range []string{servingCert, servingOld} {
			if name := t.Annotations[key]; name != "" {
				return make1(`metadata.annotations["`+key+`"]`, "Secret", o.id.Namespace, name, "tls.crt", "tls.key")
			}
		}
	case *corev1.ConfigMap:
		switch {
		case t.Annotations[injectCA] == "true":
			return make1("metadata.annotations", "ConfigMap", o.id.Namespace, o.id.Name, "service-ca.crt")
		case t.Labels[injectTrust] == "true":
			return make1("metadata.labels", "ConfigMap", o.id.Namespace, o.id.Name, "ca-bundle.crt")
		}
	}
	return nil
}

func copied(annotations map[string]string) bool {
	return slices.ContainsFunc(copying, func(key string) bool {
		value, ok := annotations[key]
		return ok && value != "false"
	})
}

// madeSecret is what makers say of a Secret that the files do not hold.
func (x *Index) madeSecret(namespace, name string) (secret, bool) {
	for _, m := range x.makers {
		if m.Kind != "Secret" || m.Name != name || m.Namespace != namespace && m.Namespace != "" {
			continue
		}
		has := func(key string) bool { return slices.Contains(m.Keys, key) }
		return secret{
			cert: !m.All || has("cert") && has("key") || has("tls.crt") && has("tls.key"),
			ca:   !m.All || has("cacert") || has("ca.crt"),
		}, true
	}
	return secret{}, false
}

// heldSecret is what the files say of a Secret, by itself or by its maker.
func (x *Index) heldSecret(namespace, name string) (secret, bool) {
	if s, ok := x.secrets[namespace+"/"+name]; ok {
		return s, true
	}
	return x.madeSecret(namespace, name)
}

// heldConfigMap tells whether the files say that a ConfigMap has a CA.
func (x *Index) heldConfigMap(namespace, name string) bool {
	return x.configMaps[namespace+"/"+name] || slices.ContainsFunc(x.makers, func(m Maker) bool {
		return m.Kind == "ConfigMap" && m.Name == name && (m.Namespace == namespace || m.Namespace == "") &&
			(!m.All || slices.Contains(m.Keys, "ca.crt") || slices.Contains(m.Keys, "cacert"))
	})
}
