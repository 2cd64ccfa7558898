//lint:file-ignore SA1019 what is deprecated is written all the same, and looked at

package schema

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	networkingapi "istio.io/api/networking/v1alpha3"
)

// plain says of most objects that Istio's validation has nothing to say of them, without asking it: that takes a tenth of
// the time. What it does not recognise is asked about. A test holds that nothing plain is refused, and another that no
// field is overlooked when Istio adds one.
func plain(j judge) bool {
	for key := range j.meta.Annotations {
		if strings.Contains(key, "istio.io/") {
			return false
		}
	}
	switch spec := j.spec.(type) {
	case *networkingapi.ServiceEntry:
		return plainEntry(spec)
	case *networkingapi.DestinationRule:
		return plainRule(spec)
	case *networkingapi.Gateway:
		return isLabel(j.meta.Name) && plainGateway(spec)
	case *networkingapi.VirtualService:
		return plainVirtualService(spec)
	}
	return false
}

func plainEntry(e *networkingapi.ServiceEntry) bool {
	if len(e.Hosts) == 0 || len(e.Addresses) > 0 || len(e.Endpoints) > 0 || e.WorkloadSelector != nil || !plainExport(e.ExportTo) {
		return false
	}
	switch e.Resolution {
	case networkingapi.ServiceEntry_NONE, networkingapi.ServiceEntry_DNS:
	default:
		return false
	}
	for _, host := range e.Hosts {
		if !isDomain(host) && (e.Resolution != networkingapi.ServiceEntry_NONE || !isWildcard(host)) {
			return false
		}
	}
	for i, p := range e.Ports {
		if p == nil || !isLabel(p.Name) || !isPortNumber(p.Number) || p.TargetPort > 65535 || !isProtocol(p.Protocol) || len(e.Hosts) > 1 && !tellsHost(p.Protocol) {
			return false
		}
		for _, other := range e.Ports[:i] {
			if other.Name == p.Name || other.Number == p.Number {
				return false
			}
		}
	}
	return true
}

func plainRule(r *networkingapi.DestinationRule) bool {
	if !isHost(r.Host) || !plainExport(r.ExportTo) || r.WorkloadSelector != nil {
		return false
	}
	if p := r.TrafficPolicy; p != nil && !plainPolicy(p) {
		return false
	}
	for i, s := range r.Subsets {
		if s == nil || !isLabel(s.Name) || s.TrafficPolicy != nil && !plainPolicy(s.TrafficPolicy) || !plainLabels(s.Labels) {
			return false
		}
		for _, other := range r.Subsets[:i] {
			if other.Name == s.Name {
				return false
			}
		}
	}
	return true
}

func plainPolicy(p *networkingapi.TrafficPolicy) bool {
	if p.Tunnel != nil || p.ProxyProtocol != nil || p.RetryBudget != nil ||
		p.Tls == nil && p.ConnectionPool == nil && p.LoadBalancer == nil && p.OutlierDetection == nil && p.PortLevelSettings == nil ||
		!plainSettings(p.Tls, p.ConnectionPool, p.LoadBalancer, p.OutlierDetection) {
		return false
	}
	for _, port := range p.PortLevelSettings {
		if port == nil || port.Port == nil ||
			port.Tls == nil && port.ConnectionPool == nil && port.LoadBalancer == nil && port.OutlierDetection == nil ||
			!plainSettings(port.Tls, port.ConnectionPool, port.LoadBalancer, port.OutlierDetection) {
			return false
		}
	}
	return true
}

func plainSettings(tls *networkingapi.ClientTLSSettings, pool *networkingapi.ConnectionPoolSettings, lb *networkingapi.LoadBalancerSettings, outlier *networkingapi.OutlierDetection) bool {
	return (tls == nil || plainTLS(tls)) && (pool == nil || plainPool(pool)) && (lb == nil || plainBalancer(lb)) && (outlier == nil || plainOutlier(outlier))
}

func plainTLS(tls *networkingapi.ClientTLSSettings) bool {
	if tls.InsecureSkipVerify != nil || tls.CaCrl != "" || strings.Contains(tls.CredentialName, ":") {
		return false
	}
	files := tls.ClientCertificate != "" && tls.PrivateKey != ""
	switch tls.Mode {
	case networkingapi.ClientTLSSettings_SIMPLE, networkingapi.ClientTLSSettings_MUTUAL:
		if tls.CredentialName != "" {
			return tls.ClientCertificate == "" && tls.PrivateKey == "" && tls.CaCertificates == ""
		}
		return tls.Mode == networkingapi.ClientTLSSettings_SIMPLE || files
	}
	return true
}

