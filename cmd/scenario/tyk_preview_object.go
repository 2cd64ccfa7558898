package main

import (
	"encoding/json"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/tyk"
)

// injected is the object with what the preview has for its pods, or its ports.
func (o meshed) injected(p tyk.Preview) (*bundle.Object, error) {
	tree := o.object.Tree()
	var err error
	if o.service != nil {
		err = graft(tree, "spec.ports", p.Service.Spec.Ports)
	} else {
		field := o.workload.Field
		if field != "" {
			field += "."
		}
		hide(p.Pods.Spec.Containers)
		if err = graft(tree, field+"spec", p.Pods.Spec); err == nil {
			err = graft(tree, field+"metadata.annotations", p.Pods.Annotations)
		}
	}
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(tree)
	return &bundle.Object{ID: o.object.ID, JSON: data}, err
}

// hide takes out of containers what is secret in a gateway's variables.
func hide(containers []corev1.Container) {
	for i := range containers {
		for j := range containers[i].Env {
			e := &containers[i].Env[j]
			secret := slices.ContainsFunc([]string{"SECRET", "PASSWORD"}, func(part string) bool { return strings.Contains(e.Name, part) })
			if strings.HasPrefix(e.Name, "TYK_") && secret && e.Value != "" {
				e.Value = "(not shown)"
			}
		}
	}
}

// graft puts a typed value into a tree, at a path of fields that are there, but for the last.
func graft(tree map[string]any, path string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return err
	}
	steps := strings.Split(path, ".")
	for _, step := range steps[:len(steps)-1] {
		tree = tree[step].(map[string]any)
	}
	tree[steps[len(steps)-1]] = bare(plain)
	return nil
}

// bare is a tree without resources that say nothing, which typed containers always have.
func bare(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			if m, ok := child.(map[string]any); ok && key == "resources" && len(m) == 0 {
				delete(v, key)
				continue
			}
			v[key] = bare(child)
		}
	case []any:
		for i, child := range v {
			v[i] = bare(child)
		}
	}
	return v
}
