package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A cluster is what a hop calls, taken from Envoy's name for it.
type cluster struct {
	host, subset string
	port         int
}

func clusterOf(h *traffic.Hop) cluster {
	parts := strings.Split(h.Cluster, "|")
	if len(parts) != 4 {
		return cluster{host: h.Destination.Host, port: h.Destination.Port}
	}
	port, _ := strconv.Atoi(parts[1])
	return cluster{host: parts[3], subset: parts[2], port: port}
}

// bare is the hop that sends plaintext to where TLS is needed, with its number, or nil where the break is another.
func bare(b *validate.Break) (*traffic.Hop, int) {
	var h *traffic.Hop
	n := 0
	switch b.Outcome.Cause {
	case traffic.PlaintextToTLS:
		h, n = exit(b)
	case traffic.TLSExpected, traffic.NoFilterChain, traffic.StrictRefuses:
		h, n = b.Sender()
	}
	if h == nil || h.Proxy == traffic.Application || h.Wire.Layers > 0 {
		return nil, 0
	}
	return h, n
}

// bareCauses are those that bare knows.
var bareCauses = []traffic.Cause{traffic.PlaintextToTLS, traffic.TLSExpected, traffic.NoFilterChain, traffic.StrictRefuses}

// A setting is a tls block of a DestinationRule, with what it is for: port 0 is any, subset "" is any.
type setting struct {
	rule   traffic.Of[*networking.DestinationRule]
	field  string
	tls    *networking.ClientTLSSettings
	port   int
	subset string
}

// settings are the tls blocks of a DestinationRule that make TLS.
func settings(rule traffic.Of[*networking.DestinationRule]) []setting {
	return settingsWhere(rule, makesTLS)
}

func settingsWhere(rule traffic.Of[*networking.DestinationRule], counts func(*networking.ClientTLSSettings) bool) []setting {
	var all []setting
	add := func(field string, p *networking.TrafficPolicy, subset string) {
		if counts(p.GetTls()) {
			all = append(all, setting{rule, field + ".tls", p.Tls, 0, subset})
		}
		for i, l := range p.GetPortLevelSettings() {
			if counts(l.GetTls()) {
				all = append(all, setting{rule, fmt.Sprintf("%s.portLevelSettings[%d].tls", field, i), l.Tls, int(l.GetPort().GetNumber()), subset})
			}
		}
	}
	add("spec.trafficPolicy", rule.Spec.TrafficPolicy, "")
	for i, s := range rule.Spec.Subsets {
		add(fmt.Sprintf("spec.subsets[%d].trafficPolicy", i), s.TrafficPolicy, s.Name)
	}
	return all
}

func makesTLS(t *networking.ClientTLSSettings) bool {
	return t != nil && t.Mode != networking.ClientTLSSettings_DISABLE
}

// rulesFor are the DestinationRules of the files for a host, by name or by wildcard.
func rulesFor(p *validate.Pass, host string) []traffic.Of[*networking.DestinationRule] {
	return about(rulesByHost(p), host)
}

// byHost finds objects by a host of theirs.
type byHost[T any] struct {
	exact    map[string][]traffic.Of[T]
	wildcard []traffic.Of[T]
	covers   func(traffic.Of[T], string) bool
}

func about[T any](all byHost[T], host string) []traffic.Of[T] {
	found := slices.Clone(all.exact[host])
	for _, o := range all.wildcard {
		if all.covers(o, host) {
			found = append(found, o)
		}
	}
	return found
}

type rulesKey struct{}

func rulesByHost(p *validate.Pass) byHost[*networking.DestinationRule] {
	return validate.Once(p, rulesKey{}, func() byHost[*networking.DestinationRule] {
		all := byHost[*networking.DestinationRule]{
			exact:  map[string][]traffic.Of[*networking.DestinationRule]{},
			covers: func(o traffic.Of[*networking.DestinationRule], host string) bool { return covers(o.Spec.Host, host) },
		}
		for _, r := range p.Objects.DestinationRules {
			if strings.HasPrefix(r.Spec.Host, "*") {
				all.wildcard = append(all.wildcard, r)
			} else {
				host := fullName(r.Spec.Host, r.ID.Namespace)
				all.exact[host] = append(all.exact[host], r)
			}
		}
		return all
	})
}

