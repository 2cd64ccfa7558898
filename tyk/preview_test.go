package tyk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// pods reads a workload out of a Pod's spec.
func pods(t *testing.T, spec string, annotations map[string]string) Workload {
	t.Helper()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "echo", Namespace: "shop", Labels: map[string]string{"app": "echo"}, Annotations: annotations}}
	if err := yaml.UnmarshalStrict([]byte(spec), &pod.Spec); err != nil {
		t.Fatal(err)
	}
	w, ok := WorkloadOf(pod)
	if !ok {
		t.Fatal("no workload")
	}
	return w
}

func meshed() map[string]string {
	return map[string]string{InjectKey: "true", RouteKey: "/echo", "mine": "stays"}
}

// TestPreviewPods has the whole of what injection does to a pod. The expectation was held against createPatch of tyk-k8s,
// c3e3095, as were 600 pods and Services made by chance, without a difference.
func TestPreviewPods(t *testing.T) {
	w := pods(t, `
containers: [{name: app, image: a, ports: [{containerPort: 80}]}]
hostAliases: [{ip: 10.0.0.1, hostnames: [db]}]
initContainers: [{name: first, image: i}]
`, meshed())
	p := PreviewPods(w, Default(true))
	got, err := yaml.Marshal(p.Pods.Spec)
	if err != nil {
		t.Fatal(err)
	}
	if want := `containers:
- image: a
  name: app
  ports:
  - containerPort: 80
  resources: {}
  volumeMounts:
  - mountPath: /etc/ssl/certs
    name: ssl-certs
- command:
  - /opt/tyk-gateway/tyk
  - --conf=/opt/tyk-gateway/tyk.conf
  env:
  - name: TYK_GW_ENABLECUSTOMDOMAINS
    value: "true"
  - name: TYK_GW_HTTPSERVEROPTIONS_USESSL
    value: "true"
  - name: TYK_GW_DBAPPCONFOPTIONS_TAGS
    value: mesh,echo
  image: tykio/tyk-sidecar:2.8.4
  imagePullPolicy: Always
  name: tyk-mesh
  ports:
  - containerPort: 8080
  resources: {}
  volumeMounts:
  - mountPath: /etc/ssl/certs
    name: ssl-certs
  workingDir: /opt/tyk-gateway
hostAliases:
- hostnames:
  - db
  ip: 10.0.0.1
- hostnames:
  - mesh
  - mesh.local
  ip: 127.0.0.1
initContainers:
- image: i
  name: first
  resources: {}
- command:
  - /entrypoint
  image: tykio/tyk-k8s-init
  imagePullPolicy: Always
  name: run-iptables
  resources: {}
  securityContext:
    privileged: true
  volumeMounts:
  - mountPath: /var/tmp
    name: ca-pem
  - mountPath: /tmp/
    name: ssl-certs
volumes:
- configMap:
    name: ca-pem
  name: ca-pem
- emptyDir: {}
  name: ssl-certs
`; string(got) != want {
		t.Errorf("%s", got)
	}
	if got := fmt.Sprint(p.Pods.Annotations); got != "map[injector.tyk.io/route:/echo injector.tyk.io/status:injected mine:stays]" {
		t.Error(got)
	}
	if len(p.Breaks) > 0 || p.Refused != "" {
		t.Errorf("%q %q", p.Breaks, p.Refused)
	}
	plain := PreviewPods(w, Default(false)).Pods.Spec
	if len(plain.Volumes) > 0 || len(plain.Containers[0].VolumeMounts) > 0 || len(plain.Containers) != 2 {
		t.Errorf("without TLS: %+v", plain)
	}
	if len(w.Pods.Spec.Containers) != 1 || w.Annotations[InjectKey] != "true" {
		t.Error("the workload itself was changed")
	}
}

