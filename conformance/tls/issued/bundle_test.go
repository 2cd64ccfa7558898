package issued

import (
	"encoding/json"
	"path"
	"testing"
)

// A bundle is what is applied: manifests as -o json writes them, and the Secrets beside them.
type bundle struct{ items []object }

type object struct {
	Kind     string
	Metadata struct {
		Namespace, Name string
	}
	Data map[string]string // of a ConfigMap as it is, of a Secret in base64
	Spec json.RawMessage
}

// A pod is the template of a Deployment.
type pod struct {
	Metadata struct{ Annotations map[string]string }
	Spec     struct {
		Containers []container
		Volumes    []volume
	}
}

type container struct {
	Command      []string
	VolumeMounts []mount
}

type mount struct{ Name, MountPath string }

type volume struct {
	Name   string
	Secret struct{ SecretName string }
}

// items are the objects of a list.
func items(t testing.TB, list []byte) []object {
	t.Helper()
	var l struct{ Items []object }
	if err := json.Unmarshal(list, &l); err != nil {
		t.Fatal(err)
	}
	return l.Items
}

// object is the one of that kind and name; nil if there is none.
func (b *bundle) object(kind, namespace, name string) *object {
	for i, o := range b.items {
		if o.Kind == kind && o.Metadata.Namespace == namespace && o.Metadata.Name == name {
			return &b.items[i]
		}
	}
	return nil
}

// secret is the data of a Secret; nil if there is none.
func (b *bundle) secret(t testing.TB, namespace, name string) map[string][]byte {
	t.Helper()
	o := b.object("Secret", namespace, name)
	if o == nil {
		return nil
	}
	data := map[string][]byte{}
	for key, value := range o.Data {
		var decoded []byte
		// A JSON string of base64 is what encoding/json has for bytes.
		if err := json.Unmarshal(must(json.Marshal(value)), &decoded); err != nil {
			t.Fatalf("Secret %s/%s: %s: not base64", namespace, name, key)
		}
		data[key] = decoded
	}
	return data
}

// file is what a container of a Deployment has at a path: the key of the Secret that is mounted there.
func (b *bundle) file(t testing.TB, namespace, name, at string, mounts []mount, volumes []volume) []byte {
	t.Helper()
	for _, m := range mounts {
		if m.MountPath != path.Dir(at) {
			continue
		}
		for _, v := range volumes {
			if v.Name == m.Name {
				return b.secret(t, namespace, v.Secret.SecretName)[path.Base(at)]
			}
		}
	}
	t.Fatalf("Deployment %s/%s mounts no Secret for %s", namespace, name, at)
	return nil
}

// sidecarFile is what the sidecar of a Deployment has at a path. Annotations mount into it (Istio's resource annotations,
// sidecar.istio.io/userVolume and userVolumeMount): JSON objects by the volumes' names.
func (b *bundle) sidecarFile(t testing.TB, namespace, name, at string) []byte {
	t.Helper()
	annotations := b.pod(t, namespace, name).Metadata.Annotations
	var byName struct {
		volumes map[string]volume
		mounts  map[string]mount
	}
	for annotation, into := range map[string]any{"userVolume": &byName.volumes, "userVolumeMount": &byName.mounts} {
		if err := json.Unmarshal([]byte(annotations["sidecar.istio.io/"+annotation]), into); err != nil {
			t.Fatalf("Deployment %s/%s: annotation %s: %v", namespace, name, annotation, err)
		}
	}
	var mounts []mount
	var volumes []volume
	for n, m := range byName.mounts {
		mounts = append(mounts, mount{n, m.MountPath})
	}
	for n, v := range byName.volumes {
		v.Name = n
		volumes = append(volumes, v)
	}
	return b.file(t, namespace, name, at, mounts, volumes)
}

// applicationFile is what the application of a Deployment has at a path.
func (b *bundle) applicationFile(t testing.TB, namespace, name, at string) []byte {
	t.Helper()
	spec := b.pod(t, namespace, name).Spec
	var mounts []mount
	for _, c := range spec.Containers {
		mounts = append(mounts, c.VolumeMounts...)
	}
	return b.file(t, namespace, name, at, mounts, spec.Volumes)
}

func (b *bundle) pod(t testing.TB, namespace, name string) pod {
	t.Helper()
	o := b.object("Deployment", namespace, name)
	if o == nil {
		t.Fatalf("no Deployment %s/%s", namespace, name)
	}
	return decoded[struct{ Template pod }](t, o).Template
}

// decoded is an object's spec.
func decoded[T any](t testing.TB, o *object) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(o.Spec, &v); err != nil {
		t.Fatalf("%s %s/%s: %v", o.Kind, o.Metadata.Namespace, o.Metadata.Name, err)
	}
	return v
}

// keyFile is the private key that goes with a certificate's file: trace tells of the certificate alone, and the
// DestinationRule that names it names both.
func (b *bundle) keyFile(t testing.TB, certificate string) string {
	t.Helper()
	type files struct{ ClientCertificate, PrivateKey string }
	type policy struct{ TLS files }
	for i := range b.items {
		if b.items[i].Kind != "DestinationRule" {
			continue
		}
		rule := decoded[struct {
			TrafficPolicy struct {
				policy
				PortLevelSettings []policy
			}
		}](t, &b.items[i])
		for _, p := range append(rule.TrafficPolicy.PortLevelSettings, rule.TrafficPolicy.policy) {
			if p.TLS.ClientCertificate == certificate {
				return p.TLS.PrivateKey
			}
		}
	}
	t.Fatalf("no DestinationRule names %s", certificate)
	return ""
}
