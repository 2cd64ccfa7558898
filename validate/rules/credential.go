package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var credentialCauses = []traffic.Cause{
	traffic.SecretMissing, traffic.SecretElsewhere, traffic.SecretKeys, traffic.SecretForbidden, traffic.UnknownProvider, traffic.ConfigMapMissing,
}

// credentialMiss says why a proxy does not get a certificate that it needs.
func credentialMiss(p *validate.Pass, b *validate.Break) verdict {
	h, n := b.Last()
	place := validate.Place{}
	if server, ok := validate.Decided(h, "Gateway"); ok && h.Terminates != nil && h.Wire.Mode == "" {
		if g, at := serverFor(p, h); g.Object != nil {
			place = p.At(g.Object, at+".tls.credentialName")
		} else {
			place = p.Of(server)
		}
	} else if rule, ok := validate.Decided(h, "DestinationRule"); ok {
		place = p.Of(rule)
		if object := p.Object(rule); object != nil && object.Has(rule.Field+".credentialName") {
			place = p.At(object, rule.Field+".credentialName")
		}
	}
	why := after(b.Outcome.Reason, "cannot agree on TLS: ")
	if _, rest, ok := strings.Cut(why, h.Cluster+": "); ok && h.Cluster != "" {
		why = rest
	}
	namespace, _, _ := strings.Cut(h.Workload, "/")
	v := verdict{hop: n, finding: validate.Finding{
		Place:       place,
		Message:     fmt.Sprintf("%s cannot get its certificate: %s", by(h), why),
		Consequence: "the proxy waits for a certificate that never comes: connections are reset, 503 UF, secret not supplied",
	}}
	f := &v.finding
	switch b.Outcome.Cause {
	case traffic.SecretMissing, traffic.ConfigMapMissing:
		v.rule, f.Category = "MSH501", validate.NoSecret
		f.Fix = fmt.Sprintf("create it in namespace %s, where the proxy runs, or correct the name", namespace)
	case traffic.SecretElsewhere:
		v.rule, f.Category = "MSH502", validate.SecretNamespace
		f.Fix = fmt.Sprintf("create the Secret in namespace %s too: a proxy reads Secrets of its own namespace only", namespace)
	case traffic.SecretKeys:
		v.rule, f.Category = "MSH504", validate.NoSecret
		f.Fix = "give the Secret tls.crt and tls.key, and ca.crt to verify the other side by (or put that into a Secret NAME-cacert)"
	case traffic.SecretForbidden:
		v.rule, f.Category = "MSH513", validate.NoSecret
		f.Fix = "write a Role that lets the ServiceAccount get, list and watch secrets in its namespace, and a RoleBinding"
	case traffic.UnknownProvider:
		v.rule, f.Category = "MSH517", validate.NoSecret
		f.Fix = "name a Secret of the proxy's namespace"
	}
	return v
}
