package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh619 = validate.Rule{
	ID: "MSH619", Name: "gateway-volumes", Category: validate.NoSecret, Severity: validate.Error,
	Title: "the gateway is to read a file that nothing mounts into it",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			for i := range path.Hops {
				h := &path.Hops[i]
				pod, ok := p.Index.Pod(h.Workload)
				if h.Proxy != traffic.Gateway || !ok || !pod.Assumed {
					continue
				}
				for _, name := range files(h) {
					at, found := unmounted(p, pod, name)
					d, decided := validate.Decided(h, "DestinationRule")
					if !decided || h.Wire.Mode == "" {
						d, decided = validate.Decided(h, "Gateway")
					}
					if !found || !decided {
						continue
					}
					p.Report(validate.Shown(path, i+1, validate.Finding{
						Place:       p.Of(d),
						Message:     fmt.Sprintf("gateway %s is to read %s, and %s mounts nothing there", h.Workload, name, at.plane.object.ID),
						Consequence: "the proxy waits for a certificate that never comes: requests get 503 (UF, secret not supplied), and a server answers no handshake",
						Fix:         fmt.Sprintf("add a volume with a volumeMount for it to %s.volumes of %s; or use credentialName", at.field, at.plane.object.ID),
						Related:     []validate.Place{p.At(at.plane.object, at.field)},
					}))
				}
			}
		}
	},
}

// files are those that a gateway reads for the TLS of a hop.
func files(h *traffic.Hop) []string {
	all := []string{h.Verify.Server.CA, h.Verify.Client.Credential}
	if h.Terminates != nil {
		all = append(all, h.Terminates.Credential, h.Terminates.ClientCA)
	}
	var names []string
	for _, one := range all {
		if name, ok := strings.CutPrefix(one, "file "); ok && !(fileNamed{name: name}).inline() {
			names = append(names, name)
		}
	}
	return names
}
