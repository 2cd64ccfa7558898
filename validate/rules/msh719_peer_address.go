package rules

import (
	"fmt"
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshscenario/scenario/validate"
)

var msh719 = validate.Rule{
	ID: "MSH719", Name: "peer-address", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "a peer has no address that can be called",
	Check: func(p *validate.Pass) {
		for _, one := range federated(p) {
			addresses := one.Spec.Spec.Remote.Addresses
			f := validate.Finding{
				Consequence: "discovery and calls have nowhere to go: the peer is never connected",
				Fix:         "write the address of the other mesh's ingress for this one: the host or IP that its Service has (status.loadBalancer.ingress), or those of nodes",
			}
			if len(addresses) == 0 {
				f.Place = p.At(one.Object, writtenAt(one.Object, "spec.remote.addresses", writtenAt(one.Object, "spec.remote", "spec")))
				f.Message = fmt.Sprintf("%s gives no address of the other mesh", one.ID)
				p.Report(f)
			}
			for i, address := range addresses {
				f := f
				f.Place = p.At(one.Object, fmt.Sprintf("spec.remote.addresses[%d]", i))
				host := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://"), "/")
				if name, port, found := strings.Cut(host, ":"); found && strings.Trim(port, "0123456789") == "" {
					host = name
				}
				switch {
				case callable(address):
					continue
				case callable(host):
					f.Message = fmt.Sprintf("%s: address %q is more than a host or IP", one.ID, address)
					f.Fix = "write " + host + "; the ports are discoveryPort and servicePort"
					f.Edits, f.Safe = set(p, one.Object, f.Field, host), true
				default:
					f.Message = fmt.Sprintf("%s: address %q is no host or IP", one.ID, address)
				}
				p.Report(f)
			}
		}
	},
}

// callable tells whether a text is a host or an IP address, as proxies resolve them.
func callable(address string) bool {
	if _, err := netip.ParseAddr(address); err == nil {
		return true
	}
	return len(validation.IsDNS1123Subdomain(strings.ToLower(address))) == 0 && strings.Trim(address, "0123456789.") != ""
}
