package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh815 = validate.Rule{
	ID: "MSH815", Name: "contrast-old-names", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "a variable is called as another generation of Contrast calls it",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			for _, one := range c.containers() {
				for i, e := range one.Env {
					written, ok := generationOf(e.Name)
					if !ok || !slices.ContainsFunc(c.mesh.Sources, func(s contrast.Source) bool { return s.Container == c.at(one.field) }) {
						continue
					}
					to := otherName(e.Name, written)
					if slices.ContainsFunc(one.Env, func(other corev1.EnvVar) bool { return other.Name == to }) {
						continue // for whichever reads it
					}
					if f, ok := nameUnread(one.Container, e.Name, to, written); ok {
						f.Place = p.At(c.object, c.at(fmt.Sprintf("%s.env[%d].name", one.field, i)))
						f.Message = fmt.Sprintf("container %s: %s", one.Name, f.Message)
						if f.Severity == validate.Error && written == contrast.Legacy {
							f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: to}}
						}
						p.Report(f)
					}
				}
			}
		}
	},
}

// generationOf is the generation whose sidecar reads a variable.
func generationOf(name string) (contrast.Generation, bool) {
	for _, g := range contrast.Generations {
		if n := g.Names(); slices.Contains([]string{n.IngressEnv, n.EgressEnv, n.AdminPortEnv}, name) {
			return g, true
		}
	}
	return "", false
}

// otherName is what the other generation calls a variable.
func otherName(name string, of contrast.Generation) string {
	if of == contrast.Legacy {
		return "CONTRAST_" + strings.TrimPrefix(name, "EDG_")
	}
	return "EDG_" + strings.TrimPrefix(name, "CONTRAST_")
}

// release is the tag of an image of Contrast's: those before 0.8 read the old names, and those from 1.0 on the new ones.
var release = regexp.MustCompile(`/contrast/service-mesh-proxy:v(\d+)\.(\d+)`)

// reads is the generation of a sidecar, as far as its container tells.
func reads(c corev1.Container) (contrast.Generation, bool) {
	if m := release.FindStringSubmatch(c.Image); m != nil {
		switch {
		case m[1] != "0":
			return contrast.Current, true
		case len(m[2]) == 1 && m[2] < "8":
			return contrast.Legacy, true
		}
	}
	current := contrast.Current.Names()
	return contrast.Current, c.Name == current.Sidecar || slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == current.Mount })
}

// nameUnread is what there is to say of a variable, if its name is not what the sidecar reads, or is an old one.
func nameUnread(c corev1.Container, name, to string, written contrast.Generation) (validate.Finding, bool) {
	read, sure := reads(c)
	if sure && read != written {
		return validate.Finding{
			Severity:    validate.Error,
			Message:     fmt.Sprintf("a sidecar of this release reads %s, and not %s", to, name),
			Consequence: "it runs as without the variable: every port asks for a certificate of the mesh, and nobody listens for the application's own calls",
			Fix:         fmt.Sprintf("call the variable %s", to),
		}, true
	}
	return validate.Finding{
		Message:     fmt.Sprintf("only releases before 1.0 read %s", name),
		Consequence: "with a newer image the pod runs as without the variable: every port asks for a certificate of the mesh, and nobody listens for the application's own calls",
		Fix: fmt.Sprintf("with a release from 1.0 on, remove the initializer, the sidecar and their volume, and say it by the pod's annotations (%s, %s): contrast generate adds the rest",
			contrast.IngressAnnotation, contrast.EgressAnnotation),
	}, written == contrast.Legacy
}
