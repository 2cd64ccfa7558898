package rules

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// digest is what ends an image's reference that says which image it is.
var digest = regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)

// contrastImages are replaced by `contrast generate` with those of its release, where they have no digest.
const contrastImages = "ghcr.io/edgelesssys/contrast/"

var msh860 = validate.Rule{
	ID: "MSH860", Name: "contrast-digest", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "the image of a confidential pod has no digest",
	Check: func(p *validate.Pass) {
		for _, c := range contrastPods(p) {
			for _, one := range c.containers() {
				name, _, at := strings.Cut(one.Image, "@")
				if one.Image == "" || bundle.HasGap(one.Image) || digest.MatchString(one.Image) || !at && strings.HasPrefix(name, contrastImages) {
					continue
				}
				f := validate.Finding{
					Place:       p.At(c.object, c.at(one.field+".image")),
					Message:     fmt.Sprintf("container %s has an image without digest: %q", one.Name, one.Image),
					Consequence: "contrast generate of newer releases stops at it; with older ones the pod's policy holds for the image of that day, and the pod does not start once the tag means another",
					Fix:         "write IMAGE:TAG@sha256:DIGEST, as crane digest or docker buildx imagetools inspect tell it",
				}
				if at {
					f.Message = fmt.Sprintf("the digest of container %s's image is still to be filled in: %q", one.Name, one.Image)
					f.Consequence = "contrast generate cannot fetch the image; without it, the pod stays in InvalidImageName"
				}
				p.Report(f)
			}
		}
	},
}
