package rules

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/validate"
)

func isTCP(protocol corev1.Protocol) bool { return protocol == "" || protocol == corev1.ProtocolTCP }

// texts are what tells containers of a pod whom to call: variables, arguments, and what ConfigMaps of the files give them.
func texts(p *validate.Pass, t template, of []container) []variable {
	only := t
	only.Spec.Containers = nil
	var all []variable
	for _, c := range of {
		for i, text := range c.Command {
			all = append(all, variable{"", text, t.object, t.at(fmt.Sprintf("%s.command[%d]", c.field, i))})
		}
		for i, text := range c.Args {
			all = append(all, variable{"", text, t.object, t.at(fmt.Sprintf("%s.args[%d]", c.field, i))})
		}
		for i, e := range c.Env {
			if e.Value != "" {
				all = append(all, variable{e.Name, e.Value, t.object, t.at(fmt.Sprintf("%s.env[%d].value", c.field, i))})
			}
		}
		only.Spec.Containers = append(only.Spec.Containers, corev1.Container{Env: byReference(c.Env), EnvFrom: c.EnvFrom})
		for _, m := range c.VolumeMounts {
			all = append(all, inVolume(p, t, m.Name)...)
		}
	}
	held := environment(p, only)
	slices.SortFunc(held, func(a, b variable) int {
		return cmp.Or(cmp.Compare(a.object.ID.String(), b.object.ID.String()), cmp.Compare(a.field, b.field))
	})
	return append(all, held...)
}

// byReference are the variables that get their value from elsewhere.
func byReference(env []corev1.EnvVar) []corev1.EnvVar {
	return slices.DeleteFunc(slices.Clone(env), func(e corev1.EnvVar) bool { return e.ValueFrom == nil })
}

// inVolume are the files of a ConfigMap that a volume holds.
func inVolume(p *validate.Pass, t template, name string) []variable {
	i := slices.IndexFunc(t.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == name })
	if i < 0 || t.Spec.Volumes[i].ConfigMap == nil {
		return nil
	}
	of, ok := configMapsOf(p)[t.namespace+"/"+t.Spec.Volumes[i].ConfigMap.Name]
	if !ok {
		return nil
	}
	var all []variable
	for key, text := range of.Spec.Data {
		all = append(all, variable{key, text, of.Object, fmt.Sprintf("data[%q]", key)})
	}
	slices.SortFunc(all, func(a, b variable) int { return cmp.Compare(a.field, b.field) })
	return all
}
