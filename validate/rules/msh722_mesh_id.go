package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh722 = validate.Rule{
	ID: "MSH722", Name: "mesh-id", Category: validate.Peer, Severity: validate.Warning, Border: true,
	Title: "two clusters of one mesh say that they are of different ones",
	Check: func(p *validate.Pass) {
		if p.Peer == nil || p.Back || byHand(p) {
			return
		}
		id, name, network := p.Index.Cluster()
		other, otherName, otherNetwork := p.Peer.Index.Cluster()
		o, under, ok := values(p)
		if !ok || id == other || name == "" || otherName == "" || network == "" || otherNetwork == "" {
			return
		}
		f := validate.Finding{
			Place:       meshValueAt(p, o, under, "global.meshID"),
			Message:     fmt.Sprintf("%s says that cluster %s is of mesh %q, and cluster %s is of mesh %q", idOf(o), name, id, otherName, other),
			Consequence: "telemetry takes the calls between the two for calls between meshes; and nobody can tell from the files that they share services",
			Fix:         "give both clusters one values.global.meshID",
		}
		if there, path, ok := values(p.Peer); ok {
			f.Related = []validate.Place{meshValueAt(p, there, path, "global.meshID")}
		}
		if other != "" && o.Kind != "ConfigMap" {
			f.Edits = set(p, o, under+".global.meshID", other)
		}
		p.Report(f)
	},
}
