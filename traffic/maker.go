package traffic

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
)

// A Maker is an object of the files that says of a Secret or ConfigMap that it will be there: a controller, or the tool
// that applies the files, makes it.
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

// A manifest is what is looked at of the objects that make Secrets.
type manifest struct {
	Metadata        struct{ Annotations, Labels map[string]string }
	Namespace       string            // of a Kustomization
	SecretGenerator []generated       `json:"secretGenerator"`
	ConfigGenerator []generated       `json:"configMapGenerator"`
	Data            map[string]string // of a ConfigMap
	Spec            struct {
		SecretName      string                     `json:"secretName"`
		EncryptedData   map[string]json.RawMessage `json:"encryptedData"`
		Template        secretTemplate
		SecretTemplate  secretTemplate          `json:"secretTemplate"`
		SecretTemplates []struct{ Name string } `json:"secretTemplates"`
		SecretObjects   []struct {
			SecretName string `json:"secretName"`
			Data       []struct{ Key string }
		} `json:"secretObjects"`
		Destination, ManagedSecret struct{ Name, Namespace string }
		ManagedReference           struct {
			SecretName      string `json:"secretName"`
			SecretNamespace string `json:"secretNamespace"`
		} `json:"managedSecretReference"`
		Target struct {
			externalTarget
			Secret, ConfigMap *struct{ Key string } // of a Bundle
		}
		externalSecret
		ExternalSecretName string `json:"externalSecretName"`
		ExternalSecretSpec struct {
			externalSecret
			Target externalTarget
		} `json:"externalSecretSpec"`
	}
}

type generated struct{ Name, Namespace string }

type secretTemplate struct {
	Metadata    struct{ Annotations map[string]string }
	Annotations map[string]string
	Data        map[string]json.RawMessage
	From        []json.RawMessage `json:"templateFrom"`
}

type externalTarget struct {
	Name           string
	CreationPolicy string `json:"creationPolicy"`
	Template       *secretTemplate
}

type externalSecret struct {
	Data []struct {
		SecretKey string `json:"secretKey"`
	}
	DataFrom []json.RawMessage `json:"dataFrom"`
}

// keys are those that an ExternalSecret gives. Its template takes the place of what it fetches.
func (e externalSecret) keys(t externalTarget) (keys []string, all bool) {
	if t.Template != nil && len(t.Template.Data)+len(t.Template.From) > 0 {
		return slices.Sorted(maps.Keys(t.Template.Data)), len(t.Template.From) == 0
	}
	for _, d := range e.Data {
		keys = append(keys, d.SecretKey)
	}
	return keys, len(e.DataFrom) == 0
}

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

