package migrate

import (
	"fmt"
)

// securitySettings are those under spec.security.
var securitySettings = []setting{
	{path: "security.dataPlane.mtls", by: strictness},
	{path: "security.dataPlane.automtls", by: autoMTLS},
	{path: "security.trust.domain", to: "meshConfig.trustDomain"},
	{path: "security.trust.additionalDomains", to: "meshConfig.trustDomainAliases"},
	{path: "security.jwksResolverCA", to: "pilot.jwksResolverExtraRootCA"},
	{path: "security.manageNetworkPolicy", by: func(*migration, *plane, field) {}}, // networkPolicies, said or not
	{path: "security.identity.type", by: identity},
	{path: "security.identity.thirdParty.issuer", by: env("TOKEN_ISSUER")},
	{path: "security.identity.thirdParty.audience", to: "global.sds.token.aud"},
	{path: "security.controlPlane.mtls", class: Dropped, says: "proxies always speak to istiod by TLS"},
	{path: "security.controlPlane.certProvider", to: "global.pilotCertProvider", as: lower},
	{path: "security.controlPlane.tls.minProtocolVersion", by: tlsMinimum},
	{path: "security.controlPlane.tls.cipherSuites", by: tlsList("cipherSuites", "cipherSuites")},
	{path: "security.controlPlane.tls.ecdhCurves", by: tlsList("ecdhCurves", "ecdhCurves")},
	{path: "security.controlPlane.tls.maxProtocolVersion", class: Decide, says: "Istio has no setting for the newest version of TLS that it may use",
		do: "leave it out, unless something in the mesh cannot speak TLS 1.3"},

	{path: "security.certificateAuthority.type", by: authority},
	{path: "security.certificateAuthority.istiod.type", class: Dropped,
		says: "istiod signs with the Secret cacerts where there is one, else by itself with istio-ca-secret: the namespace is the same, so both are there still"},
	{path: "security.certificateAuthority.istiod.workloadCertTTLDefault", by: env("DEFAULT_WORKLOAD_CERT_TTL")},
	{path: "security.certificateAuthority.istiod.workloadCertTTLMax", by: env("MAX_WORKLOAD_CERT_TTL")},
	{path: "security.certificateAuthority.istiod.privateKey.rootCADir", by: env("ROOT_CA_DIR")},
	{path: "security.certificateAuthority.istiod.selfSigned.ttl", by: env("CITADEL_SELF_SIGNED_CA_CERT_TTL")},
	{path: "security.certificateAuthority.istiod.selfSigned.gracePeriod", by: env("CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE")},
	{path: "security.certificateAuthority.istiod.selfSigned.checkPeriod", by: env("CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL")},
	{path: "security.certificateAuthority.istiod.selfSigned.enableJitter", by: env("CITADEL_ENABLE_JITTER_FOR_ROOT_CERT_ROTATOR")},
	{path: "security.certificateAuthority.custom.address", to: "global.caAddress"},
	{path: "security.certificateAuthority.cert-manager.address", to: "global.caAddress"},
	{path: "security.certificateAuthority.cert-manager.pilotSecretName", class: Decide, says: "istiod reads its certificate from the Secret istiod-tls alone",
		do: "let istio-csr write istiod-tls"},
	{path: "security.certificateAuthority.cert-manager.rootCAConfigMapName", class: Decide, says: "istiod reads the root from the ConfigMap istio-ca-root-cert, which istio-csr writes",
		do: "let istio-csr write istio-ca-root-cert"},
}

func env(name string) func(*migration, *plane, field) {
	return func(m *migration, p *plane, f field) { m.putEnv(p, f, name, f.value) }
}