func plainPool(p *networkingapi.ConnectionPoolSettings) bool {
	if p.Http != nil || p.Tcp == nil {
		return false
	}
	tcp, alive := p.Tcp, p.Tcp.TcpKeepalive
	return tcp.MaxConnections >= 0 && plainDuration(tcp.ConnectTimeout) && plainDuration(tcp.MaxConnectionDuration) && plainDuration(tcp.IdleTimeout) &&
		(alive == nil || plainDuration(alive.Time) && plainDuration(alive.Interval))
}

func plainBalancer(lb *networkingapi.LoadBalancerSettings) bool {
	_, simple := lb.LbPolicy.(*networkingapi.LoadBalancerSettings_Simple)
	return simple && lb.LocalityLbSetting == nil && lb.ZoneAwareLbSetting == nil && lb.WarmupDurationSecs == nil && lb.Warmup == nil
}

func plainOutlier(o *networkingapi.OutlierDetection) bool {
	return o.ConsecutiveErrors == 0 && o.ConsecutiveLocalOriginFailures == nil && plainDuration(o.Interval) && plainDuration(o.BaseEjectionTime) &&
		o.MaxEjectionPercent >= 0 && o.MaxEjectionPercent <= 100 && o.MinHealthPercent >= 0 && o.MinHealthPercent <= 100
}

func plainGateway(g *networkingapi.Gateway) bool {
	if len(g.Servers) == 0 {
		return false
	}
	for i, s := range g.Servers {
		if s == nil || s.Port == nil || s.Bind != "" || len(s.Hosts) == 0 {
			return false
		}
		p := s.Port
		if p.Name == "" || !isPortNumber(p.Number) || p.TargetPort != 0 || !isProtocol(p.Protocol) {
			return false
		}
		for _, other := range g.Servers[:i] {
			if other.Port.Name == p.Name {
				return false
			}
		}
		for _, host := range s.Hosts {
			if namespace, rest, found := strings.Cut(host, "/"); found {
				if namespace != "." && namespace != "*" && !isLabel(namespace) {
					return false
				}
				host = rest
			}
			if host != "*" && (!strings.Contains(host, ".") || !isHost(host)) {
				return false
			}
		}
		encrypted := p.Protocol == "HTTPS" || p.Protocol == "TLS"
		if (s.Tls != nil) != encrypted || encrypted && !plainServer(s.Tls) {
			return false
		}
	}
	return true
}

func plainServer(tls *networkingapi.ServerTLSSettings) bool {
	if tls.HttpsRedirect || tls.ServerCertificate != "" || tls.PrivateKey != "" || tls.CaCertificates != "" || tls.CaCrl != "" ||
		len(tls.CredentialNames) > 0 || len(tls.TlsCertificates) > 0 || len(tls.CipherSuites) > 0 ||
		tls.MinProtocolVersion == networkingapi.ServerTLSSettings_TLSV1_0 || tls.MinProtocolVersion == networkingapi.ServerTLSSettings_TLSV1_1 {
		return false
	}
	switch tls.Mode {
	case networkingapi.ServerTLSSettings_SIMPLE, networkingapi.ServerTLSSettings_MUTUAL, networkingapi.ServerTLSSettings_OPTIONAL_MUTUAL:
		return tls.CredentialName != ""
	}
	return tls.CredentialName == ""
}

// plainExport is so of the lists that nearly everybody writes.
func plainExport(to []string) bool {
	return len(to) == 0 || len(to) == 1 && (to[0] == "*" || to[0] == ".")
}

func plainDuration(d *durationpb.Duration) bool {
	if d == nil {
		return true
	}
	t := d.AsDuration()
	return t >= time.Millisecond && t%time.Millisecond == 0
}

func plainLabels(labels map[string]string) bool {
	for key, value := range labels {
		if !isLabel(key) || !isLabel(value) {
			return false
		}
	}
	return true
}

func isPortNumber(n uint32) bool { return n > 0 && n <= 65535 }

func isProtocol(p string) bool {
	switch p {
	case "HTTP", "HTTP2", "HTTPS", "TLS", "TCP", "GRPC", "GRPC-WEB", "MONGO", "REDIS", "MYSQL":
		return true
	}
	return false
}

// isHost is so of names, short ones as well, and of wildcards of a whole first label.
func isHost(s string) bool { return isDomain(s) || isWildcard(s) }

func isWildcard(s string) bool { rest, ok := strings.CutPrefix(s, "*."); return ok && isDomain(rest) }

// isDomain is so of names of labels, of which the last does not begin with a digit.
func isDomain(s string) bool {
	if len(s) > 250 {
		return false
	}
	for {
		label, rest, more := strings.Cut(s, ".")
		if !isLabel(label) {
			return false
		}
		if !more {
			return label[0] > '9'
		}
		s = rest
	}
}

func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
