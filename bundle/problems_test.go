package bundle

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	networkingalpha "istio.io/client-go/pkg/apis/networking/v1alpha3"
	networkingbeta "istio.io/client-go/pkg/apis/networking/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"
	telemetry "istio.io/client-go/pkg/apis/telemetry/v1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/meshscenario/scenario/mesh"
)

// lenient reads one object leniently; problems are written one a line, those that are dropped with a minus.
func lenient(t *testing.T, text string) (typed any, problems string) {
	t.Helper()
	b, err := Read("f", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	typed, found := b.Objects[0].Lenient()
	var out []string
	for _, p := range found {
		mark := "!"
		if p.Dropped {
			mark = "-"
		}
		out = append(out, fmt.Sprintf("%s %s %s: %s", mark, b.Objects[0].At(p.Field), p.Field, p.Message))
	}
	return typed, strings.Join(out, "\n")
}

// TestLenient: all that is wrong is told with its path, and what can be judged still can.
func TestLenient(t *testing.T) {
	const meta = "metadata: {name: a}\n"
	const vs = "apiVersion: networking.istio.io/v1\nkind: VirtualService\n" + meta
	const svc = "apiVersion: v1\nkind: Service\n" + meta
	for name, tc := range map[string]struct {
		text  string
		typed any
		want  string
	}{
		"nothing": {vs + "spec: {hosts: [a]}\n", &networking.VirtualService{}, ""},
		"server's own fields": {
			"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, creationTimestamp: null, generation: 2, uid: x, managedFields: [{manager: kubectl, operation: Update, fieldsV1: {'f:spec': {.: {}}}}]}\nspec: {hosts: [a]}\nstatus: {anything: [1]}\n",
			&networking.VirtualService{}, "",
		},
		"unknown": {
			vs + "spec:\n  htps: 1\n  http:\n  - route:\n    - destination: {host: a, prot: 1}\n      wieght: 1\n",
			&networking.VirtualService{},
			"- f:5:3 spec.htps: unknown field \"htps\"\n- f:8:30 spec.http[0].route[0].destination.prot: unknown field \"prot\"\n- f:9:7 spec.http[0].route[0].wieght: unknown field \"wieght\"",
		},
		"unknown at the top": {
			vs + "spec: {}\nsepc: {}\na.b: 1\n", &networking.VirtualService{},
			"- f:5:1 sepc: unknown field \"sepc\"\n- f:6:1 [\"a.b\"]: unknown field \"a.b\"",
		},
		"unknown in metadata": {
			"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a, label: {b: c}}\nspec: {}\n", &networking.Gateway{},
			"- f:3:21 metadata.label: unknown field \"label\"",
		},
		"under a key with dots": {
			"apiVersion: networking.istio.io/v1\nkind: VirtualService\n" + meta + "spec:\n  http:\n  - match:\n    - headers:\n        x.y/z: {exakt: 1}\n", &networking.VirtualService{},
			"- f:8:17 spec.http[0].match[0].headers[\"x.y/z\"].exakt: unknown field \"exakt\"",
		},
		"wrong type": {
			vs + "spec: {hosts: a, http: [{route: [{weight: x}]}], gatways: 1}\n", nil,
			"! f:4:8 spec.hosts: unexpected token \"a\"\n! f:4:35 spec.http[0].route[0].weight: invalid value for int32 field weight: \"x\"\n- f:4:50 spec.gatways: unknown field \"gatways\"",
		},
		"wrong items": {
			vs + "spec: {hosts: [1, a, 2]}\n", nil,
			"! f:4:16 spec.hosts[0]: invalid value for string field hosts: 1",
		},
		"enum": {
			"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\n" + meta + "spec: {resolution: DSN, location: 0}\n", nil,
			"! f:4:8 spec.resolution: invalid value for enum field resolution: \"DSN\"",
		},
		"enum by number, number as text, duration": {
			"apiVersion: networking.istio.io/v1\nkind: VirtualService\n" + meta + "spec: {http: [{timeout: 1s, route: [{weight: \"5\"}]}]}\n", &networking.VirtualService{}, "",
		},
		"duration": {
			vs + "spec: {http: [{timeout: 1h}]}\n", nil,
			"! f:4:16 spec.http[0].timeout: invalid google.protobuf.Duration value \"1h\"",
		},
		"no spec":       {"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\n" + meta, nil, "! f:1:1 spec: missing"},
		"none required": {vs, &networking.VirtualService{}, ""},
		"spec no map":   {vs + "spec: []\n", nil, "! f:4:1 spec: unexpected token ["},
		"spec null":     {vs + "spec:\n", nil, "! f:4:1 spec: unexpected token null"},
		"version":       {"apiVersion: networking.istio.io/v2\nkind: VirtualService\n" + meta, nil, "! f:1:1 apiVersion: unknown version \"v2\" of networking.istio.io VirtualService; known are v1, v1beta1, v1alpha3"},
		"kind version":  {"apiVersion: networking.istio.io/v1\nkind: EnvoyFilter\n" + meta, nil, "! f:1:1 apiVersion: unknown version \"v1\" of networking.istio.io EnvoyFilter; known are v1alpha3"},
		"foreign group": {"apiVersion: example.com/v1\nkind: A\n" + meta + "x: 1\n", nil, ""},
		"foreign kind":  {"apiVersion: apps/v1\nkind: ControllerRevision\n" + meta + "x: 1\n", nil, ""},
		"plain, unknown": {
			svc + "spec:\n  typ: ClusterIP\n  ports:\n  - port: 80\n    targetprot: 80\n", &corev1.Service{},
			"- f:5:3 spec.typ: unknown field \"typ\"\n- f:8:5 spec.ports[0].targetprot: unknown field \"targetprot\"",
		},
		"plain, wrong": {
			svc + "spec:\n  ports:\n  - port: http\n    pork: 1\n  - port: 99999999999\n  selector: [a]\n", nil,
			"! f:6:5 spec.ports[0].port: a text where a whole number of its size is expected\n- f:7:5 spec.ports[0].pork: unknown field \"pork\"\n! f:8:5 spec.ports[1].port: number 99999999999 where a whole number of its size is expected\n! f:9:3 spec.selector: a list where a map is expected",
		},
		"plain, a type's own rules": {
			"apiVersion: v1\nkind: Pod\n" + meta + "spec:\n  containers:\n  - name: a\n  - name: b\n    resources: {limits: {cpu: 1, memory: lots}}\n", nil,
			"! f:8:34 spec.containers[1].resources.limits.memory: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
		},
		"plain, a type that decodes itself": {
			svc + "spec: {ports: [{port: 1}, {port: 2, targetPort: [1]}]}\n", nil,
			"! f:4:37 spec.ports[1].targetPort: a list where a whole number of its size is expected",
		},
		"plain, below a map": {
			"apiVersion: v1\nkind: ConfigMap\n" + meta + "data: {a.b: 1, c: x}\n", nil,
			"! f:4:8 data[\"a.b\"]: a number where a text is expected",
		},
		"Maistra": {"apiVersion: maistra.io/v2\nkind: ServiceMeshControlPlane\n" + meta + "spec: {whatever: 1, version: v2.6}\n", &mesh.ServiceMeshControlPlane{}, ""},
		"Maistra, wrong": {
			"apiVersion: maistra.io/v2\nkind: ServiceMeshControlPlane\n" + meta + "spec: {version: 2.6}\n", nil,
			"! f:4:8 spec.version: a number where a text is expected",
		},
		"Sail": {"apiVersion: sailoperator.io/v1\nkind: Istio\n" + meta + "spec: {whatever: 1}\n", &mesh.Istio{}, ""},
	} {
		typed, got := lenient(t, tc.text)
		got = strings.ReplaceAll(got, "\u00a0", " ")
		if got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, tc.want)
		}
		if reflect.TypeOf(typed) != reflect.TypeOf(tc.typed) {
			t.Errorf("%s: %T, want %T", name, typed, tc.typed)
		}
	}
	typed, _ := lenient(t, vs+"spec: {hosts: [a], htps: 1}\n")
	if o := typed.(*networking.VirtualService); o.Name != "a" || len(o.Spec.Hosts) != 1 {
		t.Errorf("what is known is lost: %v", o)
	}
}

