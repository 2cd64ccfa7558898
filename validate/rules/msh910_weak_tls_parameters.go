package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

var msh910 = validate.Rule{
	ID: "MSH910", Name: "weak-tls-parameters", Category: validate.GatewayTLS, Severity: validate.Warning,
	Title: "a server agrees to TLS that is known to be weak",
	Check: func(p *validate.Pass) {
		for _, g := range p.Objects.Gateways {
			for i, s := range g.Spec.Servers {
				weakServer(p, g.Object, fmt.Sprintf("spec.servers[%d].tls", i), s.Tls)
			}
		}
		for _, s := range p.Objects.Sidecars {
			for i, l := range s.Spec.Ingress {
				weakServer(p, s.Object, fmt.Sprintf("spec.ingress[%d].tls", i), l.Tls)
			}
		}
		for _, c := range planes(p) {
			tls := c.Spec.Security.ControlPlane.TLS
			weak(p, c.object, "spec.security.controlPlane.tls", tls.MinProtocolVersion, tls.MaxProtocolVersion, tls.CipherSuites)
		}
	},
}

func weakServer(p *validate.Pass, o *bundle.Object, field string, tls *networking.ServerTLSSettings) {
	if tls != nil {
		weak(p, o, field, tls.MinProtocolVersion.String(), tls.MaxProtocolVersion.String(), tls.CipherSuites)
	}
}

// weak looks at settings of TLS, whose versions are written TLSV1_0 by Istio and TLSv1_0 by Maistra.
func weak(p *validate.Pass, o *bundle.Object, field, lowest, highest string, suites []string) {
	old := func(version string) bool {
		version = strings.ToUpper(version)
		return version == "TLSV1_0" || version == "TLSV1_1"
	}
	f := validate.Finding{Consequence: "who gets between the two can have both sides agree on it, and read along; auditors refuse it"}
	switch {
	case old(highest):
		f.Place = p.At(o, field+".maxProtocolVersion")
		f.Message = fmt.Sprintf("%s agrees to nothing newer than %s, which is broken and out of use since 2021 (RFC 8996)", o.ID, highest)
		f.Fix = "take maxProtocolVersion out, and set minProtocolVersion: " + version12(highest)
		f.Edits = []validate.Edit{
			{Object: f.Object, Field: field + ".maxProtocolVersion"},
			{Object: f.Object, Field: field + ".minProtocolVersion", Value: version12(highest)},
		}
		p.Report(f)
	case old(lowest):
		f.Place = p.At(o, field+".minProtocolVersion")
		f.Message = fmt.Sprintf("%s agrees to %s, which is broken and out of use since 2021 (RFC 8996)", o.ID, lowest)
		f.Fix = "set minProtocolVersion: " + version12(lowest)
		f.Edits = []validate.Edit{{Object: f.Object, Field: field + ".minProtocolVersion", Value: version12(lowest)}}
		p.Report(f)
	}
	left := slices.ContainsFunc(suites, func(suite string) bool { return weakSuite(suite) == "" })
	for i, suite := range suites {
		if why := weakSuite(suite); why != "" {
			f.Place = p.At(o, fmt.Sprintf("%s.cipherSuites[%d]", field, i))
			f.Message = fmt.Sprintf("%s agrees to the cipher suite %s, which %s", o.ID, suite, why)
			f.Fix = "take it out; leave cipherSuites out altogether unless a rule of your own asks for a list"
			f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field}}
			if !left {
				f.Fix = "leave cipherSuites out: none of the list is good"
				f.Edits[0].Field = field + ".cipherSuites"
			}
			p.Report(f)
		}
	}
}

// version12 is TLS 1.2 as it is written where another version is.
func version12(as string) string { return as[:len("TLSV")] + "1_2" }

func weakSuite(suite string) string {
	name := strings.ToUpper(strings.ReplaceAll(suite, "_", "-"))
	for _, broken := range []string{"RC4", "3DES", "DES-CBC", "NULL", "EXPORT", "MD5"} {
		if strings.Contains(name, broken) {
			return "is broken"
		}
	}
	if strings.HasSuffix(name, "-SHA") {
		return "joins CBC with SHA-1: attacks on its padding are known"
	}
	return ""
}
