package rules

import (
	"time"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// distrust says why a Route's destinationCACertificate does not accept what the gateway behind it shows; "" where it does,
// or where the files do not hold both. Names are not asked for: with a CA of its own, the router is content with any.
// Dates are MSH507's.
func distrust(p *validate.Pass, router, gateway *traffic.Hop) string {
	server := shownAs(p, gateway.Terminates.Credential, gateway.Workload, false)
	ca := shownAs(p, router.Verify.Server.CA, router.Workload, true)
	if server == nil || ca == nil || server.request {
		return "" // what cannot be read is told of elsewhere
	}
	leaf, _ := server.material.Leaf()
	q := pki.Question{Chain: server.material.Chain, Purpose: pki.Server, CA: ca.material.CA, Now: leaf.NotBefore.Add(time.Second)}
	if f := q.Verify(); f != nil && f.Rule == "MSH226" {
		return f.Message
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
