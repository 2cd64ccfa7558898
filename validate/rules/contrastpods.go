package rules

import (
	"bytes"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A contrastPod is what starts a pod that has to do with Contrast: its runtime class is one of Contrast's, or it has
// configuration of its service mesh.
type contrastPod struct {
	template
	// mesh is nil where the pod has no configuration of the mesh.
	mesh *contrast.Pod
	// outer says that the annotations stand on what starts the pod, and not on the pod.
	outer bool
	// elsewhere are values of the sidecar's variables that a ConfigMap holds, by their field of the pod.
	elsewhere map[string]variable
	// unread are variables, by their field, whose value the files do not hold.
	unread map[string]bool
}

type contrastKey struct{}

// contrastMarks are in the text of whatever has to do with Contrast: other bundles need not be taken apart.
var contrastMarks = [][]byte{[]byte("contrast"), []byte("CONTRAST_"), []byte("EDG_")}

// contrastPods are those of the files.
func contrastPods(p *validate.Pass) []contrastPod {
	return validate.Once(p, contrastKey{}, func() []contrastPod {
		if !slices.ContainsFunc(p.Objects.All, func(o *bundle.Object) bool {
			return slices.ContainsFunc(contrastMarks, func(mark []byte) bool { return bytes.Contains(o.JSON, mark) })
		}) {
			return nil
		}
		var all []contrastPod
		for _, t := range templates(p) {
			if c := readContrast(p, t); c.mesh != nil || c.confidential() {
				all = append(all, c)
			}
		}
		return all
	})
}

// readContrast reads a pod's configuration. Annotations count on the pod, as newer releases read them; where it has none,
// those of what starts it count, as older releases read them.
// https://github.com/edgelesssys/contrast/pull/1707
func readContrast(p *validate.Pass, t template) contrastPod {
	c := contrastPod{template: t, elsewhere: map[string]variable{}, unread: map[string]bool{}}
	annotations := t.Metadata.Annotations
	if t.field != "" && !annotated8(annotations) {
		annotations = metadata(t.object).Annotations
		c.outer = annotated8(annotations)
	}
	c.mesh = contrast.Read(contrast.Workload{Annotations: annotations, Spec: c.resolved(p)})
	return c
}

// annotated8 tells whether annotations configure the mesh.
func annotated8(annotations map[string]string) bool {
	return slices.ContainsFunc(contrastAnnotations, func(key string) bool { _, ok := annotations[key]; return ok })
}

var contrastAnnotations = []string{contrast.IngressAnnotation, contrast.EgressAnnotation, contrast.AdminPortAnnotation}

// confidential tells whether the pod runs by a runtime class of Contrast's.
func (c contrastPod) confidential() bool {
	return c.Spec.RuntimeClassName != nil && strings.HasPrefix(*c.Spec.RuntimeClassName, contrast.RuntimeClassPrefix)
}
