package rules

import (
	"cmp"
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

const waypointClass = "istio-waypoint"

var msh233 = validate.Rule{
	ID: "MSH233", Name: "ambient-l7-without-waypoint", Category: validate.PlaintextToTLS, Severity: validate.Warning,
	Title: "an ambient workload's requests outside pass nobody who follows the rules for them",
	Check: func(p *validate.Pass) {
		namespaces, ambient := labelled(p).labels, labelled(p).ambient
		if len(ambient) == 0 {
			return
		}
		for _, e := range p.Objects.ServiceEntries {
			home, held := namespaces[e.ID.Namespace]
			bound := cmp.Or(labelsOf(e.Object)[waypoint], home[waypoint])
			from := slices.IndexFunc(ambient, func(n string) bool {
				return p.Index.Exported("ServiceEntry", e.Spec.ExportTo, e.ID.Namespace, n) && !sidecars(p, n)
			})
			if e.Spec.Location != networking.ServiceEntry_MESH_EXTERNAL || bound != "" && bound != "none" || from < 0 {
				continue
			}
			for _, host := range e.Spec.Hosts {
				for _, r := range rulesFor(p, host) {
					all := settings(r)
					if len(all) == 0 || wildcard(r.Spec.Host) && !wildcard(host) || !p.Index.Exported("DestinationRule", r.Spec.ExportTo, r.ID.Namespace, ambient[from]) {
						continue
					}
					f := validate.Finding{
						Place:       p.At(all[0].rule.Object, all[0].field),
						Message:     fmt.Sprintf("%s makes TLS to %s, and for workloads of namespace %s, which is ambient, only a waypoint would: %s is bound to none", r.ID, host, ambient[from], e.ID),
						Consequence: "ztunnel passes the bytes on as they are: plaintext leaves in the clear, or is refused by a port that takes TLS",
						Fix:         fmt.Sprintf("set the label %s on %s, with the name of a waypoint (a Gateway of class %s; write one if there is none), and see that ztunnel captures DNS", waypoint, e.ID, waypointClass),
						Related:     []validate.Place{p.At(e.Object, "metadata")},
						Edits:       toWaypoint(p, e),
					}
					if !held { // its namespace may be bound
						f.Severity = validate.Info
					}
					p.Report(f)
				}
			}
		}
	},
}

// toWaypoint are the edits that bind a ServiceEntry to the waypoint of its namespace, or to one that is written for it where
// the files hold none.
func toWaypoint(p *validate.Pass, e entryOf) []validate.Edit {
	own := p.At(e.Object, "").Object
	bind := func(name string) validate.Edit {
		return validate.Edit{Object: own, Field: fmt.Sprintf("metadata.labels[%q]", waypoint), Value: name}
	}
	var all []*bundle.Object
	for _, o := range p.Objects.All {
		if o.Kind == "Gateway" && fieldValue(o, "spec.gatewayClassName") == waypointClass {
			all = append(all, o)
		}
	}
	switch {
	case labelsOf(e.Object)[waypoint] != "": // it is kept from one
		return nil
	case len(all) == 1 && all[0].Namespace == e.Object.Namespace:
		return []validate.Edit{bind(all[0].Name)}
	case len(all) > 0:
		return nil
	}
	gateway := validate.Object{Kind: "Gateway", Namespace: own.Namespace, Name: "waypoint"}
	return append([]validate.Edit{bind(gateway.Name)}, documentBeside(p, e.Object, "gateway.networking.k8s.io/v1", gateway, map[string]any{
		"gatewayClassName": waypointClass,
		"listeners":        []any{map[string]any{"name": "mesh", "port": 15008, "protocol": "HBONE"}},
	})...)
}
