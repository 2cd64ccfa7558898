package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh813 = validate.Rule{
	ID: "MSH813", Name: "contrast-ingress-weak", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "a port asks less of its clients than those that no entry names",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			s := c.source()
			if !c.sure() {
				continue
			}
			var anybody, clear, why []string
			left := s.Ingress.Text
			f := validate.Finding{Severity: validate.Info, Place: c.where(p, s.Ingress)}
			for n, i := range slices.Backward(s.Config.Ingress) {
				if c.tls(i.Port) != i.TLS || i.Port == s.Config.AdminPort {
					continue // another entry for the port counts, or another rule
				}
				switch {
				case i.TLS == contrast.ServerTLS:
					anybody = append(anybody, fmt.Sprint(i.Port))
				case i.TLS == contrast.NoTLS:
					clear = append(clear, fmt.Sprint(i.Port))
					if reason := c.forgiven(p, i); reason != "" {
						why = append(why, fmt.Sprintf("%d %s", i.Port, reason))
						continue
					}
					f.Severity = validate.Warning
					if !c.called(i, monitored...) {
						left = without(left, n)
						f.Edits = c.rewritten(p, contrast.InIngress, left)
					}
				}
			}
			if len(anybody)+len(clear) == 0 {
				continue
			}
			slices.Reverse(anybody)
			slices.Reverse(clear)
			f.Message, f.Consequence, f.Fix = weakened(c, anybody, clear)
			if len(why) > 0 {
				f.Message += " (" + strings.Join(why, ", ") + ")"
			}
			p.Report(f)
		}
	},
}

// weakened is what there is to say of ports that ask for no client certificate, and of ports in the clear.
func weakened(c contrastPod, anybody, clear []string) (message, consequence, fix string) {
	var what, so, then []string
	if len(anybody) > 0 {
		what = append(what, fmt.Sprintf("asks clients of port %s for no certificate", strings.Join(anybody, ", ")))
		so = append(so, "anybody who reaches the pod may call "+strings.Join(anybody, ", "))
	}
	if len(clear) > 0 {
		what = append(what, fmt.Sprintf("leaves port %s to the application, without TLS of the mesh", strings.Join(clear, ", ")))
		so = append(so, fmt.Sprintf("what passes %s can be read and changed on the node, unless the application speaks TLS itself", strings.Join(clear, ", ")))
		then = append(then, "let a NetworkPolicy say who may reach what is in the clear")
	}
	then = append([]string{"take out the entry of each port that only workloads of the mesh call: a port that no entry names asks for their certificate"}, then...)
	return c.object.ID.String() + " " + strings.Join(what, ", and "), strings.Join(so, "; "), strings.Join(then, "; ")
}
