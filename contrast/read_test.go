package contrast

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// readings are objects with what is read from them: a line for each source, and one for the pod.
var readings = []struct {
	name, kind, yaml, want string
}{
	{"no mesh", "Deployment", `
metadata: {annotations: {contrast.edgeless.systems/expose-service: "true"}}
spec: {template: {spec: {runtimeClassName: contrast-cc, initContainers: [{name: contrast-initializer}], containers: [{name: web, env: [{name: A, value: b}]}]}}}
`, ""},

	{"annotations of the template, as today", "Deployment", `
spec:
  template:
    metadata: {annotations: {contrast.edgeless.systems/servicemesh-ingress: web#8080#false, contrast.edgeless.systems/servicemesh-admin-interface-port: "9901"}}
    spec: {runtimeClassName: contrast-cc-metal-qemu-snp-ab12}
`, `
template current: ingress "web#8080#false" admin-port "9901" at spec.template.metadata.annotations["contrast.edgeless.systems/servicemesh-ingress"]
injected, initializer -1, sidecar -1, effective template
`},

	{"annotations of the workload, as before, and no runtime class", "StatefulSet", `
metadata: {annotations: {contrast.edgeless.systems/servicemesh-egress: "a#127.137.0.1:80#b:80"}}
`, `
workload current: egress "a#127.137.0.1:80#b:80" at metadata.annotations["contrast.edgeless.systems/servicemesh-ingress"]
initializer -1, sidecar -1
`},

	{"an empty annotation brings the sidecar too", "Pod", `
metadata: {annotations: {contrast.edgeless.systems/servicemesh-ingress: ""}}
spec: {runtimeClassName: contrast-cc}
`, `
template current:  at metadata.annotations["contrast.edgeless.systems/servicemesh-ingress"]
injected, initializer -1, sidecar -1, effective template
`},

	{"what generate makes of annotations", "Job", `
spec:
  template:
    metadata: {annotations: {contrast.edgeless.systems/servicemesh-ingress: web#8080#true}}
    spec:
      runtimeClassName: contrast-cc
      initContainers:
      - name: contrast-initializer
      - name: contrast-service-mesh
        env: [{name: CONTRAST_INGRESS_PROXY_CONFIG, value: web#8080#true}]
`, `
template current: ingress "web#8080#true" at spec.template.metadata.annotations["contrast.edgeless.systems/servicemesh-ingress"]
environment current: ingress "web#8080#true" at spec.template.spec.initContainers[1].env[0].value in spec.template.spec.initContainers[1]
injected, initializer 0, sidecar 1, effective template
`},

	{"by hand, of the first releases; the last variable of a name counts", "CronJob", `
spec:
  jobTemplate:
    spec:
      template:
        spec:
          runtimeClassName: contrast-cc
          initContainers:
          - {name: first, image: example.org/first}
          - {name: initializer, image: "ghcr.io/edgelesssys/contrast/initializer:v0.5"}
          - name: sidecar
            image: ghcr.io/edgelesssys/contrast/service-mesh-proxy:v0.5
            env:
            - {name: EDG_INGRESS_PROXY_CONFIG, value: web#8080}
            - {name: EDG_INGRESS_PROXY_CONFIG, value: web#8080#false}
`, `
environment legacy: ingress "web#8080#false" at spec.jobTemplate.spec.template.spec.initContainers[2].env[1].value in spec.jobTemplate.spec.template.spec.initContainers[2]
initializer 1, sidecar 2, effective environment
`},

	{"a sidecar without variables, and one that is no init container", "ReplicaSet", `
spec:
  template:
    spec:
      containers:
      - {name: mesh, image: ghcr.io/edgelesssys/contrast/service-mesh-proxy:v0.5, volumeMounts: [{name: tls-certs, mountPath: /tls-config}]}
      - {name: contrast-service-mesh}
`, `
environment legacy:  at spec.template.spec.containers[0] in spec.template.spec.containers[0]
environment current:  at spec.template.spec.containers[1] in spec.template.spec.containers[1]
initializer -1, sidecar -1, effective environment
`},

	{"values that stand elsewhere, of both generations at once", "DaemonSet", `
spec:
  template:
    spec:
      initContainers:
      - name: sidecar
        env:
        - {name: CONTRAST_INGRESS_PROXY_CONFIG, valueFrom: {configMapKeyRef: {name: mesh, key: ingress}}}
        - {name: EDG_EGRESS_PROXY_CONFIG, value: "a#127.0.0.1:70000#b:80"}
`, `
environment legacy: egress "a#127.0.0.1:70000#b:80" at spec.template.spec.initContainers[0] in spec.template.spec.initContainers[0]
  egress[0].listen: "127.0.0.1:70000" is not an IP address with a port: the sidecar listens there for the application
environment current:  at spec.template.spec.initContainers[0].env[0].value in spec.template.spec.initContainers[0], elsewhere
initializer -1, sidecar 0, effective environment
`},
}

