//lint:file-ignore SA1019 what is deprecated is written all the same, and looked at

package schema

import (
	"slices"
	"strings"

	networkingapi "istio.io/api/networking/v1alpha3"
)

func plainVirtualService(v *networkingapi.VirtualService) bool {
	if len(v.Hosts) == 0 || !plainExport(v.ExportTo) || !plainGateways(v.Gateways) || len(v.Http)+len(v.Tls)+len(v.Tcp) == 0 {
		return false
	}
	for i, host := range v.Hosts {
		if !isDomain(host) && (len(v.Hosts) > 1 || !isWildcard(host)) || slices.Contains(v.Hosts[:i], host) {
			return false
		}
	}
	for _, r := range v.Http {
		if r == nil || !plainHTTP(r) {
			return false
		}
	}
	for _, r := range v.Tls {
		if r == nil || len(r.Match) == 0 || !plainRoutes(r.Route) {
			return false
		}
		for _, m := range r.Match {
			if m == nil || len(m.SniHosts) == 0 || len(m.DestinationSubnets) > 0 || m.Port > 65535 || len(m.SourceLabels) > 0 || !plainGateways(m.Gateways) {
				return false
			}
			for _, host := range m.SniHosts {
				if !slices.Contains(v.Hosts, host) {
					return false
				}
			}
		}
	}
	for _, r := range v.Tcp {
		if r == nil || !plainRoutes(r.Route) {
			return false
		}
		for _, m := range r.Match {
			if m == nil || len(m.DestinationSubnets) > 0 || m.Port > 65535 || len(m.SourceLabels) > 0 || !plainGateways(m.Gateways) {
				return false
			}
		}
	}
	return true
}

func plainHTTP(r *networkingapi.HTTPRoute) bool {
	if r.Redirect != nil || r.DirectResponse != nil || r.Delegate != nil || r.Rewrite != nil || r.Fault != nil || r.Mirror != nil || r.Mirrors != nil ||
		r.MirrorPercent != nil || r.MirrorPercentage != nil || r.CorsPolicy != nil || r.Headers != nil || !plainDuration(r.Timeout) || len(r.Route) == 0 {
		return false
	}
	if t := r.Retries; t != nil && (t.Attempts <= 0 || !plainDuration(t.PerTryTimeout) || !plainDuration(t.Backoff) || !plainRetryOn(t.RetryOn)) {
		return false
	}
	for _, m := range r.Match {
		if m == nil || len(m.Headers) > 0 || len(m.WithoutHeaders) > 0 || len(m.QueryParams) > 0 || len(m.SourceLabels) > 0 || m.Port > 65535 ||
			m.Scheme != nil || m.Authority != nil || m.Method != nil || !plainGateways(m.Gateways) || m.SourceNamespace != "" && !isLabel(m.SourceNamespace) {
			return false
		}
		if _, regex := m.GetUri().GetMatchType().(*networkingapi.StringMatch_Regex); regex {
			return false
		}
	}
	sum := int32(0)
	for _, d := range r.Route {
		if d == nil || d.Headers != nil || d.Weight < 0 || d.Weight > 1000 || !plainDestination(d.Destination) {
			return false
		}
		sum += d.Weight
	}
	return len(r.Route) == 1 || sum > 0
}

func plainRoutes(routes []*networkingapi.RouteDestination) bool {
	sum := int32(0)
	for _, r := range routes {
		if r == nil || r.Weight < 0 || r.Weight > 1000 || !plainDestination(r.Destination) {
			return false
		}
		sum += r.Weight
	}
	return len(routes) == 1 || sum > 0
}

func plainDestination(d *networkingapi.Destination) bool {
	return d != nil && isHost(d.Host) && (d.Subset == "" || isLabel(d.Subset)) && (d.Port == nil || isPortNumber(d.Port.Number))
}

func plainGateways(names []string) bool {
	for _, name := range names {
		if namespace, rest, found := strings.Cut(name, "/"); found {
			if !isLabel(namespace) {
				return false
			}
			name = rest
		}
		if !isLabel(name) || name[0] <= '9' {
			return false
		}
	}
	return true
}

func plainRetryOn(conditions string) bool {
	if conditions == "" {
		return true
	}
	for condition := range strings.SplitSeq(conditions, ",") {
		switch condition {
		case "5xx", "gateway-error", "reset", "connect-failure", "retriable-4xx", "refused-stream", "retriable-status-codes", "unavailable", "cancelled":
		default:
			return false
		}
	}
	return true
}
