package rules

import (
	"slices"
	"strconv"
	"strings"

	security "istio.io/api/security/v1beta1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

type authorization = traffic.Of[*security.AuthorizationPolicy]

// authorizations are the policies that a workload's proxy enforces.
func authorizations(p *validate.Pass, pod traffic.Pod) []authorization {
	if len(p.Objects.AuthorizationPolicies) == 0 {
		return nil
	}
	return validate.Once(p, authorizationsKey{pod.Namespace, pod.Name}, func() []authorization { return enforced(p, pod) })
}

type authorizationsKey struct{ namespace, pod string }

func enforced(p *validate.Pass, pod traffic.Pod) []authorization {
	root, _, _ := p.Index.Mesh()
	var all []authorization
	for _, a := range p.Objects.AuthorizationPolicies {
		in := a.ID.Namespace == pod.Namespace || a.ID.Namespace == root
		if !in || len(a.Spec.TargetRefs) > 0 || a.Spec.TargetRef != nil || !within(a.Spec.GetSelector().GetMatchLabels(), pod.Labels) { //nolint:staticcheck // old files have targetRef
			continue
		}
		if dry, err := strconv.ParseBool(annotation(a.Object, "istio.io/dry-run")); err == nil && dry || !p.Index.Member(a.ID.Namespace) {
			continue
		}
		all = append(all, a)
	}
	return all
}

// portOf is the port of a listener, such as virtualInbound_8080.
func portOf(listener string) string { return listener[strings.LastIndexByte(listener, '_')+1:] }

// atPort tells whether a rule is about what comes to a port.
func atPort(r *security.Rule, port string) bool {
	return len(r.To) == 0 || slices.ContainsFunc(r.To, func(to *security.Rule_To) bool {
		return len(to.GetOperation().GetPorts()) == 0 || slices.Contains(to.Operation.Ports, port)
	})
}

// byIdentity tells whether a source is told by the certificate of the mesh.
func byIdentity(s *security.Source) bool {
	return len(s.GetPrincipals()) > 0 || len(s.GetNamespaces()) > 0 || len(s.GetServiceAccounts()) > 0
}

// means tells whether a source that is told by its certificate stands for a pod, whatever else it asks.
func means(s *security.Source, pod traffic.Pod) bool {
	fits := func(patterns []string, value string) bool {
		return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool { return fitsPattern(pattern, value) })
	}
	inAnyDomain := make([]string, len(s.GetPrincipals()))
	for i, name := range s.GetPrincipals() {
		// The trust domain is not looked at: it is the mesh's, or one of its aliases.
		if _, rest, found := strings.Cut(name, "/ns/"); found {
			name = "ns/" + rest
		}
		inAnyDomain[i] = name
	}
	account := slices.ContainsFunc(s.GetServiceAccounts(), func(name string) bool { return name == pod.Account || name == pod.Namespace+"/"+pod.Account })
	return fits(inAnyDomain, "ns/"+pod.Namespace+"/sa/"+pod.Account) && fits(s.GetNamespaces(), pod.Namespace) && (account || len(s.GetServiceAccounts()) == 0)
}

// fitsPattern tells whether a value is of a pattern: itself, or with a star at one end.
func fitsPattern(pattern, value string) bool {
	if rest, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(value, rest)
	}
	if rest, ok := strings.CutPrefix(pattern, "*"); ok {
		return strings.HasSuffix(value, rest)
	}
	return pattern == value
}

// ofHTTP is the first field of a rule that only HTTP has.
func ofHTTP(r *security.Rule) (string, bool) {
	for i, from := range r.From {
		if s := from.GetSource(); len(s.GetRequestPrincipals())+len(s.GetNotRequestPrincipals()) > 0 {
			return "from[" + strconv.Itoa(i) + "].source", true
		}
	}
	for i, to := range r.To {
		o := to.GetOperation()
		for _, one := range []struct {
			name string
			all  int
		}{
			{"hosts", len(o.GetHosts())}, {"notHosts", len(o.GetNotHosts())}, {"methods", len(o.GetMethods())},
			{"notMethods", len(o.GetNotMethods())}, {"paths", len(o.GetPaths())}, {"notPaths", len(o.GetNotPaths())},
		} {
			if one.all > 0 {
				return "to[" + strconv.Itoa(i) + "].operation." + one.name, true
			}
		}
	}
	for i, c := range r.When {
		if strings.HasPrefix(c.Key, "request.") {
			return "when[" + strconv.Itoa(i) + "].key", true
		}
	}
	return "", false
}

// received are the hops of a path at which a proxy of a pod takes something in, and got on with it, or left it to a policy that refuses it.
func received(p *validate.Pass, path *traffic.Path, each func(i int, pod traffic.Pod)) {
	refused := path.Outcome.Code == traffic.Denied
	if path.Outcome.Code != traffic.Arrives && path.Outcome.Code != traffic.Unknown && !refused {
		return
	}
	for i := 1; i < len(path.Hops); i++ {
		h := &path.Hops[i]
		pod, ok := p.Index.Pod(h.Workload)
		if ok && (h.Cluster != "" || refused && i == len(path.Hops)-1) && path.Hops[i-1].Workload != h.Workload && (h.Proxy == traffic.Gateway || h.Proxy == traffic.Sidecar) {
			each(i, pod)
		}
	}
}

// lastStep is the last name of a field.
func lastStep(field string) string { return field[strings.LastIndexByte(field, '.')+1:] }

// onWire says what a hop sends.
func onWire(h *traffic.Hop) string {
	switch h.Wire.Mode {
	case traffic.Plaintext:
		return "plaintext"
	case traffic.Own:
		return "the application's own TLS"
	}
	return "TLS"
}
