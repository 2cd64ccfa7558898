package rules

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh868 = validate.Rule{
	ID: "MSH868", Name: "contrast-no-such-port", Category: validate.Dangling, Severity: validate.Error, Anywhere: true,
	Title: "an egress entry leads to a Service, or to a port of one, that is not there",
	Check: func(p *validate.Pass) {
		for _, o := range outgoings(p) {
			f := validate.Finding{
				Place:       o.written(p),
				Consequence: "the sidecar finds nobody to connect to, and closes each connection to " + o.Listen,
			}
			_, rest, _ := strings.Cut(o.to.full, ".")
			namespace, _, _ := strings.Cut(rest, ".")
			switch {
			case o.held:
				if _, open := behind(p, o.service, o.to.port); open || o.service.Spec.Spec.Type == corev1.ServiceTypeExternalName {
					continue
				}
				noSuchPort(p, o, &f)
			case o.to.full != "" && p.Index.Lacks("Service", namespace):
				f.Message = fmt.Sprintf("egress %q%s leads to %s, and namespace %s has no such Service", o.Egress.Name, o.of(f.Place), o.to.host, namespace)
				f.Fix = "write the name of a Service that is there, with its namespace where that is another"
			default:
				continue
			}
			p.Report(f)
		}
	},
}

// noSuchPort completes what there is to say of an entry for a port that its Service does not have.
func noSuchPort(p *validate.Pass, o outgoing, f *validate.Finding) {
	var ports []string
	for _, one := range o.service.Spec.Spec.Ports {
		ports = append(ports, fmt.Sprint(one.Port))
	}
	f.Message = fmt.Sprintf("egress %q%s leads to port %d of %s, which has %s", o.Egress.Name, o.of(f.Place), o.to.port, o.service.ID, strings.Join(ports, ", "))
	f.Fix = "write a port of the Service, which need not be that of its pods"
	f.Related = []validate.Place{p.At(o.service.Object, "spec.ports")}
	text := o.source().Egress.Text
	if host, found := strings.CutSuffix(o.Remote, fmt.Sprint(o.to.port)); found && len(ports) == 1 && strings.Count(text, "#"+o.Remote) == 1 {
		f.Fix = fmt.Sprintf("write port %s: it is the Service's that counts, and not that of its pods", ports[0])
		f.Edits = o.rewritten(p, contrast.InEgress, strings.Replace(text, "#"+o.Remote, "#"+host+ports[0], 1))
	}
}
