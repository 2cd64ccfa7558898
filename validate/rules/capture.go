package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// uncaptured is the annotation that keeps a port from a pod's sidecar, without its prefix.
func uncaptured(pod traffic.Pod, port int) string {
	value := func(name string) string { return pod.Annotations[captureAnnotation+name] }
	ports := strings.FieldsFunc(value("excludeOutboundPorts"), func(r rune) bool { return r == ',' || r == ' ' })
	switch {
	case slices.Contains(ports, strconv.Itoa(port)), slices.Contains(ports, "*"):
		return "excludeOutboundPorts"
	case value("excludeOutboundIPRanges") != "":
		return "excludeOutboundIPRanges"
	case value("includeOutboundIPRanges") != "":
		return "includeOutboundIPRanges"
	}
	return ""
}

// captured is how to have a pod's sidecar get what an annotation keeps from it at a port.
func captured(p *validate.Pass, t template, at validate.Place, name string, port int) (fix string, edits []validate.Edit) {
	edit := validate.Edit{Object: at.Object, Field: at.Field}
	if name != "excludeOutboundPorts" {
		return "remove the annotation, or limit it to the addresses that need it", []validate.Edit{edit}
	}
	ports := strings.FieldsFunc(t.Metadata.Annotations[captureAnnotation+name], func(r rune) bool { return r == ',' || r == ' ' })
	left := slices.DeleteFunc(slices.Clone(ports), func(one string) bool { return one == strconv.Itoa(port) || one == "*" })
	if len(left) == 0 {
		return "remove the annotation", []validate.Edit{edit}
	}
	edit.Value = strings.Join(left, ",")
	return fmt.Sprintf("take port %d out of the annotation", port), []validate.Edit{edit}
}

// injected is how to get a sidecar into a pod, and the edit that asks for one. Where its namespace refuses injection, no label
// of the pod counts (MutatingWebhookConfiguration istio-sidecar-injector), and the sidecar is written in by hand.
func injected(p *validate.Pass, t template, pod traffic.Pod) (fix string, edits []validate.Edit) {
	const byLabel = `have a sidecar injected: label sidecar.istio.io/inject: "true" of the pod, in a namespace where that counts`
	says := labelled(p).labels[pod.Namespace]["istio-injection"]
	if p.Target.PodInjection || says == "" || says == "enabled" {
		return byLabel, injectEdit(p, t)
	}
	return fmt.Sprintf("label namespace %s istio-injection: enabled, and restart the pods; or write the sidecar into the pod before it is applied: istioctl kube-inject -f FILE", pod.Namespace), nil
}

// injectEdit asks for a sidecar in the way that counts on the target.
func injectEdit(p *validate.Pass, t template) []validate.Edit {
	const inject = "sidecar.istio.io/inject"
	kind := "labels"
	if p.Target.PodInjection && !p.Target.Has(mesh.PodInjectionLabel) {
		kind = "annotations"
	}
	return []validate.Edit{{Object: p.At(t.object, "").Object, Field: t.at(fmt.Sprintf("metadata.%s[%q]", kind, inject)), Value: "true"}}
}

// intended is what a sidecar would do with a request and what says so: make its TLS, or lead it to a gateway.
func intended(p *validate.Pass, path *traffic.Path, pod traffic.Pod) (what string, by validate.Place, ok bool) {
	dialled := path.Hops[0].Destination
	for _, r := range p.Objects.VirtualServices {
		if forSidecars(r.Spec.Gateways) && slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return covers(h, dialled.Host) }) &&
			p.Index.Exported("VirtualService", r.Spec.ExportTo, r.ID.Namespace, pod.Namespace) && leadsToGateway(p, r) {
			return "past the egress gateway, whose policies and logs do not see it", p.At(r.Object, "spec.hosts"), true
		}
	}
	if scheme, _, _ := strings.Cut(path.Request.To, "://"); scheme == "https" || scheme == "tls" {
		return "", by, false
	}
	for _, r := range rulesFor(p, dialled.Host) {
		if wildcard(r.Spec.Host) || !p.Index.Exported("DestinationRule", r.Spec.ExportTo, r.ID.Namespace, pod.Namespace) || !pod.Sidecar && r.Spec.WorkloadSelector != nil {
			continue
		}
		for _, s := range settings(r) {
			if s.port == 0 || s.port == dialled.Port {
				return "in the clear, where TLS was to be made", p.At(r.Object, s.field), true
			}
		}
	}
	return "", by, false
}
