package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh614 = validate.Rule{
	ID: "MSH614", Name: "inject-annotation", Category: validate.Other, Severity: validate.Error,
	Title: "pods ask for a sidecar in a way that this mesh does not heed",
	Check: func(p *validate.Pass) {
		if !p.Target.PodInjection {
			return
		}
		const inject = "sidecar.istio.io/inject"
		byLabel := p.Target.Has(mesh.PodInjectionLabel)
		kind := "annotation"
		if byLabel {
			kind = "label"
		}
		for _, t := range podTemplates(p) {
			said := t.annotations[inject]
			if byLabel && t.labels[inject] != "" {
				said = t.labels[inject]
			}
			namespace := namespaceOf(t.object)
			if said != "" || t.spec.HostNetwork {
				continue
			}
			f := validate.Finding{
				Consequence: "the pods start without a sidecar: no rule of the mesh applies to what they send, and nothing they get is encrypted",
				Safe:        true,
				Edits:       []validate.Edit{{Object: p.At(t.object, "").Object, Field: t.field(fmt.Sprintf("metadata.%ss[%q]", kind, inject)), Value: "true"}},
			}
			of, _ := namespaceLabels(p, namespace)
			switch {
			case t.labels[inject] == "true":
				f.Place = p.At(t.object, t.field(fmt.Sprintf("metadata.labels[%q]", inject)))
				f.Message = fmt.Sprintf("%s asks for a sidecar by a label, and %s reads the annotation of that name only", t.object.ID, p.Target.Name)
			case of["istio-injection"] == "enabled":
				f.Place = p.At(t.object, t.field("metadata"))
				f.Message = fmt.Sprintf("Namespace %s has the label istio-injection: enabled, which %s does not heed, and %s asks for no sidecar itself", namespace, p.Target.Name, t.object.ID)
			case t.at != "" && (labelsOf(t.object)[inject] == "true" || annotation(t.object, inject) == "true"):
				f.Place = p.At(t.object, "metadata")
				f.Message = fmt.Sprintf("%s asks for a sidecar in its own metadata, which its pods do not get", t.object.ID)
			default:
				continue
			}
			f.Fix = fmt.Sprintf(`give the pods the %s %s: "true"`, kind, inject)
			p.Report(f)
		}
	},
}
