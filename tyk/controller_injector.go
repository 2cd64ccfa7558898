package tyk

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	kjson "sigs.k8s.io/json"
)

// injector reads the section Injector.
func (r *reader) injector(n *yaml.Node, at string) {
	i := &r.c.Injector
	r.section(n, at, entries{
		"createRoutes": r.truth(&i.CreateRoutes), "enableMeshTLS": r.truth(&i.EnableMeshTLS), "meshCertificateID": r.text(&i.MeshCertificateID),
		"containers": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) { i.Containers = append(i.Containers, r.container(n, at)) })
		},
		"initContainers": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) { i.InitContainers = append(i.InitContainers, r.container(n, at)) })
		},
	})
}

// container reads a container as the controller would hold it.
func (r *reader) container(n *yaml.Node, at string) corev1.Container {
	var c corev1.Container
	var tree any
	err := n.Decode(&tree)
	if err == nil {
		tree = texts(tree)
		var data []byte
		if data, err = json.Marshal(tree); err == nil {
			var unknown []error
			if unknown, err = kjson.UnmarshalStrict(data, &c); err == nil {
				for _, u := range unknown {
					r.fault(n, at, "%s", strings.TrimPrefix(u.Error(), "strict decoding error: "))
				}
			}
		}
	}
	if err != nil {
		r.fatal(n, at, "no container: "+err.Error())
		return c
	}
	r.loaded(&c, n, at)
	return c
}

// texts makes texts of what the environment's variables have for values, as the controller's loose decoding does: a number
// or a truth is one there.
func texts(tree any) any {
	m, _ := tree.(map[string]any)
	env, _ := m["env"].([]any)
	for _, e := range env {
		if entry, ok := e.(map[string]any); ok {
			switch v := entry["value"].(type) {
			case bool: // mapstructure writes them so
				entry["value"] = map[bool]string{true: "1", false: "0"}[v]
			case int, float64:
				entry["value"] = fmt.Sprint(v)
			}
		}
	}
	return tree
}

// loaded takes out of a container what the controller's decoder does not read: the keys of embedded structs, which it looks
// for under the name of the struct.
func (r *reader) loaded(c *corev1.Container, n *yaml.Node, at string) {
	for i := range c.Env {
		from := c.Env[i].ValueFrom
		if from == nil {
			continue
		}
		path := at + ".env" + index(i) + ".valueFrom"
		if from.SecretKeyRef != nil {
			r.nameless(&from.SecretKeyRef.LocalObjectReference, n, path+".secretKeyRef")
		}
		if from.ConfigMapKeyRef != nil {
			r.nameless(&from.ConfigMapKeyRef.LocalObjectReference, n, path+".configMapKeyRef")
		}
	}
	for i := range c.EnvFrom {
		path := at + ".envFrom" + index(i)
		if ref := c.EnvFrom[i].SecretRef; ref != nil {
			r.nameless(&ref.LocalObjectReference, n, path+".secretRef")
		}
		if ref := c.EnvFrom[i].ConfigMapRef; ref != nil {
			r.nameless(&ref.LocalObjectReference, n, path+".configMapRef")
		}
	}
	for _, probe := range []struct {
		key string
		*corev1.Probe
	}{{"livenessProbe", c.LivenessProbe}, {"readinessProbe", c.ReadinessProbe}, {"startupProbe", c.StartupProbe}} {
		if probe.Probe != nil && probe.ProbeHandler != (corev1.ProbeHandler{}) {
			r.report(n, at+"."+probe.key, "the controller's decoder drops what the probe does, and the API server refuses a pod with such a probe; leave it out", false)
			probe.ProbeHandler = corev1.ProbeHandler{}
		}
	}
	if len(c.Resources.Limits)+len(c.Resources.Requests) > 0 {
		r.report(n, at+".resources", "the controller's decoder reads no quantities, and ends because of them; leave them out, and give the namespace a LimitRange", true)
	}
}

// nameless drops the name of a reference.
func (r *reader) nameless(ref *corev1.LocalObjectReference, n *yaml.Node, at string) {
	if ref.Name != "" {
		r.report(n, at+".name", fmt.Sprintf("the controller's decoder drops the name %q, and the container never starts; write the value, or let the image have it", ref.Name), false)
		ref.Name = ""
	}
}

// report is a fault at a path below a node, on the line of that path.
func (r *reader) report(n *yaml.Node, at, what string, fatal bool) {
	line := r.c.Line(at)
	if line == 0 {
		line = n.Line
	}
	r.faults = append(r.faults, Fault{Line: line, Path: at, What: what, Fatal: fatal})
}
