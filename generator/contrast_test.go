package generator

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/scenarios"
)

// The images of the mesh, with made up digests.
var (
	initializerImage = "ghcr.io/edgelesssys/contrast/initializer@sha256:" + strings.Repeat("1", 64)
	meshImage        = "ghcr.io/edgelesssys/contrast/service-mesh-proxy@sha256:" + strings.Repeat("2", 64)
)

// contrastBundle renders a definition of target contrast, of which spec is given, with some parts.
func contrastBundle(t *testing.T, spec string, parts ...scenarios.Part) *bundle.Bundle {
	t.Helper()
	text := "apiVersion: meshscenario.io/v1alpha1\nkind: Scenario\nspec:\n  " + strings.ReplaceAll(strings.TrimSpace(spec), "\n", "\n  ") + "\n"
	drafts, err := scenarios.Read(strings.NewReader(text), "d.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plans, err := scenarios.Resolve(drafts, "contrast")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Render(plans, Options{Parts: parts})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// deployment is the one of a name.
func deployment(t *testing.T, b *bundle.Bundle, name string) *appsv1.Deployment {
	t.Helper()
	for _, o := range b.Objects {
		if o.Kind == "Deployment" && o.Name == name {
			typed, err := o.Typed()
			if err != nil {
				t.Fatal(err)
			}
			return typed.(*appsv1.Deployment)
		}
	}
	t.Fatalf("no Deployment %s", name)
	return nil
}

func whole(generation string) string {
	return fmt.Sprintf("  generation: %s\n  initializerImage: %s\n  meshImage: %s\n", generation, initializerImage, meshImage)
}

// generate does to a pod what `contrast generate` does, as its mutators were read (release 1.13 and later).
func generate(d *appsv1.Deployment) {
	spec := &d.Spec.Template.Spec
	const volume = "contrast-secrets"
	mount := corev1.VolumeMount{Name: volume, MountPath: "/contrast"}
	little := corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("50Mi")}
	initializer := corev1.Container{
		Name: "contrast-initializer", Image: initializerImage, Env: []corev1.EnvVar{{Name: "COORDINATOR_HOST", Value: "coordinator-ready"}},
		Resources:       corev1.ResourceRequirements{Requests: little, Limits: little},
		SecurityContext: &corev1.SecurityContext{Capabilities: &corev1.Capabilities{Add: []corev1.Capability{"NET_ADMIN"}}},
		VolumeMounts:    []corev1.VolumeMount{mount},
	}
	always, yes := corev1.ContainerRestartPolicyAlways, true
	sidecar := corev1.Container{
		Name: "contrast-service-mesh", Image: meshImage, Args: []string{"-l", "debug"}, RestartPolicy: &always,
		SecurityContext: &corev1.SecurityContext{Privileged: &yes, Capabilities: &corev1.Capabilities{Add: []corev1.Capability{"NET_ADMIN"}}},
		StartupProbe: &corev1.Probe{
			InitialDelaySeconds: 1, PeriodSeconds: 5, FailureThreshold: 5,
			ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"test", "-f", "/ready"}}},
		},
		VolumeMounts: []corev1.VolumeMount{mount},
	}
	for _, from := range []struct{ annotation, variable string }{
		{"servicemesh-admin-interface-port", "CONTRAST_ADMIN_PORT"},
		{"servicemesh-ingress", "CONTRAST_INGRESS_PROXY_CONFIG"},
		{"servicemesh-egress", "CONTRAST_EGRESS_PROXY_CONFIG"},
	} {
		value := d.Spec.Template.Annotations["contrast.edgeless.systems/"+from.annotation]
		if value == "" {
			continue
		}
		sidecar.Env = append(sidecar.Env, corev1.EnvVar{Name: from.variable, Value: value})
		if from.variable == "CONTRAST_ADMIN_PORT" {
			sidecar.Ports = []corev1.ContainerPort{{Name: "contrast-admin", ContainerPort: 9901}}
		}
	}
	for i := range spec.Containers {
		spec.Containers[i].VolumeMounts = append(spec.Containers[i].VolumeMounts, mount)
	}
	spec.InitContainers = append(append([]corev1.Container{initializer}, spec.InitContainers...), sidecar)
	spec.Volumes = append(spec.Volumes, corev1.Volume{
		Name: volume, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory}},
	})
}

// TestContrastPodIsWhatGenerateMakes: a whole pod is the annotated one after `contrast generate`, in every field.
func TestContrastPodIsWhatGenerateMakes(t *testing.T) {
	for name, spec := range map[string]string{
		"nothing said": "scenario: 1a\ncontrast:\n",
		"every port":   "scenario: enroll\ncontrast:\n  ingress: [{port: 8080, tls: server}, {name: metrics, port: 7890, tls: none}, {port: 9000}]\n  adminPort: 9901\n",
		"both ways":    "scenario: 1a\nclient: {name: shop}\ncontrast:\n  ingress: [{port: 8080, tls: server}]\n  egress: [{remote: \"a:80\", env: A, scheme: http}, {remote: \"b.c:81\", listen: \"127.0.0.9:81\"}]\n",
	} {
		annotated, complete := contrastBundle(t, spec+"  generation: current\n", scenarios.Workload), contrastBundle(t, spec+whole("current"), scenarios.Workload)
		if len(annotated.Objects) != len(complete.Objects) {
			t.Errorf("%s: %d objects, and %d with the images", name, len(annotated.Objects), len(complete.Objects))
		}
		for _, o := range annotated.Objects {
			if o.Kind != "Deployment" {
				continue
			}
			want, got := deployment(t, annotated, o.Name), deployment(t, complete, o.Name)
			if len(want.Spec.Template.Spec.InitContainers) > 0 {
				t.Fatalf("%s: containers of the mesh without their images", name)
			}
			generate(want)
			if !reflect.DeepEqual(got, want) {
				a, _ := yaml.Marshal(got)
				b, _ := yaml.Marshal(want)
				t.Errorf("%s: rendered\n%s\ncontrast generate makes\n%s", name, a, b)
			}
		}
	}
}

