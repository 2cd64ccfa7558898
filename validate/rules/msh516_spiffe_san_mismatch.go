package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh516 = validate.Rule{
	ID: "MSH516", Name: "spiffe-san-mismatch", Category: validate.SAN, Severity: validate.Error,
	Title: "a workload of the mesh is asked for another name than it has",
	Of:    []traffic.Cause{traffic.WrongName, traffic.ClientNotAdmitted},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, _ := b.Last()
		h, n := b.Sender()
		if last.Terminates == nil {
			return false
		}
		server, at := serverFor(p, last)
		if b.Outcome.Cause == traffic.ClientNotAdmitted {
			pod, known := p.Index.Pod(h.Workload)
			if server.Object == nil || !known {
				return false
			}
			_, is, _ := strings.Cut(b.Outcome.Reason, "the client is ")
			admitted := fmt.Sprintf("%s.tls.subjectAltNames[%d]", at, len(last.Terminates.ClientNames))
			return p.Broken(b, n, validate.Finding{
				Place:       p.At(server.Object, at+".tls.subjectAltNames"),
				Message:     fmt.Sprintf("gateway %s takes clients named %s only, and %s is %s (ServiceAccount %s)%s", last.Workload, strings.Join(last.Terminates.ClientNames, ", "), by(h), is, pod.Account, difference(last.Terminates.ClientNames, is)),
				Consequence: refusedByServer,
				Fix:         fmt.Sprintf("add %s to subjectAltNames of %s, or run the client with the ServiceAccount that is named there", is, server.ID),
				Edits:       []validate.Edit{{Object: p.At(server.Object, "").Object, Field: admitted, Value: is}},
			})
		}
		rule, ok := validate.Decided(h, "DestinationRule")
		if !ok {
			return false
		}
		place := p.Of(rule)
		if o := p.Object(rule); o != nil && o.Has(rule.Field+".subjectAltNames") {
			place = p.At(o, rule.Field+".subjectAltNames")
		}
		names, is := h.Verify.Server.Names, last.Terminates.Identity
		f := validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s asks for %s, and %s is %s%s", byAny(h), strings.Join(names, ", "), last.Workload, is, difference(names, is)),
			Consequence: refusedByClient,
			Fix:         fmt.Sprintf("set subjectAltNames: [%s] in %s, if that is whom it is to reach; else lead the route to whom it names", is, rule),
			Related:     related(p, last, "Gateway"),
		}
		if strings.HasSuffix(place.Field, ".subjectAltNames") && len(names) == 1 {
			f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: []any{is}}}
		}
		return p.Broken(b, n, f)
	},
}

// difference says in which part alone a name differs from the nearest that is asked for.
func difference(asked []string, is string) string {
	has, ok := pki.ParseSPIFFE(is)
	for _, a := range asked {
		want, isName := pki.ParseSPIFFE(a)
		if !ok || !isName {
			continue
		}
		parts := []string{}
		for _, part := range [][3]string{{"trust domain", want.TrustDomain, has.TrustDomain}, {"namespace", want.Namespace, has.Namespace}, {"ServiceAccount", want.ServiceAccount, has.ServiceAccount}} {
			if part[1] != part[2] {
				parts = append(parts, part[0])
			}
		}
		if len(parts) == 1 {
			return fmt.Sprintf(": another %s", parts[0])
		}
	}
	return ""
}
