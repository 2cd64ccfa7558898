package walk

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
)

// Requests are those that the files tell of: of each workload to the sockets of its sidecar, and to Services and remotes
// whose names stand in what its containers are told; and from outside to each port that is open to clients without a
// certificate. What is sent is app, where that is given; else what the URL says; else what the Service's port is named.
func (m *Mesh) Requests(app string) []traffic.Request {
	var all []traffic.Request
	seen := map[[2]string]bool{}
	add := func(from, scheme, to string, guess bool) {
		if app != "" {
			scheme, guess = app, false
		}
		r := traffic.Request{From: from, To: scheme + "://" + to, Guess: guess}
		if key := [2]string{r.From, r.To}; !seen[key] {
			seen[key] = true
			all = append(all, r)
		}
	}
	for _, w := range m.workloads {
		calls := w.calls()
		for _, e := range w.egress() {
			said := false
			for _, c := range calls {
				if c.scheme != "" && c.at == e.Listen {
					add(w.String(), c.scheme, c.at, false)
					said = true
				}
			}
			if !said {
				add(w.String(), m.schemeOf(e.Remote, w.namespace), e.Listen, true)
			}
		}
		for _, c := range calls {
			if m.known(c.host, w) {
				scheme := c.scheme
				if scheme == "" {
					scheme = m.schemeOf(c.at, w.namespace)
				}
				add(w.String(), scheme, c.at, c.scheme == "")
			}
		}
	}
	for _, s := range m.services {
		for _, p := range s.spec.Spec.Ports {
			if scheme, open := m.open(s, p); open {
				add(traffic.Outside, scheme, socket(s.host(), int(p.Port)), false)
			}
		}
	}
	return all
}

// Clients are the workloads that call a URL, by their egress entries and by what their containers are told; where none
// does, a client outside, if the port is open to one.
func (m *Mesh) Clients(to string) []string {
	var inside, outside []string
	_, at, _ := strings.Cut(to, "://")
	at, _, _ = strings.Cut(at, "/")
	for _, r := range m.Requests("") {
		_, of, _ := strings.Cut(r.To, "://")
		if of != at && !strings.HasPrefix(of, at+":") {
			continue
		}
		if r.From == traffic.Outside {
			outside = []string{traffic.Outside}
		} else if !slices.Contains(inside, r.From) {
			inside = append(inside, r.From)
		}
	}
	return append(inside, outside...)
}

// Known lists, sorted, the workloads of the files and the hosts of their Services, for messages about wrong names.
func (m *Mesh) Known() (workloads, hosts []string) {
	for _, w := range m.workloads {
		workloads = append(workloads, w.String())
		for _, e := range w.egress() {
			hosts = append(hosts, e.Listen)
		}
	}
	for _, s := range m.services {
		hosts = append(hosts, s.host())
	}
	slices.Sort(workloads)
	slices.Sort(hosts)
	return slices.Compact(workloads), slices.Compact(hosts)
}

// egress are the entries of the workload's sidecar that it can listen for.
func (w *workload) egress() []contrast.Egress {
	if w.source == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(w.source.Config.Egress), func(e contrast.Egress) bool {
		_, err := netip.ParseAddrPort(e.Listen)
		return err != nil
	})
}

// open tells whether clients without a certificate may come to a Service's port, and what they send.
func (m *Mesh) open(s *service, p corev1.ServicePort) (scheme string, open bool) {
	for _, w := range m.behind(s) {
		if w.source == nil || w.source.Ingress.Elsewhere {
			continue
		}
		switch w.source.Generation.InboundAt(w.source.Config, w.target(s, p)).TLS {
		case contrast.ServerTLS:
			if schemeOf(p) == "tcp" {
				return "tls", true
			}
			return "https", true
		case contrast.NoTLS:
			if entrance(s) {
				return schemeOf(p), true
			}
		}
	}
	return "", false
}

// entrance tells whether clients outside the cluster reach a Service.
func entrance(s *service) bool {
	return s.spec.Spec.Type == corev1.ServiceTypeLoadBalancer || s.spec.Spec.Type == corev1.ServiceTypeNodePort || len(s.spec.Spec.ExternalIPs) > 0 ||
		s.spec.Annotations["contrast.edgeless.systems/expose-service"] == "true"
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
