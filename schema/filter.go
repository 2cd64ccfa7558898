package schema

import (
	"fmt"
	"regexp"

	networkingapi "istio.io/api/networking/v1alpha3"
)

// envoyFilter looks at what Istio's validation asks of an EnvoyFilter, but not into the patches, which are Envoy's.
func envoyFilter(f *networkingapi.EnvoyFilter) (problems []Problem) {
	for i, patch := range f.ConfigPatches {
		field := fmt.Sprintf("spec.configPatches[%d]", i)
		if message, fix, at := configPatch(patch); message != "" {
			problems = append(problems, Problem{Rule: general, Kind: WrongValue, Severity: Error, Field: field + at, Message: message, Fix: fix, Consequence: refusedByIstio})
		}
	}
	return problems
}

func configPatch(p *networkingapi.EnvoyFilter_EnvoyConfigObjectPatch) (message, fix, at string) {
	match := p.GetMatch()
	switch {
	case p == nil || match.GetContext() == networkingapi.EnvoyFilter_WAYPOINT:
		return "", "", ""
	case p.ApplyTo == networkingapi.EnvoyFilter_INVALID:
		return "a patch without applyTo", "say what it is applied to, such as HTTP_FILTER", ""
	case p.Patch == nil:
		return "patch is missing", "say what to do: operation and value", ""
	case p.Patch.Operation == networkingapi.EnvoyFilter_Patch_INVALID:
		return "a patch without operation", "set operation, such as MERGE", ".patch"
	case p.Patch.Operation != networkingapi.EnvoyFilter_Patch_REMOVE && p.Patch.Value == nil:
		return "a patch without value", "set value, or operation to REMOVE", ".patch"
	}
	if text := match.GetProxy().GetProxyVersion(); text != "" && len(text) <= 1024 {
		if _, err := regexp.Compile(text); err != nil {
			return fmt.Sprintf("%q is no regular expression: %v", text, err), "", ".match.proxy.proxyVersion"
		}
	}
	if match.GetObjectTypes() == nil {
		return "", "", ""
	}
	want, fits := "", true
	switch p.ApplyTo {
	case networkingapi.EnvoyFilter_LISTENER, networkingapi.EnvoyFilter_FILTER_CHAIN, networkingapi.EnvoyFilter_NETWORK_FILTER, networkingapi.EnvoyFilter_HTTP_FILTER:
		want, fits = "listener", match.GetListener() != nil
	case networkingapi.EnvoyFilter_ROUTE_CONFIGURATION, networkingapi.EnvoyFilter_VIRTUAL_HOST, networkingapi.EnvoyFilter_HTTP_ROUTE:
		want, fits = "routeConfiguration", match.GetRouteConfiguration() != nil
	case networkingapi.EnvoyFilter_CLUSTER:
		want, fits = "cluster", match.GetCluster() != nil
	}
	if !fits {
		return fmt.Sprintf("a patch of %s matches by %s, and this matches by something else", p.ApplyTo, want), "write match." + want, ".match"
	}
	return "", "", ""
}
