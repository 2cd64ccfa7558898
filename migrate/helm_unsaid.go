package migrate

// move is about the release as a whole.
func (h *helm) move() Entry {
	return Entry{
		Class: Decide, Field: "the release", Says: "no release goes from 1.0 to " + h.to.Product + " in place: the new one has the names of the old, and kinds of Mixer and of the old policies are no more",
		Do: "keep what you wrote (gateways, virtualservices, destinationrules, serviceentries), and judge it by scenario validate --target " + h.to.Name +
			"; write PeerAuthentications for Policies, and AuthorizationPolicies for ServiceRoles. Delete the old release, its webhooks, and the kinds of config.istio.io, authentication.istio.io and rbac.istio.io. " +
			"Install; where kinds of networking.istio.io are still there, istio-base needs --take-ownership (Helm 3.17). Apply what you kept, and restart every pod with a proxy",
	}
}

// unsaid tells of what the old chart did unless told otherwise, where today's charts do another thing.
func (h *helm) unsaid() {
	if !h.isSet("global.proxy.accessLogFile") {
		h.keep("global.proxy.accessLogFile", "meshConfig.accessLogFile", "/dev/stdout", Entry{Class: Mapped, Says: "proxies log each request, as before: today's charts would not"})
	}
	h.keep("the policy for undeclared hosts", "meshConfig.outboundTrafficPolicy.mode", "REGISTRY_ONLY", Entry{
		Class: Mapped, Says: "proxies of 1.0 let nobody reach a host that no ServiceEntry declares; since 1.1 they do unless told otherwise",
	})
	if !h.isSet("global.mtls.enabled") {
		h.sayUnsaid("global.mtls.enabled", unsaidMTLS)
	}
	if !h.isSet("mixer.enabled") && !h.isTrue("global.disablePolicyChecks", false) {
		h.sayUnsaid("mixer.enabled", Entry{Class: Decide, Says: noMixer, Do: doWithoutMixer})
	}
	if !h.isSet("prometheus.enabled") {
		s, _ := findValue([]string{"prometheus", "enabled"})
		s.by(h, written{[]string{"prometheus", "enabled"}, true})
		h.entries[len(h.entries)-1].Field += " (not set)"
	}
	if !h.isSet("global.proxy.resources") {
		h.sayUnsaid("global.proxy.resources", Entry{
			Class: Changed, Says: "a sidecar asks for 100m and 128Mi, not 10m, and has at most 2 CPUs and 1Gi, where it had no limit; it has a thread for each CPU of its limit",
			Do: "see that nodes have room, and set global.proxy.resources of chart istiod where a sidecar needs more",
		})
	}
	h.sayUnsaid("the protocol of ports", Entry{
		Class: Changed, Says: "a port of a Service whose name tells no protocol was plain TCP; now proxies look at the first bytes and treat HTTP as HTTP",
		Do: "name such ports tcp-… where they must stay plain, above all where the server speaks first",
	})
	h.unsaidGateways()
}

// keep writes out what the old chart did by itself.
func (h *helm) keep(path, to string, value any, e Entry) {
	set(h.istiod, to, value)
	e.Became = "istiod, " + to
	h.sayUnsaid(path, e)
}

func (h *helm) unsaidGateways() {
	for _, g := range h.installed() {
		name, path := g.name, "gateways."+g.name
		if g == h.ingress {
			path = "ingress"
		}
		if !h.isSet(path + ".enabled") {
			h.sayUnsaid(path+".enabled", Entry{Class: Mapped, Became: "release " + name + " of chart gateway"})
		}
		h.sayUnsaid(path+", its ServiceAccount", Entry{
			Class: Mapped, Became: name + ", serviceAccount.name", Says: "it keeps its name, by which AuthorizationPolicies know the gateway",
		})
		if name == "istio-ingressgateway" && !h.isSet(path+".ports") {
			h.sayUnsaid(path+".ports", Entry{
				Class: Changed, Became: name + ", service.ports", Says: "80, 443 and 31400 stay; the ports of nodes (31380, 31390, 31400) are chosen by the cluster, and those that led to Pilot, Citadel, Prometheus and Grafana are gone",
				Do: "add nodePort to the ports where something outside the cluster speaks to nodes",
			})
		}
		if !h.isSet(path+".secretVolumes") && oldGateways[name] != nil {
			h.sayUnsaid(path+".secretVolumes", Entry{
				Class: Mapped, Became: name + ", volumes and volumeMounts", Says: "certificates in the Secrets of old stay where Gateways read them, such as /etc/istio/ingressgateway-certs/tls.crt",
				Do: "name Secrets by credentialName instead, then leave the volumes out",
			})
		}
	}
}
