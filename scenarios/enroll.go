package scenarios

import "fmt"

// enroll: a workload becomes part of the mesh.
var enroll = Scenario{
	ID:         "enroll",
	Title:      "make a workload part of the mesh",
	Encryption: None,
	Parts:      []Part{Namespaces, ControlPlane, Members, Workload},
	Default:    []Part{Members},
	Uses:       []string{"client"},
	Impossible: noEncryption("enroll makes a workload part of the mesh; it calls nothing outside"),
	fill:       func(p *Plan) { setDefault(&p.Metadata.Name, p.Spec.Client.Namespace) },
	check:      func(*Plan, *report) {},
	names:      func(*Plan) []string { return nil },
	claims:     func(*Plan) []claim { return nil },
	needs: func(p *Plan, has func(Part) bool) []Need {
		s := p.Spec
		var needs []Need
		if !has(ControlPlane) {
			needs = append(needs, Need{Text: fmt.Sprintf("the mesh %s/%s (%s); --include control-plane renders it", s.Mesh.Namespace, s.Mesh.Name, p.Target.Product)})
		}
		if p.Target.MemberRoll && !has(Namespaces) {
			needs = append(needs, Need{Text: fmt.Sprintf("namespace %s; --include namespaces,members renders it", s.Client.Namespace)})
		}
		if has(Workload) {
			return needs
		}
		if p.Target.PodInjection {
			needs = append(needs, Need{
				Text:    fmt.Sprintf("pods of Deployment %s/%s asking for a sidecar, after the namespace became a member", s.Client.Namespace, s.Client.Name),
				Command: p.injectCommand(s.Client.Namespace, s.Client.Name),
			})
		} else {
			needs = append(needs, Need{
				Text:    fmt.Sprintf("a restart of what runs in %s already: pods get their sidecar when they start", s.Client.Namespace),
				Command: fmt.Sprintf("%s rollout restart deployment %s -n %s", p.CLI(), s.Client.Name, s.Client.Namespace),
			})
		}
		return needs
	},
}

// noEncryption refuses every encryption for a scenario that sends nothing outside.
func noEncryption(why string) map[string]Refusal {
	r := Refusal{Reason: why, Hint: "leave --encryption out; --mesh-mtls sets the mesh's own mutual TLS"}
	return map[string]Refusal{Simple: r, Mutual: r, Passthrough: r}
}
