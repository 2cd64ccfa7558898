package scenarios

// federated: a workload calls a service of another mesh, by the name under which its own mesh knows it.
var federated = Scenario{
	ID:         "2a",
	Title:      "call a service of another mesh that this one is joined with",
	Encryption: Mutual,
	Parts:      []Part{Namespaces, ControlPlane, Federation, Members, Workload, ServiceSide, Traffic},
	Default:    []Part{Federation, Traffic},
	Uses:       []string{"client", "meshes", "split"},
	Impossible: onlyMutual,
	fill:       fillMeshes,
	check:      checkMeshes,
	names:      func(p *Plan) []string { return []string{p.Spec.Client.Namespace} },
	claims:     meshClaims,
	needs:      (*Plan).federationNeeds,
}

// onlyMutual refuses what no joined meshes can do: the gateways between them know each other, and callers, by certificates
// of the meshes alone.
var onlyMutual = map[string]Refusal{
	None: {
		Reason: "joined meshes are encrypted by design: between their gateways, mutual TLS of the meshes is the only language",
		Hint:   "leave --encryption out; what comes nearest is 1a or 1b with encryption none, and expose with encryption none on the other side",
	},
	Simple: {
		Reason: "joined meshes verify each other on both sides, by design: a gateway lets nobody in who shows no certificate of the other mesh",
		Hint:   "leave --encryption out; what comes nearest is 1a or 1b with encryption simple, and expose with encryption simple on the other side",
	},
	Passthrough: {
		Reason: "joined meshes put mutual TLS of their own around every call, so the application's TLS would be TLS inside TLS",
		Hint:   "leave --encryption out, and let the application speak plainly to its sidecar; what comes nearest is 1a or 1b with encryption passthrough, and expose with encryption passthrough on the other side",
	},
}
