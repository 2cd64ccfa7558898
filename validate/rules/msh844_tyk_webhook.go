package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk-k8s/blob/master/injector/injector.go, Serve: its answers name no version, which API
// servers take for a review of v1beta1 alone; and https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
var msh844 = validate.Rule{
	ID: "MSH844", Name: "tyk-webhook", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "the API server asks tyk-k8s in a version, or at a path, that it does not answer",
	Check: func(p *validate.Pass) {
		for _, o := range p.Objects.All {
			if o.Kind != "MutatingWebhookConfiguration" || !strings.Contains(string(o.JSON), "tyk") {
				continue
			}
			for i, w := range items(o.Tree()["webhooks"]) {
				service := below(below(w, "clientConfig"), "service")
				path, injects := service["path"].(string)
				if !strings.Contains(text(service["name"]), "tyk") && path != "/inject" {
					continue
				}
				at := fmt.Sprintf("webhooks[%d].", i)
				tell := func(field, message, fix string, value any) {
					place := p.At(o, at+field)
					p.Report(validate.Finding{
						Place: place, Message: message,
						Consequence: "each admission fails: with failurePolicy Fail no pod starts, and with Ignore none is meshed",
						Fix:         fix,
						Edits:       []validate.Edit{{Object: place.Object, Field: place.Field, Value: value}},
					})
				}
				versions, _ := w["admissionReviewVersions"].([]any)
				// The API server takes the first that it knows.
				first := slices.IndexFunc(versions, func(v any) bool { return v == "v1" || v == "v1beta1" })
				if first >= 0 && versions[first] == "v1" {
					tell("admissionReviewVersions", fmt.Sprintf("webhook %s is asked by reviews of v1, and tyk-k8s answers without the version that those must have", text(w["name"])),
						"write admissionReviewVersions: [v1beta1], which API servers still speak", []any{"v1beta1"})
				}
				if !injects || path != "/inject" {
					tell("clientConfig.service.path", fmt.Sprintf("webhook %s is called at path %q, and tyk-k8s serves /inject alone", text(w["name"]), path), "write path: /inject", "/inject")
				}
			}
		}
	},
}
