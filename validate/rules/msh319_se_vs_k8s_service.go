package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/validate"
)

var msh319 = validate.Rule{
	ID: "MSH319", Name: "se-vs-k8s-service", Category: validate.Duplicate, Severity: validate.Warning,
	Title: "a ServiceEntry has the name of a Service that the mesh sees",
	Check: func(p *validate.Pass) {
		for _, e := range p.Objects.ServiceEntries {
			own := e.ID.Namespace
			for i, host := range e.Spec.Hosts {
				service, ok := serviceOf(p, serviceName(host, own))
				if !ok || !p.Index.Member(service.ID.Namespace) || !p.Index.Member(own) || slices.Equal(e.Spec.ExportTo, []string{"~"}) ||
					service.Spec.Annotations["networking.istio.io/exportTo"] == "~" { // a name for DNS alone
					continue
				}
				f := validate.Finding{
					Place:       p.At(e.Object, fmt.Sprintf("spec.hosts[%d]", i)),
					Consequence: "requests go to other endpoints than what is declared here says, for some clients or for all",
					Fix:         "give the ServiceEntry a host of its own; or remove the Service, if the ServiceEntry is to take its place",
					Related:     []validate.Place{p.At(service.Object, "metadata.name")},
				}
				what := fmt.Sprintf("clients in namespace %s get the ServiceEntry, and all others the Service", own)
				switch private := !slices.ContainsFunc(e.Spec.ExportTo, func(n string) bool { return n != "." && n != own }); {
				case host != service.ID.Name+"."+service.ID.Namespace+".svc.cluster.local":
					what = "it is a short form of the Service's name, and DNS answers it with the Service's address"
				case service.ID.Namespace == own:
					what = "the Service counts, and which endpoints it has depends on the ports and on age"
				case private && len(e.Spec.ExportTo) > 0:
					f.Severity = validate.Info // whoever says so means to
				}
				f.Message = fmt.Sprintf("host %s of %s is also %s: %s", host, e.ID, service.ID, what)
				p.Report(f)
			}
		}
	},
}
