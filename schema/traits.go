package schema

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	networkingapi "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	networkingalpha "istio.io/client-go/pkg/apis/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// traits finds what neither the API server nor Istio refuses, and what depends on the target's version.
func traits(o *bundle.Object, typed any, target mesh.Target) []Problem {
	switch t := typed.(type) {
	case *networking.DestinationRule:
		return destinationRule(o, &t.Spec, target)
	case *networking.Gateway:
		return gateway(o, &t.Spec, target)
	case *networking.ServiceEntry:
		return serviceEntry(&t.Spec)
	case *networking.VirtualService:
		return virtualService(&t.Spec, target)
	case *networkingalpha.EnvoyFilter:
		return envoyFilter(&t.Spec)
	case *mesh.ServiceMeshControlPlane:
		if o.Has("spec.mode") && !target.Has(mesh.SMCPMode) {
			return []Problem{absent("spec.mode", "spec.mode", target, "leave it out: the control plane looks after its members alone")}
		}
	case *mesh.ServiceMeshMemberRoll:
		if o.Has("spec.memberSelectors") && !target.Has(mesh.MemberSelectors) {
			return []Problem{absent("spec.memberSelectors", "memberSelectors", target, "list the namespaces in spec.members")}
		}
	}
	return nil
}

// idle says that the target takes a field, which a later version does something with.
func idle(field string, gate mesh.Gate, target mesh.Target, consequence, fix string) Problem {
	return Problem{Rule: "MSH101", Kind: NotYet, Severity: Error, Field: field, Consequence: consequence, Fix: fix,
		Message: fmt.Sprintf("the target's Istio 1.%d takes the field and does nothing: it came with Istio 1.%d", target.IstioMinor(), gate.Since())}
}

// absent says that the target does not know a field.
func absent(field, name string, target mesh.Target, fix string) Problem {
	return Problem{Rule: "MSH101", Kind: NotYet, Severity: Error, Field: field, Message: fmt.Sprintf("%s has no %s", target.Product, name),
		Consequence: refusedOrDropped, Dropped: true, Fix: fix}
}

// destinationRule looks at the TLS settings, wherever they are.
func destinationRule(o *bundle.Object, rule *networkingapi.DestinationRule, target mesh.Target) (problems []Problem) {
	policy := func(subset int, p *networkingapi.TrafficPolicy) {
		if p.GetTunnel() != nil && !target.Has(mesh.Tunnel) {
			problems = append(problems, idle(strings.TrimSuffix(tlsField(subset, -1), "tls")+"tunnel", mesh.Tunnel, target, "connections go out directly", "tunnel with an EnvoyFilter"))
		}
		if p.GetTls() != nil {
			problems = append(problems, client(o, p.Tls, target, subset, -1)...)
		}
		for i, port := range p.GetPortLevelSettings() {
			if port.GetTls() != nil {
				problems = append(problems, client(o, port.Tls, target, subset, i)...)
			}
		}
	}
	policy(-1, rule.TrafficPolicy)
	for i, subset := range rule.Subsets {
		policy(i, subset.GetTrafficPolicy())
	}
	return problems
}

// tlsField is where the TLS settings of a subset and port are; a negative number is none.
func tlsField(subset, port int) string {
	field := "spec"
	if subset >= 0 {
		field = fmt.Sprintf("spec.subsets[%d]", subset)
	}
	field += ".trafficPolicy"
	if port >= 0 {
		field = fmt.Sprintf("%s.portLevelSettings[%d]", field, port)
	}
	return field + ".tls"
}

// A setting is a field of TLS settings that names certificates.
type setting struct {
	name string
	set  bool
}

func written(settings ...setting) (names []string) {
	for _, s := range settings {
		if s.set {
			names = append(names, s.name)
		}
	}
	return names
}

