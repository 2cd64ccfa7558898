package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh723 = validate.Rule{
	ID: "MSH723", Name: "cluster-name", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "two clusters of one mesh have one name",
	Check: func(p *validate.Pass) {
		o, under, ok := values(p)
		if !oneMesh(p) || p.Back || !ok {
			return
		}
		_, name, _ := p.Index.Cluster()
		if _, other, _ := p.Peer.Index.Cluster(); name != other {
			return
		}
		called := fmt.Sprintf("%q", name)
		if name == "" {
			called = "none, so Kubernetes"
		}
		f := validate.Finding{
			Place:       meshValueAt(p, o, under, "global.multiCluster.clusterName"),
			Message:     fmt.Sprintf("%s and the other cluster of its mesh have one name: %s", idOf(o), called),
			Consequence: "istiod does not read a remote secret of its own name: each cluster knows its own services only",
			Fix:         "give each cluster a values.global.multiCluster.clusterName of its own",
		}
		if there, path, ok := values(p.Peer); ok {
			f.Related = []validate.Place{meshValueAt(p, there, path, "global.multiCluster.clusterName")}
		}
		p.Report(f)
	},
}