func TestPreviewTells(t *testing.T) {
	const app = "containers: [{name: app, image: a, ports: [{containerPort: 80}]}]\n"
	mounting := Default(true)
	mounting.Injector.EnableMeshTLS = false
	unnamed := Default(false)
	unnamed.Injector.Containers[0].Name = "gateway"
	bare := Default(true)
	bare.Injector.CreateRoutes = false
	for _, c := range []struct {
		name, spec  string
		config      Controller
		annotations map[string]string
		app         string
		want        string // part of what is refused or breaks; "" is nothing
	}{
		{"all right", app, Default(false), nil, "echo", ""},
		{"no app label", app, Default(false), nil, "", "refuses a pod without the label app"},
		{"no app label, ids given", app, Default(true), map[string]string{InboundKey: "1", MeshKey: "2"}, "", ""},
		{"one id given", app, Default(true), map[string]string{InboundKey: "1"}, "echo", "needs the annotation injector.tyk.io/mesh-service-id"},
		{"TLS, and no routes", app, bare, nil, "echo", "needs the annotation injector.tyk.io/inbound-service-id"},
		{"annotation", app, Default(false), map[string]string{"bool.service.tyk.io/active": "1"}, "echo", "annotation bool.service.tyk.io/active"},
		{"volumes without TLS", app, mounting, nil, "echo", "spec.initContainers[0].volumeMounts[0] mounts the volume ca-pem, which is not there"},
		{"volume twice", app + "volumes: [{name: ssl-certs, emptyDir: {}}]", Default(true), nil, "echo", "a second volume ssl-certs"},
		{"mount twice", "containers: [{name: app, image: a, volumeMounts: [{name: v, mountPath: /etc/ssl/certs}]}]\nvolumes: [{name: v, emptyDir: {}}]", Default(true), nil, "echo", "a second mount at /etc/ssl/certs"},
		{"sidecar there", "containers: [{name: tyk-mesh, image: a}]", Default(false), nil, "echo", "a second container tyk-mesh"},
		{"other port", "containers: [{name: app, image: a, ports: [{containerPort: 8000}]}]", Default(false), nil, "echo", "no container has port 80"},
		{"its port", "containers: [{name: app, image: a, ports: [{containerPort: 80}, {containerPort: 8080}]}]", Default(false), nil, "echo", "a container has port 8080"},
		{"UDP", "containers: [{name: app, image: a, ports: [{containerPort: 8080, protocol: UDP}]}]", Default(false), nil, "echo", ""},
		{"route", app, Default(false), map[string]string{RouteKey: "echo"}, "echo", `the route "echo" has no slash`},
		{"host network", app + "hostNetwork: true", Default(false), nil, "echo", "hostNetwork"},
		{"no sidecar", app, unnamed, nil, "echo", "adds no container tyk-mesh"},
		{"half TLS", app, mounting.without(), nil, "echo", "one side of every call speaks TLS"},
		{"new field", app + "securityContext: {seccompProfile: {type: RuntimeDefault}}", Default(false), nil, "echo", "spec.securityContext.seccompProfile is lost"},
		{"native sidecar", app + "initContainers: [{name: log, image: l, restartPolicy: Always}]", Default(false), nil, "echo", "init container log was a sidecar"},
	} {
		annotations := meshed()
		for key, value := range c.annotations {
			annotations[key] = value
		}
		w := pods(t, c.spec, annotations)
		w.App = c.app
		p := PreviewPods(w, c.config)
		got := strings.Join(append(slices.Clone(p.Breaks), p.Refused), "\n")
		if c.want == "" && strings.TrimSpace(got) != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
		if p.Refused != "" && len(p.Pods.Spec.Containers) != len(w.Pods.Spec.Containers) {
			t.Errorf("%s: refused, and injected", c.name)
		}
	}
	native := PreviewPods(pods(t, app+"initContainers: [{name: log, image: l, restartPolicy: Always}]", meshed()), Default(false))
	if native.Pods.Spec.InitContainers[0].RestartPolicy != nil {
		t.Error("restartPolicy is still there")
	}
	job := pods(t, app, meshed())
	job.Kind = "Job"
	if got := PreviewPods(job, Default(false)).Breaks; len(got) != 1 || got[0] != "the Job never completes: its sidecar runs on" {
		t.Errorf("%q", got)
	}
}

// without is a configuration whose init container mounts nothing.
func (c Controller) without() Controller {
	c.Injector.InitContainers = nil
	return c
}

