package tyk

import (
	"slices"
	"strings"
)

// The annotations that the injector reads and writes
// (https://github.com/TykTechnologies/tyk-k8s/blob/master/injector/injector.go).
const (
	InjectKey  = "injector.tyk.io/inject"             // on a pod template or a Service: mesh it
	RouteKey   = "injector.tyk.io/route"              // the path of the workload on https://mesh
	StatusKey  = "injector.tyk.io/status"             // "injected", once it is
	InboundKey = "injector.tyk.io/inbound-service-id" // the id of the inbound API
	MeshKey    = "injector.tyk.io/mesh-service-id"    // the id of the mesh API

	// GroupKey and CallersKey are declared by tyk-k8s and read by nothing in it. Here, they are what mutual TLS grants
	// are made of: [Grants].
	GroupKey   = "injector.tyk.io/group"
	CallersKey = "injector.tyk.io/caller-access-groups"

	// TemplateKey names the template of both API definitions, where the controller has a folder of templates.
	TemplateKey = "template.service.tyk.io"
)

// Injected is the value of [StatusKey] that ends the injector's interest, in letters of either case.
const Injected = "injected"

// Enabled tells whether the injector takes up an object with these annotations: inject says y, yes, true or on, and
// status does not say injected. Letters of either case count; spaces around the word, "1" and "t" do not.
func Enabled(annotations map[string]string) bool {
	return !strings.EqualFold(annotations[StatusKey], Injected) && Asked(annotations)
}

// Asked tells whether inject says yes, whatever the status is.
func Asked(annotations map[string]string) bool {
	switch strings.ToLower(annotations[InjectKey]) {
	case "y", "yes", "true", "on":
		return true
	}
	return false
}

// Ignored are the namespaces in which the injector leaves every object alone.
var Ignored = []string{"kube-system", "kube-public"}

// Meshed tells whether the injector takes up an object of this namespace with these annotations.
func Meshed(namespace string, annotations map[string]string) bool {
	return !slices.Contains(Ignored, namespace) && Enabled(annotations)
}