type entriesKey struct{}

// entriesFor are the ServiceEntries of the files for a host, by name or by wildcard.
func entriesFor(p *validate.Pass, host string) []traffic.Of[*networking.ServiceEntry] {
	return about(validate.Once(p, entriesKey{}, func() byHost[*networking.ServiceEntry] {
		all := byHost[*networking.ServiceEntry]{
			exact: map[string][]traffic.Of[*networking.ServiceEntry]{},
			covers: func(o traffic.Of[*networking.ServiceEntry], host string) bool {
				return slices.ContainsFunc(o.Spec.Hosts, func(h string) bool { return covers(h, host) })
			},
		}
		for _, e := range p.Objects.ServiceEntries {
			wild := false
			for _, h := range e.Spec.Hosts {
				if strings.HasPrefix(h, "*") {
					wild = true
				} else {
					h = strings.ToLower(h)
					all.exact[h] = append(all.exact[h], e)
				}
			}
			if wild {
				all.wildcard = append(all.wildcard, e)
			}
		}
		return all
	}), strings.ToLower(host))
}

// covers tells whether a host that may be a wildcard stands for a name.
func covers(host, name string) bool {
	suffix, wildcard := strings.CutPrefix(host, "*")
	if !wildcard {
		return strings.EqualFold(host, name)
	}
	return strings.HasSuffix(strings.ToLower(name), strings.ToLower(suffix))
}

// fullName is a host as an object of a namespace means it: a short name is a Service of that namespace.
func fullName(host, namespace string) string {
	if strings.Contains(host, ".") || strings.HasPrefix(host, "*") {
		return host
	}
	return host + "." + namespace + ".svc.cluster.local"
}

// The ways in which a setting of TLS misses a hop.
type missed int

const (
	byPort      missed = iota // it is for another port
	byPortLevel               // an entry for the port replaces it, and has no tls
	bySubset                  // it is for another subset
	byExport                  // it is not exported to the proxy's namespace
	byNamespace               // its namespace is not looked into
	bySelector                // it selects other workloads
	byOther                   // another rule for the host is in its place
	bySpelling                // its host is nearly the one, and nobody's
)

// A miss is a setting that would have made the TLS of a hop, and why it does not.
type miss struct {
	setting
	why missed
}

// missedAt are the settings for what a hop calls that do not count there, the nearest first.
func missedAt(p *validate.Pass, h *traffic.Hop) []miss { return missedWhere(p, h, makesTLS) }

func missedWhere(p *validate.Pass, h *traffic.Hop, counts func(*networking.ClientTLSSettings) bool) []miss {
	c := clusterOf(h)
	proxy, _, _ := strings.Cut(h.Workload, "/")
	root, _, _ := p.Index.Mesh()
	owner := ""
	for _, kind := range []string{"ServiceEntry", "Service"} {
		if d, ok := validate.Decided(h, kind); ok {
			owner = d.Namespace
			break
		}
	}
	var all []miss
	for _, r := range rulesFor(p, c.host) {
		inForce := slices.ContainsFunc(h.DecidedBy, func(d traffic.Decision) bool {
			return d.Kind == "DestinationRule" && d.Namespace == r.ID.Namespace && d.Name == r.ID.Name
		})
		for _, s := range settingsWhere(r, counts) {
			why := byOther
			switch {
			case inForce && s.subset != "" && s.subset != c.subset:
				why = bySubset
			case inForce && s.port != 0 && s.port != c.port:
				why = byPort
			case inForce && s.port == 0 && portLevel(r.Spec, c.subset, c.port):
				why = byPortLevel
			case inForce:
				continue
			case r.ID.Namespace != proxy && !p.Index.Exported("DestinationRule", r.Spec.ExportTo, r.ID.Namespace, proxy),
				r.ID.Namespace == proxy && len(r.Spec.ExportTo) > 0 && !p.Index.Exported("DestinationRule", r.Spec.ExportTo, r.ID.Namespace, proxy):
				why = byExport
			case r.ID.Namespace != proxy && r.ID.Namespace != owner && r.ID.Namespace != root:
				why = byNamespace
			case r.Spec.WorkloadSelector != nil && !selects(p, r.Spec.WorkloadSelector.MatchLabels, h.Workload):
				if !held(p, h.Workload) || selectsSome(p, r.ID.Namespace, r.Spec.WorkloadSelector.MatchLabels) {
					continue // it is meant for others
				}
				why = bySelector
			}
			all = append(all, miss{s, why})
		}
	}
	slices.SortStableFunc(all, func(a, b miss) int { return int(a.why) - int(b.why) })
	return all
}

