package scenarios

// egressGateway: the sidecar calls an egress gateway, and that calls the outside.
var egressGateway = Scenario{
	ID:         "1b",
	Title:      "call an outside host through an egress gateway",
	Encryption: Simple,
	Parts:      []Part{Namespaces, ControlPlane, Members, Workload, ServiceSide, Traffic, NetworkPolicy},
	Default:    []Part{Traffic},
	Uses:       []string{"client", "service", "egress", "credentials", "expose"},
	egress:     true,
	check: func(p *Plan, r *report) {
		checkService(p, r)
		checkCredentials(p, r)
		s := p.Spec
		if isWildcard(s.Service.Host) {
			r.problem("spec.service.host", "name each host in a definition of its own; or call them directly: 1a with encryption passthrough carries wildcards", "an egress gateway has no address to send %s to", s.Service.Host)
		}
		if s.Service.Protocol == "tcp" {
			r.problem("spec.service.protocol", "use 1a, or protocol tls if the application begins with TLS and sends the name", "at a shared gateway plain tcp cannot be told from other tcp")
		}
		if s.Encryption == Passthrough && p.draft.Written("spec.egress.innerTLS") && s.Egress.InnerTLS == "mutual" {
			r.problem("spec.egress.innerTLS", "leave it out: the application's TLS goes through the gateway untouched", "with encryption passthrough the inner hop carries the application's own TLS")
		}
		if s.Egress.Namespace == s.Client.Namespace {
			r.problem("spec.egress.namespace", "run the gateway in a namespace of its own", "the gateway's configuration would apply to the clients as well: %s is also the client's namespace", s.Egress.Namespace)
		}
		p.checkClusterHost(r)
	},
	names: func(p *Plan) []string { return []string{p.Spec.Client.Namespace, p.Spec.Egress.Namespace} },
	claims: func(p *Plan) []claim {
		s := p.Spec
		return []claim{
			{place: "in namespace " + s.Egress.Namespace, what: s.Service.Host, path: "spec.service.host", mergeable: true},
			{place: "in namespace " + s.Client.Namespace, what: s.Service.Host, path: "spec.service.host", mergeable: true},
		}
	},
	needs: func(p *Plan, has func(Part) bool) []Need {
		s := p.Spec
		needs := append(p.meshNeeds(has), p.clusterHostNeeds()...)
		if !has(ControlPlane) || !p.bringsEgress() {
			needs = append(needs, gatewayNeed("egress", s.Egress.Namespace, s.Egress.Service, s.Egress.Selector, p.bringsEgress()))
		}
		needs = append(needs, p.appTLSNeeds()...)
		needs = append(needs, p.failoverNeeds()...)
		return append(needs, p.otherSideNeeds(has)...)
	},
}
