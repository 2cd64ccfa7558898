package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh103 = validate.Rule{
	ID: "MSH103", Name: "wildcard-host-with-dns", Category: validate.WildcardDNS, Severity: validate.Error,
	Title: "a wildcard is to be resolved by DNS, or what is unfit for it by DYNAMIC_DNS",
	Check: func(p *validate.Pass) {
		for _, e := range p.Objects.ServiceEntries {
			if field, why := unfitForDynamic(e); why != "" {
				p.Report(validate.Finding{
					Place:       p.At(e.Object, field),
					Message:     fmt.Sprintf("resolution DYNAMIC_DNS resolves what each request asks for, and %s: %s", e.ID, why),
					Consequence: "Istio refuses the ServiceEntry; where nobody checks it, the proxy has no cluster for it: 503",
					Fix:         "keep wildcard hosts alone, with ports of HTTP, HTTP2, GRPC or TLS, and no addresses or endpoints; or set resolution NONE or DNS",
				})
			}
			i := slices.IndexFunc(e.Spec.Hosts, wildcard)
			if i < 0 || len(e.Spec.Endpoints) > 0 || e.Spec.WorkloadSelector != nil ||
				e.Spec.Resolution != networking.ServiceEntry_DNS && e.Spec.Resolution != networking.ServiceEntry_DNS_ROUND_ROBIN {
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(e.Object, "spec.resolution"),
				Message:     fmt.Sprintf("%s is to resolve %s by DNS, and a wildcard without endpoints is no name that can be resolved", e.ID, e.Spec.Hosts[i]),
				Consequence: "Istio refuses the ServiceEntry; where nobody checks it, the proxy has no address to send to: 503",
				Fix:         "set resolution NONE, if sidecars call the hosts directly; or list the hosts; or give one endpoint that serves all of them",
			})
		}
	},
	// What becomes of requests to it is that mistake.
	Of:      []traffic.Cause{traffic.NothingToResolve, traffic.UnfitForDynamic},
	Explain: func(*validate.Pass, *validate.Break) bool { return true },
}

// unfitForDynamic says what keeps an entry from resolution DYNAMIC_DNS, and where.
func unfitForDynamic(e entryOf) (field, why string) {
	if e.Spec.Resolution != networking.ServiceEntry_DYNAMIC_DNS {
		return "", ""
	}
	for i, h := range e.Spec.Hosts {
		if !wildcard(h) {
			return fmt.Sprintf("spec.hosts[%d]", i), h + " is no wildcard"
		}
	}
	for i, one := range e.Spec.Ports {
		switch strings.ToUpper(one.Protocol) {
		case "HTTP", "HTTP2", "GRPC", "TLS":
		default:
			return fmt.Sprintf("spec.ports[%d].protocol", i), fmt.Sprintf("port %d is %s", one.Number, cmp.Or(one.Protocol, "unsaid"))
		}
	}
	switch {
	case len(e.Spec.Addresses) > 0:
		return "spec.addresses", "it has addresses"
	case len(e.Spec.Endpoints) > 0:
		return "spec.endpoints", "it has endpoints"
	}
	return "", ""
}
