package rules

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	edits "github.com/meshscenario/scenario/edit"
	"github.com/meshscenario/scenario/validate"
)

// exampleOf is one of a rule's archive, with some of its text replaced.
func exampleOf(t *testing.T, rule, name string, replace ...string) txtar.File {
	t.Helper()
	a, err := Archive(rule)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse(a).Files {
		if f.Name != name {
			continue
		}
		f = filled(t, f)
		for i := 0; i < len(replace); i += 2 {
			if !bytes.Contains(f.Data, []byte(replace[i])) {
				t.Fatalf("%s of %s has no %q", name, rule, replace[i])
			}
			f.Data = bytes.ReplaceAll(f.Data, []byte(replace[i]), []byte(replace[i+1]))
		}
		return f
	}
	t.Fatalf("%s has no %s", rule, name)
	return txtar.File{}
}

const poolRule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: partner, namespace: shop}
spec:
  host: api.partner.example
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 9}}
`

// TestMends holds patches to what else is in the bundle: what is shared stays as it is for others.
func TestMends(t *testing.T) {
	for name, c := range map[string]struct {
		rule    string // that is found
		example string
		replace []string
		want    string // in the patched text, without line breaks and runs of spaces; "" is no patch
	}{
		"the rule is for another port too": {
			"MSH201", "MSH201/bad.yaml", []string{"  - {number: 443,", "  - {number: 80, name: http, protocol: HTTP, targetPort: 443}\n  - {number: 443,"},
			"portLevelSettings: - port: number: 443 tls: mode: DISABLE",
		},
		"the rule is for other hosts too": {
			"MSH201", "MSH201/bad.yaml", []string{"host: api.partner.example", `host: "*.partner.example"`},
			"kind: DestinationRule metadata: name: partner-tls namespace: shop spec: host: api.partner.example trafficPolicy: tls: mode: DISABLE",
		},
		"there is tls above that of the port": {
			"MSH201", "MSH201/bad.yaml",
			[]string{"  trafficPolicy:\n    tls: #", "  trafficPolicy:\n    tls: {mode: SIMPLE, subjectAltNames: [x.example]}\n    portLevelSettings:\n    - port: {number: 443}\n      tls: #",
				"      mode: SIMPLE\n", "        mode: SIMPLE\n", "      subjectAltNames: [api", "        subjectAltNames: [api"},
			"- port: {number: 443} tls: # want MSH201 mode: DISABLE",
		},
		"others need the TLS, in the rule's own namespace": {
			"MSH203", "MSH213/good.yaml", []string{`  exportTo: ["."]` + "\n", "", `        env: [{name: TARGET, value: "http://api.partner.example/v1"}]` + "\n", "", "ServiceEntry\nmetadata: {name: partner, namespace: shop}", "ServiceEntry\nmetadata: {name: partner, namespace: istio-egress}"},
			`host: api.partner.example trafficPolicy: tls: {mode: SIMPLE, subjectAltNames: [api.partner.example]} exportTo: - "."`,
		},
		"a rule for the host sets something else": {
			"MSH204", "MSH204/bad.yaml", []string{"# want MSH204\n", "\n" + poolRule},
			"portLevelSettings: - connectionPool: tcp: maxConnections: 9 port: number: 443 tls: mode: SIMPLE sni: api.partner.example",
		},
		"a rule for the host is not exported": {
			"MSH204", "MSH204/bad.yaml", []string{"# want MSH204\n", "\n" + strings.Replace(poolRule, "spec:\n", "spec:\n  exportTo: [nobody]\n", 1)}, "",
		},
		"the CA is not a public one": {"MSH204", "MSH204/bad.yaml", []string{"api.partner.example", "api.partner.internal"}, ""},
		"a client without a sidecar": {
			"MSH209", "MSH209/bad-client.yaml", []string{
				"batch/v1\nkind: CronJob", "apps/v1\nkind: Deployment", `  schedule: "0 3 * * *"` + "\n", "", "  jobTemplate:\n    spec:\n      template:\n", "  selector: {matchLabels: {app: nightly}}\n  template:\n",
				"        metadata: {labels: {app: nightly}}\n        spec:\n          restartPolicy: Never\n          containers:\n          - name: nightly\n            image: nightly\n            args:",
				"    metadata: {labels: {app: nightly}}\n    spec:\n      containers:\n      - name: nightly\n        image: nightly\n        args:",
			},
			`metadata: {labels: {app: nightly, sidecar.istio.io/inject: "true"}}`,
		},
		"another host comes to the plaintext server": {
			"MSH213", "MSH213/bad.yaml", []string{"hosts: [api.partner.example]\n---", "hosts: [www.partner.example, api.partner.example]\n  - port: {number: 80, name: http-2, protocol: HTTP}\n    hosts: [shop.partner.example]\n---"},
			"portLevelSettings: - port: number: 80 tls: mode: DISABLE",
		},
		"a route leads on what the gateway does not take": {
			"MSH216", "MSH234/good.yaml", []string{"apiVersion: networking.istio.io/v1\nkind: Gateway", "# request: outside https://www.example.com\napiVersion: networking.istio.io/v1\nkind: Gateway", "  hosts: [shop.example.com]\n  gateways", "  hosts: [shop.example.com, www.example.com]\n  gateways"},
			"hosts: [shop.example.com, www.example.com] tls: mode: SIMPLE",
		},
		"nobody chooses the subset": {
			"MSH229", "MSH229/bad.yaml", []string{`"http://api.partner.example/v1"`, `"http://api.partner.example:8080/v1"`, "number: 80, name: http, protocol: HTTP}", "number: 8080, name: http, protocol: HTTP, targetPort: 443}"},
			"subsets: - name: tls trafficPolicy: tls: mode: SIMPLE subjectAltNames: - api.partner.example ---",
		},
	} {
		archive, file, _ := strings.Cut(c.example, "/")
		f := exampleOf(t, archive, file, c.replace...)
		o, _ := readExample(t, exampleFiles{File: f})
		_, before := runExample(t, f.Data, o)
		i := slices.IndexFunc(before.Findings, func(one validate.Finding) bool { return one.Rule == c.rule })
		if i < 0 {
			t.Errorf("%s: %s is not found", name, c.rule)
			continue
		}
		if got := before.Findings[i].Edits; c.want == "" || len(got) == 0 {
			if (c.want == "") != (len(got) == 0) {
				t.Errorf("%s: edits %v, want %q", name, got, c.want)
			}
			continue
		}
		text, err := edits.Text("example.yaml", f.Data, before.Findings[i].Edits)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.Join(strings.Fields(string(text)), " "); !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in\n%s", name, c.want, text)
		}
		_, after := runExample(t, text, o)
		for _, one := range after.Findings {
			if one.Rule == c.rule || one.Severity == validate.Error {
				t.Errorf("%s: left: %s: %s\n%s", name, one.Rule, one.Message, text)
			}
		}
	}
}

// TestMendsWithoutNamespace patches objects that leave their namespace to who applies them.
func TestMendsWithoutNamespace(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{"MSH204", "kind: DestinationRule metadata: name: partner spec:"},
		{"MSH222", "subjectAltNames: - api.partner.example"},
	} {
		f := exampleOf(t, c.rule, "bad.yaml", ", namespace: shop", "")
		o, _ := readExample(t, exampleFiles{File: f})
		_, found := runExample(t, f.Data, o)
		if len(found.Findings) == 0 || len(found.Findings[0].Edits) == 0 {
			t.Errorf("%s: %v", c.rule, found.Findings)
			continue
		}
		text, err := edits.Text("example.yaml", f.Data, found.Findings[0].Edits)
		if got := strings.Join(strings.Fields(string(text)), " "); err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: %v, no %q in\n%s", c.rule, err, c.want, text)
		}
	}
}
