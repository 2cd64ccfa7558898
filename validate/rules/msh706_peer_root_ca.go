package rules

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/validate"
)

// rootKey is the only key that istiod reads (maistra/istio pkg/servicemesh/federation/common/const.go).
const rootKey = "root-cert.pem"

var msh706 = validate.Rule{
	ID: "MSH706", Name: "peer-root-ca", Category: validate.CA, Severity: validate.Error, Border: true,
	Title: "what is to verify the other mesh does not hold its root",
	Check: func(p *validate.Pass) {
		for _, one := range federated(p) {
			chain := one.Spec.Spec.Security.CertificateChain
			if chain != nil && chain.Kind != "" && chain.Kind != "ConfigMap" {
				p.Report(validate.Finding{
					Place:       p.At(one.Object, "spec.security.certificateChain.kind"),
					Message:     fmt.Sprintf("%s names a %s for the peer's root, and istiod reads it from a ConfigMap only", one.ID, chain.Kind),
					Consequence: "istiod does not set the peer up: nothing is imported or exported",
					Fix:         "keep the root in a ConfigMap, with the key " + rootKey,
				})
				continue
			}
			held, ok := configMapAt(p, one.ID.Namespace, chainOf(one))
			if !ok {
				if p.Index.Lacks("ConfigMap", one.ID.Namespace) && len(strayedRoots(p)) == 0 {
					p.Report(validate.Finding{
						Place:       p.At(one.Object, writtenAt(one.Object, "spec.security.certificateChain", "spec.security")),
						Message:     fmt.Sprintf("%s needs the peer's root in ConfigMap %s/%s, and there is none", one.ID, one.ID.Namespace, chainOf(one)),
						Consequence: "istiod does not set the peer up: nothing is imported or exported",
						Fix:         "make it of the ConfigMap istio-ca-root-cert of the other mesh, with the key " + rootKey,
					})
				}
				continue
			}
			checkRoot(p, one, held)
		}
	},
}

// checkRoot looks into the ConfigMap of a peer's root.
func checkRoot(p *validate.Pass, one peerOf, held configMapOf) {
	text, there := held.Spec.Data[rootKey]
	f := validate.Finding{Related: []validate.Place{p.At(one.Object, writtenAt(one.Object, "spec.security.certificateChain", "spec.security"))}}
	if !there {
		f.Place = p.At(held.Object, writtenAt(held.Object, "data", "metadata.name"))
		f.Message = fmt.Sprintf("%s has no %s, the key under which istiod looks for the peer's root", held.ID, rootKey)
		f.Consequence = "istiod does not set the peer up: nothing is imported or exported"
		f.Fix = "name the key " + rootKey
		if len(held.Spec.Data) == 1 {
			for _, value := range held.Spec.Data {
				if len(authorities(p, value)) > 0 {
					f.Edits, f.Safe = set(p, held.Object, "data", map[string]any{rootKey: value}), true
				}
			}
		}
		p.Report(f)
		return
	}
	f.Place = p.At(held.Object, fmt.Sprintf("data[%q]", rootKey))
	f.Consequence = "the egress gateway does not believe the peer's ingress: the handshake fails (CERTIFICATE_VERIFY_FAILED)"
	roots := authorities(p, text)
	own, theirs := ownRoots(p, one.ID.Namespace), []pki.Certificate(nil)
	if other, ok := far(p, one); ok {
		theirs = ownRoots(p.Peer, other.ID.Namespace)
	}
	switch {
	case len(roots) == 0:
		f.Message = fmt.Sprintf("%s holds no certificate of a CA", held.ID)
		f.Fix = "put the root-cert.pem of the other mesh's ConfigMap istio-ca-root-cert there"
	case len(theirs) > 0 && !common(roots, theirs):
		f.Message = fmt.Sprintf("%s does not hold the root of %s, which is %s", held.ID, nameOf(p), theirs[0])
		f.Fix = "put that mesh's own root there; after it was changed, too"
	case len(theirs) == 0 && len(own) > 0 && common(roots, own):
		f.Message = fmt.Sprintf("%s holds this mesh's own root, and is to hold the peer's", held.ID)
		f.Fix = "put the root-cert.pem of the other mesh's ConfigMap istio-ca-root-cert there"
	default:
		return
	}
	p.Report(f)
}

func configMapAt(p *validate.Pass, namespace, name string) (configMapOf, bool) {
	i := slices.IndexFunc(p.Objects.ConfigMaps, func(c configMapOf) bool { return c.ID.Namespace == namespace && c.ID.Name == name })
	if i < 0 {
		return configMapOf{}, false
	}
	return p.Objects.ConfigMaps[i], true
}

// authorities are the certificates of a text.
func authorities(p *validate.Pass, text string) []pki.Certificate {
	m, _ := reader(p).ConfigMap(map[string]string{"ca.crt": text})
	return m.CA
}

// ownRoots are the certificates that a mesh's own verify against, where its files tell: by the Secret cacerts, or by what
// istiod writes into every namespace.
func ownRoots(p *validate.Pass, namespace string) []pki.Certificate {
	for _, s := range p.Objects.Secrets {
		if s.ID.Namespace == namespace && s.ID.Name == "cacerts" {
			data := valuesOf(s).Data[rootKey]
			if len(data) > 0 {
				return authorities(p, string(data))
			}
		}
	}
	if c, ok := configMapAt(p, namespace, "istio-ca-root-cert"); ok {
		return authorities(p, c.Spec.Data[rootKey])
	}
	return nil
}

// common tells whether two sets of certificates have one.
func common(a, b []pki.Certificate) bool {
	return slices.ContainsFunc(a, func(x pki.Certificate) bool {
		return slices.ContainsFunc(b, func(y pki.Certificate) bool { return bytes.Equal(x.Raw, y.Raw) })
	})
}
