package rules

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh868 = validate.Rule{
	ID: "MSH868", Name: "contrast-no-such-port", Category: validate.Dangling, Severity: validate.Error, Anywhere: true,
	Title: "an egress entry leads to a Service, or to a port of one, that is not there",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			if !c.sure() {
				continue
			}
			for _, e := range c.source().Config.Egress {
				r, ok := remoteOf(p, e.Remote, c.namespace)
				if !ok || r.full == "" {
					continue
				}
				f := validate.Finding{
					Place:       c.where(p, c.source().Egress),
					Consequence: "the sidecar finds nobody to connect to, and closes each connection to " + e.Listen,
				}
				s, held := serviceNamed(p, r.full)
				_, rest, _ := strings.Cut(r.full, ".")
				namespace, _, _ := strings.Cut(rest, ".")
				if !held && !p.Index.Lacks("Service", namespace) {
					continue
				}
				if !held {
					f.Message = fmt.Sprintf("egress %q%s leads to %s, and namespace %s has no such Service", e.Name, c.of(f.Place), r.host, namespace)
					f.Fix = "write the name of a Service that is there, with its namespace where that is another"
					p.Report(f)
				} else if _, open := behind(p, s, r.port); !open && s.Spec.Spec.Type != corev1.ServiceTypeExternalName {
					noSuchPort(p, c, e, s, r, f)
				}
			}
		}
	},
}

// noSuchPort reports an entry for a port that its Service does not have.
func noSuchPort(p *validate.Pass, c contrastPod, e contrast.Egress, s traffic.Of[*corev1.Service], r remote, f validate.Finding) {
	var ports []string
	for _, one := range s.Spec.Spec.Ports {
		ports = append(ports, fmt.Sprint(one.Port))
	}
	f.Message = fmt.Sprintf("egress %q%s leads to port %d of %s, which has %s", e.Name, c.of(f.Place), r.port, s.ID, strings.Join(ports, ", "))
	f.Fix = "write a port of the Service, which need not be that of its pods"
	f.Related = []validate.Place{p.At(s.Object, "spec.ports")}
	if text := c.source().Egress.Text; len(ports) == 1 && strings.Count(text, "#"+e.Remote) == 1 {
		f.Fix = fmt.Sprintf("write port %s: it is the Service's that counts, and not that of its pods", ports[0])
		f.Edits = c.rewritten(p, contrast.InEgress, strings.Replace(text, "#"+e.Remote, "#"+strings.TrimSuffix(e.Remote, fmt.Sprint(r.port))+ports[0], 1))
	}
	p.Report(f)
}
