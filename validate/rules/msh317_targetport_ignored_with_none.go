package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh317 = validate.Rule{
	ID: "MSH317", Name: "targetport-ignored-with-none", Category: validate.Other, Severity: validate.Error,
	Title:   "targetPort does not count with resolution NONE on this version",
	Of:      []traffic.Cause{traffic.TLSToPlaintext},
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := exit(b)
		if h == nil || p.Target.Has(mesh.SETargetPortWithNone) {
			return false
		}
		e, ok := entryBehind(p, h)
		if !ok {
			return false
		}
		_, at, ok := declaredIn([]entryOf{e}, clusterOf(h).port)
		if !ok || !ignoresTarget(e, e.Spec.Ports[atIndex(at)]) {
			return false
		}
		return p.Broken(b, n, ignoredTarget(p, e, atIndex(at)))
	},
	Check: func(p *validate.Pass) {
		if p.Target.Has(mesh.SETargetPortWithNone) {
			return
		}
		for _, e := range p.Objects.ServiceEntries {
			for i, one := range e.Spec.Ports {
				if ignoresTarget(e, one) {
					p.Report(ignoredTarget(p, e, i))
				}
			}
		}
	},
}

func ignoresTarget(e entryOf, one *networking.ServicePort) bool {
	return e.Spec.Resolution == networking.ServiceEntry_NONE && one.TargetPort != 0 && one.TargetPort != one.Number
}

func ignoredTarget(p *validate.Pass, e entryOf, i int) validate.Finding {
	one := e.Spec.Ports[i]
	resolution := p.At(e.Object, "spec.resolution")
	f := validate.Finding{
		Place:       p.At(e.Object, fmt.Sprintf("spec.ports[%d].targetPort", i)),
		Message:     fmt.Sprintf("%s sends what comes to port %d on to port %d, and with resolution NONE sidecars of this version read over that: they dial port %d", e.ID, one.Number, one.TargetPort, one.Number),
		Consequence: fmt.Sprintf("the request goes to port %d of the host, where TLS was to be made for port %d: refused, or 503", one.Number, one.TargetPort),
		Fix:         "set resolution DNS",
		Related:     []validate.Place{resolution},
		Edits:       []validate.Edit{{Object: resolution.Object, Field: resolution.Field, Value: "DNS"}},
	}
	if slices.ContainsFunc(e.Spec.Hosts, wildcard) {
		f.Fix, f.Edits = fmt.Sprintf("name the hosts, and set resolution DNS; or have applications call port %d themselves", one.TargetPort), nil
	}
	return f
}
