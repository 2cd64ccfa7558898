package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk-k8s/blob/master/processor/proc.go
var msh846 = validate.Rule{
	ID: "MSH846", Name: "tyk-setting", Category: validate.Schema, Severity: validate.Error, Anywhere: true,
	Title: "an annotation sets what Tyk's API definitions do not have",
	Check: func(p *validate.Pass) {
		for _, w := range tykPods(p) {
			for _, s := range tyk.Settings(w.Metadata.Annotations) {
				at := p.At(w.object, w.annotation(s.Key))
				f := validate.Finding{Place: at, Edits: []validate.Edit{{Object: at.Object, Field: at.Field}}}
				switch {
				case s.Err != nil:
					f.Message = fmt.Sprintf("%s: %v", w.object.ID, s.Err)
					f.Consequence = "the webhook refuses each pod, or makes an API definition that is not what was meant"
					f.Fix = "correct the value, or remove the annotation"
				case s.Unread:
					f.Severity = validate.Warning
					f.Message = fmt.Sprintf("annotation %s of %s sets %s, which gateways do not read", s.Key, w.object.ID, s.Path)
					f.Consequence = "nothing comes of it"
					f.Fix = "correct the path: steps apart by dots, and a dash for each underscore of a field's name"
				default:
					continue
				}
				p.Report(f)
			}
			if _, ok := w.Metadata.Annotations[tyk.TemplateKey]; ok && withoutTemplates(p) {
				at := p.At(w.object, w.annotation(tyk.TemplateKey))
				p.Report(validate.Finding{
					Place: at, Severity: validate.Warning,
					Message:     fmt.Sprintf("%s names a template, and the controller's configuration has no folder of them", w.object.ID),
					Consequence: "the built-in one is taken: without Tyk.templates no template is looked up by its name",
					Fix:         "write Tyk.templates, with a folder that has default-mesh and default-inbound too; or remove the annotation",
					Edits:       []validate.Edit{{Object: at.Object, Field: at.Field}},
				})
			}
		}
	},
}

// withoutTemplates tells whether the files have the controller's configuration, and that names no folder of templates.
func withoutTemplates(p *validate.Pass) bool {
	for _, c := range tykConfigs(p) {
		if c.has("Tyk") {
			return c.Dashboard.Templates == ""
		}
	}
	return false
}