// strictness is what all workloads of the mesh demand.
func strictness(m *migration, p *plane, f field) {
	mode := "PERMISSIVE"
	if isTrue(f.value) {
		mode = "STRICT"
	}
	m.make("mutual TLS inside the mesh: "+map[string]string{"STRICT": "strict", "PERMISSIVE": "permissive"}[mode], tree{
		"apiVersion": "security.istio.io/" + m.to.IstioAPI(), "kind": "PeerAuthentication",
		"metadata": tree{"namespace": p.namespace, "name": "default"},
		"spec":     tree{"mtls": tree{"mode": mode}},
	})
	m.tell(Entry{Class: Mapped, Became: "PeerAuthentication " + p.namespace + "/default, spec.mtls.mode", Says: "workloads of the mesh are " + mode}, p.object, f.name())
	if host := m.from.MeshWideMTLSHost(); isTrue(f.value) && host != "" {
		m.tell(Entry{
			Class: Changed, aspect: meshWideRule,
			Says: fmt.Sprintf("the operator also made a DestinationRule that sent mutual TLS to all of %s; nobody makes it now: each sidecar finds out by itself who has one, and calls to who has none, which failed, go there in plaintext", host),
			Do:   "drop DestinationRules with tls.mode: DISABLE that were written only to get around that rule",
		}, p.object, f.name())
	}
}

// autoMTLS is on by default; that it was off matters only where the operator's own rule did not stand in for it.
func autoMTLS(m *migration, p *plane, f field) {
	switch {
	case isTrue(f.value):
		m.tell(Entry{Class: Dropped, Says: "sidecars use mutual TLS by themselves where the other side has a sidecar: that is the default"}, p.object, f.name())
	case isTrue(get(p.spec, "security", "dataPlane", "mtls")):
		m.tell(Entry{
			Class: Changed, aspect: meshWideRule,
			Says: "it is on: the operator's DestinationRule for the whole cluster domain stood in for it, and that is gone; without either, calls inside a STRICT mesh would fail",
		}, p.object, f.name())
	default:
		m.put(p, f, "meshConfig.enableAutoMtls", false, Entry{})
	}
}

func identity(m *migration, p *plane, f field) {
	if fmt.Sprint(f.value) == "Kubernetes" {
		m.tell(Entry{
			Class: Changed, Says: "pods prove who they are with tokens made for istiod alone (third-party), not with their general token: every cluster that the target runs on makes those",
		}, p.object, f.name())
		return
	}
	m.tell(Entry{Class: Dropped, Says: "tokens made for istiod alone (third-party) are the default"}, p.object, f.name())
}

func authority(m *migration, p *plane, f field) {
	switch fmt.Sprint(f.value) {
	case "Custom", "cert-manager":
		m.putEnv(p, f, "ENABLE_CA_SERVER", "false")
	default:
		m.tell(Entry{Class: Dropped, Says: "istiod signs by itself: that is the default"}, p.object, f.name())
	}
}

// tlsMinimum was for istiod and proxies alike.
func tlsMinimum(m *migration, p *plane, f field) {
	versions := map[string]string{"TLSv1_2": "TLSV1_2", "TLSv1_3": "TLSV1_3"}
	version := versions[fmt.Sprint(f.value)]
	if version == "" {
		m.tell(Entry{
			Class: Changed, Says: fmt.Sprintf("%v is not carried over: Istio takes TLS 1.2 and newer", f.value),
		}, p.object, f.name())
		return
	}
	set(p.values, "meshConfig.tlsDefaults.minProtocolVersion", version)
	p.origins["meshConfig.tlsDefaults.minProtocolVersion"] = f.name()
	m.put(p, f, "meshConfig.meshMTLS.minProtocolVersion", version, Entry{Says: "and spec.values.meshConfig.tlsDefaults, for TLS with others"})
}

func tlsList(of, to string) func(*migration, *plane, field) {
	return func(m *migration, p *plane, f field) {
		set(p.values, "meshConfig.tlsDefaults."+to, f.value)
		p.origins["meshConfig.tlsDefaults."+to] = f.name()
		m.put(p, f, "meshConfig.meshMTLS."+to, f.value, Entry{Says: "and spec.values.meshConfig.tlsDefaults, for TLS with others"})
	}
}