// makersOf says what an object makes.
func makersOf(o object) []Maker {
	group, _, _ := strings.Cut(o.id.APIVersion, "/")
	switch o.typed.(type) {
	case nil, *corev1.Secret, *corev1.Service, *corev1.ConfigMap:
	default:
		return nil
	}
	var t manifest
	if o.object == nil || json.Unmarshal(o.object.JSON, &t) != nil {
		return nil
	}
	var all []Maker
	add := func(field, kind, namespace, name string, keys []string, whole bool) {
		if name != "" {
			all = append(all, Maker{o.object, o.id, field, kind, namespace, name, keys, whole})
		}
	}
	secret := func(field, name string, keys ...string) { add(field, "Secret", o.id.Namespace, name, keys, false) }
	spec := t.Spec
	annotations := []map[string]string{t.Metadata.Annotations}
	switch o.id.Kind + "." + group {
	case "Secret.v1":
		if copied(annotations) {
			add("metadata.annotations", "Secret", "", o.id.Name, nil, false)
		}
		return all
	case "Service.v1":
		secret(`metadata.annotations["`+servingCert+`"]`, t.Metadata.Annotations[servingCert], "tls.crt", "tls.key")
		secret(`metadata.annotations["`+servingOld+`"]`, t.Metadata.Annotations[servingOld], "tls.crt", "tls.key")
	case "ConfigMap.v1":
		if t.Metadata.Annotations[injectCA] == "true" {
			add("metadata.annotations", "ConfigMap", o.id.Namespace, o.id.Name, []string{"service-ca.crt"}, true)
		}
		if t.Metadata.Labels[injectTrust] == "true" {
			add("metadata.labels", "ConfigMap", o.id.Namespace, o.id.Name, []string{"ca-bundle.crt"}, true)
		}
		return all
	case "SealedSecret.bitnami.com": // the name and namespace are its own, whatever its template says
		keys := slices.Sorted(maps.Keys(spec.EncryptedData))
		keys = append(keys, slices.Sorted(maps.Keys(spec.Template.Data))...)
		add("metadata.name", "Secret", o.id.Namespace, o.id.Name, keys, len(keys) > 0)
		annotations = append(annotations, spec.Template.Metadata.Annotations)
	case "ExternalSecret.external-secrets.io":
		if spec.Target.CreationPolicy == "None" || spec.Target.CreationPolicy == "Merge" {
			return nil
		}
		keys, whole := spec.keys(spec.Target.externalTarget)
		field := "metadata.name"
		if spec.Target.Name != "" {
			field = "spec.target.name"
		}
		add(field, "Secret", o.id.Namespace, cmp.Or(spec.Target.Name, o.id.Name), keys, whole)
		if spec.Target.Template != nil {
			annotations = append(annotations, spec.Target.Template.Metadata.Annotations)
		}
	case "ClusterExternalSecret.external-secrets.io":
		keys, whole := spec.ExternalSecretSpec.keys(spec.ExternalSecretSpec.Target)
		add("metadata.name", "Secret", "", cmp.Or(spec.ExternalSecretSpec.Target.Name, spec.ExternalSecretName, o.id.Name), keys, whole)
	case "Certificate.cert-manager.io": // with ca.crt, if the issuer has one
		secret("spec.secretName", spec.SecretName, "tls.crt", "tls.key")
		annotations = append(annotations, spec.SecretTemplate.Annotations)
	case "VaultStaticSecret.secrets.hashicorp.com", "VaultDynamicSecret.secrets.hashicorp.com", "VaultPKISecret.secrets.hashicorp.com":
		secret("spec.destination.name", spec.Destination.Name)
	case "OnePasswordItem.onepassword.com":
		secret("metadata.name", o.id.Name)
	case "DopplerSecret.secrets.doppler.com":
		add("spec.managedSecret.name", "Secret", cmp.Or(spec.ManagedSecret.Namespace, o.id.Namespace), spec.ManagedSecret.Name, nil, false)
	case "InfisicalSecret.secrets.infisical.com":
		add("spec.managedSecretReference.secretName", "Secret", cmp.Or(spec.ManagedReference.SecretNamespace, o.id.Namespace), spec.ManagedReference.SecretName, nil, false)
	case "SopsSecret.isindir.github.com":
		for i, s := range spec.SecretTemplates {
			secret(itemField("spec.secretTemplates", i)+".name", s.Name)
		}
	case "SecretProviderClass.secrets-store.csi.x-k8s.io":
		for i, s := range spec.SecretObjects {
			var keys []string
			for _, d := range s.Data {
				keys = append(keys, d.Key)
			}
			secret(itemField("spec.secretObjects", i)+".secretName", s.SecretName, keys...)
		}
	case "Bundle.trust.cert-manager.io":
		if m := spec.Target.ConfigMap; m != nil {
			add("metadata.name", "ConfigMap", "", o.id.Name, []string{m.Key}, false)
		}
		if m := spec.Target.Secret; m != nil {
			add("metadata.name", "Secret", "", o.id.Name, []string{m.Key}, false)
		}
	case "Kustomization.kustomize.config.k8s.io", "Component.kustomize.config.k8s.io":
		for i, g := range t.SecretGenerator {
			add(itemField("secretGenerator", i)+".name", "Secret", cmp.Or(g.Namespace, t.Namespace), g.Name, nil, false)
		}
		for i, g := range t.ConfigGenerator {
			add(itemField("configMapGenerator", i)+".name", "ConfigMap", cmp.Or(g.Namespace, t.Namespace), g.Name, nil, false)
		}
	}
	if copied(annotations) {
		for i := range all {
			all[i].Namespace = ""
		}
	}
	return all
}

func copied(annotations []map[string]string) bool {
	for _, of := range annotations {
		for _, key := range copying {
			if value, ok := of[key]; ok && value != "false" {
				return true
			}
		}
	}
	return false
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
