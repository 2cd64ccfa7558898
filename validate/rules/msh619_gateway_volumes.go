package rules

import (
	"fmt"
	"slices"
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
					f := validate.Finding{
						Place:       p.Of(d),
						Message:     fmt.Sprintf("gateway %s is to read %s, and %s mounts nothing there", h.Workload, name, at.plane.object.ID),
						Consequence: "the proxy waits for a certificate that never comes: requests get 503 (UF, secret not supplied), and a server answers no handshake",
						Fix:         fmt.Sprintf("add a volume with a volumeMount for it to %s.volumes of %s; or use credentialName", at.field, at.plane.object.ID),
						Related:     []validate.Place{p.At(at.plane.object, at.field)},
					}
					if secret, ok := onlySecretWith(p, pod.Namespace, h, name); ok {
						f.Fix = fmt.Sprintf("mount Secret %s, which holds such files, by %s.volumes of %s; or use credentialName", secret, at.field, at.plane.object.ID)
						f.Edits = []validate.Edit{at.mount(p, secret, folder(name))}
					}
					p.Report(validate.Shown(path, i+1, f))
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

func folder(file string) string { return file[:strings.LastIndexByte(file, '/')] }

// onlySecretWith is the one Secret of a namespace in the files that has a key for each file which a gateway reads from a folder.
func onlySecretWith(p *validate.Pass, namespace string, h *traffic.Hop, file string) (string, bool) {
	var found []string
	for _, s := range p.Objects.Secrets {
		lacks := func(name string) bool {
			key := strings.TrimPrefix(name, folder(file)+"/")
			_, inData := s.Spec.Data[key]
			_, inText := s.Spec.StringData[key]
			return folder(name) == folder(file) && !inData && !inText
		}
		if s.ID.Namespace == namespace && !slices.ContainsFunc(files(h), lacks) {
			found = append(found, s.ID.Name)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

// mount is a volume with a Secret for a gateway of the control plane.
func (g planeGatewayAt) mount(p *validate.Pass, secret, at string) validate.Edit {
	return validate.Edit{Object: p.At(g.plane.object, "").Object, Field: fmt.Sprintf("%s.volumes[%d]", g.field, len(g.Volumes)), Value: map[string]any{
		"volume":      map[string]any{"secret": map[string]any{"secretName": secret}},
		"volumeMount": map[string]any{"name": secret, "mountPath": at},
	}}
}
