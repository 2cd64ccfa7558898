package rules

import (
	"slices"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/validate"
)

// A shown is certificate material of the files that something names.
type shown struct {
	object *bundle.Object // what holds it, or, of a request, what asks for it
	id     string         // the same for people: "Secret shop/partner"
	by     validate.Place // what names it
	// values is where the object has its values, "" where a fault's key is the field.
	values   string
	material pki.Material
	faults   []pki.Fault
	// workload is whose proxy reads it as files, and files are those, by the names that faults have for keys.
	workload string
	files    map[string]fileAt
	// request says that it is the leaf alone, as a certificate is asked for, without a key or signature.
	request bool
}

// at is where a fault is written.
func (s shown) at(p *validate.Pass, f pki.Fault) validate.Place {
	if file, ok := s.files[f.Key]; ok {
		return p.At(file.object, file.field)
	}
	return p.At(s.object, s.field(f))
}

func (s shown) field(f pki.Fault) string {
	if s.request {
		return requestField(f)
	}
	if s.values == "" {
		return f.Key
	}
	if f.Kind == pki.Unserved || f.Kind == pki.Admission {
		return "type"
	}
	if field := fieldOf(s.object, f.Key, "stringData", s.values); f.Key != "" && s.object.Has(field) {
		return field
	}
	if s.object.Has("stringData") {
		return "stringData"
	}
	return s.values
}

// materials is what the files hold of certificates and something names: a Gateway, a DestinationRule on a path, a Route.
func materials(p *validate.Pass) []shown {
	return validate.Once(p, materialKey{}, func() []shown {
		var all []shown
		for _, n := range append(namedByGateways(p), namedOnPaths(p)...) {
			all = append(all, n.read(p)...)
		}
		for _, f := range tlsFilesOf(p) {
			all = append(all, f.read(p)...)
		}
		for _, r := range p.Objects.Routes {
			tls := r.Spec.Spec.TLS
			if tls == nil {
				continue
			}
			if tls.ExternalCertificate != nil {
				for _, s := range external(p, r).read(p) {
					s.faults = append(s.faults, externalFaults(s)...)
					all = append(all, s)
				}
			}
			s := shown{object: r.Object, id: r.ID.String(), by: p.At(r.Object, "spec.tls")}
			s.material, s.faults = reader(p).Route(pki.RouteTLS{
				Certificate: tls.Certificate, Key: tls.Key, CACertificate: tls.CACertificate,
				DestinationCACertificate: tls.DestinationCACertificate,
			})
			s.faults = append(s.faults, sideOf(s, s.material.Server())...)
			all = append(all, s)
		}
		for i := range all {
			all[i].faults = append(all[i].faults, datesOf(p, all[i])...)
		}
		return all
	})
}

// sideOf are the faults of a leaf, if what comes first is the leaf.
func sideOf(s shown, faults []pki.Fault) []pki.Fault {
	if slices.ContainsFunc(s.faults, func(f pki.Fault) bool { return f.Kind == pki.LeafNotFirst }) {
		return nil
	}
	return faults
}

// withheld tells whether a fault is only that a private key was left in the cluster, and its public half read.
func withheld(o *bundle.Object, m pki.Material, f pki.Fault) bool {
	return !inFile(o) && f.Key != "" && f.Key == m.Served.Key && (f.Kind == pki.PublicKey || f.Kind == pki.NoPEM)
}

// revealed says of a public key in a cluster what it stands for.
func revealed(o *bundle.Object, f *pki.Fault) {
	if !inFile(o) && f.Kind == pki.PublicKey {
		f.Message = f.Key + " holds a private key beside the certificates"
		f.Consequence, f.Fix = "Proxies pass over it, but whoever shows the certificates shows the key", "Keep the key in tls.key only"
	}
}

// datesOf holds material against the clock. What a controller renews by itself is not said to expire soon, and nothing is
// in the first two thirds of its life.
func datesOf(p *validate.Pass, s shown) []pki.Fault {
	if p.Now.IsZero() || s.request {
		return nil
	}
	renewed := s.object.Has(`metadata.annotations["cert-manager.io/certificate-name"]`)
	return slices.DeleteFunc(s.material.Dates(p.Now, p.CertMinDays), func(f pki.Fault) bool {
		if f.Kind != pki.Expiring {
			return false
		}
		in := s.material.Chain
		if f.Key == s.material.Served.CA {
			in = s.material.CA
		}
		return renewed || slices.ContainsFunc(in, func(c pki.Certificate) bool {
			return c.Index == f.Index && c.NotAfter.Sub(p.Now) > c.NotAfter.Sub(c.NotBefore)/3
		})
	})
}
