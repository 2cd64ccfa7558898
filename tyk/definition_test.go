package tyk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func echo(annotations map[string]string) Workload {
	return Workload{Kind: "Deployment", Namespace: "shop", Name: "echo", App: "echo", Route: "/echo-svc", Annotations: annotations}
}

func TestDefinitions(t *testing.T) {
	for _, c := range []struct {
		tls          bool
		certificate  string
		mesh, target string
	}{
		{false, "", "[]", "http://echo.shop:8080"},
		{false, "abc", "[]", "http://echo.shop:8080"},
		{true, "", "[]", "https://echo.shop:8080"},
		{true, "abc", "[abc]", "https://echo.shop:8080"},
	} {
		config := Default(c.tls)
		config.Injector.MeshCertificateID, config.Dashboard.Org = c.certificate, "org"
		mesh, inbound, err := Definitions(echo(nil), config)
		if err != nil {
			t.Fatal(err)
		}
		if got := said(mesh); got != "echo-mesh #mesh|echo-mesh|mesh|/echo-svc|"+c.target+"|[mesh]|"+c.mesh {
			t.Error(got)
		}
		if got := said(inbound); got != "echo-inbound #echo|echo-inbound|echo.shop|/|http://localhost:6767|[echo]|[]" {
			t.Error(got)
		}
		for _, d := range []Definition{mesh, inbound} {
			checkFields(t, d)
		}
	}
}

func said(d Definition) string {
	return fmt.Sprintf("%s|%s|%s|%s|%s|%v|%v", d.Name, d.Slug, d.Domain, d.ListenPath, d.Target, d.Tags, d.Certificates)
}

// checkFields holds what every definition has against the template, and every field against those that gateways read: the
// definitions of this table were valid against Tyk's published schema of 2.8.4, 2.9.3 and 5.11.
func checkFields(t *testing.T, d Definition) {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal(d.JSON, &tree); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"use_keyless": true, "disable_rate_limit": true, "disable_quota": true, "active": true, "enable_context_vars": true, "org_id": "org",
	} {
		if tree[key] != want {
			t.Errorf("%s: %v", key, tree[key])
		}
	}
	// The header of the template for Ingress, which is the only one that is ever filled in.
	if !strings.Contains(string(d.JSON), `"X-Tyk-Ingress-Request-ID": "$tyk_context.request_id"`) {
		t.Errorf("%s", d.JSON)
	}
	for _, required := range []string{"auth", "name", "proxy", "version_data"} {
		if tree[required] == nil {
			t.Errorf("%s: missing, and the schema demands it", required)
		}
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		kind, known := field(path)
		if !known || kind != "" && kind != kindOf(v) {
			t.Errorf("%s: known %t, of type %q, and is %q", path, known, kind, kindOf(v))
		}
		if m, ok := v.(map[string]any); ok {
			for key, child := range m {
				walk(below(path, key), child)
			}
		}
	}
	for key, value := range tree {
		walk(key, value)
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		key, value string
		want       string // of the field's JSON, or of the error
	}{
		{"bool.service.tyk.io/use-keyless", "FALSE", `"use_keyless": false`},
		{"bool.service.tyk.io/use-keyless", "no", "neither true nor false"},
		{"num.service.tyk.io/cache_options.cache-timeout", "20", `"cache_timeout": 20`},
		{"num.service.tyk.io/cache_options.cache-timeout", "2.5", "no whole number"},
		{"string.service.tyk.io/proxy.target-url", "http://a", `"target_url": "http://a"`},
		{"string.service.tyk.io/use-keyless", "x", "use_keyless is of type bool, not string"},
		{"string.service.tyk.io/tags.1", "edge", `"edge"`},
		{"string.service.tyk.io/a..b", "x", "an empty step"},
		{"array.service.tyk.io/allowed-ips", `["10.0.0.0/8"]`, `"10.0.0.0/8"`},
		{"array.service.tyk.io/allowed-ips", `{}`, "no JSON array"},
		{"object.service.tyk.io/version_data.versions.Default.extended-paths", `{"cache":["{all}"]}`, `"{all}"`},
		{"object.service.tyk.io/proxy", `[]`, "no JSON object"},
		{"object.service.tyk.io/config-data.a.b", `{"c":1}`, `"c": 1`},
	} {
		mesh, inbound, err := Definitions(echo(map[string]string{c.key: c.value}), Default(false))
		got := string(inbound.JSON)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s: %s", c.key, c.value, got)
		}
		plain, _, _ := Definitions(echo(nil), Default(false))
		if err == nil && string(mesh.JSON) != string(plain.JSON) {
			t.Errorf("%s: reaches the mesh API: the controller gives annotations to the inbound one alone", c.key)
		}
	}
	for path, want := range map[string]bool{
		"cache_options.cache_timeout": true, "cache_options.timeout": false, "nonsense": false, "config_data.mine": true,
		"version_data.versions.v1.name": true, "version_data.versions.v1.nonsense": false, "upstream_certificates.a": true, "tags.0": true,
		"use_keyless.a": false,
	} {
		if _, known := field(path); known != want {
			t.Errorf("%s: known %t", path, known)
		}
	}
	clash := Settings(map[string]string{"object.service.tyk.io/proxy": "{}", "string.service.tyk.io/proxy.target_url": "x", "num.service.tyk.io/session-lifetime": "1"})
	if clash[0].Err != nil || clash[1].Err == nil || clash[2].Err == nil {
		t.Errorf("%+v", clash)
	}
}

