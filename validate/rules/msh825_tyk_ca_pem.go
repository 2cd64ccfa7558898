package rules

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh825 = validate.Rule{
	ID: "MSH825", Name: "tyk-ca-pem", Category: validate.Dangling, Severity: validate.Error, Anywhere: true,
	Title: "a namespace of Tyk's mesh has no ConfigMap ca-pem",
	Check: func(p *validate.Pass) {
		if on, known := tykTLS(p); !known || !on {
			return
		}
		var other *traffic.Of[*corev1.ConfigMap]
		has := map[string]bool{}
		for i, c := range p.Objects.ConfigMaps {
			if c.ID.Name == tyk.CAVolume {
				has[c.ID.Namespace], other = true, &p.Objects.ConfigMaps[i]
			}
		}
		for _, w := range tykPods(p) {
			if has[w.namespace] {
				continue
			}
			has[w.namespace] = true // said
			f := validate.Finding{
				Place:       p.At(w.object, w.annotation(tyk.InjectKey)),
				Message:     fmt.Sprintf("the pods of %s are given the volume %s, which is the ConfigMap of that name of their namespace, %s, and that has none", w.object.ID, tyk.CAVolume, w.namespace),
				Consequence: "the pods stay in ContainerCreating: MountVolume.SetUp failed for volume \"ca-pem\": configmap \"ca-pem\" not found",
				Fix:         fmt.Sprintf("create ConfigMap %s in namespace %s too, with the certificate of the CA; or have trust-manager write it into all of them", tyk.CAVolume, w.namespace),
			}
			switch {
			case other != nil:
				f.Related = []validate.Place{p.At(other.Object, "metadata.namespace")}
				f.Edits = newObject(p, p.At(other.Object, "").Object, validate.Object{Kind: "ConfigMap", Namespace: w.namespace, Name: tyk.CAVolume}, "v1", map[string]any{"data": certificates(other.Spec.Data)})
			case !p.Index.Lacks("ConfigMap", w.namespace):
				f.Severity = validate.Info
				f.Message = fmt.Sprintf("the pods of %s are given the volume %s, which is the ConfigMap of that name of their namespace, %s, and the files have none", w.object.ID, tyk.CAVolume, w.namespace)
			}
			p.Report(f)
		}
	},
}

// certificates are the texts of a ConfigMap that may be copied: no private key is carried on.
func certificates(data map[string]string) map[string]any {
	kept := map[string]any{}
	for name, text := range data {
		if !strings.Contains(text, "PRIVATE KEY") {
			kept[name] = text
		}
	}
	return kept
}
