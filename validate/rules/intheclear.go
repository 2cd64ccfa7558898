package rules

import (
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// inTheClear shows each path that arrives outside in plaintext, past a setting of TLS that misses it for a reason and that
// makes no TLS on any path. Where it makes some, both are wanted.
func inTheClear(p *validate.Pass, why missed, show func(*traffic.Path, *traffic.Hop, int, miss)) {
	made := settingsInUse(p)
	for _, path := range p.Paths {
		h, n := lastProxy(path.Hops)
		if path.Outcome.Code != traffic.Arrives || h == nil || h.Wire.Mode != traffic.Plaintext || said(h) {
			continue
		}
		if _, outside := validate.Decided(h, "ServiceEntry"); !outside {
			continue
		}
		if m, ok := nearest(p, h, why); ok && !made[m.rule.ID.Namespace+"/"+m.rule.ID.Name+" "+m.field] {
			show(path, h, n, m)
		}
	}
}

type inUseKey struct{}

// settingsInUse are the tls blocks, as NAMESPACE/NAME FIELD, that make TLS on a path that arrives.
func settingsInUse(p *validate.Pass) map[string]bool {
	return validate.Once(p, inUseKey{}, func() map[string]bool {
		made := map[string]bool{}
		for _, path := range p.Paths {
			for i := range path.Hops {
				if d, ok := validate.Decided(&path.Hops[i], "DestinationRule"); ok && path.Outcome.Code == traffic.Arrives {
					made[d.Namespace+"/"+d.Name+" "+d.Field] = true
				}
			}
		}
		return made
	})
}

// onlyDestination is the rule of a VirtualService that a decision about a destination is of, as spec.http[N], where the
// destination is its only one and nothing is rewritten.
func onlyDestination(p *validate.Pass, d traffic.Decision) (string, bool) {
	field, _, found := strings.Cut(d.Field, "]")
	if !found || !strings.HasPrefix(field, "spec.http[") {
		return "", false
	}
	field += "]"
	i := slices.IndexFunc(p.Objects.VirtualServices, func(v traffic.Of[*networking.VirtualService]) bool {
		return v.ID.Namespace == d.Namespace && v.ID.Name == d.Name
	})
	if i < 0 || atIndex(field) >= len(p.Objects.VirtualServices[i].Spec.Http) {
		return "", false
	}
	r := p.Objects.VirtualServices[i].Spec.Http[atIndex(field)]
	return field, len(r.Route) == 1 && r.Rewrite == nil
}
