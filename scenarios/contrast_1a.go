package scenarios

import (
	"slices"

	"github.com/meshscenario/scenario/mesh"
)

// contrastDirect: a workload calls others of its Contrast deployment through its sidecar.
var contrastDirect = Scenario{
	ID:         directID,
	Family:     mesh.ContrastFamily,
	Title:      "call other workloads of the Contrast deployment by mutual TLS from the sidecar",
	Encryption: Mutual,
	Parts:      []Part{Namespaces, Workload, ServiceSide, Traffic, NetworkPolicy},
	Default:    []Part{Traffic},
	Uses:       []string{"client", "service.host", "service.port", "contrast"},
	Impossible: map[string]Refusal{
		None: {
			Reason: "what goes through Contrast's sidecar goes by mutual TLS; what the application sends past it goes as it is",
			Hint:   "scenario render 1a --mtls; or enroll, where the application calls plaintext services by their own names",
		},
		Simple: {
			Reason: "Contrast's sidecar always shows the workload's certificate, and trusts the CA of its own deployment alone: public servers cannot be verified",
			Hint:   "scenario render 1a --mtls for workloads of the deployment; for others, TLS by the application itself, which no sidecar stands in the way of (enroll)",
		},
		Passthrough: {
			Reason: "Contrast's sidecar captures nothing that a pod sends, so the application's own TLS passes without any of this",
			Hint:   "scenario render enroll for the workload; the application calls the host as it is",
		},
	},
	fill: func(p *Plan) {
		named := p.draft.Written("spec.service.host")
		if len(p.Spec.Contrast.Egress) == 0 {
			p.Spec.Contrast.Egress = []ContrastEgress{{}}
			if !named {
				p.Spec.Contrast.Egress = []ContrastEgress{
					{Name: "emoji", Remote: "emoji-svc:8080", Env: "EMOJISVC_HOST"},
					{Name: "voting", Remote: "voting-svc:8080", Env: "VOTINGSVC_HOST"},
				}
			}
		}
		setDefault(&p.Spec.Service.Port, 8080) // as those of the sample
		p.fillSample("web", webImage, ContrastIngress{Name: "http", Port: 8080})
		p.fillContrast()
	},
	check: func(p *Plan, r *report) {
		p.checkContrast(r)
		for _, field := range []string{"host", "port"} {
			path := "spec.service." + field
			if p.draft.Written(path) && !slices.ContainsFunc(p.Spec.Contrast.Egress, func(out ContrastEgress) bool { return out.Remote == p.serviceSocket() }) {
				r.problem(path, "leave it out, or leave the remote of an entry out", "every entry of contrast.egress names its own remote")
			}
		}
	},
	names:  func(p *Plan) []string { return []string{p.Spec.Client.Namespace} },
	claims: (*Plan).ownDeployment,
	needs:  (*Plan).contrastNeeds,
}