// TestLenientStops: an object that is wrong all over does not take for ever.
func TestLenientStops(t *testing.T) {
	var text strings.Builder
	text.WriteString("apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\nspec:\n")
	for i := range 10 * maxProblems {
		fmt.Fprintf(&text, "  a%d: 1\n", i)
	}
	if _, problems := lenient(t, text.String()); strings.Count(problems, "\n")+1 != maxProblems {
		t.Errorf("%d problems", strings.Count(problems, "\n")+1)
	}
}

// TestLenientSearches: what a type decodes itself is found among many.
func TestLenientSearches(t *testing.T) {
	var text strings.Builder
	text.WriteString("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n")
	for i := range 300 {
		fmt.Fprintf(&text, "  - name: a\n    resources: {limits: {cpu: %s}}\n", []string{"1", "lots"}[i/123%2])
	}
	_, problems := lenient(t, text.String())
	if want := "! f:253:26 spec.containers[123].resources.limits.cpu: quantities must match"; !strings.HasPrefix(problems, want) {
		t.Errorf("%.100s, want %s", problems, want)
	}
}

// TestKinds: each kind is read into its type.
func TestKinds(t *testing.T) {
	for kind, want := range map[string]any{
		"apps/v1 StatefulSet": &appsv1.StatefulSet{},
		"apps/v1 DaemonSet":   &appsv1.DaemonSet{},
		"apps/v1 ReplicaSet":  &appsv1.ReplicaSet{},
		"batch/v1 Job":        &batchv1.Job{},
		"batch/v1 CronJob":    &batchv1.CronJob{},
		"v1 Pod":              &corev1.Pod{},
		//lint:ignore SA1019 people still write them
		"v1 Endpoints":                      &corev1.Endpoints{},
		"discovery.k8s.io/v1 EndpointSlice": &discoveryv1.EndpointSlice{},
		"admissionregistration.k8s.io/v1 MutatingWebhookConfiguration": &admissionv1.MutatingWebhookConfiguration{},
		"rbac.authorization.k8s.io/v1 ClusterRole":                     &rbacv1.ClusterRole{},
		"rbac.authorization.k8s.io/v1 ClusterRoleBinding":              &rbacv1.ClusterRoleBinding{},
		"networking.istio.io/v1beta1 WorkloadEntry":                    &networking.WorkloadEntry{},
		"networking.istio.io/v1 WorkloadGroup":                         &networking.WorkloadGroup{},
		"networking.istio.io/v1alpha3 EnvoyFilter":                     &networkingalpha.EnvoyFilter{},
		"networking.istio.io/v1beta1 ProxyConfig":                      &networkingbeta.ProxyConfig{},
		"security.istio.io/v1 AuthorizationPolicy":                     &security.AuthorizationPolicy{},
		"security.istio.io/v1beta1 RequestAuthentication":              &security.RequestAuthentication{},
		"telemetry.istio.io/v1alpha1 Telemetry":                        &telemetry.Telemetry{},
	} {
		apiVersion, name, _ := strings.Cut(kind, " ")
		text := "apiVersion: " + apiVersion + "\nkind: " + name + "\nmetadata: {name: a}\n"
		if strings.Contains(apiVersion, "istio.io") {
			text += "spec: {}\n"
		}
		typed, problems := lenient(t, text)
		if reflect.TypeOf(typed) != reflect.TypeOf(want) || problems != "" {
			t.Errorf("%s: %T %s", kind, typed, problems)
		}
	}
}
