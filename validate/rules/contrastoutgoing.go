package rules

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// An outgoing is an egress entry of a pod of the mesh, with the Service that it leads to, where the files hold that.
type outgoing struct {
	contrastPod
	contrast.Egress
	to      remote
	service traffic.Of[*corev1.Service]
	held    bool
}

type outgoingKey struct{}

// outgoings are the egress entries of all pods whose configuration is known.
func outgoings(p *validate.Pass) []outgoing {
	return validate.Once(p, outgoingKey{}, func() []outgoing {
		var all []outgoing
		for _, c := range meshedPods(p) {
			if !c.sure() {
				continue
			}
			for _, e := range c.source().Config.Egress {
				if r, ok := remoteOf(p, e.Remote, c.namespace); ok {
					s, held := serviceNamed(p, r.full)
					all = append(all, outgoing{c, e, r, s, held})
				}
			}
		}
		return all
	})
}

// written is the place of the string that has the entry.
func (o outgoing) written(p *validate.Pass) validate.Place { return o.where(p, o.source().Egress) }
