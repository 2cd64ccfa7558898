package rules

import (
	"fmt"
	"slices"

	security "istio.io/api/security/v1beta1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh235 = validate.Rule{
	ID: "MSH235", Name: "provider-in-the-clear", Category: validate.PlaintextToTLS, Severity: validate.Error,
	Title: "proxies call an extension provider outside by plaintext, and its port takes TLS",
	Check: func(p *validate.Pass) {
		for _, one := range providers(p) {
			entry, at, ok := declaredIn(entriesFor(p, one.host), one.port)
			if !ok {
				continue
			}
			port := entry.Spec.Ports[atIndex(at)]
			if protocol := port.Protocol; !isTLS(protocol) && (one.port != 443 || port.TargetPort != 0) || makesTLSFor(p, one.host, one.port) {
				continue
			}
			severity := validate.Error
			if !slices.ContainsFunc(p.Objects.AuthorizationPolicies, func(a traffic.Of[*security.AuthorizationPolicy]) bool {
				return a.Spec.GetProvider().GetName() == one.name
			}) {
				severity = validate.Warning // who uses it, the files do not tell
			}
			p.Report(validate.Finding{
				Severity:    severity,
				Place:       p.At(one.object, one.field),
				Message:     fmt.Sprintf("extension provider %s is %s:%d, a port that takes TLS, and no DestinationRule makes it: proxies call it as it is written, in plaintext", one.name, one.host, one.port),
				Consequence: "the provider resets the connection: what it was to allow is refused (403), and what it was to get is lost",
				Fix:         fmt.Sprintf("write a DestinationRule for %s with trafficPolicy.tls.mode SIMPLE, beside %s", one.host, entry.ID),
				Related:     []validate.Place{p.At(entry.Object, at)},
				Edits:       ruleFor(p, entry, one.host, one.port),
			})
		}
	},
}

// ruleFor is a DestinationRule that makes TLS for a port of a host that has no rule yet, and verifies the host's name.
func ruleFor(p *validate.Pass, entry entryOf, host string, port int) []validate.Edit {
	if len(rulesFor(p, host)) > 0 {
		return nil
	}
	name := validate.Object{Kind: "DestinationRule", Namespace: entry.ID.Namespace, Name: entry.ID.Name}
	return documentBeside(p, entry.Object, "networking.istio.io/"+p.Target.IstioAPI(), name, map[string]any{
		"host": host,
		"trafficPolicy": map[string]any{"portLevelSettings": []any{map[string]any{
			"port": map[string]any{"number": port},
			"tls":  map[string]any{"mode": "SIMPLE", "sni": host, "subjectAltNames": []any{host}},
		}}},
	})
}

// makesTLSFor tells whether some DestinationRule makes TLS for a port of a host.
func makesTLSFor(p *validate.Pass, host string, port int) bool {
	for _, r := range rulesFor(p, host) {
		for _, s := range settings(r) {
			if s.subset == "" && (s.port == 0 || s.port == port) && (s.port == port || !portLevel(r.Spec, "", port)) {
				return true
			}
		}
	}
	return false
}