// The two Deployments of the document that describes the first generation, as definitions, with its strings.
var firstDocument = []struct{ spec, ingress, egress string }{
	{
		spec: `
scenario: enroll
client: {name: web}
contrast:
  coordinatorHost: coordinator
  ingress: [{name: web, port: 8080, tls: server}, {name: metrics, port: 7890, tls: none}]
`,
		ingress: "web#8080#false##metrics#7890#true",
	},
	{
		spec: `
scenario: 1a
client: {name: web}
contrast:
  coordinatorHost: coordinator
  egress:
  - {name: billing, listen: "127.137.0.1:8081", remote: "billing-svc:8080"}
  - {name: cart, remote: "cart-svc:8080"}
`,
		egress: "billing#127.137.0.1:8081#billing-svc:8080##cart#127.137.0.2:8081#cart-svc:8080",
	},
}

// TestContrastStrings: the strings are the document's, in the variables of the first generation and in annotations of the
// second, and mean what was written.
func TestContrastStrings(t *testing.T) {
	for _, tc := range firstDocument {
		legacy := deployment(t, contrastBundle(t, tc.spec+whole("legacy")), "web")
		variables := map[string]string{}
		for _, e := range legacy.Spec.Template.Spec.InitContainers[1].Env {
			variables[e.Name] = e.Value
		}
		want := map[string]string{}
		for name, value := range map[string]string{"EDG_INGRESS_PROXY_CONFIG": tc.ingress, "EDG_EGRESS_PROXY_CONFIG": tc.egress} {
			if value != "" {
				want[name] = value
			}
		}
		if !reflect.DeepEqual(variables, want) {
			t.Errorf("variables %q, want %q", variables, want)
		}
		current := deployment(t, contrastBundle(t, tc.spec+whole("current")), "web").Spec.Template.Annotations
		if got := current[contrast.IngressAnnotation]; got != tc.ingress {
			t.Errorf("ingress %q, want %q", got, tc.ingress)
		}
		got, set := current[contrast.EgressAnnotation]
		if got != tc.egress || set != (tc.egress != "") {
			t.Errorf("egress %q (%v), want %q", got, set, tc.egress)
		}
		if _, set := current[contrast.IngressAnnotation]; !set {
			t.Error("no ingress annotation")
		}
	}
}

// TestContrastFirstDocument: all that the document's Deployments say is in ours, but for what is a placeholder there.
func TestContrastFirstDocument(t *testing.T) {
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED is not set: it names the folder with the seed documents")
	}
	files, _ := filepath.Glob(filepath.Join(shared, "seeds", "003_*.txt"))
	if len(files) != 1 {
		t.Fatalf("%d documents", len(files))
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(data), "```yaml\n")[1:]
	if len(blocks) != len(firstDocument) {
		t.Fatalf("%d blocks", len(blocks))
	}
	for i, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		var theirs, ours map[string]any
		if err := yaml.Unmarshal([]byte(text), &theirs); err != nil {
			t.Fatal(err)
		}
		b := contrastBundle(t, firstDocument[i].spec+whole("legacy"))
		ours = b.Objects[0].Tree()
		for _, missing := range lacking(theirs, ours, "") {
			// The images have no digests, and the application's container is not called as its Deployment. Without
			// replicas, an apply leaves them to who scales; one is the default.
			switch missing {
			case ".spec.replicas", ".spec.template.spec.containers[0].name", ".spec.template.spec.containers[0].image",
				".spec.template.spec.initContainers[0].image", ".spec.template.spec.initContainers[1].image":
			default:
				t.Errorf("Deployment %d of the document: %s is not rendered so", i+1, missing)
			}
		}
	}
}

// lacking lists the fields of want that got does not have so.
func lacking(want, got any, at string) []string {
	var all []string
	switch want := want.(type) {
	case map[string]any:
		fields, _ := got.(map[string]any)
		for key, value := range want {
			if there, ok := fields[key]; ok {
				all = append(all, lacking(value, there, at+"."+key)...)
			} else {
				all = append(all, at+"."+key)
			}
		}
	case []any:
		items, _ := got.([]any)
		if len(items) != len(want) {
			return []string{at}
		}
		for i := range want {
			all = append(all, lacking(want[i], items[i], fmt.Sprintf("%s[%d]", at, i))...)
		}
	default:
		if fmt.Sprint(want) != fmt.Sprint(got) {
			all = append(all, at)
		}
	}
	return all
}
