package rules

import (
	"encoding/json"
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

// A mount is a folder or file that a proxy has, with what it is of. What it is of is not known where there is no source.
type mount struct {
	at, subPath string
	namespace   string
	from        []source
}

// A source is a Secret or ConfigMap of a volume.
type source struct {
	kind, name string
	items      map[string]string // keys by path; nil is each key by its own name
}

// filesOf are the mounts of a workload's proxy, and whether those are all. They are not where the files do not hold the
// workload, or where somebody's own template injects the proxy.
func filesOf(p *validate.Pass, workload string) (mounts []mount, all bool) {
	pod, ok := p.Index.Pod(workload)
	if !ok {
		return nil, false
	}
	if pod.Assumed {
		return stockMounts(p, pod)
	}
	t, ok := templateOf(p, workload)
	mounts = ownMounts(pod.Namespace, t.Spec)
	templates := strings.FieldsFunc(pod.Annotations["inject.istio.io/templates"], func(r rune) bool { return r == ',' || r == ' ' })
	if len(templates) == 0 && !pod.Gateway {
		templates = []string{"sidecar"}
	}
	for _, name := range templates {
		if name == "sidecar" { // the one for gateways does not look at the annotations
			mounts = append(mounts, annotated(pod)...)
		}
		ok = ok && (name == "sidecar" || name == "gateway")
	}
	return mounts, ok
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
	made := mount{at: m.MountPath, subPath: m.SubPath, namespace: namespace}
	add := func(kind, name string, list []corev1.KeyToPath) {
		var items map[string]string
		for _, item := range list {
			if items == nil {
				items = map[string]string{}
			}
			items[item.Path] = item.Key
		}
		made.from = append(made.from, source{kind, name, items})
	}
	switch {
	case m.SubPathExpr != "":
	case v.Secret != nil:
		add("Secret", v.Secret.SecretName, v.Secret.Items)
	case v.ConfigMap != nil:
		add("ConfigMap", v.ConfigMap.Name, v.ConfigMap.Items)
	case v.Projected != nil:
		for _, s := range v.Projected.Sources {
			if s.Secret != nil {
				add("Secret", s.Secret.Name, s.Secret.Items)
			}
			if s.ConfigMap != nil {
				add("ConfigMap", s.ConfigMap.Name, s.ConfigMap.Items)
			}
			if s.ClusterTrustBundle != nil || s.DownwardAPI != nil || s.ServiceAccountToken != nil {
				add("", "", nil)
			}
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

// stockMounts are those of a gateway that the target's installation brings: two Secrets of fixed names, and the volumes of
// a control plane that the files hold.
func stockMounts(p *validate.Pass, pod traffic.Pod) (mounts []mount, all bool) {
	if !pod.Gateway {
		return nil, false
	}
	for _, suffix := range []string{"certs", "ca-certs"} {
		name := pod.Labels["istio"] + "-" + suffix
		mounts = append(mounts, mount{at: "/etc/istio/" + name, namespace: pod.Namespace, from: []source{{"Secret", "istio-" + name, nil}}})
	}
	for _, c := range planes(p) {
		for _, g := range c.gateways() {
			if g.labels["istio"] != pod.Labels["istio"] {
				continue
			}
			for _, v := range g.Volumes {
				mounts = append(mounts, mountOf(pod.Namespace, v.VolumeMount, v.Volume))
			}
			all = true
		}
	}
	return mounts, all
}
