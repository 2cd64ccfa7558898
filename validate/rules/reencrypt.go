package rules

import (
	"maps"
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

// inSecret is what a Secret of the files, named NAMESPACE/NAME, holds.
func inSecret(p *validate.Pass, secret string) (pki.Material, map[string][]byte) {
	for _, s := range p.Objects.Secrets {
		if s.ID.Namespace+"/"+s.ID.Name != secret {
			continue
		}
		data := maps.Clone(s.Spec.Data)
		if data == nil {
			data = map[string][]byte{}
		}
		for key, value := range s.Spec.StringData {
			data[key] = []byte(value)
		}
		shown, _ := pki.FromSecret(data, string(s.Spec.Type))
		return shown, data
	}
	return pki.Material{}, nil
}

// trustItsCA has a Route trust the CA that a Secret, named NAMESPACE/NAME, holds beside its certificate, where that is who
// signed it. Issuers such as cert-manager leave it there.
func trustItsCA(p *validate.Pass, d traffic.Decision, secret string) []validate.Edit {
	shown, data := inSecret(p, secret)
	leaf, ok := shown.Leaf()
	if !ok || len(shown.CA) == 0 {
		return nil
	}
	q := pki.Question{Chain: shown.Chain, Purpose: pki.Server, CA: shown.CA, Now: leaf.NotBefore.Add(time.Second)}
	if q.Verify() != nil {
		return nil
	}
	route := validate.Object{Kind: d.Kind, Namespace: p.Object(d).Namespace, Name: d.Name}
	return []validate.Edit{{Object: route, Field: "spec.tls.destinationCACertificate", Value: string(data[shown.Served.CA])}}
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
