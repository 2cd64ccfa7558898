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
		r.references(tree, n, at)
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

// references are read as the controller's decoder does: of an embedded struct it takes not the keys, but a key of the name
// of the struct, so that localObjectReference: {name: NAME} is what names a Secret there.
func (r *reader) references(tree any, n *yaml.Node, at string) {
	each := func(list string, inner string, kinds ...string) {
		m, _ := tree.(map[string]any)
		entries, _ := m[list].([]any)
		for i, e := range entries {
			from, _ := e.(map[string]any)
			path := at + "." + list + index(i)
			if inner != "" {
				from, _ = from[inner].(map[string]any)
				path += "." + inner
			}
			for _, kind := range kinds {
				if ref, ok := from[kind].(map[string]any); ok {
					r.reference(ref, n, path+"."+kind)
				}
			}
		}
	}
	each("env", "valueFrom", "secretKeyRef", "configMapKeyRef")
	each("envFrom", "", "secretRef", "configMapRef")
}

// reference is one of them.
func (r *reader) reference(ref map[string]any, n *yaml.Node, at string) {
	if name, ok := ref["name"]; ok {
		r.report(n, at+".name", fmt.Sprintf("the controller's decoder drops the name %q, and the container never starts; write localObjectReference: {name: %[1]v} in its place", name), false)
		delete(ref, "name")
	}
	for key, value := range ref {
		if inner, ok := value.(map[string]any); ok && strings.EqualFold(key, "localObjectReference") {
			delete(ref, key)
			ref["name"] = inner["name"]
		}
	}
}

// loaded takes out of a container what else the controller's decoder does not read.
func (r *reader) loaded(c *corev1.Container, n *yaml.Node, at string) {
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

// report is a fault at a path below a node, on the line of that path.
func (r *reader) report(n *yaml.Node, at, what string, fatal bool) {
	line := r.c.Line(at)
	if line == 0 {
		line = n.Line
	}
	r.faults = append(r.faults, Fault{Line: line, Path: at, What: what, Fatal: fatal})
}
