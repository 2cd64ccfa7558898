package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh704 = validate.Rule{
	ID: "MSH704", Name: "trust-domain", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "two meshes have one trust domain, or a peer is given another than it has",
	Check: func(p *validate.Pass) {
		for _, one := range federated(p) {
			trust := one.Spec.Spec.Security.TrustDomain
			own, known := trustDomainOf(p)
			field := writtenAt(one.Object, "spec.security.trustDomain", "spec.security")
			if _, ok := far(p, one); ok {
				theirs, said := trustDomainOf(p.Peer)
				if known && said && own == theirs {
					sameDomain(p, own)
					continue
				}
				if said && trust != theirs {
					p.Report(validate.Finding{
						Place:       p.At(one.Object, field),
						Message:     fmt.Sprintf("%s says that the peer's trust domain is %q, and %s has %s", one.ID, trust, nameOf(p), theirs),
						Consequence: "its root is kept for a trust domain that nobody shows: the handshake of the two gateways fails (CERTIFICATE_VERIFY_FAILED)",
						Fix:         "write " + theirs,
						Edits:       set(p, one.Object, "spec.security.trustDomain", theirs), Safe: true,
					})
					continue
				}
			}
			switch {
			case trust == "":
				p.Report(validate.Finding{
					Place:       p.At(one.Object, field),
					Message:     fmt.Sprintf("%s does not say what the peer's trust domain is", one.ID),
					Consequence: "istiod reads no root for it: the handshake of the two gateways fails (CERTIFICATE_VERIFY_FAILED)",
					Fix:         "write the other mesh's spec.security.trust.domain as spec.security.trustDomain",
				})
			case known && trust == own:
				p.Report(validate.Finding{
					Place:       p.At(one.Object, field),
					Message:     fmt.Sprintf("%s gives the peer the trust domain %s, which is this mesh's own", one.ID, trust),
					Consequence: "istiod reads no root for it, and takes the peer's workloads for its own: the handshake of the two gateways fails (CERTIFICATE_VERIFY_FAILED)",
					Fix:         "write the other mesh's, which must be another than this one's",
				})
			}
		}
	},
}

// sameDomain reports once, at the mesh that was asked about, that both have a trust domain.
func sameDomain(p *validate.Pass, domain string) {
	if p.Back {
		return
	}
	for _, c := range planes(p) {
		f := validate.Finding{
			Place:       p.At(c.object, writtenAt(c.object, "spec.security.trust.domain", "metadata.name")),
			Message:     fmt.Sprintf("%s has the trust domain %s, and %s has it too", planeID(c), domain, nameOf(p)),
			Consequence: "istiod reads no root for a peer of its own trust domain: the handshake of the two gateways fails (CERTIFICATE_VERIFY_FAILED)",
			Fix:         "give each mesh a trust domain of its own (spec.security.trust.domain), and repeat it in the other's ServiceMeshPeer",
		}
		for _, other := range planes(p.Peer) {
			f.Related = append(f.Related, p.At(other.object, writtenAt(other.object, "spec.security.trust.domain", "metadata.name")))
		}
		p.Report(f)
	}
}

// planeID names a control plane.
func planeID(c plane) string {
	return fmt.Sprintf("%s %s/%s", c.object.Kind, namespaceOf(c.object), c.object.Name)
}
