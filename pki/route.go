package pki

import "slices"

// RouteTLS is what spec.tls of an OpenShift Route holds of certificates.
type RouteTLS struct{ Certificate, Key, CACertificate, DestinationCACertificate string }

// The fields, as they name the places of faults.
const (
	routeCertificate = "spec.tls.certificate"
	routeKey         = "spec.tls.key"
	routeCA          = "spec.tls.caCertificate"
	routeDestination = "spec.tls.destinationCACertificate"
)

// rejected is what the router does with a Route that it cannot use.
const rejected = "The router rejects the Route (ExtendedValidationFailed) and serves its default certificate, or nothing"

// Route reads the certificates of a Route. The router sends certificate and then caCertificate as one chain
// (pkg/router/template/certmanager.go of openshift/router): that is the Chain. The CA is destinationCACertificate, by which
// the router verifies the service behind. Certificates of caCertificate are counted on from those of certificate. A key may also stand in certificate, where the router finds it.
func (r *Reader) Route(tls RouteTLS) (Material, []Fault) {
	var m Material
	var faults []Fault
	if tls.Certificate != "" {
		m.Served.Cert = routeCertificate
		faults = append(faults, r.chain(&m, routeCertificate, []byte(tls.Certificate))...)
	}
	m.Served.Key = routeKey
	switch {
	case tls.Key != "":
		faults = append(faults, r.key(&m, routeKey, []byte(tls.Key))...)
	case tls.Certificate != "" && keyIn(tls.Certificate):
		m.Served.Key = routeCertificate
		r.key(&m, routeCertificate, []byte(tls.Certificate))
	case tls.Certificate != "":
		faults = append(faults, Fault{
			Rule: "MSH519", Kind: HalfPair, Key: routeKey, Message: "the Route has a certificate without its key", Breaks: true,
			Fix: "Add the key, or remove the certificate and let the router use its own",
		})
	}
	faults = m.matched(faults)
	if tls.CACertificate != "" {
		got := r.read(asChain, routeCA, []byte(tls.CACertificate))
		faults = append(faults, slices.DeleteFunc(clone(got.faults), func(f Fault) bool { return f.Rule == "MSH508" })...)
		own := len(m.Chain)
		m.Chain = clone(m.Chain)
		for _, c := range got.certificates {
			c.Index += own
			m.Chain = append(m.Chain, c)
		}
		faults = slices.DeleteFunc(faults, func(f Fault) bool { return f.Key == routeCertificate && f.Rule == "MSH508" && f.Kind != LeafNotFirst })
		faults = append(faults, order(routeCertificate, m.Chain)...)
	}
	if tls.DestinationCACertificate != "" {
		m.Served.CA = routeDestination
		faults = append(faults, r.ca(&m, routeDestination, []byte(tls.DestinationCACertificate))...)
	}
	for i := range faults {
		if faults[i].Breaks && (faults[i].Rule == "MSH519" || faults[i].Rule == "MSH506" || faults[i].Kind == LeafNotFirst) {
			faults[i].Consequence = rejected
		}
	}
	return m, sorted(append(faults, outlives(m.Served.Cert, m.Chain, nil)...))
}

func keyIn(value string) bool { return slices.ContainsFunc(scan([]byte(value)).blocks, isKey) }
