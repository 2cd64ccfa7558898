package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh311 = validate.Rule{
	ID: "MSH311", Name: "tcp-se-captures-port", Category: validate.Other, Severity: validate.Warning,
	Title: "a TCP port without an address takes in what is meant for others",
	Check: func(p *validate.Pass) {
		used := map[uint32]int{80: 1, 443: 1} // what everybody calls
		for _, e := range p.Objects.ServiceEntries {
			for _, one := range e.Spec.Ports {
				used[one.Number]++
			}
		}
		for _, e := range p.Objects.ServiceEntries {
			if len(e.Spec.Addresses) > 0 || p.Index.CapturesDNS() {
				continue
			}
			for i, one := range e.Spec.Ports {
				switch strings.ToUpper(one.Protocol) {
				case "TCP", "MONGO", "MYSQL", "REDIS":
				default:
					continue
				}
				f := validate.Finding{
					Place:       p.At(e.Object, fmt.Sprintf("spec.ports[%d].protocol", i)),
					Message:     fmt.Sprintf("port %d of %s is %s without an address, so its listener takes all of what goes to port %d and is not told apart otherwise", one.Number, e.ID, one.Protocol, one.Number),
					Consequence: fmt.Sprintf("calls to other hosts at port %d end up at %s", one.Number, e.Spec.Hosts[0]),
					Fix:         "declare the port as TLS, where clients send an SNI; or give the host an address in spec.addresses",
				}
				if used[one.Number] < 2 {
					f.Severity = validate.Info
				}
				p.Report(f)
			}
		}
	},
}
