package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"
	security "istio.io/api/security/v1beta1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh211 = validate.Rule{
	ID: "MSH211", Name: "internal-se-without-identity", Category: validate.Unverified, Severity: validate.Warning,
	Title: "endpoints that are declared to be in the mesh have no identity",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			h, n := lastProxy(path.Hops)
			if path.Outcome.Code != traffic.Arrives || h == nil || n != len(path.Hops) {
				continue
			}
			entry, ok := entryBehind(p, h)
			if !ok || entry.Spec.Location != networking.ServiceEntry_MESH_INTERNAL || len(entry.Spec.SubjectAltNames) > 0 {
				continue
			}
			i := slices.IndexFunc(entry.Spec.Endpoints, func(e *networking.WorkloadEntry) bool { return e.ServiceAccount == "" })
			f := validate.Finding{
				Place:   p.At(entry.Object, "spec.location"),
				Message: fmt.Sprintf("%s says that %s is in the mesh, and not who is there", entry.ID, h.Destination.Host),
				Fix:     fmt.Sprintf("set serviceAccount where the endpoints of %s have a sidecar (in spec.endpoints, or in their WorkloadEntries); or set location MESH_EXTERNAL where they have none", entry.ID),
			}
			if i >= 0 {
				f.Place = p.At(entry.Object, fmt.Sprintf("spec.endpoints[%d]", i))
				f.Message = fmt.Sprintf("%s says that %s is in the mesh, and gives endpoint %s no serviceAccount", entry.ID, h.Destination.Host, entry.Spec.Endpoints[i].Address)
			}
			_, _, automatic := p.Index.Mesh()
			switch {
			case h.Wire.Mode == traffic.IstioMutual && len(h.Verify.Server.Names) == 0:
				f.Consequence = "the mesh's mutual TLS goes there, and any workload of the mesh may answer: no name is asked for in its certificate"
			case h.Wire.Mode == traffic.Plaintext && automatic && !said(h) && (i >= 0 || entry.Spec.WorkloadSelector != nil):
				f.Consequence = "automatic mutual TLS takes such an endpoint for one without a sidecar, and sends plaintext"
				if !strict(p, entry.ID.Namespace) {
					f.Severity = validate.Info
				}
			default:
				continue
			}
			p.Report(validate.Shown(path, n, f))
		}
	},
}

// strict tells whether the files ask for mutual TLS in all of a namespace.
func strict(p *validate.Pass, namespace string) bool {
	root, _, _ := p.Index.Mesh()
	mode := map[string]security.PeerAuthentication_MutualTLS_Mode{}
	for _, policy := range p.Objects.PeerAuthentications {
		if policy.Spec.Selector == nil && policy.Spec.Mtls != nil {
			mode[policy.ID.Namespace] = policy.Spec.Mtls.Mode
		}
	}
	if own := mode[namespace]; own != security.PeerAuthentication_MutualTLS_UNSET {
		return own == security.PeerAuthentication_MutualTLS_STRICT
	}
	return mode[root] == security.PeerAuthentication_MutualTLS_STRICT
}