// misspelt is a setting for a host that nothing declares and that is nearly the one that a hop calls.
func misspelt(p *validate.Pass, h *traffic.Hop) (miss, bool) {
	host := clusterOf(h).host
	for _, r := range p.Objects.DestinationRules {
		name := fullName(r.Spec.Host, r.ID.Namespace)
		short := r.Spec.Host == host && name != host // written as the ServiceEntry is, and meant for a Service
		if name == host || !short && !alike(name, host) || len(entriesFor(p, name)) > 0 || isService(p, name) {
			continue
		}
		for _, s := range settings(r) {
			return miss{s, bySpelling}, true
		}
	}
	return miss{}, false
}

func isService(p *validate.Pass, host string) bool {
	_, ok := serviceOf(p, host)
	return ok
}

// alike tells whether two names differ as slips of the pen do: in one or two letters, or in the end of the domain.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	short, long := a, b
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) < 4 || len(long)-len(short) > 3 {
		return false
	}
	row := make([]int, len(long)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(short); i++ {
		before := row[0]
		row[0] = i
		for j := 1; j <= len(long); j++ {
			cost := 1
			if short[i-1] == long[j-1] {
				cost = 0
			}
			before, row[j] = row[j], min(row[j]+1, row[j-1]+1, before+cost)
		}
	}
	return row[len(long)] <= min(3, len(short)/4)
}

// portLevel tells whether a rule has an entry for a port that takes the place of what is above it.
func portLevel(spec *networking.DestinationRule, subset string, port int) bool {
	has := func(p *networking.TrafficPolicy) bool {
		return slices.ContainsFunc(p.GetPortLevelSettings(), func(l *networking.TrafficPolicy_PortTrafficPolicy) bool {
			return int(l.GetPort().GetNumber()) == port && l.Tls == nil
		})
	}
	for _, s := range spec.Subsets {
		if s.Name == subset && subset != "" && has(s.TrafficPolicy) {
			return true
		}
	}
	return has(spec.TrafficPolicy)
}

func selects(p *validate.Pass, labels map[string]string, workload string) bool {
	pod, ok := p.Index.Pod(workload)
	for k, v := range labels {
		if !ok || pod.Labels[k] != v {
			return false
		}
	}
	return true
}

// held tells whether the files hold a workload.
func held(p *validate.Pass, workload string) bool {
	pod, ok := p.Index.Pod(workload)
	return ok && !pod.Assumed
}

func selectsSome(p *validate.Pass, namespace string, labels map[string]string) bool {
	return slices.ContainsFunc(p.Index.Pods(), func(pod traffic.Pod) bool {
		return pod.Namespace == namespace && !pod.Assumed && within(labels, pod.Labels)
	})
}

// said tells whether a rule in force at a hop speaks of its TLS, be it to have none.
func said(h *traffic.Hop) bool {
	d, ok := validate.Decided(h, "DestinationRule")
	return ok && strings.HasSuffix(d.Field, ".tls")
}

// nearest is the setting that misses a hop for one of some reasons.
func nearest(p *validate.Pass, h *traffic.Hop, why ...missed) (miss, bool) {
	for _, m := range missedAt(p, h) {
		if slices.Contains(why, m.why) {
			return m, true
		}
	}
	return miss{}, false
}

// refusedPlaintext says what becomes of plaintext where TLS is needed.
func refusedPlaintext(b *validate.Break) string {
	if b.Outcome.Cause == traffic.PlaintextToTLS {
		return `the server refuses the plaintext: 400 "plain HTTP request was sent to HTTPS port", or a reset and 503`
	}
	return "the connection is reset: 503 UC, or UF, upstream_reset_before_response_started"
}
