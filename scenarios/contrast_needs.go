package scenarios

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/contrast"
)

// contrastNeeds is what the workload counts on.
func (p *Plan) contrastNeeds(has func(Part) bool) []Need {
	s, k := p.Spec, p.Spec.Contrast
	needs := []Need{{Text: "the runtime and the Coordinator of Contrast in the cluster, of the same release as your contrast command"}}
	if !has(Namespaces) {
		needs = append(needs, Need{Text: fmt.Sprintf("namespace %s; --include namespaces renders it", s.Client.Namespace)})
	}
	switch {
	case k.Generation == string(contrast.Legacy):
		needs = append(needs, Need{Text: "contrast generate, run over the manifests, for the policies of their pods; releases before 1.0 add no containers to what has them"})
	case p.WritesPods():
		needs = append(needs, Need{Text: "contrast generate, run over the manifests, for the policies of their pods; it puts its own release's containers in the place of those written here"})
	default:
		needs = append(needs, Need{Text: "contrast generate, run over the manifests before they are applied: it adds initializer, sidecar and policies; without it nothing is encrypted. Releases until 1.12 read the annotations of the Deployment itself, not those of its pods"})
	}
	needs = append(needs, Need{
		Text:    "contrast set, with what generate wrote, and every workload of the deployment restarted after it: each manifest has a new mesh CA, and pods with certificates of the one before are not trusted",
		Command: fmt.Sprintf("%s rollout restart deployment %s -n %s", p.CLI(), s.Client.Name, s.Client.Namespace),
	})
	for i, out := range k.Egress {
		if out.Env == "" {
			needs = append(needs, Need{Text: fmt.Sprintf("the application told to call %s where it calls %s now: its own calls of that name go past the sidecar, unencrypted; contrast.egress[%d].env names the variable", out.Listen, out.Remote, i)})
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
			needs = append(needs, Need{Text: fmt.Sprintf("callers of port %d that verify the certificate: contrast verify gives them mesh-ca.pem, which every contrast set renews, and coordinator-root-ca.pem, which stays", in.Port)})
		case contrast.NoTLS:
			needs = append(needs, Need{Text: fmt.Sprintf("nothing secret on port %d, or TLS of the application's own: the sidecar leaves it alone", in.Port)})
		}
	}
	return needs
}
