package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	security "istio.io/api/security/v1beta1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh920 = validate.Rule{
	ID: "MSH920", Name: "port-level-by-service-port", Category: validate.GatewayTLS, Severity: validate.Error,
	Title: "portLevelMtls names a Service's port, and the pod listens on another",
	Of:    []traffic.Cause{traffic.StrictRefuses},
	// What it keeps strict, it was to except.
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, _ := b.Last()
		h, n := b.Sender()
		policy, ok := validate.Decided(last, "PeerAuthentication")
		own, listens := listened(last)
		if !ok || !listens {
			return false
		}
		for _, m := range misnumbered(p) {
			if m.of.ID.Namespace == policy.Namespace && m.of.ID.Name == policy.Name && m.own == own && m.mode != security.PeerAuthentication_MutualTLS_STRICT {
				f := m.finding(p)
				f.Message += fmt.Sprintf(": %s sends plaintext, and %s still takes mutual TLS only", byAny(h), last.Workload)
				f.Consequence = "the connection is reset: 503 UC, upstream connect error or disconnect"
				return p.Broken(b, n, f)
			}
		}
		return false
	},
	Check: func(p *validate.Pass) {
		for _, m := range misnumbered(p) {
			if m.mode == security.PeerAuthentication_MutualTLS_STRICT && m.of.Spec.GetMtls().GetMode() != m.mode {
				f := m.finding(p)
				f.Consequence = "plaintext is let in there, as if the entry were not written"
				p.Report(f)
			}
		}
	},
}

// A misnumbering is an entry of portLevelMtls for a port that Services have and their pods do not.
type misnumbering struct {
	of        traffic.Of[*security.PeerAuthentication]
	port, own int
	service   validate.Place
	mode      security.PeerAuthentication_MutualTLS_Mode
}

func (m misnumbering) finding(p *validate.Pass) validate.Finding {
	at := p.At(m.of.Object, "spec.portLevelMtls")
	return validate.Finding{
		Place:   at,
		Message: fmt.Sprintf("%s has an entry for port %d, which is that of %s; the pods behind it listen on %d, and their ports are what a PeerAuthentication means", m.of.ID, m.port, m.service.Object, m.own),
		Fix:     fmt.Sprintf("write %d in place of %d", m.own, m.port),
		Related: []validate.Place{m.service},
		Edits: []validate.Edit{
			{Object: at.Object, Field: fmt.Sprintf("spec.portLevelMtls[%q]", fmt.Sprint(m.port))},
			{Object: at.Object, Field: fmt.Sprintf("spec.portLevelMtls[%q]", fmt.Sprint(m.own)), Value: map[string]any{"mode": m.mode.String()}},
		},
	}
}

type misnumberedKey struct{}

func misnumbered(p *validate.Pass) []misnumbering {
	return validate.Once(p, misnumberedKey{}, func() []misnumbering {
		var all []misnumbering
		for _, a := range p.Objects.PeerAuthentications {
			selector := a.Spec.GetSelector().GetMatchLabels()
			for _, port := range slices.Sorted(maps.Keys(a.Spec.PortLevelMtls)) {
				for _, s := range p.Objects.Services {
					for i, one := range s.Spec.Spec.Ports {
						own := int(one.TargetPort.IntVal)
						if s.ID.Namespace != a.ID.Namespace || uint32(one.Port) != port || own == 0 || own == int(port) || len(selector) == 0 ||
							!selectsBoth(p, a.ID.Namespace, selector, s.Spec.Spec.Selector) || ownPort(p, s.ID.Namespace, s.Spec.Spec.Selector, int32(port)) ||
							a.Spec.PortLevelMtls[uint32(own)] != nil {
							continue
						}
						all = append(all, misnumbering{a, int(port), own, p.At(s.Object, fmt.Sprintf("spec.ports[%d]", i)), a.Spec.PortLevelMtls[port].GetMode()})
					}
				}
			}
		}
		return all
	})
}

// selectsBoth tells whether two selectors meet in a pod.
func selectsBoth(p *validate.Pass, namespace string, a, b map[string]string) bool {
	return len(b) > 0 && slices.ContainsFunc(p.Index.Pods(), func(pod traffic.Pod) bool {
		return pod.Namespace == namespace && within(a, pod.Labels) && within(b, pod.Labels)
	})
}

// ownPort tells whether a Service for the same pods leads to a port of them, so that it is one of theirs.
func ownPort(p *validate.Pass, namespace string, selector map[string]string, port int32) bool {
	for _, s := range p.Objects.Services {
		if s.ID.Namespace != namespace || !maps.Equal(s.Spec.Spec.Selector, selector) {
			continue
		}
		for _, one := range s.Spec.Spec.Ports {
			if one.TargetPort.IntVal == port || one.TargetPort.IntVal == 0 && one.TargetPort.StrVal == "" && one.Port == port {
				return true
			}
		}
	}
	return false
}

// listened is the port of the pod to which a request came.
func listened(h *traffic.Hop) (int, bool) {
	number, ok := strings.CutPrefix(h.Listener, "virtualInbound_")
	port, err := strconv.Atoi(number)
	return port, ok && err == nil
}
