package rules

import (
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
