package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh430 = validate.Rule{
	ID: "MSH430", Name: "redirect-before-egress", Category: validate.Protocol, Severity: validate.Warning,
	Title: "the egress gateway sends the mesh's own clients to https",
	Of:    []traffic.Cause{traffic.Redirected},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, n := b.Last()
		sender, _ := b.Sender()
		led, ok := validate.Decided(sender, "VirtualService")
		if last.Proxy != traffic.Gateway || sender.Proxy != traffic.Sidecar || !ok {
			return false
		}
		f := validate.Finding{
			Consequence: "the application gets a 301 instead of an answer; one that follows it makes its own TLS, which takes another way, past the gateway's rules for HTTP or into a second TLS",
			Related:     []validate.Place{p.Of(led)},
		}
		server, field := serverFor(p, last)
		if d, routed := validate.Decided(last, "VirtualService"); routed {
			f.Place = p.Of(d)
			f.Message = fmt.Sprintf("%s leads %s to gateway %s, where %s redirects it to https", led, b.Hops[0].Destination.Host, last.Workload, d)
			f.Fix = fmt.Sprintf("take the redirect out of the gateway's rule of %s, and lead it to the service outside", d)
			to := b.Hops[0].Destination
			if rule, _, _ := strings.Cut(d.Field, "]"); strings.HasPrefix(rule, "spec.http[") {
				if _, _, known := declared(p, to.Host, to.Port); known {
					f.Edits = []validate.Edit{
						{Object: f.Object, Field: rule + "].redirect"},
						{Object: f.Object, Field: rule + "].route", Value: destined(to.Host, to.Port)},
					}
				}
			}
		} else if server.Object != nil && server.Spec.Servers[atIndex(field)].GetTls().GetHttpsRedirect() {
			f.Place = p.At(server.Object, field+".tls.httpsRedirect")
			f.Message = fmt.Sprintf("%s leads %s to gateway %s, whose server of %s redirects all plain HTTP to https", led, b.Hops[0].Destination.Host, last.Workload, server.ID)
			f.Fix = fmt.Sprintf("take httpsRedirect out of the server of %s; the TLS to the service outside is a DestinationRule's matter", server.ID)
			f.Edits, f.Safe = []validate.Edit{{Object: f.Object, Field: field + ".tls"}}, true
		} else {
			return false
		}
		return p.Broken(b, n, f)
	},
}
