package traffic

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
)

// A rule is a DestinationRule, or several for one host of one namespace that istiod has joined.
type rule struct {
	namespace, host string
	selector        map[string]string
	selected        bool // it has a workloadSelector, which may be empty
	exports         []string
	policy          *networking.TrafficPolicy
	subsets         []ruleSubset
	source          *source // of the first
	policyFrom      *source // of the one whose policy it is
	merged          []*source
}

type ruleSubset struct {
	*networking.Subset
	source *source
	field  string
}

func (r *rule) subset(name string) (ruleSubset, bool) {
	for _, s := range r.subsets {
		if s.Name == name {
			return s, true
		}
	}
	return ruleSubset{}, false
}

// ruleIndex finds the rules of a namespace by host.
type ruleIndex struct{ byHost byHost[[]*rule] }

// A ruleObject is a DestinationRule as it was read.
type ruleObject struct {
	namespace, name string
	spec            *networking.DestinationRule
	age             int
	source          *source
}

// indexRules sorts and joins the DestinationRules as istiod does: those with a workloadSelector first, then by age; a
// later one for the same host and namespace adds its subsets to an earlier one, and its policy where that has none.
func (x *Index) indexRules(objects []ruleObject) {
	slices.SortStableFunc(objects, func(a, b ruleObject) int {
		first := func(o ruleObject) int {
			if x.gates.ruleSelector && o.spec.WorkloadSelector != nil {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a.age, b.age), cmp.Compare(a.name, b.name), cmp.Compare(a.namespace, b.namespace))
	})
	into := func(all map[string]*ruleIndex, namespace string) *ruleIndex {
		if all[namespace] == nil {
			all[namespace] = &ruleIndex{}
		}
		return all[namespace]
	}
	root := x.mesh.rootNamespace
	for _, o := range objects {
		label, _, _ := strings.Cut(o.spec.Host, ".")
		x.ruled[label] = true
		host := fullName(o.spec.Host, o.namespace)
		exports := o.spec.ExportTo
		selected := x.gates.ruleSelector && o.spec.WorkloadSelector != nil
		if selected {
			exports = []string{"."} // it cannot be exported
		}
		make1 := func() *rule {
			r := &rule{
				namespace: o.namespace, host: host, selected: selected, exports: exports, policy: o.spec.TrafficPolicy,
				source: o.source, policyFrom: o.source, merged: []*source{o.source},
			}
			if selected {
				r.selector = o.spec.WorkloadSelector.MatchLabels
			}
			for i, s := range o.spec.Subsets {
				r.subsets = append(r.subsets, ruleSubset{s, o.source, fmt.Sprintf("spec.subsets[%d]", i)})
			}
			return r
		}
		if len(exports) == 0 || slices.ContainsFunc(exports, func(e string) bool { return e == "*" || e == "." || e == o.namespace }) {
			x.join(into(x.ownRules, o.namespace), make1())
		}
		private := len(exports) == 0 && slices.Contains(x.mesh.exportRules, ".") ||
			len(exports) == 1 && (exports[0] == "." || exports[0] == o.namespace)
		switch {
		case !private:
			x.join(into(x.exportedRules, o.namespace), make1())
		case o.namespace == root:
			x.join(&x.privateRootRules, make1())
		}
	}
}

func (x *Index) join(index *ruleIndex, r *rule) {
	list, _ := index.byHost.at(r.host)
	apart := true
	for _, old := range list {
		if x.gates.enhancedMerge {
			if equalSets(old.exports, r.exports) {
				apart = false
			} else {
				apart = true
				// A rule that is exported further also counts where the older one does.
				if len(old.exports) == 0 || slices.ContainsFunc(old.exports, func(e string) bool { return !slices.Contains(r.exports, e) }) {
					continue
				}
			}
		}
		alike := old.selected == r.selected && (!r.selected || equalLabels(old.selector, r.selector))
		if old.selected && r.selected && !alike {
			apart = true
			continue
		}
		if alike {
			apart = false
		}
		for _, s := range r.subsets {
			if _, there := old.subset(s.Name); !there {
				old.subsets = append(old.subsets, s)
			}
		}
		old.merged = append(old.merged, r.source)
		if old.policy == nil && r.policy != nil {
			old.policy, old.policyFrom = r.policy, r.source
		}
	}
	if apart {
		index.byHost.set(r.host, append(list, r))
	}
}

