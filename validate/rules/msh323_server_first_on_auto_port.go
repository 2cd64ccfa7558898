package rules

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

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
		called := greeted(p)
		say := func(at validate.Place, of string, number int, what, fix string, edit validate.Edit) {
			p.Report(validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("port %d of %s is for %s, whose server speaks first, and nothing says what the port speaks: the sidecar waits for the client's first bytes to find out, and the client for the server's greeting", number, of, what),
				Consequence: "connections hang until one side gives up, or begin late",
				Fix:         fix,
				Edits:       []validate.Edit{edit},
				Safe:        true,
			})
		}
		for _, s := range p.Objects.Services {
			for i, one := range s.Spec.Spec.Ports {
				n := int(one.Port)
				what := cmp.Or(speaksFirst[n], called[fmt.Sprintf("%s.%s.svc.cluster.local:%d", s.ID.Name, s.ID.Namespace, n)])
				if what == "" || takenForTCP[n] || namedProtocol(one) != "" || s.Spec.Spec.ExternalName != "" ||
					!p.Index.Member(s.ID.Namespace) || selectsGateway(p, s.ID.Namespace, s.Spec.Spec.Selector) {
					continue
				}
				at := p.At(s.Object, fmt.Sprintf("spec.ports[%d]", i))
				say(at, s.ID.String(), n, what, fmt.Sprintf("set appProtocol: tcp for port %d", n), validate.Edit{Object: at.Object, Field: at.Field + ".appProtocol", Value: "tcp"})
			}
		}
		for _, e := range p.Objects.ServiceEntries {
			for i, one := range e.Spec.Ports {
				n := int(one.Number)
				what := speaksFirst[n]
				for _, h := range e.Spec.Hosts {
					what = cmp.Or(what, called[fmt.Sprintf("%s:%d", h, n)])
				}
				if what != "" && one.Protocol == "" && p.Index.Member(e.ID.Namespace) {
					at := p.At(e.Object, fmt.Sprintf("spec.ports[%d]", i))
					say(at, e.ID.String(), n, what, "set protocol: TCP", validate.Edit{Object: at.Object, Field: at.Field + ".protocol", Value: "TCP"})
				}
			}
		}
	},
}

// greeting finds URLs of protocols whose servers speak first.
var greeting = regexp.MustCompile(`\b(mysql|mariadb|smtp|ftp|ssh|imap|pop3)://(?:[^\s/@"']+@)?([A-Za-z0-9.-]+):([0-9]{1,5})`)

// greeted are the hosts and ports that workloads call by such URLs, and what is spoken there. A name without a dot is a
// Service of the workload's own namespace, and one with a dot or two may be a Service of another.
func greeted(p *validate.Pass) map[string]string {
	names := map[string]string{"mysql": "MySQL", "mariadb": "MySQL", "smtp": "SMTP", "ftp": "FTP", "ssh": "SSH", "imap": "IMAP", "pop3": "POP3"}
	all := map[string]string{}
	for _, t := range templates(p) {
		for _, v := range environment(p, t) {
			for _, m := range greeting.FindAllStringSubmatch(v.value, -1) {
				host := strings.ToLower(m[2])
				all[host+":"+m[3]] = names[m[1]]
				switch {
				case !strings.Contains(host, "."):
					host += "." + t.namespace
					fallthrough
				case strings.Count(host, ".") == 1:
					all[host+".svc.cluster.local:"+m[3]] = names[m[1]]
				case strings.HasSuffix(host, ".svc"):
					all[host+".cluster.local:"+m[3]] = names[m[1]]
				}
			}
		}
	}
	return all
}

// selectsGateway tells whether a Service is a gateway's: what comes in there has a listener of its Gateway's.
func selectsGateway(p *validate.Pass, namespace string, selector map[string]string) bool {
	return len(selector) > 0 && slices.ContainsFunc(p.Index.Pods(), func(pod traffic.Pod) bool {
		return pod.Gateway && pod.Namespace == namespace && within(selector, pod.Labels)
	})
}