func TestHybrid(t *testing.T) {
	c := Default(false)
	c.Dashboard.IsHybrid = true
	mesh, inbound, err := Definitions(echo(nil), c)
	if err != nil || mesh.Slug != "/echo-svc" || inbound.Slug != "/" {
		t.Errorf("%s %s %v", mesh.Slug, inbound.Slug, err)
	}
}

// TestOperator has the form that was valid, without pruning, by the CRD of Tyk Operator 0.18.0.
func TestOperator(t *testing.T) {
	w := echo(map[string]string{"string.service.tyk.io/session-provider.name": "x"})
	for _, tls := range []bool{true, false} {
		mesh, inbound, err := Definitions(w, Default(tls))
		if err != nil {
			t.Fatal(err)
		}
		for d, secret := range map[*Definition]string{&mesh: "mesh-tls", &inbound: "echo-inbound-tls"} {
			object, leftOut, err := Operator(w, *d, tls)
			if err != nil {
				t.Fatal(err)
			}
			spec := object["spec"].(map[string]any)
			for key := range spec {
				if key != "certificate_secret_names" && !slices.Contains(operatorFields, key) {
					t.Errorf("%s: not in the schema", key)
				}
			}
			// The header of the template for Ingress, which is the only one that is ever filled in.
			if !strings.Contains(string(d.JSON), `"X-Tyk-Ingress-Request-ID": "$tyk_context.request_id"`) {
				t.Errorf("%s", d.JSON)
			}
			for _, required := range []string{"name", "protocol", "proxy"} {
				if spec[required] == nil {
					t.Errorf("%s: missing", required)
				}
			}
			want := map[bool]string{true: "https [" + secret + "]", false: "http <nil>"}[tls]
			if got := fmt.Sprint(spec["protocol"], " ", spec["certificate_secret_names"]); got != want {
				t.Errorf("%s: %s", d.Slug, got)
			}
			if got := fmt.Sprint(leftOut); got != map[string]string{"echo-mesh": "[]", "echo-inbound": "[session_provider]"}[d.Slug] {
				t.Errorf("%s: left out %s", d.Slug, got)
			}
			if meta := fmt.Sprint(object["metadata"]); meta != "map[name:"+d.Slug+" namespace:shop]" {
				t.Error(meta)
			}
		}
	}
	odd := Workload{App: "My_App", Route: "/x"}
	mesh, _, _ := Definitions(odd, Default(false))
	if _, _, err := Operator(odd, mesh, false); err == nil {
		t.Error("My_App-mesh is no name of an object")
	}
}