func TestPreviewService(t *testing.T) {
	service := func(ports string) corev1.Service {
		s := corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "echo", Namespace: "shop", Annotations: map[string]string{InjectKey: "yes"}}}
		if err := yaml.UnmarshalStrict([]byte(ports), &s.Spec); err != nil {
			t.Fatal(err)
		}
		return s
	}
	one := PreviewService(service("ports: [{name: http, port: 80, targetPort: web, nodePort: 30080}]"))
	if got, err := yaml.Marshal(one.Service.Spec.Ports); err != nil || string(got) != "- name: tyk-sidecar\n  port: 8080\n  targetPort: 8080\n" {
		t.Errorf("%s %v", got, err)
	}
	if len(one.Breaks) != 1 || !strings.Contains(one.Breaks[0], "nodePort 30080 is lost") || one.Service.Annotations[StatusKey] != "" {
		t.Errorf("%+v", one)
	}
	for ports, want := range map[string]string{
		"ports: []": "it has none",
		"ports: [{name: a, port: 80}, {name: b, port: 81}]": "with 2 ports, the injector's patch puts one object where the list was",
	} {
		if p := PreviewService(service(ports)); !strings.Contains(p.Refused, want) {
			t.Errorf("%s: %q", ports, p.Refused)
		}
	}
	again := PreviewService(one.Service)
	if len(again.Changes)+len(again.Breaks) > 0 {
		t.Errorf("a second time: %+v", again)
	}
	other := service("ports: [{port: 80}]")
	other.Annotations = nil
	if p := PreviewService(other); p.Service.Spec.Ports[0].Port != 80 || len(p.Changes) > 0 {
		t.Errorf("%+v", p)
	}
}

func TestRedirects(t *testing.T) {
	for port, want := range map[int]int{80: 8080, 443: 8080, 6767: 80, 8080: 8080, 5432: 5432} {
		if to, ok := Redirected(port); to != want || ok != (to != port) {
			t.Errorf("%d goes to %d, %t", port, to, ok)
		}
	}
}

func TestWorkloadOf(t *testing.T) {
	w := pods(t, "containers: []", map[string]string{InjectKey: "on", GroupKey: " web ", CallersKey: "a, b,,c"})
	if w.Host() != "echo.shop" || w.Route != "echo" || w.Group != "web" || fmt.Sprint(w.Callers) != "[a b c]" || !w.Closed || !w.Meshed() {
		t.Errorf("%+v", w)
	}
	w.Namespace = ""
	if w.Host() != "echo.default" {
		t.Error(w.Host())
	}
	if _, ok := WorkloadOf(&corev1.Service{}); ok {
		t.Error("a Service is no workload")
	}
}

// TestTagged: the sidecar, whose name may be in letters of either case, loads the workload's APIs and nobody else's, whatever its
// tags were; another container is added as it is.
func TestTagged(t *testing.T) {
	const app = "containers: [{name: app, image: a, ports: [{containerPort: 80}]}]"
	for _, c := range []struct{ container, app, tags, want string }{
		{"tyk-mesh", "echo", "edge", "[mesh,echo]"},
		{"Tyk-Mesh", "echo", "", "[mesh,echo]"},
		{"tyk-mesh", "", "", "[mesh,please-set-app-label]"},
		{"logs", "echo", "edge", "[edge]"},
	} {
		config := Default(false)
		added := &config.Injector.Containers[0]
		added.Name, added.Env = c.container, nil
		if c.tags != "" {
			added.Env = []corev1.EnvVar{{Name: TagsEnv, Value: c.tags}}
		}
		annotations := meshed()
		annotations[InboundKey], annotations[MeshKey] = "1", "2"
		w := pods(t, app, annotations)
		w.App = c.app
		p := PreviewPods(w, config)
		var tags []string
		for _, e := range p.Pods.Spec.Containers[1].Env {
			tags = append(tags, e.Value)
		}
		if got := fmt.Sprint(tags); got != c.want {
			t.Errorf("%s of %q: %s, want %s", c.container, c.app, got, c.want)
		}
		if slices.ContainsFunc(p.Changes, func(s string) bool { return strings.Contains(s, "ids that Tyk gives") }) {
			t.Errorf("%s: the ids are given, and it says that Tyk gives them", c.container)
		}
	}
}