func client(o *bundle.Object, tls *networkingapi.ClientTLSSettings, target mesh.Target, subset, port int) (problems []Problem) {
	const configMap = "configmap://"
	switch tls.Mode {
	case networkingapi.ClientTLSSettings_SIMPLE, networkingapi.ClientTLSSettings_MUTUAL:
		if tls.InsecureSkipVerify == nil && tls.CaCertificates != "system" && !strings.HasPrefix(tls.CredentialName, configMap) {
			return nil
		}
	}
	field := tlsField(subset, port)
	material := written(setting{"clientCertificate", tls.ClientCertificate != ""}, setting{"privateKey", tls.PrivateKey != ""},
		setting{"caCertificates", tls.CaCertificates != ""}, setting{"credentialName", tls.CredentialName != ""})
	switch {
	case tls.Mode == networkingapi.ClientTLSSettings_ISTIO_MUTUAL && len(material) > 0:
		p := Problem{Rule: "MSH112", Kind: Ineffective, Severity: Warning, Field: field + "." + material[0], Safe: true,
			Message:     "ISTIO_MUTUAL shows the workload's own certificate of the mesh, and " + enumeration(material, "and") + " are not used",
			Consequence: "a server outside of the mesh does not know that certificate, and refuses the connection",
			Fix:         "remove them, or set mode to MUTUAL if these are meant"}
		if len(material) == 1 {
			p.Message = strings.Replace(p.Message, " are not used", " is not used", 1)
			p.Fix = "remove it, or set mode to MUTUAL if it is meant"
		}
		for _, name := range material {
			p.Edits = append(p.Edits, Edit{Field: field + "." + name})
		}
		problems = append(problems, p)
	case tls.Mode == networkingapi.ClientTLSSettings_DISABLE && proto.Size(tls) > 0 && !o.Has(field+".mode"):
		p := Problem{Rule: "MSH127", Kind: Missing, Severity: Error, Field: field, Message: "tls has no mode, which means DISABLE",
			Consequence: "the traffic leaves in plaintext, and the other settings here are not used", Fix: "set mode to SIMPLE, or to MUTUAL if the server asks for a certificate"}
		switch {
		case tls.ClientCertificate != "" && tls.PrivateKey != "":
			p.Fix = "set mode to MUTUAL: a certificate and its key are named"
			p.Edits, p.Safe = []Edit{{field + ".mode", "MUTUAL"}}, true
		case tls.CredentialName == "":
			p.Edits, p.Safe = []Edit{{field + ".mode", "SIMPLE"}}, true
		}
		problems = append(problems, p)
	}
	if tls.GetInsecureSkipVerify().GetValue() && o.Has(field+".insecureSkipVerify") && !target.Has(mesh.InsecureSkipVerify) {
		problems = append(problems, idle(field+".insecureSkipVerify", mesh.InsecureSkipVerify, target, "a server is verified by this version only where a CA is named", "remove it"))
	}
	if tls.CaCertificates == "system" && !target.Has(mesh.SystemCA) {
		problems = append(problems, Problem{Rule: "MSH101", Kind: NotYet, Severity: Error, Field: field + ".caCertificates",
			Message:     fmt.Sprintf("for the target's Istio 1.%d, system is the name of a file, and not the CA bundle of the proxy's image", target.IstioMinor()),
			Consequence: "the proxy finds no such file, and no connection is made", Fix: "write the path of the bundle, /etc/ssl/certs/ca-certificates.crt or /etc/pki/tls/certs/ca-bundle.crt"})
	}
	if strings.HasPrefix(tls.CredentialName, configMap) && !target.Has(mesh.ConfigMapCA) {
		problems = append(problems, Problem{Rule: "MSH101", Kind: NotYet, Severity: Error, Field: field + ".credentialName",
			Message:     fmt.Sprintf("the target's Istio 1.%d does not read a CA from a ConfigMap", target.IstioMinor()),
			Consequence: "it looks for a Secret of that name, and there is none", Fix: "put the CA into a Secret, as ca.crt"})
	}
	return problems
}

