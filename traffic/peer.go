package traffic

import (
	"cmp"
	"slices"

	security "istio.io/api/security/v1beta1"
)

// An mtlsMode is what a workload demands of those who call it.
type mtlsMode uint8

const (
	mtlsUnset mtlsMode = iota
	mtlsDisable
	mtlsPermissive
	mtlsStrict
)

func modeOf(m *security.PeerAuthentication_MutualTLS) mtlsMode {
	switch m.GetMode() {
	case security.PeerAuthentication_MutualTLS_DISABLE:
		return mtlsDisable
	case security.PeerAuthentication_MutualTLS_PERMISSIVE:
		return mtlsPermissive
	case security.PeerAuthentication_MutualTLS_STRICT:
		return mtlsStrict
	}
	return mtlsUnset
}

// A peerPolicy is a PeerAuthentication.
type peerPolicy struct {
	namespace string
	spec      *security.PeerAuthentication
	age       int
	name      string
	source    *source
	field     string
}

// peerPolicies are all of them: of each level the oldest counts.
type peerPolicies struct {
	root string
	all  map[string][]*peerPolicy // by namespace, oldest first
}

func (p *peerPolicies) sort() {
	for _, list := range p.all {
		slices.SortStableFunc(list, func(a, b *peerPolicy) int { return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(a.name, b.name)) })
	}
}

// general is the policy of a whole namespace, or nil.
func (p *peerPolicies) general(namespace string) *peerPolicy {
	for _, o := range p.all[namespace] {
		if len(o.spec.GetSelector().GetMatchLabels()) == 0 {
			return o
		}
	}
	return nil
}

// decide is the mode for a workload's port, and whose word it is.
func (p *peerPolicies) decide(namespace string, labels map[string]string, port int) (mtlsMode, *peerPolicy) {
	mode, by := mtlsPermissive, (*peerPolicy)(nil)
	levels := []*peerPolicy{p.general(p.root)}
	if namespace != p.root {
		levels = append(levels, p.general(namespace))
		for _, o := range p.all[namespace] {
			if l := o.spec.GetSelector().GetMatchLabels(); len(l) > 0 && subset(l, labels) {
				levels = append(levels, o)
				break
			}
		}
	}
	for _, o := range levels {
		if o == nil {
			continue
		}
		if m := modeOf(o.spec.Mtls); m != mtlsUnset {
			mode, by = m, o
		}
	}
	if last := levels[len(levels)-1]; last != nil && len(last.spec.GetSelector().GetMatchLabels()) > 0 {
		if own, ok := last.spec.PortLevelMtls[uint32(port)]; ok {
			if m := modeOf(own); m != mtlsUnset {
				mode, by = m, last
			}
		}
	}
	return mode, by
}

func (p *peerPolicies) modeFor(namespace string, labels map[string]string, port int) mtlsMode {
	mode, _ := p.decide(namespace, labels, port)
	return mode
}

// modeOfNamespace is the guess that clients get: from the policies of the namespace and the mesh alone.
func (p *peerPolicies) modeOfNamespace(namespace string) mtlsMode {
	mesh := mtlsUnset
	if o := p.general(p.root); o != nil {
		if mesh = modeOf(o.spec.Mtls); mesh == mtlsUnset {
			mesh = mtlsPermissive
		}
	}
	if namespace != p.root {
		if o := p.general(namespace); o != nil {
			if m := modeOf(o.spec.Mtls); m != mtlsUnset {
				return m
			}
		}
	}
	if mesh == mtlsUnset {
		return mtlsPermissive
	}
	return mesh
}
