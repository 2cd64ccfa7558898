package rules

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

const noMeshCertificate = "the sidecar closes the connection, for the server shows no certificate of the mesh CA, or speaks no TLS"

var msh812 = validate.Rule{
	ID: "MSH812", Name: "contrast-egress-external", Category: validate.MeshTLSOutside, Severity: validate.Error, Anywhere: true,
	Title: "an egress entry leads to a server that has no certificate of the mesh",
	Check: func(p *validate.Pass) {
		for _, o := range outgoings(p) {
			f := validate.Finding{Place: o.written(p), Consequence: noMeshCertificate}
			spec := o.service.Spec
			switch {
			case o.to.outside, o.held && spec.Spec.Type == corev1.ServiceTypeExternalName && !isPrivate(spec.Spec.ExternalName):
				f.Severity = validate.Warning // another cluster may have workloads of the same Coordinator
				f.Message = fmt.Sprintf("egress %q%s leads to %s, outside the cluster", o.Name, o.of(f.Place), o.to.host)
				f.Fix = "take the entry out, and have the application call it by TLS of its own: what leaves the pod does not pass the sidecar"
				f.Edits = o.withoutEgress(p, o.Egress)
			case o.to.full == "kubernetes.default.svc.cluster.local":
				f.Message = fmt.Sprintf("egress %q%s leads to the API server, which has a certificate of the cluster", o.Name, o.of(f.Place))
				f.Fix = "take the entry out: clients of the API server speak TLS of their own"
				f.Edits = o.withoutEgress(p, o.Egress)
			case !o.held || !unmeshed(p, o, &f):
				continue
			}
			p.Report(f)
		}
	},
}

// unmeshed completes what there is to say of an entry whose Service leads to pods without the mesh, if all of them are.
func unmeshed(p *validate.Pass, o outgoing, f *validate.Finding) bool {
	s := o.service
	pods, _ := behind(p, s, o.to.port)
	for _, pod := range pods {
		if pod.mesh != nil || pod.confidential() && pod.ownTLS(p) {
			return false
		}
	}
	if len(pods) == 0 {
		return false
	}
	first := pods[0]
	f.Message = fmt.Sprintf("egress %q%s leads to %s, whose pods (%s) are none of Contrast's: they have no certificate of the mesh", o.Egress.Name, o.of(f.Place), s.ID, first.object.ID)
	f.Fix = "run them by Contrast too, with the annotation servicemesh-ingress; or take the entry out, and protect the connection in another way"
	f.Related = []validate.Place{p.At(s.Object, "spec.selector"), p.At(first.object, first.at("spec"))}
	if first.confidential() {
		f.Severity = validate.Warning // its application may speak the mesh's TLS unasked
		f.Message = fmt.Sprintf("egress %q%s leads to %s, whose pods (%s) have no sidecar of the mesh", o.Egress.Name, o.of(f.Place), s.ID, first.object.ID)
		f.Fix = fmt.Sprintf("annotate the pods of %s with %s: \"\", unless its application ends the mesh's TLS itself, with the certificate in %s", first.object.ID, contrast.IngressAnnotation, contrast.Current.Names().CertificateFolder)
		f.Edits = []validate.Edit{{Object: p.At(first.object, "").Object, Field: first.at(fmt.Sprintf("metadata.annotations[%q]", contrast.IngressAnnotation)), Value: ""}}
	} else if first.object.Kustomized {
		f.Severity = validate.Warning // it may add the runtime class
	}
	return true
}

// withoutEgress takes an egress entry out of the configuration.
func (c contrastPod) withoutEgress(p *validate.Pass, e contrast.Egress) []validate.Edit {
	s := c.source()
	left := without(s.Egress.Text, slices.Index(s.Config.Egress, e))
	edits := c.rewritten(p, contrast.InEgress, left)
	for i := range edits {
		if v := fmt.Sprintf("[%q]", contrast.EgressAnnotation); left == "" && strings.HasSuffix(edits[i].Field, v) {
			edits[i].Value = nil // `contrast generate` refuses an empty one
			if !s.Ingress.Set {
				edits = append(edits, validate.Edit{Object: edits[i].Object, Field: strings.TrimSuffix(edits[i].Field, v) + fmt.Sprintf("[%q]", contrast.IngressAnnotation), Value: ""})
			}
		}
	}
	return edits
}
