package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// speaksFirst are ports whose servers greet before the client says anything.
var speaksFirst = map[int]string{21: "FTP", 22: "SSH", 25: "SMTP", 110: "POP3", 143: "IMAP", 587: "SMTP", 3306: "MySQL"}

// takenForTCP are the ports that Istio takes for TCP where a Service does not say what they speak.
var takenForTCP = map[int]bool{25: true, 53: true, 3306: true, 27017: true}

var msh323 = validate.Rule{
	ID: "MSH323", Name: "server-first-on-auto-port", Category: validate.Protocol, Severity: validate.Warning,
	Title: "a sidecar waits for the client's first bytes, where the server speaks first",
	Check: func(p *validate.Pass) {
		if !p.Target.Has(mesh.SniffOutbound) {
			return
		}
		say := func(at validate.Place, of string, number int, fix string, edit validate.Edit) {
			p.Report(validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("port %d of %s is for %s, whose server speaks first, and nothing says what the port speaks: the sidecar waits for the client's first bytes to find out, and the client for the server's greeting", number, of, speaksFirst[number]),
				Consequence: "connections hang until one side gives up, or begin late",
				Fix:         fix,
				Edits:       []validate.Edit{edit},
				Safe:        true,
			})
		}
		for _, s := range p.Objects.Services {
			for i, one := range s.Spec.Spec.Ports {
				n := int(one.Port)
				if speaksFirst[n] == "" || takenForTCP[n] || namedProtocol(one) != "" || s.Spec.Spec.ExternalName != "" ||
					!p.Index.Member(s.ID.Namespace) || selectsGateway(p, s.ID.Namespace, s.Spec.Spec.Selector) {
					continue
				}
				at := p.At(s.Object, fmt.Sprintf("spec.ports[%d]", i))
				say(at, s.ID.String(), n, fmt.Sprintf("set appProtocol: tcp for port %d", n), validate.Edit{Object: at.Object, Field: at.Field + ".appProtocol", Value: "tcp"})
			}
		}
		for _, e := range p.Objects.ServiceEntries {
			for i, one := range e.Spec.Ports {
				if n := int(one.Number); speaksFirst[n] != "" && one.Protocol == "" && p.Index.Member(e.ID.Namespace) {
					at := p.At(e.Object, fmt.Sprintf("spec.ports[%d]", i))
					say(at, e.ID.String(), n, "set protocol: TCP", validate.Edit{Object: at.Object, Field: at.Field + ".protocol", Value: "TCP"})
				}
			}
		}
	},
}

// selectsGateway tells whether a Service is a gateway's: what comes in there has a listener of its Gateway's.
func selectsGateway(p *validate.Pass, namespace string, selector map[string]string) bool {
	return len(selector) > 0 && slices.ContainsFunc(p.Index.Pods(), func(pod traffic.Pod) bool {
		return pod.Gateway && pod.Namespace == namespace && within(selector, pod.Labels)
	})
}
