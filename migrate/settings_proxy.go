package migrate

// proxySettings are those under spec.proxy.
var proxySettings = []setting{
	{path: "proxy.concurrency", to: "meshConfig.defaultConfig.concurrency"},
	{path: "proxy.adminPort", to: "meshConfig.defaultConfig.proxyAdminPort"},
	{path: "proxy.logging.level", to: "global.proxy.logLevel", as: lower},
	{path: "proxy.logging.componentLevels", to: "global.proxy.componentLogLevel", as: levels},
	{path: "proxy.accessLogging.file.name", to: "meshConfig.accessLogFile"},
	{path: "proxy.accessLogging.file.encoding", to: "meshConfig.accessLogEncoding", as: upper},
	{path: "proxy.accessLogging.file.format", to: "meshConfig.accessLogFormat"},
	{path: "proxy.accessLogging.envoyService", by: envoyService("meshConfig.defaultConfig.envoyAccessLogService", "meshConfig.enableEnvoyAccessLogService")},
	{path: "proxy.envoyMetricsService", by: envoyService("meshConfig.defaultConfig.envoyMetricsService", "")},

	{path: "proxy.networking.clusterDomain", to: "global.proxy.clusterDomain"},
	{path: "proxy.networking.connectionTimeout", class: Dropped, says: "it has had no effect since OpenShift Service Mesh 2.0"},
	{path: "proxy.networking.maxConnectionAge", to: "pilot.keepaliveMaxServerConnectionAge"},
	{path: "proxy.networking.dns.refreshRate", to: "meshConfig.dnsRefreshRate"},
	{path: "proxy.networking.dns.searchSuffixes", to: "global.podDNSSearchNamespaces"},
	{path: "proxy.networking.initialization", class: Dropped, says: "IstioCNI does it for every pod, and no pod needs an init container with privileges"},
	{path: "proxy.networking.protocol.autoDetect.timeout", to: "meshConfig.protocolDetectionTimeout"},
	{path: "proxy.networking.protocol.autoDetect.inbound", by: sniffs},
	{path: "proxy.networking.protocol.autoDetect.outbound", by: sniffs},
	{path: "proxy.networking.trafficControl.inbound.interceptionMode", to: "meshConfig.defaultConfig.interceptionMode", as: upper},
	{path: "proxy.networking.trafficControl.inbound.includedPorts", to: "global.proxy.includeInboundPorts", as: joined},
	{path: "proxy.networking.trafficControl.inbound.excludedPorts", to: "global.proxy.excludeInboundPorts", as: joined},
	{path: "proxy.networking.trafficControl.outbound.includedIPRanges", to: "global.proxy.includeIPRanges", as: joined},
	{path: "proxy.networking.trafficControl.outbound.excludedIPRanges", to: "global.proxy.excludeIPRanges", as: joined},
	{path: "proxy.networking.trafficControl.outbound.excludedPorts", to: "global.proxy.excludeOutboundPorts", as: joined},
	{path: "proxy.networking.trafficControl.outbound.policy", to: "meshConfig.outboundTrafficPolicy.mode", as: upper},

	{path: "proxy.injection.autoInject", by: autoInject},
	{path: "proxy.injection.alwaysInjectSelector", to: "sidecarInjectorWebhook.alwaysInjectSelector"},
	{path: "proxy.injection.neverInjectSelector", to: "sidecarInjectorWebhook.neverInjectSelector"},
	{path: "proxy.injection.injectedAnnotations", to: "sidecarInjectorWebhook.injectedAnnotations"},

	{path: "proxy.runtime.container.resources", to: "global.proxy.resources"},
	{path: "proxy.runtime.container.env", to: "meshConfig.defaultConfig.proxyMetadata"},
	{path: "proxy.runtime.container.imagePullPolicy", to: "global.imagePullPolicy"},
	{path: "proxy.runtime.container.*", class: Dropped, says: "the operator chooses the proxy's image: it must be of istiod's version"},
	{path: "proxy.runtime.readiness.statusPort", to: "global.proxy.statusPort"},
	{path: "proxy.runtime.readiness.initialDelaySeconds", to: "global.proxy.readinessInitialDelaySeconds"},
	{path: "proxy.runtime.readiness.periodSeconds", to: "global.proxy.readinessPeriodSeconds"},
	{path: "proxy.runtime.readiness.failureThreshold", to: "global.proxy.readinessFailureThreshold"},
	{path: "proxy.runtime.readiness.rewriteApplicationProbes", to: "sidecarInjectorWebhook.rewriteAppHTTPProbe"},
}

// envoyService is for a service that proxies send to, where it is enabled.
func envoyService(to, enable string) func(*migration, *plane, field) {
	return func(m *migration, p *plane, f field) {
		block, _ := f.value.(tree)
		if !isTrue(block["enabled"]) {
			m.tell(Entry{Class: Dropped, Says: "it was not enabled"}, p.object, f.name())
			return
		}
		service := tree{}
		join(service, block)
		delete(service, "enabled")
		if enable != "" {
			set(p.values, enable, true)
			p.origins[enable] = f.name()
		}
		m.put(p, f, to, service, Entry{})
	}
}

func sniffs(m *migration, p *plane, f field) {
	if isTrue(f.value) {
		m.tell(Entry{Class: Dropped, Says: "proxies always look at the first bytes to tell HTTP, where a port's protocol is not declared"}, p.object, f.name())
		return
	}
	m.tell(Entry{
		Class: Changed, aspect: sniffing,
		Says: "Istio 1.19 removed the switch: where a port's protocol is not declared, proxies look at the first bytes and treat HTTP as HTTP",
		Do:   "name ports by their protocol (tcp-…, or appProtocol) where they must stay plain TCP, above all where the server speaks first",
	}, p.object, f.name())
}

func autoInject(m *migration, p *plane, f field) {
	if !isTrue(f.value) {
		m.tell(Entry{Class: Mapped, Became: "the label sidecar.istio.io/inject of pods", Says: "pods ask for their sidecars one by one, as before"}, p.object, f.name())
		return
	}
	m.put(p, f, "sidecarInjectorWebhook.enableNamespacesByDefault", true, Entry{
		Class: Changed, Says: "pods got a sidecar unless they declined it, in members only; now in every namespace without an injection label",
		Do: "label the namespaces that are to have none istio-injection: disabled",
	})
}
