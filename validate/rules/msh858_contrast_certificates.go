package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

const skipInitializer = "contrast.edgeless.systems/skip-initializer"

// noCertificates is what becomes of a sidecar without them.
const noCertificates = "Envoy does not find certChain.pem, key.pem and mesh-ca.pem, and stops, over and over: what iptables leads to it is refused"

var msh858 = validate.Rule{
	ID: "MSH858", Name: "contrast-certificates", Category: validate.NoSecret, Severity: validate.Error, Anywhere: true,
	Title: "the sidecar of Contrast's mesh does not get its certificates",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			volumeTaken(p, c)
			if c.mesh.Sidecar >= 0 {
				unmountedCertificates(p, c)
			}
			if c.mesh.Injected && c.Metadata.Annotations[skipInitializer] == "true" && c.fetches() < 0 {
				at := p.At(c.object, c.at(fmt.Sprintf("metadata.annotations[%q]", skipInitializer)))
				p.Report(validate.Finding{
					Place:       at,
					Message:     fmt.Sprintf("%s has no initializer, for %s keeps contrast generate from adding one, and it gets a sidecar", c.object.ID, skipInitializer),
					Consequence: noCertificates,
					Fix:         "take the annotation away; or write an initializer into the pod",
					Edits:       []validate.Edit{{Object: at.Object, Field: at.Field}},
				})
			}
		}
	},
}

// volumeTaken reports a volume of the mesh's name that is something else: `contrast generate` stops at it.
func volumeTaken(p *validate.Pass, c contrastPod) {
	name := contrast.Current.Names().Volume
	for i, v := range c.Spec.Volumes {
		if v.Name == name && v.EmptyDir == nil && c.mesh.Injected {
			at := p.At(c.object, c.at(fmt.Sprintf("spec.volumes[%d]", i)))
			p.Report(validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("volume %s is no emptyDir, and the mesh's containers hand over certificates in one of that name", name),
				Consequence: "contrast generate stops with an error, and no pod is made",
				Fix:         "give the volume another name; contrast generate adds its own",
			})
		}
	}
}
