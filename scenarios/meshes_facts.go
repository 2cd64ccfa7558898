package scenarios

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/mesh"
)

// A Fact is what the owner of the other mesh must be told of the plan's own: none of it is secret.
type Fact struct {
	Name  string // such as "trust domain"
	Value string
	// Command tells the value, run in the mesh's own cluster, where it is not known here.
	Command string
}

// Facts are those of the plan's own mesh, for the owner of the other.
func (p *Plan) Facts() []Fact {
	own := p.Own
	facts := []Fact{{Name: "trust domain", Value: own.TrustDomain}}
	switch {
	case !p.Target.Has(mesh.FederationCRs):
		facts = append(facts, Fact{Name: "network", Value: own.Network})
	case own.RootCertificate == "":
		facts = append(facts, Fact{Name: "root certificate", Command: fmt.Sprintf(`%s get configmap istio-ca-root-cert -n %s -o jsonpath='{.data.root-cert\.pem}' > root-cert.pem`, p.CLI(), own.Namespace)})
	default:
		facts = append(facts, Fact{Name: "root certificate", Value: strings.TrimSpace(own.RootCertificate)})
	}
	if p.Target.Has(mesh.FederationCRs) {
		facts = append(facts, Fact{Name: "client ID", Value: p.clientID()})
	}
	if !p.OneMesh() {
		address := Fact{Name: "address", Value: strings.Join(own.Gateway.Addresses, ", ")}
		if address.Value == "" {
			address.Command = p.addressCommand(own, *p.Other)
		}
		facts = append(facts, address)
		ports := fmt.Sprint(own.Gateway.ServicePort)
		if p.Target.Has(mesh.FederationCRs) {
			ports = fmt.Sprintf("%s for calls, %d for discovery", ports, own.Gateway.DiscoveryPort)
		}
		facts = append(facts, Fact{Name: "port", Value: ports})
	}
	for _, e := range own.Exports {
		value := fmt.Sprintf("%s.%s, port %d, %s", e.As.Name, e.As.Namespace, e.Port, e.Protocol)
		if !p.Target.Has(mesh.FederationCRs) {
			value += fmt.Sprintf(", spiffe://%s/ns/%s/sa/%s", own.TrustDomain, e.Namespace, e.ServiceAccount)
		}
		facts = append(facts, Fact{Name: "exports", Value: value})
	}
	return facts
}

// clientID is what the gateway shows by which calls leave the plan's own mesh, as the other writes it: without spiffe://.
func (p *Plan) clientID() string {
	return fmt.Sprintf("%s/ns/%s/sa/%s-service-account", p.Own.TrustDomain, p.Own.Namespace, egressFor(*p.Other))
}
