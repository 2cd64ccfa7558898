package rules

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// The annotations by which a pod gives its sidecar files.
const (
	userVolume      = "sidecar.istio.io/userVolume"
	userVolumeMount = "sidecar.istio.io/userVolumeMount"
)

// A mount is a folder that a proxy has, with the Secret that it is of.
type mount struct {
	at     string
	secret string // NAMESPACE/NAME, or "" where it is something else
	items  map[string]string
}

// filesOf are the mounts of a workload's proxy. It is not known where the files do not hold the workload, or where
// somebody's own template injects the proxy.
func filesOf(p *validate.Pass, workload string) (mounts []mount, known bool) {
	pod, ok := p.Index.Pod(workload)
	if !ok {
		return nil, false
	}
	if pod.Assumed {
		return controlPlaneMounts(p, pod)
	}
	for _, t := range strings.Split(pod.Annotations["inject.istio.io/templates"], ",") {
		if t != "" && t != "sidecar" && t != "gateway" {
			return nil, false
		}
	}
	t, ok := templateOf(p, workload)
	return append(annotated(pod), ownMounts(pod.Namespace, t.Spec)...), ok
}

// as makes a typed value of a plain one.
func as(tree, typed any) bool {
	data, err := json.Marshal(tree)
	return err == nil && tree != nil && json.Unmarshal(data, typed) == nil
}

// ownMounts are the mounts of a proxy's own container.
func ownMounts(namespace string, spec corev1.PodSpec) []mount {
	var all []mount
	for _, c := range append(slices.Clone(spec.InitContainers), spec.Containers...) {
		if c.Name != "istio-proxy" {
			continue
		}
		for _, m := range c.VolumeMounts {
			i := slices.IndexFunc(spec.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name })
			if i < 0 {
				all = append(all, mount{at: m.MountPath})
				continue
			}
			all = append(all, mountOf(namespace, m, spec.Volumes[i]))
		}
	}
	return all
}

func mountOf(namespace string, m corev1.VolumeMount, v corev1.Volume) mount {
	made := mount{at: m.MountPath}
	if s := v.Secret; s != nil && m.SubPath == "" {
		made.secret = namespace + "/" + s.SecretName
		for _, item := range s.Items {
			if made.items == nil {
				made.items = map[string]string{}
			}
			made.items[item.Path] = item.Key
		}
	}
	return made
}

// annotated are the mounts that annotations of a pod ask for. Both are JSON objects by the name of the volume; a list works
// too, as the injector takes the place in it for a name.
func annotated(pod traffic.Pod) []mount {
	volumes, mounts := map[string]corev1.Volume{}, map[string]corev1.VolumeMount{}
	fromAnnotation(pod.Annotations[userVolume], volumes, func(v corev1.Volume) string { return v.Name })
	fromAnnotation(pod.Annotations[userVolumeMount], mounts, func(m corev1.VolumeMount) string { return m.Name })
	var all []mount
	for name, m := range mounts {
		all = append(all, mountOf(pod.Namespace, m, volumes[name]))
	}
	return all
}

func fromAnnotation[T any](text string, into map[string]T, name func(T) string) {
	var list []T
	if json.Unmarshal([]byte(text), &into) != nil && json.Unmarshal([]byte(text), &list) == nil {
		for _, one := range list {
			into[name(one)] = one
		}
	}
}

// controlPlaneMounts are those of a gateway that the operator of OpenShift Service Mesh 2 installs, if the files hold its
// control plane.
func controlPlaneMounts(p *validate.Pass, pod traffic.Pod) (mounts []mount, known bool) {
	for _, smcp := range p.Objects.ControlPlanes {
		if !pod.Gateway || smcp.ID.Namespace != pod.Namespace {
			continue
		}
		spec, _ := smcp.Object.Tree()["spec"].(map[string]any)
		mounts = append(mounts, volumesIn(pod.Namespace, spec["gateways"])...)
		known = true
	}
	return mounts, known
}

// volumesIn are the volumes of all gateways below a field.
func volumesIn(namespace string, tree any) []mount {
	fields, _ := tree.(map[string]any)
	var all []mount
	for key, child := range fields {
		var list []struct {
			Volume      corev1.Volume
			VolumeMount corev1.VolumeMount
		}
		if key != "volumes" {
			all = append(all, volumesIn(namespace, child)...)
		} else if as(child, &list) {
			for _, one := range list {
				all = append(all, mountOf(namespace, one.VolumeMount, one.Volume))
			}
		}
	}
	return all
}

// missingFile says why a proxy does not have a file, or "". What its image and Istio bring is there.
func missingFile(p *validate.Pass, workload, file string) string {
	for _, own := range []string{"/etc/ssl/", "/etc/pki/", "/etc/istio/", "/usr/", "/var/run/secrets/", "/run/secrets/", "/var/lib/istio/"} {
		if strings.HasPrefix(file, own) {
			return ""
		}
	}
	mounts, known := filesOf(p, workload)
	if !known || !path.IsAbs(file) {
		return ""
	}
	slices.SortFunc(mounts, func(a, b mount) int { return cmp.Or(len(b.at)-len(a.at), cmp.Compare(a.at, b.at)) }) // the innermost first
	for _, m := range mounts {
		rest, below := strings.CutPrefix(file, strings.TrimSuffix(m.at, "/"))
		if !below || rest != "" && rest[0] != '/' {
			continue
		}
		s, held := secretsOf(p)[m.secret]
		key := strings.TrimPrefix(rest, "/")
		if m.items != nil {
			if m.items[key] == "" {
				return fmt.Sprintf("of Secret %s, which is mounted at %s, nothing is given that name", m.secret, m.at)
			}
			key = m.items[key]
		}
		if !held {
			return ""
		}
		if _, there := valuesOf(s.Spec).Data[key]; !there {
			return fmt.Sprintf("%s, which is mounted at %s, has no key %s", s.ID, m.at, strings.TrimPrefix(rest, "/"))
		}
		return ""
	}
	return "nothing is mounted there"
}
