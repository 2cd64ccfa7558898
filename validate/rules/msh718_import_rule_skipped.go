package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh718 = validate.Rule{
	ID: "MSH718", Name: "rule-skipped", Category: validate.Schema, Severity: validate.Error, Border: true,
	Title: "istiod skips a rule of exports or imports",
	Check: func(p *validate.Pass) {
		if len(federated(p)) == 0 {
			return
		}
		for _, s := range p.Objects.Exports {
			for i, r := range s.Spec.Spec.ExportRules {
				switch {
				case r.Type == "NameSelector" && r.NameSelector == nil:
					skip(p, setOf{s.Object, s.ID}, fmt.Sprintf("spec.exportRules[%d]", i), "is of type NameSelector and has no nameSelector")
				case r.Type == "LabelSelector" && r.LabelSelector == nil:
					skip(p, setOf{s.Object, s.ID}, fmt.Sprintf("spec.exportRules[%d]", i), "is of type LabelSelector and has no labelSelector")
				}
			}
		}
		for _, s := range p.Objects.Imports {
			for i := range s.Spec.Spec.ImportRules {
				if why := skipped(s, i); why != "" {
					skip(p, setOf{s.Object, s.ID}, fmt.Sprintf("spec.importRules[%d]", i), why)
				}
			}
		}
	},
}

// skipped says why istiod does not take a rule of imports; it writes that into its log, and nowhere else
// (maistra/istio pkg/servicemesh/federation/common/imports.go).
func skipped(s importsOf, i int) string {
	r := s.Spec.Spec.ImportRules[i]
	suffix := r.DomainSuffix
	if suffix == "" {
		suffix = s.Spec.Spec.DomainSuffix
	}
	switch {
	case r.Type != "NameSelector":
		return "is no NameSelector: others cannot import"
	case r.NameSelector == nil:
		return "is of type NameSelector and has no nameSelector"
	case r.ImportAsLocal && (r.NameSelector.Alias == nil || star(r.NameSelector.Alias.Namespace) == "*"):
		return "has importAsLocal, and no alias with the namespace that the service is to be in"
	case !r.ImportAsLocal && suffix == "svc.cluster.local":
		return "has the cluster's own domain, which only importAsLocal gives"
	}
	return ""
}

func skip(p *validate.Pass, s setOf, field, why string) {
	p.Report(validate.Finding{
		Place:       p.At(s.object, field),
		Message:     fmt.Sprintf("%s: the rule %s", s.id, why),
		Consequence: "istiod skips the rule, and says so in its log only: what it is for is not there",
		Fix:         "write the rule in full, as scenario explain MSH718 shows it",
	})
}
