package tyk

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// PreviewPods is what the injector makes of the pods of a workload, as the last code of tyk-k8s does it: createServiceRoutes,
// handleMeshTLS and createPatch of its injector.go, in that order. Where the ids of the API definitions are not known, their
// annotations are left out: they are Tyk's to give.
//
// Of a workload that is not meshed nothing changes.
func PreviewPods(w Workload, c Controller) Preview {
	p := Preview{Pods: *w.Pods.DeepCopy()}
	if !w.Meshed() {
		return p
	}
	if why := notAdmitted(w, c); why != "" {
		p.Refused = why
		return p
	}
	p.annotate(w, c)
	p.loseFields()
	spec := &p.Pods.Spec
	spec.HostAliases = append(spec.HostAliases, corev1.HostAlias{IP: "127.0.0.1", Hostnames: slices.Clone(MeshHosts)})
	p.change("127.0.0.1 for " + strings.Join(MeshHosts, " and "))
	for _, added := range c.Injector.Containers {
		spec.Containers = append(spec.Containers, tagged(added, w.App))
		p.change("container " + added.Name)
	}
	for _, added := range c.Injector.InitContainers {
		spec.InitContainers = append(spec.InitContainers, *added.DeepCopy())
		p.change("init container " + added.Name)
	}
	if c.Injector.EnableMeshTLS {
		p.addTLS()
	}
	if why := invalid(*spec); why != "" {
		return Preview{Pods: *w.Pods.DeepCopy(), Refused: "the API server refuses the pod: " + why}
	}
	p.podBreaks(w, c)
	return p
}

// notAdmitted is why the webhook refuses a pod, or "".
func notAdmitted(w Workload, c Controller) string {
	routes, tls := c.Injector.CreateRoutes, c.Injector.EnableMeshTLS
	if routes && w.InboundID == "" {
		if w.App == "" {
			return "the injector refuses a pod without the label app: it names the API definitions by it"
		}
		if _, _, err := Definitions(w, c); err != nil {
			return "the injector refuses the pod: " + err.Error()
		}
		return ""
	}
	for _, id := range []struct{ key, value string }{{InboundKey, w.InboundID}, {MeshKey, w.MeshID}} {
		if tls && id.value == "" {
			return fmt.Sprintf("the injector refuses the pod: last-mile TLS needs the annotation %s, which nothing sets here", id.key)
		}
	}
	return ""
}

func (p *Preview) annotate(w Workload, c Controller) {
	annotations := maps.Clone(w.Annotations)
	delete(annotations, InjectKey)
	annotations[StatusKey] = Injected
	p.Pods.Annotations = annotations
	p.change("annotation " + StatusKey + ": " + Injected + " in place of " + InjectKey)
	if c.Injector.CreateRoutes && w.InboundID == "" {
		p.change("annotations with the ids that Tyk gives its two API definitions")
	}
}

// loseFields takes away what the controller's types do not hold.
func (p *Preview) loseFields() {
	var tree map[string]any
	data, err := json.Marshal(p.Pods.Spec)
	if err == nil {
		err = json.Unmarshal(data, &tree)
	}
	if err != nil {
		return // a pod that was read is JSON
	}
	paths := lose(tree)
	if len(paths) == 0 {
		return
	}
	if data, err = json.Marshal(tree); err == nil {
		p.Pods.Spec = corev1.PodSpec{}
		_ = json.Unmarshal(data, &p.Pods.Spec)
	}
	for _, path := range paths {
		p.breaks(fmt.Sprintf("spec.%s is lost: the controller puts back the whole spec, and its types are those of Kubernetes 1.16", path))
	}
}

// tagged is the added container, with the tags of the workload where it is the sidecar. A pod without the label app gets
// in only where the controller makes no API definitions; its tag is then made of the pod's name.
func tagged(added corev1.Container, app string) corev1.Container {
	c := *added.DeepCopy()
	if !strings.EqualFold(c.Name, SidecarName) {
		return c
	}
	if app == "" {
		app = "please-set-app-label"
	}
	tags := corev1.EnvVar{Name: TagsEnv, Value: MeshTag + "," + app}
	if i := slices.IndexFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == TagsEnv }); i >= 0 {
		c.Env[i] = tags
	} else {
		c.Env = append(c.Env, tags)
	}
	return c
}

func (p *Preview) addTLS() {
	spec := &p.Pods.Spec
	spec.Volumes = append(spec.Volumes,
		corev1.Volume{Name: CAVolume, VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: CAVolume},
		}}},
		corev1.Volume{Name: CertVolume, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}})
	for i := range spec.Containers {
		c := &spec.Containers[i]
		c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: CertVolume, MountPath: CertMount})
	}
	p.change(fmt.Sprintf("volumes %s, a ConfigMap that must be in the namespace, and %s, over %s of every container", CAVolume, CertVolume, CertMount))
}
