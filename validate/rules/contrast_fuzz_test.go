package rules

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	edits "github.com/meshscenario/scenario/edit"
	"github.com/meshscenario/scenario/validate"
)

// FuzzContrast gives pods of Contrast any strings: nothing panics, what is said is said in words, and the edits that are
// offered can be made.
func FuzzContrast(f *testing.F) {
	for _, seed := range [][6]string{
		{"web#8080#false##metrics#7890#true", "billing#127.137.0.1:8081#billing-svc:8080", "9901", "http://billing-svc:8080", "contrast-cc", "8080"},
		{"DISABLED", "a#127.0.0.1:1#[::1]:1##a#127.0.0.1:1#a.b:1", "70000", "localhost:1", "kata", "a"},
		{"##web#73616#1##", "#127.0.0.1:15006#x:99999999999999999999", "-1", "postgres://a:b@billing-svc:8080@", "contrast-cc-x", "-1"},
		{"${A}#1#{{b}}", "ingress#127.0.0.1:80#127.0.0.1:80", "", "127.0.0.1", "", ""},
		{"\x00#\xff#true", "n#127.1.2.3:4#billing-svc.other.svc.cluster.local.:8080", "0x1", "# billing-svc:8080\nbilling-svc.vault.svc:8080", "contrast-cc", "0"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
	}
	f.Fuzz(func(t *testing.T, ingress, egress, admin, call, class, port string) {
		text := contrastObjects(t, ingress, egress, admin, call, class, port)
		b, err := bundle.Read("fuzz.yaml", strings.NewReader(text))
		if err != nil {
			t.Skip(err)
		}
		result, err := validate.Run(b, validate.Options{Target: target(t, "contrast"), Rules: contrastRules})
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range result.Findings {
			if found.Message == "" || found.Fix == "" || strings.Contains(found.Message+found.Consequence+found.Fix, "%!") {
				t.Errorf("%s: message %q, consequence %q, fix %q", found.Rule, found.Message, found.Consequence, found.Fix)
			}
			if len(found.Edits) == 0 {
				continue
			}
			if _, err := edits.Text("fuzz.yaml", []byte(text), found.Edits); err != nil && !bundle.HasGap(text) { // templates are left alone
				t.Errorf("%s: %v: %v", found.Rule, found.Edits, err)
			}
		}
	})
}

// contrastObjects are a pod with annotations, one with a sidecar, and a Service, as JSON, one document each.
func contrastObjects(t *testing.T, ingress, egress, admin, call, class, port string) string {
	t.Helper()
	deployment := func(name string, annotations map[string]string, init []any) map[string]any {
		return map[string]any{
			"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": name, "namespace": "vault", "annotations": map[string]string{"contrast.edgeless.systems/servicemesh-egress": egress}},
			"spec": map[string]any{"selector": map[string]any{"matchLabels": map[string]string{"app": name}}, "template": map[string]any{
				"metadata": map[string]any{"labels": map[string]string{"app": name}, "annotations": annotations},
				"spec": map[string]any{"runtimeClassName": class, "initContainers": init, "containers": []any{map[string]any{
					"name": name, "image": call, "args": []string{call}, "env": []any{map[string]string{"name": "CALL", "value": call}},
					"ports":          []any{map[string]any{"name": port, "containerPort": 8081}},
					"readinessProbe": map[string]any{"httpGet": map[string]any{"port": port}}}}},
			}},
		}
	}
	variable := func(name, value string) map[string]string { return map[string]string{"name": name, "value": value} }
	objects := []any{
		deployment("web", map[string]string{"contrast.edgeless.systems/servicemesh-ingress": ingress, "contrast.edgeless.systems/servicemesh-egress": egress, "contrast.edgeless.systems/servicemesh-admin-interface-port": admin}, nil),
		deployment("billing", nil, []any{map[string]any{"name": class, "image": "ghcr.io/edgelesssys/contrast/service-mesh-proxy:" + port, "env": []any{
			variable("CONTRAST_INGRESS_PROXY_CONFIG", ingress), variable("CONTRAST_EGRESS_PROXY_CONFIG", egress), variable("EDG_ADMIN_PORT", admin)}}}),
		map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "billing-svc", "namespace": "vault"},
			"spec": map[string]any{"selector": map[string]string{"app": "billing"}, "ports": []any{map[string]any{"port": 8080, "targetPort": port}}}},
	}
	var text strings.Builder
	for _, o := range objects {
		data, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n" + string(data) + "\n")
	}
	return text.String()
}