func TestRead(t *testing.T) {
	for _, tc := range readings {
		if got, want := reading(t, tc.kind, tc.yaml), strings.TrimPrefix(tc.want, "\n"); got != want {
			t.Errorf("%s:\ngot\n%swant\n%s", tc.name, got, want)
		}
	}
}

// TestReadOfTheFirstDocument reads the two Deployments of the document that this package began with.
func TestReadOfTheFirstDocument(t *testing.T) {
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED is not set: it names the folder with the seed documents")
	}
	files, err := filepath.Glob(filepath.Join(shared, "seeds", "003_*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, after := range strings.Split(string(data), "```yaml\n")[1:] {
		block, _, _ := strings.Cut(after, "```")
		got += reading(t, "Deployment", block)
	}
	const container = "spec.template.spec.initContainers[1]"
	want := `environment legacy: ingress "web#8080#false##metrics#7890#true" at ` + container + ".env[0].value in " + container + "\n" +
		"initializer 0, sidecar 1, effective environment\n" +
		`environment legacy: egress "billing#127.137.0.1:8081#billing-svc:8080##cart#127.137.0.2:8081#cart-svc:8080" at ` + container + " in " + container + "\n" +
		"initializer 0, sidecar 1, effective environment\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func reading(t *testing.T, kind, text string) string {
	t.Helper()
	object := map[string]any{
		"Pod": &corev1.Pod{}, "Deployment": &appsv1.Deployment{}, "StatefulSet": &appsv1.StatefulSet{}, "DaemonSet": &appsv1.DaemonSet{},
		"ReplicaSet": &appsv1.ReplicaSet{}, "Job": &batchv1.Job{}, "CronJob": &batchv1.CronJob{},
	}[kind]
	if err := yaml.Unmarshal([]byte(text), object); err != nil {
		t.Fatal(err)
	}
	w, ok := WorkloadOf(object)
	if !ok {
		t.Fatalf("%s is no workload", kind)
	}
	pod := Read(w)
	if pod == nil {
		return ""
	}
	var b strings.Builder
	for _, s := range pod.Sources {
		fmt.Fprintf(&b, "%s %s: %s at %s", s.Place, s.Generation, formatCell(s.Config.Strings()), s.Ingress.Field)
		if s.Container != "" {
			fmt.Fprintf(&b, " in %s", s.Container)
		}
		if s.Elsewhere() {
			b.WriteString(", elsewhere")
		}
		b.WriteString("\n")
		for _, f := range s.Faults {
			fmt.Fprintf(&b, "  %v\n", f)
		}
	}
	if pod.Injected {
		b.WriteString("injected, ")
	}
	fmt.Fprintf(&b, "initializer %d, sidecar %d", pod.Initializer, pod.Sidecar)
	if s := pod.Effective(); s != nil {
		fmt.Fprintf(&b, ", effective %s", s.Place)
	}
	return b.String() + "\n"
}

func TestOnlyWorkloads(t *testing.T) {
	if _, ok := WorkloadOf(&corev1.Service{}); ok {
		t.Error("a Service is no workload")
	}
	if _, ok := WorkloadOf(nil); ok {
		t.Error("nothing is no workload")
	}
}
