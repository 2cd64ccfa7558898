package walk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/tyk"
)

// A Mesh is what the files hold of workloads, Services and the controller. Walks through it may run side by side.
type Mesh struct {
	controller *tyk.Controller // nil where the files do not hold its configuration
	holder     *bundle.Object  // of it
	where      string          // in holder
	found      []source
	services   []traffic.Of[*corev1.Service]
	trusted    map[string]bool // namespaces with a ConfigMap ca-pem
	notRead    []string        // objects that make API definitions of their own
}

// A source is a workload of the files.
type source struct {
	tyk.Workload
	object *bundle.Object
}

// New reads the objects of an index.
func New(objects *traffic.Objects) *Mesh {
	m := &Mesh{trusted: map[string]bool{}}
	m.services = objects.Services
	for _, c := range objects.ConfigMaps {
		if c.ID.Name == tyk.CAVolume {
			m.trusted[c.ID.Namespace] = true
		}
		m.configure(c)
	}
	for i, o := range objects.All {
		if strings.HasPrefix(o.APIVersion, "tyk.tyk.io/") && o.Kind == "ApiDefinition" {
			m.notRead = append(m.notRead, o.ID.String())
		}
		if w, ok := tyk.WorkloadOf(objects.Typed[i]); ok {
			w.Namespace = cmp.Or(w.Namespace, "default")
			m.found = append(m.found, source{w, o})
		}
	}
	return m
}

// configure takes a ConfigMap's configuration of tyk-k8s, if it holds one that adds containers.
func (m *Mesh) configure(c traffic.Of[*corev1.ConfigMap]) {
	for key, text := range c.Spec.Data {
		if !strings.Contains(text, tyk.SidecarName) {
			continue
		}
		controller, _ := tyk.ParseController([]byte(text))
		if len(controller.Injector.Containers) > 0 && m.controller == nil {
			m.controller, m.holder, m.where = controller, c.Object, "data."+key
		}
	}
}

// assumed is the configuration that is taken where the files hold none.
func assumed(tls bool) tyk.Controller {
	return tyk.Controller{Injector: tyk.Injector{
		CreateRoutes: true, EnableMeshTLS: tls,
		Containers: []corev1.Container{{Name: tyk.SidecarName, Env: []corev1.EnvVar{{Name: tyk.UseSSLEnv, Value: strconv.FormatBool(tls)}}}},
	}}
}

// A pod is one of a workload, as the injector leaves it.
type pod struct {
	source
	spec    corev1.PodSpec
	refused string // why there is none
	sidecar bool   // it has a gateway, and the rules that lead its calls there
	tls     bool   // which takes TLS
}

func (p *pod) String() string { return p.Namespace + "/" + p.Name }

// podOf is what the controller makes of a workload.
func podOf(s source, c tyk.Controller) *pod {
	preview := tyk.PreviewPods(s.Workload, c)
	p := &pod{source: s, spec: preview.Pods.Spec, refused: preview.Refused}
	i := slices.IndexFunc(p.spec.Containers, isSidecar)
	if p.sidecar = i >= 0; p.sidecar {
		p.tls = tyk.ServesTLS(p.spec.Containers[i])
	}
	return p
}

func isSidecar(c corev1.Container) bool { return strings.EqualFold(c.Name, tyk.SidecarName) }
