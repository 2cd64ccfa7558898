package tyk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const configuration = `
Server: {addr: ":8443", certFile: /etc/tls/tls.crt, keyFile: /etc/tls/tls.key}
Tyk:
  url: http://dashboard.tyk:3000
  org: 5e9d9544a1dcd60001d0ed20
  isGateway: "true"
Ingress:
  watchNamespaces: [shop, 7]
CA:
  addr: https://cfssl-svc.tyk
  key: file:/etc/tyk-ca/key
  certPath: /etc/tyk-ca/ca.pem
  Secure: yes
  defaultNames: [{C: GB, O: Shop}]
  defaultKeyRequest: {A: ecdsa, S: 256}
INJECTOR:
  createRoutes: true
  enablemeshtls: true
  containers:
  - name: tyk-mesh
    image: tykio/tyk-sidecar:2.8.4
    env:
    - {name: A, value: 128}
    - {name: B, value: true}
`

func TestParseController(t *testing.T) {
	c, faults := ParseController([]byte(configuration))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if got := fmt.Sprintf("%+v %+v %v %+v %+v", c.Server, c.Dashboard, c.Ingress.WatchNamespaces, c.CA.DefaultNames, *c.CA.KeyRequest); got !=
		"{Addr::8443 CertFile:/etc/tls/tls.crt KeyFile:/etc/tls/tls.key} "+
			"{URL:http://dashboard.tyk:3000 Secret: Org:5e9d9544a1dcd60001d0ed20 Templates: IsGateway:true IsHybrid:false InsecureSkipVerify:false} "+
			"[shop 7] [{C:GB ST: L: O:Shop OU: SerialNumber:}] {A:ecdsa S:256}" {
		t.Error(got)
	}
	if !c.CA.Secure || !c.Injector.CreateRoutes || !c.Injector.EnableMeshTLS {
		t.Errorf("%+v %+v", c.CA, c.Injector)
	}
	if env := c.Injector.Containers[0].Env; env[0].Value != "128" || env[1].Value != "1" {
		t.Errorf("%+v", env)
	}
	for path, want := range map[string]int{"CA.certPath": 12, "CA": 9, "CA.nothing": 9, "INJECTOR.containers[0].env[1].value": 24, "Nothing": 0} {
		if got := c.Line(path); got != want {
			t.Errorf("%s is on line %d, want %d", path, got, want)
		}
	}
}

// TestControllerFaults has what the controller passes over, and what it ends because of.
func TestControllerFaults(t *testing.T) {
	container := func(more string) string {
		return "Injector:\n  containers:\n  - name: tyk-mesh\n    image: i\n    " + more
	}
	for _, c := range []struct{ text, want string }{
		{"Tyk: {is_gateway: true}", "1 Tyk.is_gateway: the controller reads no such key; write isGateway"},
		{"Tyk:\n  insecure_skip_verify: true", "2 Tyk.insecure_skip_verify: the controller reads no such key; write insecureSkipVerify"},
		{"CA: {certpath: x}\nInjectr: {}", "2 Injectr: the controller reads no such key; write Injector"},
		{"CA:\n  key: CHANGEME", "2 CA.key: an authentication key is written in hexadecimal"},
		{"CA: {key: 'env:TYK_KEY'}", ""},
		{"CA: {key: 0123456789abcdef}", ""},
		{"CA:\n  defaultKeyRequest: {A: rsa, S: 1024}", "2 CA.defaultKeyRequest: an RSA key of 1024 bits is refused"},
		{"CA: {defaultKeyRequest: {A: ecdsa, S: 2048}}", "no curve of 2048 bits"},
		{"CA: {defaultKeyRequest: {A: ed25519, S: 256}}", `"ed25519" is unknown`},
		{"Injector: {enableMeshTLS: perhaps}", `fatal 1 Injector.enableMeshTLS: "perhaps" is neither`},
		{"Injector: {enableMeshTLS: t}", ""},
		{container("env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]"), `5 Injector.containers[0].env[0].valueFrom.secretKeyRef.name: the controller's decoder drops the name "s"`},
		{container("env: [{name: A, valueFrom: {secretKeyRef: {localObjectReference: {name: s}, key: k}}}]"), ""},
		{container("envFrom: [{secretRef: {localObjectReference: {name: s}}}]"), ""},
		{container("envFrom: [{configMapRef: {name: m}}]"), "5 Injector.containers[0].envFrom[0].configMapRef.name: "},
		{container("livenessProbe: {httpGet: {port: 80}}"), "5 Injector.containers[0].livenessProbe: the controller's decoder drops"},
		{container("livenessProbe: {initialDelaySeconds: 3}"), ""},
		{container("resources: {limits: {cpu: 100m}}"), "fatal 5 Injector.containers[0].resources: "},
		{container("imagePolicy: Always"), `unknown field "imagePolicy"`},
		{container("command: {}"), "fatal 3 Injector.containers[0]: no container"},
		{"- a", "fatal 1 a configuration is a map of sections"},
		{"", "fatal 0 a configuration is a map of sections"},
		{"a: [", "fatal 0 no YAML"},
		{"CA: 3", "fatal 1 CA: a map is wanted here"},
		{"CA: {key: [a]}", "fatal 1 CA.key: a text is wanted here"},
		{"Ingress: {watchNamespaces: shop}", "1 Ingress.watchNamespaces: a list is wanted here"},
		{"CA:", ""},
	} {
		_, faults := ParseController([]byte(c.text))
		var got []string
		for _, f := range faults {
			got = append(got, strings.TrimPrefix(fmt.Sprintf("%s%d %s", map[bool]string{true: "fatal "}[f.Fatal], f.Line, f), " "))
		}
		if text := strings.Join(got, "\n"); c.want == "" && text != "" || !strings.Contains(text, c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.text, text, c.want)
		}
	}
}

