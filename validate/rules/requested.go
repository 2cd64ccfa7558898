package rules

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/validate"
)

// A request is what a Certificate of cert-manager asks for.
type request struct {
	Spec struct {
		CommonName                                  string
		DNSNames, IPAddresses, URIs, EmailAddresses []string
		IsCA                                        bool
		Usages                                      []string
		LiteralSubject                              string
		IssuerRef                                   struct{ Name, Kind, Group string }
	}
}

// usages are the extended ones by cert-manager's names; those that it calls plain do not bind a certificate to a side.
var usages = map[string]x509.ExtKeyUsage{
	"any": x509.ExtKeyUsageAny, "server auth": x509.ExtKeyUsageServerAuth, "client auth": x509.ExtKeyUsageClientAuth,
	"code signing": x509.ExtKeyUsageCodeSigning, "email protection": x509.ExtKeyUsageEmailProtection, "s/mime": x509.ExtKeyUsageEmailProtection,
	"timestamping": x509.ExtKeyUsageTimeStamping, "ocsp signing": x509.ExtKeyUsageOCSPSigning,
}

// requested is the leaf that cert-manager will have issued for the Secret, as far as a Certificate of the files tells.
func (n named) requested(p *validate.Pass) []shown {
	for _, m := range p.Index.Makers() {
		var r request
		if m.ID.Kind != "Certificate" || m.Kind != "Secret" || m.Name != n.name || m.Namespace != n.namespace && m.Namespace != "" ||
			json.Unmarshal(m.Object.JSON, &r) != nil {
			continue
		}
		leaf, ok := r.leaf()
		if !ok {
			return nil
		}
		one := shown{object: m.Object, id: m.ID.String(), by: n.by, request: true}
		one.material.Chain = []pki.Certificate{{Certificate: leaf, Index: 1}}
		one.faults = n.sideFaults(pki.GatewaySimple, one.material)
		return []shown{one}
	}
	return nil
}

// leaf is the certificate; it is not known where a template fills something in, or the subject is written in full.
func (r request) leaf() (*x509.Certificate, bool) {
	s := r.Spec
	for _, name := range slices.Concat(s.DNSNames, s.IPAddresses, s.URIs) {
		if strings.ContainsAny(name, "{}<>$()# ") {
			return nil, false
		}
	}
	c := &x509.Certificate{Subject: pkix.Name{CommonName: s.CommonName}, DNSNames: s.DNSNames, EmailAddresses: s.EmailAddresses, IsCA: s.IsCA}
	for _, text := range s.IPAddresses {
		c.IPAddresses = append(c.IPAddresses, net.ParseIP(text))
	}
	for _, text := range s.URIs {
		if uri, err := url.Parse(text); err == nil {
			c.URIs = append(c.URIs, uri)
		}
	}
	for _, text := range s.Usages {
		if u, ok := usages[text]; ok {
			c.ExtKeyUsage = append(c.ExtKeyUsage, u)
		}
	}
	return c, s.LiteralSubject == ""
}

// requestField is where a Certificate asks for what is wrong.
func requestField(f pki.Fault) string {
	switch f.Kind {
	case pki.NoServerAuth, pki.NoClientAuth:
		return "spec.usages"
	case pki.LeafIsCA:
		return "spec.isCA"
	}
	return "spec.dnsNames"
}

// asRequested says of a fault how to ask for something better. What is signed in the end is the issuer's to say: not all
// take the usages that are asked for.
func (s shown) asRequested(p *validate.Pass, f pki.Fault, found *validate.Finding) {
	switch f.Kind {
	case pki.NoServerAuth, pki.NoClientAuth:
		usage := map[pki.Kind]string{pki.NoServerAuth: "server auth", pki.NoClientAuth: "client auth"}[f.Kind]
		found.Message = fmt.Sprintf("%s, whose Secret %s names, asks for a certificate without the usage %q", s.id, s.by.Object, usage)
		found.Fix = fmt.Sprintf("add %s to usages of %s", usage, s.id)
		if !signsAsAsked(p, s) {
			found.Severity = validate.Info
		}
	case pki.NoSAN:
		found.Message = fmt.Sprintf("%s, whose Secret %s names, asks for a certificate without a name: commonName does not count", s.id, s.by.Object)
		found.Fix = fmt.Sprintf("write the host into dnsNames of %s", s.id)
	case pki.LeafIsCA:
		found.Message = fmt.Sprintf("%s, whose Secret %s names, asks for a CA (isCA)", s.id, s.by.Object)
		found.Fix = fmt.Sprintf("take isCA out of %s, and issue CAs by a Certificate of their own", s.id)
	}
}

// signsAsAsked tells whether the files hold the issuer, and it is one that signs whatever usages are asked for.
func signsAsAsked(p *validate.Pass, s shown) bool {
	var r request
	if json.Unmarshal(s.object.JSON, &r) != nil {
		return false
	}
	for _, o := range p.Objects.All {
		clusterWide := o.Kind == "ClusterIssuer" && r.Spec.IssuerRef.Kind == "ClusterIssuer"
		own := o.Kind == "Issuer" && r.Spec.IssuerRef.Kind != "ClusterIssuer" && o.Namespace == s.object.Namespace
		if !strings.HasPrefix(o.APIVersion, "cert-manager.io/") || o.Name != r.Spec.IssuerRef.Name || !clusterWide && !own {
			continue
		}
		return o.Has("spec.ca") || o.Has("spec.selfSigned")
	}
	return false
}
