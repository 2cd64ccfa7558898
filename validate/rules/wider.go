package rules

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"
)

// wider tells whether a match of a VirtualService takes all that another one takes.
func wider(r routesOf, e, m *networking.HTTPMatchRequest) bool {
	for _, g := range gatewaysOf(r, m) {
		if !slices.Contains(gatewaysOf(r, e), g) {
			return false
		}
	}
	if len(e.Gateways) == 0 && (len(e.SourceLabels) > 0 || e.SourceNamespace != "") {
		if len(m.Gateways) > 0 || !within(e.SourceLabels, m.SourceLabels) || e.SourceNamespace != "" && e.SourceNamespace != m.SourceNamespace {
			return false
		}
	}
	return (e.Port == 0 || e.Port == m.Port) && widerURI(e, m) &&
		widerText(e.Method, m.Method) && widerText(e.Authority, m.Authority) && widerText(e.Scheme, m.Scheme) &&
		widerTexts(e.Headers, m.Headers) && widerTexts(e.QueryParams, m.QueryParams) && widerTexts(e.WithoutHeaders, m.WithoutHeaders)
}

func gatewaysOf(r routesOf, m *networking.HTTPMatchRequest) []string {
	named := m.Gateways
	if len(named) == 0 {
		named = r.Spec.Gateways
	}
	if len(named) == 0 {
		return []string{"mesh"}
	}
	all := slices.Clone(named)
	for i, g := range all {
		if g != "mesh" {
			all[i] = fullGateway(g, r.ID.Namespace)
		}
	}
	return all
}

func widerURI(e, m *networking.HTTPMatchRequest) bool {
	if e.Uri == nil || e.Uri.GetPrefix() == "/" || e.Uri.GetRegex() == ".*" {
		return true
	}
	if e.IgnoreUriCase != m.IgnoreUriCase {
		return false
	}
	if prefix := e.Uri.GetPrefix(); prefix != "" {
		return strings.HasPrefix(m.Uri.GetPrefix(), prefix) || strings.HasPrefix(m.Uri.GetExact(), prefix)
	}
	return proto.Equal(e.Uri, m.Uri)
}

func widerText(e, m *networking.StringMatch) bool { return e == nil || proto.Equal(e, m) }

func widerTexts(e, m map[string]*networking.StringMatch) bool {
	for k, v := range e {
		if !proto.Equal(v, m[k]) {
			return false
		}
	}
	return true
}
