package rules

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// A template is the pod that an object of the files starts, with its field: "spec.template" of a Deployment, and "" of a
// Pod itself.
type template struct {
	object    *bundle.Object
	namespace string
	field     string
	Metadata  metav1.ObjectMeta
	Spec      corev1.PodSpec
}

// at is a field of the pod.
func (t template) at(field string) string {
	if t.field == "" {
		return field
	}
	return t.field + "." + field
}

type templatesKey struct{}

// templates are the pods of the files.
func templates(p *validate.Pass) []template {
	return validate.Once(p, templatesKey{}, func() []template {
		var all []template
		for _, o := range p.Objects.All {
			field := ""
			switch o.Kind {
			case "Pod":
			case "Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job":
				field = "spec.template"
			case "CronJob":
				field = "spec.jobTemplate.spec.template"
			default:
				continue
			}
			data := o.JSON
			for _, name := range map[string][]string{"spec.template": {"spec", "template"}, "spec.jobTemplate.spec.template": {"spec", "jobTemplate", "spec", "template"}}[field] {
				var fields map[string]json.RawMessage
				if json.Unmarshal(data, &fields) != nil {
					break
				}
				data = fields[name]
			}
			t := template{object: o, namespace: o.Namespace, field: field}
			if t.namespace == "" {
				t.namespace = "default"
			}
			if json.Unmarshal(data, &t) == nil {
				all = append(all, t)
			}
		}
		return all
	})
}

type templateOfKey struct{}

// templateOf is what starts a workload, as a hop names it.
func templateOf(p *validate.Pass, workload string) (template, bool) {
	t, ok := validate.Once(p, templateOfKey{}, func() map[string]template {
		all := map[string]template{}
		for _, t := range templates(p) {
			all[t.namespace+"/"+t.object.Name] = t
		}
		return all
	})[workload]
	return t, ok
}

// A variable is one of a container's environment, with where it is written.
type variable struct {
	name, value string
	object      *bundle.Object
	field       string
}

// environment is what the containers of a pod are given, by themselves or by ConfigMaps of the files.
func environment(p *validate.Pass, t template) []variable {
	var all []variable
	configMap := func(name string, each func(key, value string, o *bundle.Object)) {
		for _, c := range p.Objects.ConfigMaps {
			if c.ID.Namespace == t.namespace && c.ID.Name == name {
				for key, value := range c.Spec.Data {
					each(key, value, c.Object)
				}
			}
		}
	}
	for i, c := range t.Spec.Containers {
		for j, e := range c.Env {
			if e.Value != "" {
				all = append(all, variable{e.Name, e.Value, t.object, t.at(fmt.Sprintf("spec.containers[%d].env[%d].value", i, j))})
			} else if from := e.ValueFrom; from != nil && from.ConfigMapKeyRef != nil {
				configMap(from.ConfigMapKeyRef.Name, func(key, value string, o *bundle.Object) {
					if key == from.ConfigMapKeyRef.Key {
						all = append(all, variable{e.Name, value, o, fmt.Sprintf("data[%q]", key)})
					}
				})
			}
		}
		for _, e := range c.EnvFrom {
			if e.ConfigMapRef != nil {
				configMap(e.ConfigMapRef.Name, func(key, value string, o *bundle.Object) {
					all = append(all, variable{e.Prefix + key, value, o, fmt.Sprintf("data[%q]", key)})
				})
			}
		}
	}
	return all
}
