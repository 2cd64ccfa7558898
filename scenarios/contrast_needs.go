package scenarios

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/contrast"
)

// contrastNeeds is what the workload counts on.
func (p *Plan) contrastNeeds(has func(Part) bool) []Need {
	s, k := p.Spec, p.Spec.Contrast
	needs := []Need{{Text: "Contrast's runtime and Coordinator in the cluster, of the release of your contrast command"}}
	if !has(Namespaces) {
		needs = append(needs, Need{Text: fmt.Sprintf("namespace %s; --include namespaces renders it", s.Client.Namespace)})
	}
	switch {
	case k.Generation == string(contrast.Legacy):
		needs = append(needs, Need{Text: "contrast generate over these manifests before they are applied, for the policies of their pods"})
	case p.WritesPods():
		needs = append(needs, Need{Text: "contrast generate over these manifests before they are applied, for the policies of their pods; it writes the containers of its own release in the place of these"})
	default:
		needs = append(needs,
			Need{Text: "contrast generate over these manifests before they are applied: it adds initializer, sidecar and policies, and before it nothing is encrypted"},
			Need{Text: "release 1.13 or later of contrast: those before read the annotations of the Deployment, not of its pods"})
	}
	needs = append(needs, Need{
		Text:    "contrast set with the manifest that generate wrote, and a restart of every workload of the deployment after it, for each manifest brings a new mesh CA",
		Command: fmt.Sprintf("%s rollout restart deployment %s -n %s", p.CLI(), s.Client.Name, s.Client.Namespace),
	})
	for i, out := range k.Egress {
		if out.Env == "" {
			needs = append(needs, Need{Text: fmt.Sprintf("an application that calls %s in the place of %s: what it calls by name goes past the sidecar; contrast.egress[%d].env names a variable that is set to it", out.Listen, out.Remote, i)})
		}
	}
	if len(k.Egress) > 0 && !has(ServiceSide) {
		var remotes []string
		for _, out := range k.Egress {
			remotes = append(remotes, out.Remote)
		}
		needs = append(needs, Need{Text: fmt.Sprintf("behind %s, workloads of the same deployment with TLS on that port", strings.Join(remotes, " and "))})
	}
	return append(needs, p.contrastCallerNeeds()...)
}

// contrastCallerNeeds are about those who call the workload's ports.
func (p *Plan) contrastCallerNeeds() []Need {
	var needs []Need
	for _, in := range p.Spec.Contrast.Ingress {
		switch contrast.TLS(in.TLS) {
		case contrast.ServerTLS:
			needs = append(needs, Need{Text: fmt.Sprintf("callers of port %d that verify its certificate: contrast verify gives them mesh-ca.pem, new after every contrast set, and coordinator-root-ca.pem, which stays", in.Port)})
		case contrast.NoTLS:
			needs = append(needs, Need{Text: fmt.Sprintf("nothing secret on port %d, or TLS of the application's own: the sidecar leaves it alone", in.Port)})
		}
	}
	return needs
}