// TestDroppedName has the preview's container without what the decoder drops.
func TestDroppedName(t *testing.T) {
	c, _ := ParseController([]byte("Injector: {containers: [{name: tyk-mesh, env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]}"))
	if ref := c.Injector.Containers[0].Env[0].ValueFrom.SecretKeyRef; ref.Name != "" || ref.Key != "k" {
		t.Errorf("%+v", ref)
	}
}

// TestKeptName has the name where the decoder reads it, in letters of either case.
func TestKeptName(t *testing.T) {
	c, faults := ParseController([]byte(`Injector: {containers: [{name: tyk-mesh,
  env: [{name: A, valueFrom: {secretKeyRef: {localObjectReference: {name: s}, key: k}}}],
  envFrom: [{configMapRef: {LocalObjectReference: {name: m}}}]}]}`))
	one := c.Injector.Containers[0]
	if s, m := one.Env[0].ValueFrom.SecretKeyRef.Name, one.EnvFrom[0].ConfigMapRef.Name; s != "s" || m != "m" || len(faults) > 0 {
		t.Errorf("%q %q %v", s, m, faults)
	}
}

// FuzzParseController wants no panic, and a line within the text.
func FuzzParseController(f *testing.F) {
	for _, seed := range []string{configuration, "CA: &a {key: *a}", "a: &a [*a, *a]", "? [x]\n: y", "Injector: {containers: [null, 3, []]}", "CA: !!binary x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, faults := ParseController([]byte(text))
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + strings.Count(text, "\u2028") + strings.Count(text, "\u2029") + strings.Count(text, "\u0085") + 1
		if i := slices.IndexFunc(faults, func(f Fault) bool { return f.Line > lines }); i >= 0 {
			t.Errorf("%q: %+v", text, faults[i])
		}
		PreviewPods(Workload{App: "a", Annotations: map[string]string{InjectKey: "y"}}, *c)
	})
}

// TestControllerReferences: a name that is written where the controller's decoder looks for it stands in the pod where
// Kubernetes does.
func TestControllerReferences(t *testing.T) {
	c, faults := ParseController([]byte("Injector: {containers: [{name: a, env: [{name: A, valueFrom: {secretKeyRef: {localObjectReference: {name: s}, key: k}}}], envFrom: [{configMapRef: {localObjectReference: {name: m}}}]}]}"))
	if len(faults) > 0 || len(c.Injector.Containers) != 1 {
		t.Fatal(faults)
	}
	one := c.Injector.Containers[0]
	if got := one.Env[0].ValueFrom.SecretKeyRef; got.Name != "s" || got.Key != "k" || one.EnvFrom[0].ConfigMapRef.Name != "m" {
		t.Errorf("%+v, %+v", got, one.EnvFrom[0])
	}
}
