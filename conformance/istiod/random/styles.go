package random

// written is one or two templates, with up to three fields changed.
func (g *generator) written() {
	g.mesh = g.settings()
	for range 1 + g.odds(65, 35) {
		g.template()
	}
	for len(g.objects) < 4 {
		g.template()
	}
	if g.chance(12) {
		g.rival()
	}
	if g.chance(25) {
		g.around()
	}
	before := g.requestsOf()
	for range g.odds(40, 30, 20, 10) {
		g.fault()
	}
	g.rarities(18)
	g.follow(before)
}

// free is any objects at all about the same few names.
func (g *generator) free() {
	g.mesh = g.settings()
	for range g.odds(10, 45, 35, 10) {
		g.anyService()
	}
	g.client(pick(g.dice, "shop", "shop", "other"))
	if g.chance(35) {
		g.gateway("egress")
	}
	if g.chance(30) {
		g.gateway("ingress")
	}
	for range 1 + g.odds(40, 35, 25) {
		g.draw(g.serviceEntry)
	}
	for _, o := range g.of("ServiceEntry") {
		if specOf(o)["workloadSelector"] != nil && g.chance(60) {
			g.draw(func() object { return g.workloadEntry(namespaceOf(o)) })
		}
	}
	for range g.odds(10, 40, 30, 20) {
		g.draw(g.destinationRule)
	}
	for range g.odds(20, 30, 10) {
		if len(g.of("Service")) > 0 {
			g.draw(g.gatewayObject)
		}
	}
	for range g.odds(25, 40, 25, 10) {
		g.draw(g.virtualService)
	}
	for g.chance(25) {
		g.rival()
	}
	g.around()
	g.rarities(26)
	if g.chance(20) { // age decides between rivals
		g.source.Shuffle(len(g.objects), func(i, j int) { g.objects[i], g.objects[j] = g.objects[j], g.objects[i] })
	}
	g.follow(nil)
}

// around adds what changes the paths of others: Sidecars, PeerAuthentications, credentials, endpoints.
func (g *generator) around() {
	if g.chance(25) {
		g.draw(g.sidecar)
	}
	if g.chance(30) {
		g.draw(g.anyPeerAuthentication)
	}
	if g.chance(15) {
		g.draw(func() object { return g.workloadEntry(pick(g.dice, "shop", "shop", "other")) })
	}
	if g.chance(30) {
		g.secret(pick(g.dice, "shop", "istio-egress", "istio-ingress", "other", "istio-system"), pick(g.dice, secrets...))
	}
	if g.chance(15) {
		g.grant(pick(g.dice, "shop", "other"), pick(g.dice, "default", "client"))
	}
	if g.chance(2) && len(g.of("Gateway")) > 0 {
		g.openshift(pick(g.dice, outside...))
	}
	if g.chance(1) {
		g.unfollowed()
	}
}

// older writes all of Istio's objects in an older version of its API.
func (g *generator) older() {
	networking := pick(g.dice, "networking.istio.io/v1beta1", "networking.istio.io/v1alpha3")
	for _, o := range g.objects {
		switch text(o, "apiVersion") {
		case networkingV1:
			o["apiVersion"] = networking
		case securityV1:
			o["apiVersion"] = "security.istio.io/v1beta1"
		}
	}
}

// unfollowed adds an object that the judge does not follow, so that what is to be done about it is tested too.
func (g *generator) unfollowed() {
	namespace := pick(g.dice, "shop", "istio-system")
	if g.chance(50) {
		g.put(istio("EnvoyFilter", namespace, "any", object{"configPatches": list{object{
			"applyTo": "CLUSTER", "match": object{"context": "SIDECAR_OUTBOUND"},
			"patch": object{"operation": "MERGE", "value": object{"connect_timeout": "3s"}},
		}}}))
		return
	}
	g.put(object{
		"apiVersion": securityV1, "kind": "AuthorizationPolicy", "metadata": object{"namespace": namespace, "name": "any"},
		"spec": object{"rules": list{object{"from": list{object{"source": object{"namespaces": list{"shop"}}}}}}},
	})
}

// mutated is one template on a complete strict mesh, with exactly one fault.
func (g *generator) mutated() {
	g.put(kubernetes("v1", "ConfigMap", "istio-system", "istio", object{"data": object{"mesh": "outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n"}}))
	g.peerAuthentication("istio-system", "default", "STRICT")
	if g.chance(40) {
		g.gateway("egress")
	}
	g.template()
	before := g.requestsOf()
	g.fault()
	g.follow(before)
}
