package scenarios

import "github.com/meshscenario/scenario/mesh"

// federatedEgress: as federated, and calls leave by an egress gateway of the caller's mesh.
var federatedEgress = Scenario{
	ID:         "2b",
	Title:      "call a service of another mesh through an egress gateway of this one",
	Encryption: Mutual,
	Parts:      []Part{Namespaces, ControlPlane, Federation, Members, Workload, ServiceSide, Traffic, NetworkPolicy},
	Default:    []Part{Federation, Traffic},
	Uses:       []string{"client", "meshes", "split", "egress"},
	Impossible: onlyMutual,
	fill:       fillMeshes,
	check: func(p *Plan, r *report) {
		checkMeshes(p, r)
		if p.Target.Has(mesh.FederationCRs) {
			for _, field := range []string{"namespace", "service", "selector", "innerTLS"} {
				if path := "spec.egress." + field; p.draft.Written(path) {
					r.problem(path, "leave it out", "on %s calls leave by the gateway that federation keeps for the other mesh", p.Target.Product)
				}
			}
			return
		}
		checkManualImports(p, r)
	},
	names: func(p *Plan) []string { return []string{p.Spec.Client.Namespace, p.Spec.Egress.Namespace} },
	claims: func(p *Plan) []claim {
		if p.Target.Has(mesh.FederationCRs) {
			return meshClaims(p)
		}
		claims := shareClaims(p)
		for j, l := range links(p.Spec.Meshes, p.caller()) {
			for _, namespace := range []string{p.Spec.Egress.Namespace, p.Spec.Client.Namespace} {
				claims = append(claims, claim{place: "in namespace " + namespace, what: l.Host, path: fieldOf(p.caller(), "imports", j)})
			}
		}
		return claims
	},
	needs: (*Plan).federationNeeds,
}

// checkManualImports holds what is imported by hand against what an egress gateway can carry, and against what istiod
// knows already.
func checkManualImports(p *Plan, r *report) {
	s := p.Spec
	if p.draft.Written("spec.egress.innerTLS") && s.Egress.InnerTLS != "mutual" {
		r.problem("spec.egress.innerTLS", "leave it out", "joined meshes are encrypted on the whole way")
	}
	if s.Egress.Namespace == s.Client.Namespace {
		r.problem("spec.egress.namespace", "run the gateway in a namespace of its own", "the gateway's configuration would apply to the clients as well: %s is also the client's namespace", s.Egress.Namespace)
	}
	for i, m := range s.Meshes {
		if len(m.Imports) > 0 && i != p.caller() {
			r.problem(fieldOf(i, "imports"), "write a second definition, with a client in mesh "+m.Name, "the client is in mesh %s, and nobody here would call what mesh %s imports", s.Meshes[p.caller()].Name, m.Name)
		}
		for j, l := range links(s.Meshes, i) {
			path := fieldOf(i, "imports", j)
			if l.Export.Protocol == "tcp" {
				r.problem(path, "use 2a, where the sidecar calls the other mesh itself", "at a shared egress gateway plain tcp cannot be told from other tcp")
			}
		}
	}
}
