package scenarios

// controlPlane: the mesh itself.
var controlPlane = Scenario{
	ID:         "control-plane",
	Title:      "the control plane, its gateways and its members",
	Encryption: None,
	Parts:      []Part{Namespaces, ControlPlane, Members, Workload},
	Default:    []Part{Namespaces, ControlPlane, Members},
	Uses:       []string{"client", "egress", "expose.gateway"},
	egress:     true,
	ingress:    true,
	Impossible: noEncryption("control-plane makes the mesh itself; it calls nothing outside"),
	fill:       func(p *Plan) { setDefault(&p.Metadata.Name, p.Spec.Mesh.Namespace) },
	check:      func(*Plan, *report) {},
	names:      func(*Plan) []string { return nil },
	claims:     func(*Plan) []claim { return nil },
	needs:      func(*Plan, func(Part) bool) []Need { return nil },
}
