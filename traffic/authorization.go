package traffic

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	security "istio.io/api/security/v1beta1"

	"github.com/meshscenario/scenario/bundle"
)

// A policyObject is something that may refuse or change a request at a proxy. Only an AuthorizationPolicy is evaluated, where
// it meets HTTP.
type policyObject struct {
	id       bundle.ID
	selector map[string]string
	inbound  bool                          // only what comes in
	spec     *security.AuthorizationPolicy // nil for all others
	source   *source
}

// policiesOf lists those of a proxy.
func (x *Index) policiesOf(p *proxy, inbound bool) []policyObject {
	return slices.Collect(func(yield func(policyObject) bool) {
		for _, o := range x.policies {
			if (o.id.Namespace == p.workload.namespace || o.id.Namespace == x.mesh.rootNamespace) && (inbound || !o.inbound) &&
				subset(o.selector, p.workload.labels) && !yield(o) {
				return
			}
		}
	})
}

// addAuthorization takes in an AuthorizationPolicy for sidecars and gateways. One with targetRefs is for waypoints and for
// gateways of the Gateway API, and a dry run only counts.
func (x *Index) addAuthorization(spec *security.AuthorizationPolicy, annotations map[string]string, src *source) {
	if len(spec.TargetRefs) > 0 || spec.TargetRef != nil {
		return
	}
	if dry, err := strconv.ParseBool(annotations["istio.io/dry-run"]); err == nil && dry {
		return
	}
	x.policies = append(x.policies, policyObject{src.id, spec.GetSelector().GetMatchLabels(), true, spec, src})
}

// authorize holds an HTTP request against the AuthorizationPolicies of the proxy that it came to, in Istio's order: one that
// denies it refuses it, and where any allow something, one of them must allow it. It returns why the request is refused, or
// "". Policies of which the model cannot tell are noted as not read.
// https://istio.io/latest/docs/concepts/security/#implicit-enablement
func (k *walk) authorize(p *proxy, h *hop, port int) (refused string) {
	asked := attempt{k.message, h.peer, port, &k.mesh}
	var allowing, open []string
	allowed := no
	for _, o := range k.policiesOf(p, true) {
		if o.spec == nil {
			continue
		}
		rule, fits := asked.fitsAny(o.id.Namespace, o.spec)
		at := o.source.decision(fmt.Sprintf("spec.rules[%d]", rule))
		switch action := o.spec.Action; {
		case action == security.AuthorizationPolicy_DENY && fits == yes:
			h.by(at)
			return o.id.String() + " denies it"
		case action == security.AuthorizationPolicy_ALLOW:
			allowing = append(allowing, o.id.String())
			if fits == yes && allowed != yes {
				h.by(at)
			}
			if fits == perhaps {
				open = append(open, o.id.String())
			}
			allowed = max(allowed, fits)
		case action != security.AuthorizationPolicy_AUDIT && fits != no: // DENY, or CUSTOM, which asks somebody else
			h.NotRead = append(h.NotRead, o.id.String())
		}
	}
	switch {
	case len(allowing) == 0 || allowed == yes:
	case allowed == perhaps:
		h.NotRead = append(h.NotRead, open...)
	default:
		for _, o := range k.policiesOf(p, true) {
			if o.spec != nil && o.spec.Action == security.AuthorizationPolicy_ALLOW {
				h.by(o.source.decision("spec"))
			}
		}
		return "nothing allows it: " + strings.Join(allowing, ", ")
	}
	return ""
}
