package traffic

import "github.com/meshscenario/scenario/mesh"

// gates are the questions of versions that change a path, asked once. Nothing else here knows which mesh it is.
type gates struct {
	verifyByDefault, autoSNI, autoSAN, autoSNIBeforeRewrite bool
	sniffOutbound                                           bool
	ruleSelector, credentialOnSidecar, caOnlyWithoutList    bool
	systemCA, insecureSkipVerify                            bool
	targetPort, targetPortWithNone                          bool
	mostSpecificWildcard, hostPortIgnored                   bool
	externalNameAlias, enhancedMerge                        bool
	dynamicDNSOnSidecar                                     bool
	podInjection, podInjectionLabel                         bool
	memberRoll, federation                                  bool
}

func gatesOf(t mesh.Target) gates {
	return gates{
		verifyByDefault: t.Has(mesh.VerifyByDefault), autoSNI: t.Has(mesh.AutoSNI), autoSAN: t.Has(mesh.AutoSAN),
		autoSNIBeforeRewrite: t.Has(mesh.AutoSNIBeforeRewrite),
		sniffOutbound:        t.Has(mesh.SniffOutbound),
		ruleSelector:         t.Has(mesh.DRWorkloadSelector), credentialOnSidecar: t.Has(mesh.DRCredentialOnSidecar),
		caOnlyWithoutList: t.Has(mesh.CAOnlySecretNoRBAC),
		systemCA:          t.Has(mesh.SystemCA), insecureSkipVerify: t.Has(mesh.InsecureSkipVerify),
		targetPort: t.Has(mesh.SETargetPort), targetPortWithNone: t.Has(mesh.SETargetPortWithNone),
		mostSpecificWildcard: t.Has(mesh.WildcardVSMostSpecific), hostPortIgnored: t.Has(mesh.HostPortIgnored),
		externalNameAlias: t.Has(mesh.ExternalNameAlias), enhancedMerge: t.Has(mesh.EnhancedDRMerge),
		dynamicDNSOnSidecar: t.Has(mesh.DynamicDNSOnSidecar),
		podInjection:        t.PodInjection, podInjectionLabel: t.Has(mesh.PodInjectionLabel),
		memberRoll: t.MemberRoll, federation: t.Has(mesh.FederationCRs),
	}
}
