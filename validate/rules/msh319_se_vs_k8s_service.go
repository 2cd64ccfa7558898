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
			for i, host := range e.Spec.Hosts {
				service, ok := serviceOf(p, serviceName(host, e.ID.Namespace))
				if !ok || !p.Index.Member(service.ID.Namespace) || !p.Index.Member(e.ID.Namespace) {
					continue
				}
				what, consequence := "the Service counts, and the ServiceEntry does not", "the request goes to the Service's pods, not to what the ServiceEntry declares"
				if host != service.ID.Name+"."+service.ID.Namespace+".svc.cluster.local" {
					what = "it is a short form of the Service's name, and DNS answers it with the Service's address"
					consequence = "which of the two takes the request depends on the port and the protocol"
				} else if service.ID.Namespace == e.ID.Namespace {
					what = "the endpoints of the two are mixed up"
					consequence = "which endpoints count depends on the ports and on which object is younger"
				}
				if slices.Equal(e.Spec.ExportTo, []string{"~"}) {
					continue
				}
				p.Report(validate.Finding{
					Place:       p.At(e.Object, fmt.Sprintf("spec.hosts[%d]", i)),
					Message:     fmt.Sprintf("host %s of %s is also %s: %s", host, e.ID, service.ID, what),
					Consequence: consequence,
					Fix:         "give the ServiceEntry a host of its own; or remove the Service, if the ServiceEntry is to take its place",
					Related:     []validate.Place{p.At(service.Object, "metadata.name")},
				})
			}
		}
	},
}
