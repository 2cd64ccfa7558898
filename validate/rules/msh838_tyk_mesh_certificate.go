package rules

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk-k8s/blob/master/ca/ca.go, GetOrCreateMeshCertID
var msh838 = validate.Rule{
	ID: "MSH838", Name: "tyk-mesh-certificate", Category: validate.CA, Severity: validate.Info, Anywhere: true,
	Title: "tyk-k8s makes the mesh's own certificate, without its chain, whenever it starts",
	Check: func(p *validate.Pass) {
		for _, c := range tykConfigs(p) {
			if !c.Injector.EnableMeshTLS || c.Injector.MeshCertificateID != "" {
				continue
			}
			f := validate.Finding{
				Place:       c.place(p, "Injector.meshCertificateID"),
				Message:     "meshCertificateID is empty: the controller makes a certificate for mesh each time it starts, as it does not find the one it has made, and uploads it without the certificates above it",
				Consequence: "API definitions of workloads that start later have another certificate than those before, and none is ever removed or renewed",
				Fix:         "issue one for mesh and mesh.local, upload it with its chain, and write its ID",
			}
			for _, m := range p.Objects.ConfigMaps {
				if m.ID.Name != tyk.CAVolume {
					continue
				}
				for _, text := range m.Spec.Data {
					if ca, ok := intermediate(text); ok {
						f.Severity = validate.Warning
						f.Consequence = fmt.Sprintf("the CA, %s, is itself signed by another: who trusts only that other does not accept a certificate without its chain", ca)
						f.Related = []validate.Place{p.At(m.Object, "data")}
					}
				}
			}
			p.Report(f)
		}
	},
}

// intermediate is the subject of the first certificate of a text, if another CA has signed it.
func intermediate(text string) (subject string, ok bool) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return "", false
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil || bytes.Equal(c.RawIssuer, c.RawSubject) {
		return "", false
	}
	return c.Subject.CommonName, true
}
