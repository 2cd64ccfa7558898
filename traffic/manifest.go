package traffic

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A manifest is what is looked at of the objects that make Secrets.
type manifest struct {
	Spec struct {
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
	Data     json.RawMessage   // a SealedSecret of old times has a text there
	DataFrom []json.RawMessage `json:"dataFrom"`
}

// keys are those that an ExternalSecret gives. Its template takes the place of what it fetches.
func (e externalSecret) keys(t externalTarget) (keys []string, all bool) {
	if t.Template != nil && len(t.Template.Data)+len(t.Template.From) > 0 {
		return slices.Sorted(maps.Keys(t.Template.Data)), len(t.Template.From) == 0
	}
	var list []struct {
		SecretKey string `json:"secretKey"`
	}
	if len(e.Data) > 0 && json.Unmarshal(e.Data, &list) != nil {
		return nil, false
	}
	for _, d := range list {
		keys = append(keys, d.SecretKey)
	}
	return keys, len(e.DataFrom) == 0
}

// making are the groups of the kinds below.
var making = []string{
	"bitnami.com", "external-secrets.io", "cert-manager.io", "secrets.hashicorp.com", "onepassword.com", "secrets.doppler.com",
	"secrets.infisical.com", "isindir.github.com", "secrets-store.csi.x-k8s.io", "trust.cert-manager.io",
}

// custom says what an object of a kind without a typed form makes.
func custom(o object) []Maker {
	group, _, _ := strings.Cut(o.id.APIVersion, "/")
	var t manifest
	if !slices.Contains(making, group) || json.Unmarshal(o.object.JSON, &t) != nil {
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
	var annotations map[string]string // of the Secret
	switch o.id.Kind + "." + group {
	case "SealedSecret.bitnami.com": // the name and namespace are its own, whatever its template says
		keys := slices.Sorted(maps.Keys(spec.EncryptedData))
		keys = append(keys, slices.Sorted(maps.Keys(spec.Template.Data))...)
		add("metadata.name", "Secret", o.id.Namespace, o.id.Name, keys, len(keys) > 0)
		annotations = spec.Template.Metadata.Annotations
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
			annotations = spec.Target.Template.Metadata.Annotations
		}
	case "ClusterExternalSecret.external-secrets.io":
		keys, whole := spec.ExternalSecretSpec.keys(spec.ExternalSecretSpec.Target)
		add("metadata.name", "Secret", "", cmp.Or(spec.ExternalSecretSpec.Target.Name, spec.ExternalSecretName, o.id.Name), keys, whole)
	case "Certificate.cert-manager.io": // with ca.crt, if the issuer has one
		secret("spec.secretName", spec.SecretName, "tls.crt", "tls.key")
		annotations = spec.SecretTemplate.Annotations
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
	}
	if copied(annotations) {
		for i := range all {
			all[i].Namespace = ""
		}
	}
	return all
}