func gateway(o *bundle.Object, g *networkingapi.Gateway, target mesh.Target) (problems []Problem) {
	for i, server := range g.Servers {
		tls := server.GetTls()
		for _, name := range written(setting{"credentialNames", len(tls.GetCredentialNames()) > 0}, setting{"tlsCertificates", len(tls.GetTlsCertificates()) > 0}) {
			if !target.Has(mesh.CredentialNames) {
				problems = append(problems, idle(fmt.Sprintf("spec.servers[%d].tls.%s", i, name), mesh.CredentialNames, target, "the server has no certificate", "set credentialName, of one certificate"))
			}
		}
		if tls == nil || tls.Mode != networkingapi.ServerTLSSettings_PASSTHROUGH {
			continue
		}
		field := fmt.Sprintf("spec.servers[%d].tls", i)
		material := written(setting{"credentialName", tls.CredentialName != ""}, setting{"credentialNames", len(tls.CredentialNames) > 0},
			setting{"serverCertificate", tls.ServerCertificate != ""}, setting{"privateKey", tls.PrivateKey != ""},
			setting{"caCertificates", tls.CaCertificates != ""}, setting{"tlsCertificates", len(tls.TlsCertificates) > 0})
		if len(material) == 0 || o.Has(field+".mode") {
			continue
		}
		p := Problem{Rule: "MSH127", Kind: Missing, Severity: Error, Field: field, Message: "tls has no mode, which means PASSTHROUGH",
			Consequence: "the gateway does not terminate TLS, and what " + enumeration(material, "and") + " names is not used",
			Fix:         "set mode to SIMPLE, or to MUTUAL to ask clients for a certificate"}
		if tls.CaCertificates == "" {
			p.Edits, p.Safe = []Edit{{field + ".mode", "SIMPLE"}}, true
		}
		problems = append(problems, p)
	}
	return problems
}

func serviceEntry(e *networkingapi.ServiceEntry) (problems []Problem) {
	if len(e.ExportTo) == 1 && e.ExportTo[0] == "~" {
		problems = append(problems, Problem{Rule: "MSH120", Kind: Ineffective, Severity: Warning, Field: "spec.exportTo[0]",
			Message: `"~" exports the ServiceEntry to nobody, not even its own namespace`, Consequence: "no proxy knows the host", Fix: `write "." for its own namespace, or remove exportTo`})
	}
	if e.Resolution == networkingapi.ServiceEntry_NONE && len(e.Hosts) > 1 {
		for i, port := range e.Ports {
			if tellsHost(port.GetProtocol()) {
				continue
			}
			problems = append(problems, Problem{Rule: "MSH105", Kind: Ineffective, Severity: Warning, Field: fmt.Sprintf("spec.ports[%d]", i),
				Message:     "connections of this protocol do not tell which of the hosts they are for, so the hosts mean nothing",
				Consequence: "every connection to the port is taken for the first host", Fix: "write a ServiceEntry for each host, with addresses of its own"})
			break
		}
	}
	return problems
}

// tellsHost says whether a connection of a protocol names its host.
func tellsHost(protocol string) bool {
	switch strings.ToUpper(protocol) {
	case "HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTP_PROXY", "HTTPS", "TLS":
		return true
	}
	return false
}

func virtualService(v *networkingapi.VirtualService, target mesh.Target) (problems []Problem) {
	if target.Has(mesh.RelativeWeights) {
		return nil
	}
	check := func(list string, i int, weights []int32) {
		sum := int32(0)
		for _, w := range weights {
			sum += w
		}
		if len(weights) > 1 && sum != 100 && sum != 0 { // 0 is refused by every version
			problems = append(problems, Problem{Rule: "MSH101", Kind: NotYet, Severity: Error, Field: fmt.Sprintf("spec.%s[%d].route", list, i),
				Message:     fmt.Sprintf("the weights add up to %d: the target's Istio 1.%d takes them for percentages", sum, target.IstioMinor()),
				Consequence: refusedByIstio, Fix: "write weights that add up to 100"})
		}
	}
	for i, route := range v.Http {
		var weights []int32
		for _, r := range route.GetRoute() {
			weights = append(weights, r.GetWeight())
		}
		check("http", i, weights)
	}
	for i, route := range v.Tls {
		check("tls", i, weightsOf(route.GetRoute()))
	}
	for i, route := range v.Tcp {
		check("tcp", i, weightsOf(route.GetRoute()))
	}
	return problems
}

func weightsOf(routes []*networkingapi.RouteDestination) (weights []int32) {
	for _, r := range routes {
		weights = append(weights, r.GetWeight())
	}
	return weights
}
