package scenarios

// HasClients tells whether the plan is for workloads that call, and so has [Plan.Clients] that mean something.
func (p *Plan) HasClients() bool { return p.Scenario.uses("client") }

// Outbound tells whether those clients call an outside service.
func (p *Plan) Outbound() bool { return p.Scenario.uses("service") }

// Exposes tells whether the plan itself makes a service reachable from outside.
func (p *Plan) Exposes() bool { return p.Scenario.ID == expose.ID }

// ServiceInCluster tells whether the outside service is a Service of this very cluster.
func (p *Plan) ServiceInCluster() bool { return clusterNamespace(p.Spec.Service.Host) != "" }

// ByGateway tells whether the clients' calls leave by an egress gateway.
func (p *Plan) ByGateway() bool { return p.Outbound() && p.Scenario.egress }

// Redirects tells whether callers use an in-mesh name, which is led outside.
func (p *Plan) Redirects() bool { return p.Scenario.ID == redirect.ID }
