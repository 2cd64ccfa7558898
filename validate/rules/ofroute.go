package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"

	routev1 "github.com/openshift/api/route/v1"
)

// external is the Secret that a Route names for its certificate.
func external(p *validate.Pass, r traffic.Of[*routev1.Route]) named {
	return named{
		namespace: r.ID.Namespace, name: r.Spec.Spec.TLS.ExternalCertificate.Name, pair: true, side: pki.Server,
		by: p.At(r.Object, "spec.tls.externalCertificate"),
	}
}

// externalFaults are those of the Secret of a Route that only the router has: it takes one type
// (ValidateTLSExternalCertificate in pkg/route/routeapihelpers of openshift/library-go).
func externalFaults(s shown) []pki.Fault {
	secret, ok := s.object.Tree()["type"].(string)
	if s.request || ok && secret == "kubernetes.io/tls" {
		return nil
	}
	return []pki.Fault{{
		Rule: "MSH519", Kind: pki.Unserved, Breaks: true,
		Message:     "the router takes Secrets of type kubernetes.io/tls only for externalCertificate",
		Consequence: "The router rejects the Route (ExternalCertificateValidationFailed), and serves nothing for its host",
		Fix:         "Make it of type kubernetes.io/tls",
	}}
}

// externalMissing is the Secret that a Route names, if neither the files nor who makes Secrets has it in its namespace.
func externalMissing(p *validate.Pass, r traffic.Of[*routev1.Route]) (named, bool) {
	if r.Spec.Spec.TLS == nil || r.Spec.Spec.TLS.ExternalCertificate == nil {
		return named{}, false
	}
	n := external(p, r)
	_, held := secretsOf(p)[n.namespace+"/"+n.name]
	return n, !held && !(source{kind: "Secret", name: n.name}).made(p, n.namespace)
}

// externalElsewhere tells of Routes that name a Secret which only another namespace has.
func externalElsewhere(p *validate.Pass) {
	for _, r := range p.Objects.Routes {
		n, ok := externalMissing(p, r)
		if !ok {
			continue
		}
		other := source{kind: "Secret", name: n.name}.elsewhere(p, n.namespace)
		if other.object == nil {
			continue
		}
		p.Report(validate.Finding{
			Place:       n.by,
			Message:     fmt.Sprintf("%s names Secret %s for its certificate, and only namespace %s has one of that name", r.ID, n.name, other.namespace),
			Consequence: "the API server refuses the Route, or the router rejects it: it reads Secrets of the Route's own namespace only",
			Fix:         fmt.Sprintf("create Secret %s in namespace %s too", n.name, n.namespace),
			Related:     []validate.Place{p.At(other.object, "metadata.namespace")},
		})
	}
}

// ofRoute is the material of a Route, given as "Route NAMESPACE/NAME": its own, and that of the Secret that it names.
func ofRoute(p *validate.Pass, id string) []shown {
	all := slices.Clone(materials(p))
	all = slices.DeleteFunc(all, func(s shown) bool { return s.id != id })
	for _, r := range p.Objects.Routes {
		if r.ID.String() == id && r.Spec.Spec.TLS != nil && r.Spec.Spec.TLS.ExternalCertificate != nil {
			all = append(all, external(p, r).read(p)...)
		}
	}
	return all
}
