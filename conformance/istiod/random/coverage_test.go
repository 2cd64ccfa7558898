package random

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	networking "istio.io/api/networking/v1alpha3"
	security "istio.io/api/security/v1beta1"
)

// covered are the kinds of which every field is generated, or listed in notGenerated.
var covered = map[string]protoreflect.MessageDescriptor{
	"ServiceEntry":       (&networking.ServiceEntry{}).ProtoReflect().Descriptor(),
	"DestinationRule":    (&networking.DestinationRule{}).ProtoReflect().Descriptor(),
	"VirtualService":     (&networking.VirtualService{}).ProtoReflect().Descriptor(),
	"Gateway":            (&networking.Gateway{}).ProtoReflect().Descriptor(),
	"Sidecar":            (&networking.Sidecar{}).ProtoReflect().Descriptor(),
	"PeerAuthentication": (&security.PeerAuthentication{}).ProtoReflect().Descriptor(),
}

// TestCoverage holds what is generated against Istio's API: each field, and each value of an enum, at each place where
// it may stand. So a field that a new Istio has is generated, or somebody says why not.
func TestCoverage(t *testing.T) {
	missing := map[string]bool{}
	unused := maps.Clone(notGenerated)
	for _, kind := range slices.Sorted(maps.Keys(covered)) {
		for _, path := range fieldsOf(kind, covered[kind], nil) {
			if listed := listedFor(path); listed != "" {
				delete(unused, listed)
			} else {
				missing[path] = true
			}
		}
	}
	for path := range unused {
		t.Errorf("notGenerated has %s, which Istio does not have", path)
	}
	seen := map[string]bool{}
	// All is seen after about half of them. The rarest are values at places that are rare themselves.
	for seed := int64(0); seed < 50000 && (seed < 3000 || len(missing) > 0); seed++ {
		for _, o := range New(seed).Objects {
			if message := covered[kindOf(o)]; message != nil {
				note(seen, kindOf(o), message, specOf(o))
			}
		}
		if seed%1000 == 0 {
			maps.DeleteFunc(missing, func(path string, _ bool) bool { return seen[path] })
		}
	}
	for _, path := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("%s is not generated, and notGenerated does not say why", path)
	}
	for _, path := range slices.Sorted(maps.Keys(seen)) {
		if listed := listedFor(path); listed != "" {
			t.Errorf("%s is generated, and notGenerated has %s", path, listed)
		}
	}
}

// listedFor is the entry of notGenerated that a path is in.
func listedFor(path string) string {
	for prefix := range notGenerated {
		if path == prefix || strings.HasPrefix(path, prefix+".") || strings.HasPrefix(path, prefix+"=") {
			return prefix
		}
	}
	return ""
}

// fieldsOf are the paths of all fields of a message and of the values of its enums. A message within itself is left out.
func fieldsOf(path string, message protoreflect.MessageDescriptor, above []protoreflect.FullName) []string {
	if slices.Contains(above, message.FullName()) {
		return nil
	}
	above = append(above, message.FullName())
	var all []string
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		at := path + "." + field.JSONName()
		all = append(all, at)
		if enum := valueOf(field).Enum(); enum != nil {
			for v := range enum.Values().Len() {
				all = append(all, at+"="+string(enum.Values().Get(v).Name()))
			}
		}
		if inner := messageOf(field); inner != nil {
			all = append(all, fieldsOf(at, inner, above)...)
		}
	}
	return all
}

// note marks the fields that are set in a tree.
func note(seen map[string]bool, path string, message protoreflect.MessageDescriptor, tree object) {
	for key, value := range tree {
		field := message.Fields().ByJSONName(key)
		if field == nil {
			panic(path + "." + key + " is no field, and Istio takes it")
		}
		at := path + "." + key
		seen[at] = true
		values := []any{value}
		if many, ok := value.(list); ok {
			values = many
		} else if m, ok := value.(object); ok && field.IsMap() {
			values = slices.Collect(maps.Values(m))
		}
		for _, v := range values {
			if valueOf(field).Enum() != nil {
				seen[at+"="+v.(string)] = true
			}
			if inner := messageOf(field); inner != nil {
				note(seen, at, inner, v.(object))
			}
		}
	}
}

// valueOf is a field, or the values of one that is a map.
func valueOf(field protoreflect.FieldDescriptor) protoreflect.FieldDescriptor {
	if field.IsMap() {
		return field.MapValue()
	}
	return field
}

// messageOf is the message that a field holds, unless that is one of protobuf's own, which are written as one value.
func messageOf(field protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	message := valueOf(field).Message()
	if message == nil || message.FullName().Parent() == "google.protobuf" {
		return nil
	}
	return message
}

// notGenerated are the fields that no case has, and why. What is below one of them is meant too.
var notGenerated = map[string]string{
	"Gateway.servers.port.targetPort":                  "Istio refuses it: it has no impact on gateways.",
	"Sidecar.egress.port.targetPort":                   "Istio refuses it.",
	"Sidecar.ingress.port.targetPort":                  "Istio refuses it.",
	"Sidecar.ingress.tls.httpsRedirect":                "Istio refuses it for sidecars.",
	"Sidecar.ingress.tls.credentialName":               "Istio refuses it for sidecars.",
	"Sidecar.ingress.tls.credentialNames":              "Istio refuses it for sidecars.",
	"Sidecar.ingress.tls.tlsCertificates":              "Istio refuses it for sidecars.",
	"Sidecar.ingress.tls.subjectAltNames":              "Istio refuses it for sidecars.",
	"Sidecar.ingress.tls.mode=ISTIO_MUTUAL":            "Istio refuses it for sidecars.",
	"Sidecar.ingress.tls.mode=AUTO_PASSTHROUGH":        "Istio refuses it for sidecars.",
	"Sidecar.ingress.tls.caCertCredentialName":         "It is for a credential's CA, and sidecars have no credentials there.",
	"VirtualService.http.fault.delay.exponentialDelay": "Istio refuses it: it is not supported yet.",
	"VirtualService.http.fault.abort.http2Error":       "Istio refuses it: it is not supported yet.",
}
