package rules

import (
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

type entryOf = traffic.Of[*networking.ServiceEntry]

// entriesCalled are the ServiceEntries for what an application calls: a host, or an address.
func entriesCalled(p *validate.Pass, host string) []entryOf {
	found := entriesFor(p, host)
	if ip, err := netip.ParseAddr(host); err == nil {
		for _, e := range p.Objects.ServiceEntries {
			if slices.ContainsFunc(e.Spec.Addresses, func(a string) bool { return holds(a, ip) }) {
				found = append(found, e)
			}
		}
	}
	return found
}

// holds tells whether an address or a range of them is or has an address.
func holds(list string, ip netip.Addr) bool {
	if prefix, err := netip.ParsePrefix(list); err == nil {
		return prefix.Contains(ip)
	}
	one, err := netip.ParseAddr(list)
	return err == nil && one == ip
}

// behindAddress is a ServiceEntry that has an address among its endpoints only.
func behindAddress(p *validate.Pass, host string) (entryOf, bool) {
	for _, e := range p.Objects.ServiceEntries {
		if slices.ContainsFunc(e.Spec.Endpoints, func(w *networking.WorkloadEntry) bool { return w.Address == host }) {
			return e, true
		}
	}
	return entryOf{}, false
}

// seen tells whether istiod shows a ServiceEntry to a namespace.
func seen(p *validate.Pass, e entryOf, namespace string) bool {
	return p.Index.Member(e.ID.Namespace) && p.Index.Exported("ServiceEntry", e.Spec.ExportTo, e.ID.Namespace, namespace)
}

// serviceName is what a name that a client calls is in full, if it is a Service's: "web", "web.shop" or "web.shop.svc".
func serviceName(host, client string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	switch parts := strings.Split(host, "."); {
	case len(parts) == 1:
		return fullName(host, client)
	case len(parts) == 2:
		return host + ".svc.cluster.local"
	case len(parts) == 3 && parts[2] == "svc":
		return host + ".cluster.local"
	}
	return host
}

// The kinds of protocols that a ServiceEntry's port may have.

func isHTTP(protocol string) bool {
	switch strings.ToUpper(protocol) {
	case "HTTP", "HTTP2", "GRPC", "GRPC-WEB":
		return true
	}
	return false
}

func isTLS(protocol string) bool {
	return strings.EqualFold(protocol, "HTTPS") || strings.EqualFold(protocol, "TLS")
}

// isBytes is for what is told apart by address and port alone.
func isBytes(protocol string) bool {
	switch strings.ToUpper(protocol) {
	case "TCP", "MONGO", "MYSQL", "REDIS":
		return true
	}
	return false
}

type answersKey struct{}

// answersDNS tells whether the sidecars of a namespace answer DNS, and so may give addresses to hosts that have none.
func answersDNS(p *validate.Pass, namespace string) bool {
	return p.Index.CapturesDNS() || validate.Once(p, answersKey{}, func() map[string]bool {
		some := map[string]bool{}
		for _, pod := range p.Index.Pods() {
			if strings.Contains(pod.Annotations["proxy.istio.io/config"], "ISTIO_META_DNS_CAPTURE") {
				some[pod.Namespace] = true
			}
		}
		return some
	})[namespace]
}

// clientOf is the namespace that a hop's proxy runs in.
func clientOf(h *traffic.Hop) string {
	namespace, _, _ := strings.Cut(h.Workload, "/")
	return namespace
}

type entryNamesKey struct{}

// entryAt is the ServiceEntry that a decision is of.
func entryAt(p *validate.Pass, d traffic.Decision) (entryOf, bool) {
	e, ok := validate.Once(p, entryNamesKey{}, func() map[string]entryOf {
		all := map[string]entryOf{}
		for _, e := range p.Objects.ServiceEntries {
			all[e.ID.Namespace+"/"+e.ID.Name] = e
		}
		return all
	})[d.Namespace+"/"+d.Name]
	return e, ok
}

type serviceOfKey struct{}

// serviceOf is the Service of the files that has a full name.
func serviceOf(p *validate.Pass, host string) (traffic.Of[*corev1.Service], bool) {
	s, ok := validate.Once(p, serviceOfKey{}, func() map[string]traffic.Of[*corev1.Service] {
		all := map[string]traffic.Of[*corev1.Service]{}
		for _, s := range p.Objects.Services {
			all[s.ID.Name+"."+s.ID.Namespace+".svc.cluster.local"] = s
		}
		return all
	})[host]
	return s, ok
}

// seenByClients tells whether a ServiceEntry is for sidecars too: not only for namespaces of gateways.
func seenByClients(p *validate.Pass, e entryOf) bool {
	gateways := map[string]bool{}
	for _, pod := range p.Index.Pods() {
		if pod.Gateway {
			gateways[pod.Namespace] = true
		}
	}
	if len(e.Spec.ExportTo) == 0 {
		return true
	}
	for _, n := range e.Spec.ExportTo {
		if n == "." {
			n = e.ID.Namespace
		}
		if !gateways[n] {
			return true
		}
	}
	return false
}

// elsewhere tells whether a host may be a Service that the files do not hold: it has an address of its own then.
func elsewhere(p *validate.Pass, host, client string) bool {
	name := serviceName(host, client)
	if isService(p, name) || !strings.HasSuffix(name, ".svc.cluster.local") || len(entriesFor(p, host)) > 0 {
		return false
	}
	parts := strings.Split(strings.ToLower(host), ".")
	return len(parts) != 2 || !slices.Contains([]string{"com", "org", "net", "example"}, parts[1])
}

// exportEdit lets one more namespace see an object that says exportTo.
func exportEdit(at validate.Place, exportTo []string, namespace string) []validate.Edit {
	if len(exportTo) == 0 || slices.Contains(exportTo, "~") {
		return nil
	}
	return []validate.Edit{{Object: at.Object, Field: "spec.exportTo", Value: append(slices.Clone(exportTo), namespace)}}
}
