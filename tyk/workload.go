package tyk

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A Workload is what the injector sees of a workload: its pods' labels and annotations.
type Workload struct {
	Kind, Namespace, Name string

	// App is the label app of the pods, "" where they have none: then no pod of it is admitted. By it the API
	// definitions are named, and <App>.<Namespace> is the host that callers' sidecars call, so a Service of that name must be.
	App string
	// Route is the listen path on https://mesh: the annotation, or App, without a slash before it.
	Route string
	// Template is the template of both API definitions, or "".
	Template string
	// Group is the group of the workload as a caller, or "".
	Group string
	// Callers are the groups that may call it, in the order written, and Closed says that the annotation is there.
	Callers []string
	Closed  bool
	// InboundID and MeshID are the ids of the API definitions where the annotations name them, else "".
	InboundID, MeshID string

	Annotations map[string]string
	// Template of the pods, and the path of it in the object: "spec.template", or "" for a Pod.
	Pods  corev1.PodTemplateSpec
	Field string
}

// Host is the name that callers' sidecars call, and that the certificate of the callee's is for.
func (w Workload) Host() string { return w.App + "." + w.namespace() }

// namespace is the one of the request, else "default", as in createServiceRoutes.
func (w Workload) namespace() string {
	if w.Namespace == "" {
		return "default"
	}
	return w.Namespace
}

// Meshed tells whether the injector takes up the workload's pods.
func (w Workload) Meshed() bool { return Meshed(w.Namespace, w.Annotations) }

// WorkloadOf reads a workload out of its object, of k8s.io/api: a Pod, or anything with a template of one. What is
// neither has ok false. Whether it is meshed, [Workload.Meshed] says.
func WorkloadOf(object any) (w Workload, ok bool) {
	switch o := object.(type) {
	case *corev1.Pod:
		return workload("Pod", o.ObjectMeta, corev1.PodTemplateSpec{ObjectMeta: o.ObjectMeta, Spec: o.Spec}, ""), true
	case *appsv1.Deployment:
		return workload("Deployment", o.ObjectMeta, o.Spec.Template, "spec.template"), true
	case *appsv1.StatefulSet:
		return workload("StatefulSet", o.ObjectMeta, o.Spec.Template, "spec.template"), true
	case *appsv1.DaemonSet:
		return workload("DaemonSet", o.ObjectMeta, o.Spec.Template, "spec.template"), true
	case *appsv1.ReplicaSet:
		return workload("ReplicaSet", o.ObjectMeta, o.Spec.Template, "spec.template"), true
	case *batchv1.Job:
		return workload("Job", o.ObjectMeta, o.Spec.Template, "spec.template"), true
	case *batchv1.CronJob:
		return workload("CronJob", o.ObjectMeta, o.Spec.JobTemplate.Spec.Template, "spec.jobTemplate.spec.template"), true
	}
	return Workload{}, false
}

func workload(kind string, meta metav1.ObjectMeta, pods corev1.PodTemplateSpec, field string) Workload {
	w := Workload{
		Kind: kind, Namespace: meta.Namespace, Name: meta.Name, App: pods.Labels["app"],
		Template: pods.Annotations[TemplateKey], Group: strings.TrimSpace(pods.Annotations[GroupKey]),
		InboundID: pods.Annotations[InboundKey], MeshID: pods.Annotations[MeshKey],
		Annotations: pods.Annotations, Pods: pods, Field: field,
	}
	w.Route = w.App
	if route, ok := pods.Annotations[RouteKey]; ok {
		w.Route = route
	}
	var callers string
	callers, w.Closed = pods.Annotations[CallersKey]
	for _, group := range strings.Split(callers, ",") {
		if group = strings.TrimSpace(group); group != "" {
			w.Callers = append(w.Callers, group)
		}
	}
	return w
}
