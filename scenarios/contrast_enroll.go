package scenarios

import (
	"github.com/meshscenario/scenario/mesh"
)

// contrastEnroll: a workload becomes part of a Contrast deployment's mesh.
var contrastEnroll = Scenario{
	ID:         "enroll",
	Family:     mesh.ContrastFamily,
	Title:      "make a workload part of the mesh of a Contrast deployment",
	Encryption: None,
	Parts:      []Part{Namespaces, Workload, Traffic, NetworkPolicy},
	Default:    []Part{Traffic},
	Uses:       []string{"client", "contrast"},
	Impossible: contrastNoEncryption(),
	fill: func(p *Plan) {
		p.fillSample("emoji-svc", emojiImage, ContrastIngress{Name: "grpc", Port: 8080})
		p.fillContrast()
	},
	check:  func(p *Plan, r *report) { p.checkContrast(r) },
	names:  func(p *Plan) []string { return []string{p.Spec.Client.Namespace} },
	claims: (*Plan).ownDeployment,
	needs:  (*Plan).contrastNeeds,
}

// contrastNoEncryption says where encryption is chosen instead.
func contrastNoEncryption() map[string]Refusal {
	r := Refusal{Reason: "enroll makes a workload part of the mesh; each port has an encryption of its own there", Hint: "leave --encryption out; contrast.ingress says it for each port (tls: mutual, server or none), and scenario render 1a --mtls calls others"}
	return map[string]Refusal{Simple: r, Mutual: r, Passthrough: r}
}
