package certs

import (
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/meshscenario/scenario/pki"
)

// intermediate is what a cluster, and whoever calls it, will find wrong with the CA that is to be its own.
func (v *verifying) intermediate(m pki.Material) []pki.Fault {
	ca, is := m.Leaf()
	if !is {
		return nil
	}
	fault := pki.Fault{Key: "tls.crt", Index: ca.Index, Breaks: true}
	if !ca.IsCA || ca.KeyUsage&x509.KeyUsageCertSign == 0 {
		fault.Rule, fault.Kind = "MSH514", pki.NotCA
		fault.Message = fmt.Sprintf("the certificate %s is to be a cluster's CA, and may sign nothing", ca)
		fault.Consequence = "istiod does not take it, or nobody accepts what it issues"
		return []pki.Fault{fault}
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range v.trust {
		roots.AddCert(c.Certificate)
	}
	for _, c := range m.Chain[1:] {
		between.AddCert(c.Certificate)
	}
	_, err := ca.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: v.now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	var invalid x509.CertificateInvalidError
	if err == nil || errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return nil // its dates were looked at
	}
	fault.Rule, fault.Kind = "MSH226", pki.UnknownCA
	fault.Message = fmt.Sprintf("the CA %s leads to no root that the store trusts, or to one that signs leaves only", ca)
	fault.Consequence = "the two clusters do not believe each other's workloads: every handshake between them fails"
	return []pki.Fault{fault}
}
