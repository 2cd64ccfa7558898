package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh326 = validate.Rule{
	ID: "MSH326", Name: "externalname-behaviour", Category: validate.Dangling, Severity: validate.Error,
	Title:   "a Service of type ExternalName is not what it is taken for",
	Of:      []traffic.Cause{traffic.AliasOnly},
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH326", destinationMiss(p, b)) },
	Check: func(p *validate.Pass) {
		if p.Target.Has(mesh.ExternalNameAlias) {
			rulesOfAliases(p)
			return
		}
		told := map[string]bool{}
		for _, s := range strayed(p) {
			if s.entry.Object == nil {
				told[fmt.Sprint(s.by.Namespace, "/", s.by.Name, " ", s.field)] = true
				at := p.At(p.Object(s.by), s.field+".name")
				service, _ := serviceOf(p, s.by.Name+"."+s.by.Namespace+".svc.cluster.local")
				fix, edits := portNamed(at.Object, s.field, service.Spec.Spec.Ports[atIndex(s.field)])
				p.Report(validate.Shown(s.path, 2, validate.Finding{
					Category:    validate.Protocol,
					Place:       at,
					Message:     fmt.Sprintf("port %d of %s %s, and a Service of type ExternalName has no address: its listener takes all of port %d that is not told apart otherwise", s.dialled.Port, s.by, untold(p, s.by, s.dialled.Port), s.dialled.Port),
					Consequence: fmt.Sprintf("what is sent to %s ends up at %s", s.dialled, s.reached),
					Fix:         fix,
					Edits:       edits,
				}))
			}
		}
		for _, s := range p.Objects.Services {
			for i, one := range s.Spec.Spec.Ports {
				protocol := namedProtocol(one)
				if told[fmt.Sprint(s.ID.Namespace, "/", s.ID.Name, " ", fmt.Sprintf("spec.ports[%d]", i))] || s.Spec.Spec.ExternalName == "" || one.Port != 443 && one.Port != 80 || protocol != "" && !isBytes(protocol) || !p.Index.Member(s.ID.Namespace) {
					continue
				}
				at := p.At(s.Object, fmt.Sprintf("spec.ports[%d].name", i))
				fix, edits := portNamed(at.Object, fmt.Sprintf("spec.ports[%d]", i), one)
				p.Report(validate.Finding{
					Severity:    validate.Warning,
					Category:    validate.Protocol,
					Place:       at,
					Message:     fmt.Sprintf("port %d of %s has no name that says its protocol, and a Service of type ExternalName has no address: its listener takes all of port %d that is not told apart otherwise", one.Port, s.ID, one.Port),
					Consequence: fmt.Sprintf("calls to hosts at port %d that nothing declares end up at %s", one.Port, s.Spec.Spec.ExternalName),
					Fix:         fix,
					Edits:       edits,
				})
			}
		}
	},
}

// untold says why nothing tells what goes to a port of a Service apart.
func untold(p *validate.Pass, by traffic.Decision, port int) string {
	if s, ok := serviceOf(p, by.Name+"."+by.Namespace+".svc.cluster.local"); ok {
		for _, one := range s.Spec.Spec.Ports {
			if protocol := namedProtocol(one); int(one.Port) == port && protocol != "" {
				return "is declared " + protocol + ", in which nothing tells hosts apart"
			}
		}
	}
	return "has no name that says its protocol"
}

// rulesOfAliases reports DestinationRules for Services of type ExternalName, where those are only other names.
func rulesOfAliases(p *validate.Pass) {
	for _, r := range p.Objects.DestinationRules {
		s, ok := serviceOf(p, fullName(r.Spec.Host, r.ID.Namespace))
		if !ok || s.Spec.Spec.ExternalName == "" {
			continue
		}
		fix, edits := unaliased(p, r, s.Spec.Spec.ExternalName)
		p.Report(validate.Finding{
			Severity:    validate.Warning,
			Place:       p.At(r.Object, "spec.host"),
			Message:     fmt.Sprintf("%s is for %s, a Service of type ExternalName: since Istio 1.21 that is only another name for %s, and a rule for it does not count", r.ID, s.ID, s.Spec.Spec.ExternalName),
			Consequence: "requests go by the rules for the name that it stands for; TLS that this rule would make is not made",
			Fix:         fix,
			Edits:       edits,
			Related:     []validate.Place{p.At(s.Object, "spec.externalName")},
		})
	}
}
