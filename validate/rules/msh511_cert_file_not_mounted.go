package rules

import (
	"fmt"
	"path"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh511 = validate.Rule{
	ID: "MSH511", Name: "cert-file-not-mounted", Category: validate.NoSecret, Severity: validate.Error,
	Title: "a certificate's file is not in the proxy that is to use it",
	Check: func(p *validate.Pass) {
		for _, way := range p.Paths {
			if way.Outcome.Cause != "" {
				continue
			}
			for i := range way.Hops {
				h := &way.Hops[i]
				rule, ok := validate.Decided(h, "DestinationRule")
				if h.Proxy == traffic.Gateway && len(p.Objects.ControlPlanes) > 0 {
					continue // MSH619 tells of gateways that the operator makes
				}
				if ok && originates(way.Hops, i) && h.Wire.Mode != traffic.IstioMutual {
					for _, f := range filesMissing(p, h, rule) {
						p.Report(validate.Shown(way, i+1, f))
					}
				}
			}
		}
		for _, g := range p.Objects.Gateways {
			serverFilesMissing(p, g)
		}
	},
}

// serverFilesMissing reports files that a server of a Gateway names and a gateway that it selects does not have.
func serverFilesMissing(p *validate.Pass, g traffic.Of[*networking.Gateway]) {
	for i, s := range g.Spec.Servers {
		tls := s.GetTls()
		if tls.GetCredentialName() != "" || len(tls.GetCredentialNames()) > 0 {
			continue
		}
		for _, one := range [][2]string{
			{"serverCertificate", tls.GetServerCertificate()}, {"privateKey", tls.GetPrivateKey()}, {"caCertificates", tls.GetCaCertificates()},
		} {
			why, workload := "", ""
			for _, pod := range p.Index.Pods() {
				if name := pod.Namespace + "/" + pod.Name; why == "" && one[1] != "" && pod.Gateway && !pod.Assumed && within(g.Spec.Selector, pod.Labels) {
					why, workload = missingFile(p, name, one[1]), name
				}
			}
			if why == "" {
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(g.Object, fmt.Sprintf("spec.servers[%d].tls.%s", i, one[0])),
				Message:     fmt.Sprintf("gateway %s has no file %s, which %s names: %s", workload, one[1], g.ID, why),
				Consequence: "the gateway answers no handshake on the port: connections are reset",
				Fix:         fmt.Sprintf("mount a Secret that has it at %s of the gateway; or name a Secret of the gateway's namespace by credentialName in its place", path.Dir(one[1])),
			})
			break // the others are where this one is
		}
	}
}

// filesMissing are the files that a DestinationRule names and a proxy does not have.
func filesMissing(p *validate.Pass, h *traffic.Hop, rule traffic.Decision) []validate.Finding {
	tls := clientTLS(p, rule)
	if tls.GetCredentialName() != "" {
		return nil
	}
	var all []validate.Finding
	for _, one := range [][2]string{
		{"clientCertificate", tls.GetClientCertificate()}, {"privateKey", tls.GetPrivateKey()}, {"caCertificates", tls.GetCaCertificates()},
	} {
		field, file := one[0], one[1]
		if file == "" || file == "system" && field == "caCertificates" || tls.GetMode() == networking.ClientTLSSettings_SIMPLE && field != "caCertificates" {
			continue
		}
		why := missingFile(p, h.Workload, file)
		if why == "" {
			continue
		}
		fix := fmt.Sprintf("annotate the pods of %s with %s and %s for a Secret that has it, mounted at %s; or limit %s by a workloadSelector to those that have it", h.Workload, userVolume, userVolumeMount, path.Dir(file), rule)
		if h.Proxy == traffic.Gateway {
			fix = fmt.Sprintf("mount a Secret that has it at %s of the gateway; or name a Secret of the gateway's namespace by credentialName in its place", path.Dir(file))
		}
		var edits []validate.Edit
		if other := keyOf(p, h.Workload, field, file); other != "" {
			fix = fmt.Sprintf("write %s: %s in %s, as the key of the mounted Secret is named", field, other, rule)
			edits = []validate.Edit{{Object: p.At(p.Object(rule), "").Object, Field: rule.Field + "." + field, Value: other}}
		}
		all = append(all, validate.Finding{
			Place:       p.At(p.Object(rule), rule.Field+"."+field),
			Message:     fmt.Sprintf("%s has no file %s, which %s names: %s", by(h), file, rule, why),
			Consequence: "the proxy waits for a certificate that never comes: 503 UF, secret not supplied",
			Fix:         fix,
			Edits:       edits,
		})
		break // the others are where this one is
	}
	return all
}

// clientTLS is the tls that decided a hop.
func clientTLS(p *validate.Pass, d traffic.Decision) *networking.ClientTLSSettings {
	tls, _ := blockOf(p, d)
	return tls.ClientTLSSettings
}
