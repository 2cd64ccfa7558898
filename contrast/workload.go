package contrast

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A Workload is an object that starts pods, or a Pod.
type Workload struct {
	// Annotations are the object's own.
	Annotations map[string]string
	// TemplateField is where the pod template stands, as "spec.template"; "" where the object is a Pod.
	TemplateField string
	// TemplateAnnotations are the pod template's. A Pod has none.
	TemplateAnnotations map[string]string
	// Labels are those of the pods.
	Labels map[string]string
	Spec   corev1.PodSpec
}

// WorkloadOf is the workload that an object of Kubernetes is, a pointer to one of the kinds that `contrast generate` looks
// into; nothing else is one.
func WorkloadOf(object any) (Workload, bool) {
	of := func(meta metav1.ObjectMeta, t corev1.PodTemplateSpec) (Workload, bool) {
		return Workload{Annotations: meta.Annotations, TemplateField: "spec.template", TemplateAnnotations: t.Annotations, Labels: t.Labels, Spec: t.Spec}, true
	}
	switch o := object.(type) {
	case *corev1.Pod:
		return Workload{Annotations: o.Annotations, Labels: o.Labels, Spec: o.Spec}, true
	case *appsv1.Deployment:
		return of(o.ObjectMeta, o.Spec.Template)
	case *appsv1.StatefulSet:
		return of(o.ObjectMeta, o.Spec.Template)
	case *appsv1.DaemonSet:
		return of(o.ObjectMeta, o.Spec.Template)
	case *appsv1.ReplicaSet:
		return of(o.ObjectMeta, o.Spec.Template)
	case *batchv1.Job:
		return of(o.ObjectMeta, o.Spec.Template)
	case *batchv1.CronJob:
		w, ok := of(o.ObjectMeta, o.Spec.JobTemplate.Spec.Template)
		w.TemplateField = "spec.jobTemplate.spec.template"
		return w, ok
	}
	return Workload{}, false
}

// At is a field of the pod, as a field of the object.
func (w Workload) At(field string) string {
	if w.TemplateField == "" {
		return field
	}
	return w.TemplateField + "." + field
}
