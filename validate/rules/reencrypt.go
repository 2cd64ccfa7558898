package rules

import (
	"time"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// distrust says why a Route's destinationCACertificate does not accept what a Secret of the files, named
// NAMESPACE/NAME, holds; "" where it does, or where the files do not hold the Secret. Names are not asked for: with a CA
// of its own, the router is content with any. Dates are MSH507's.
func distrust(p *validate.Pass, d traffic.Decision, secret string) string {
	for _, r := range p.Objects.Routes {
		if r.ID.Namespace != d.Namespace || r.ID.Name != d.Name || r.Spec.Spec.TLS == nil {
			continue
		}
		for _, s := range p.Objects.Secrets {
			if s.ID.Namespace+"/"+s.ID.Name != secret {
				continue
			}
			data := map[string][]byte{}
			for key, value := range s.Spec.Data {
				data[key] = value
			}
			for key, value := range s.Spec.StringData {
				data[key] = []byte(value)
			}
			shown, _ := pki.FromSecret(data, string(s.Spec.Type))
			trusted, _ := (&pki.Reader{}).Route(pki.RouteTLS{DestinationCACertificate: r.Spec.Spec.TLS.DestinationCACertificate})
			leaf, ok := shown.Leaf()
			if !ok || len(trusted.CA) == 0 {
				return "" // what cannot be read is told of elsewhere
			}
			q := pki.Question{Chain: shown.Chain, Purpose: pki.Server, CA: trusted.CA, Now: leaf.NotBefore.Add(time.Second)}
			if f := q.Verify(); f != nil && f.Rule == "MSH226" {
				return f.Message
			}
		}
	}
	return ""
}

// servingSecret tells whether the cluster's service CA makes a Secret, named NAMESPACE/NAME: an annotation of a Service
// asks for it.
func servingSecret(p *validate.Pass, secret string) bool {
	for _, s := range p.Objects.Services {
		for _, key := range []string{"service.beta.openshift.io/serving-cert-secret-name", "service.alpha.openshift.io/serving-cert-secret-name"} {
			if name := s.Spec.Annotations[key]; name != "" && s.ID.Namespace+"/"+name == secret {
				return true
			}
		}
	}
	return false
}
