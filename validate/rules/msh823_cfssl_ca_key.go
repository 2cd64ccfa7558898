package rules

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/validate"
)

var msh823 = validate.Rule{
	ID: "MSH823", Name: "cfssl-ca-key", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "CFSSL has its CA's private key from a ConfigMap",
	Check: func(p *validate.Pass) {
		for _, s := range cfsslServers(p) {
			for _, m := range s.VolumeMounts {
				i := slices.IndexFunc(s.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name })
				if i < 0 || s.Spec.Volumes[i].ConfigMap == nil {
					continue
				}
				v := s.Spec.Volumes[i].ConfigMap
				if !s.keyAt(m) {
					continue
				}
				if c, there := configMapsOf(p)[s.namespace+"/"+v.Name]; there && (bytes.Contains(c.Object.JSON, []byte("PRIVATE KEY-----")) || !holdsKey(c.Spec.Data)) {
					continue // MSH912; or a file of it that is none
				}
				at := s.template.at(fmt.Sprintf("spec.volumes[%d].configMap", i))
				f := validate.Finding{
					Place:       p.At(s.object, at),
					Message:     fmt.Sprintf("%s has the private key of its CA, %s, from ConfigMap %s", s.object.ID, m.MountPath, v.Name),
					Consequence: "whoever may read ConfigMaps of the namespace, which is nearly everybody, can sign for any name of the mesh",
					Fix:         fmt.Sprintf("make a new CA, keep its key in a Secret, and mount that: the key that was in ConfigMap %s is to be taken for stolen", v.Name),
				}
				secret := map[string]any{"secretName": v.Name}
				if len(v.Items) > 0 {
					var items []any
					for _, item := range v.Items {
						items = append(items, map[string]any{"key": item.Key, "path": item.Path})
					}
					secret["items"] = items
				}
				volume := s.template.at(fmt.Sprintf("spec.volumes[%d]", i))
				f.Edits = []validate.Edit{
					{Object: f.Object, Field: at},
					{Object: f.Object, Field: volume + ".secret", Value: secret},
				}
				p.Report(f)
			}
		}
	},
}

// keyAt tells whether a mount holds the private key of the server's CA: by the file that its arguments name or, where those
// are the image's, by the name of the mount.
func (s cfsslServer) keyAt(m corev1.VolumeMount) bool {
	file, named := s.flag("ca-key")
	if !named {
		return strings.Contains(path.Base(m.MountPath), "key")
	}
	return file == m.MountPath || strings.HasPrefix(file, strings.TrimSuffix(m.MountPath, "/")+"/")
}

// holdsKey tells whether one of the files of a ConfigMap is named as a key is.
func holdsKey(data map[string]string) bool {
	for name := range data {
		if strings.Contains(name, "key") {
			return true
		}
	}
	return false
}