// ruleFor is the rule that a proxy follows towards a service, or nil: of the proxy's namespace, else of the service's,
// else of the root namespace; and of those for the most specific host, one that selects the proxy.
func (x *Index) ruleFor(s *scope, labels map[string]string, to *service) *rule {
	x.mutex.Lock()
	list, known := s.rules[to.host]
	if !known {
		list = x.rulesFor(s.namespace, to)
		s.rules[to.host] = list
	}
	x.mutex.Unlock()
	var general *rule
	for _, r := range list {
		if !r.selected {
			general = r
		} else if r.namespace == s.namespace && subset(r.selector, labels) {
			return r
		}
	}
	return general
}

func (x *Index) rulesFor(namespace string, to *service) []*rule {
	index := x.ownRules[namespace]
	if namespace == x.mesh.rootNamespace {
		index = &x.privateRootRules
	}
	if index != nil {
		if list, ok := index.byHost.mostSpecific(to.host); ok {
			return list
		}
	}
	for _, owner := range []string{to.namespace, x.mesh.rootNamespace} {
		index := x.exportedRules[owner]
		if index == nil {
			continue
		}
		list, ok := index.byHost.mostSpecific(to.host)
		if !ok {
			continue
		}
		var out []*rule
		for _, r := range list {
			if len(r.exports) == 0 || slices.Contains(r.exports, "*") || slices.Contains(r.exports, namespace) {
				out = append(out, r)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// A policy is what a rule says for a port and a subset.
type policy struct {
	tls      *networking.ClientTLSSettings
	tlsFrom  *decision
	tunnel   *networking.TrafficPolicy_TunnelSettings
	proxy    bool // it sends the PROXY protocol
	byClient bool // loadBalancer PASSTHROUGH: to the address that the client dialled
}

// policyFor reads a rule for a port: its port level replaces the whole; a subset's policy overrides field by field, and
// the subset's own port level all of them.
func (r *rule) policyFor(number int, in string) policy {
	if r == nil {
		return policy{}
	}
	p := policyOf(r.policy, number, r.policyFrom, "spec")
	s, ok := r.subset(in)
	if !ok || s.TrafficPolicy == nil {
		return p
	}
	own := policyOf(s.TrafficPolicy, number, s.source, s.field)
	atPort := portLevel(s.TrafficPolicy, number) >= 0
	if r.policy == nil {
		return own
	}
	if own.tls != nil || atPort {
		p.tls, p.tlsFrom = own.tls, own.tlsFrom
	}
	if s.TrafficPolicy.LoadBalancer != nil || atPort {
		p.byClient = own.byClient
	}
	if own.tunnel != nil {
		p.tunnel = own.tunnel
	}
	p.proxy = p.proxy || own.proxy
	return p
}

func portLevel(t *networking.TrafficPolicy, number int) int {
	return slices.IndexFunc(t.GetPortLevelSettings(), func(p *networking.TrafficPolicy_PortTrafficPolicy) bool {
		return p.Port != nil && int(p.Port.Number) == number
	})
}

func policyOf(t *networking.TrafficPolicy, number int, from *source, field string) policy {
	if t == nil {
		return policy{}
	}
	passes := func(l *networking.LoadBalancerSettings) bool {
		return l.GetSimple() == networking.LoadBalancerSettings_PASSTHROUGH
	}
	if i := portLevel(t, number); i >= 0 {
		own := t.PortLevelSettings[i]
		return policy{
			tls: own.Tls, tlsFrom: from.decision(fmt.Sprintf("%s.trafficPolicy.portLevelSettings[%d].tls", field, i)),
			byClient: passes(own.LoadBalancer),
		}
	}
	return policy{
		tls: t.Tls, tlsFrom: from.decision(field + ".trafficPolicy.tls"), tunnel: t.Tunnel,
		proxy: t.ProxyProtocol != nil, byClient: passes(t.LoadBalancer),
	}
}
