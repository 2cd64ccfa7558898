package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// tykInject is the annotation by which a pod asks for the sidecar of tyk-k8s.
// https://github.com/TykTechnologies/tyk-k8s
const tykInject = "injector.tyk.io/inject"

// otherMesh is the mesh besides Istio whose sidecar a pod gets, where it says so, and what comes of both.
func otherMesh(p *validate.Pass, t template) (name, at, consequence string) {
	for _, c := range meshedPods(p) {
		if c.object != t.object {
			continue
		}
		v := c.source().Ingress
		if c.source().Egress.Set {
			v = c.source().Egress
		}
		return "Contrast", v.Field, "Contrast's policy for the pod does not know Istio's containers, which come when it is admitted: the pod does not start; and where it does, both sidecars lead incoming connections to themselves"
	}
	asked := slices.Contains([]string{"y", "yes", "true", "on"}, strings.ToLower(t.Metadata.Annotations[tykInject]))
	for _, c := range t.containers() {
		if c.Name == "tyk-mesh" {
			return "Tyk", t.at(c.field), "two sets of iptables rules lead ports 80 and 443 to two sidecars: the one that comes first takes all of it, and the other's APIs or identities are not used"
		}
	}
	if asked {
		return "Tyk", t.at(fmt.Sprintf("metadata.annotations[%q]", tykInject)), "two sets of iptables rules lead ports 80 and 443 to two sidecars: the one that comes first takes all of it, and the other's APIs or identities are not used"
	}
	return "", "", ""
}

// istioIn is the field of a pod's object that has Istio's sidecar injected, or is it, and how to keep it out.
func istioIn(p *validate.Pass, t template) (field string, edits []validate.Edit) {
	const inject = "sidecar.istio.io/inject"
	set := func(kind string) []validate.Edit {
		return []validate.Edit{{Object: p.At(t.object, "").Object, Field: t.at(fmt.Sprintf("metadata.%s[%q]", kind, inject)), Value: "false"}}
	}
	label, annotation := t.Metadata.Labels[inject], t.Metadata.Annotations[inject]
	for _, c := range t.containers() {
		if c.Name == "istio-proxy" {
			return t.at(c.field), nil
		}
	}
	switch {
	case label == "true":
		return t.at(fmt.Sprintf("metadata.labels[%q]", inject)), set("labels")
	case label == "false", annotation == "false":
	case annotation == "true":
		return t.at(fmt.Sprintf("metadata.annotations[%q]", inject)), set("annotations")
	case p.Target.PodInjection: // nothing else counts there
	case t.Metadata.Labels["istio.io/rev"] != "":
		return t.at(`metadata.labels["istio.io/rev"]`), set("labels")
	case slices.ContainsFunc(p.Objects.All, func(o *bundle.Object) bool {
		if o.Kind != "Namespace" || o.Name != t.namespace {
			return false
		}
		of := labelsOf(o)
		return of["istio-injection"] == "enabled" || of["istio-injection"] == "" && of["istio.io/rev"] != ""
	}):
		return t.at("metadata"), set("labels")
	}
	return "", nil
}
