package tyk

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// app is a meshed workload of the namespace shop, with a group, and with callers' groups: "-" is no annotation.
func app(name, group, callers string) Workload {
	annotations := map[string]string{InjectKey: "true", RouteKey: "/" + name, GroupKey: group, CallersKey: callers}
	if callers == "-" {
		delete(annotations, CallersKey)
	}
	w := echo(annotations)
	w.Name, w.App, w.Route, w.Group, w.Closed = name, name, "/"+name, group, callers != "-"
	for _, group := range strings.Split(callers, ",") {
		if group != "" && group != "-" {
			w.Callers = append(w.Callers, group)
		}
	}
	return w
}

func TestGrants(t *testing.T) {
	outside := app("outside", "web", "-")
	outside.Annotations = nil
	m := Grants([]Workload{app("web", "web", "-"), app("orders", "back", "web"), app("ledger", "back", "back,audit"), app("stray", "", "-"), app("vault", "back", ""), outside})
	var got []string
	for _, g := range m.Grants {
		got = append(got, fmt.Sprintf("%s %s %t %t %s", g.Caller[:3], g.Callee[:3], g.Allowed, g.Mutual, g.Why))
	}
	if want := `led ord false true group back is not among web
led str true false open to all
led vau false true group back is not among its callers
led web true false open to all
ord led true true group back
ord str true false open to all
ord vau false true group back is not among its callers
ord web true false open to all
str led false true the caller is in no group
str ord false true the caller is in no group
str vau false true the caller is in no group
str web true false open to all
vau led true true group back
vau ord false true group back is not among web
vau str true false open to all
vau web true false open to all
web led false true group web is not among back, audit
web ord true true group web
web str true false open to all
web vau false true group web is not among its callers`; strings.Join(got, "\n") != want {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if got := fmt.Sprint(m.Clients()); got != "[orders.shop vault.shop web.shop]" {
		t.Error(got)
	}
	if got := strings.Join(m.Faults, "\n"); got != `ledger.shop: injector.tyk.io/caller-access-groups names the group "audit", which no workload here is in
vault.shop: injector.tyk.io/caller-access-groups is empty, so nobody may call it` {
		t.Error(got)
	}
	if m := Grants([]Workload{app("web", "web", "audit,audit")}); len(m.Faults) != 1 {
		t.Errorf("%q", m.Faults)
	}
	twins := app("web", "web", "-")
	twins.Namespace = "other"
	if m := Grants([]Workload{app("web", "web", "-"), twins}); len(m.Faults) != 1 || !strings.Contains(m.Faults[0], "other.") && !strings.Contains(m.Faults[0], "web.other and web.shop") {
		t.Errorf("%q", m.Faults)
	}
}

// TestGrantAPIs has the fields of the definitions: a denied caller's certificate is in no list, and no definition of the
// callee's is loaded by its sidecar.
func TestGrantAPIs(t *testing.T) {
	m := Grants([]Workload{app("web", "web", "-"), app("orders", "back", "web"), app("stray", "", "-"), app("vault", "back", "")})
	ids := map[string]ID{"web.shop": {"orgweb", "web"}, "stray.shop": {"orgstray", "stray"}}
	all, err := m.APIs(Default(true), ids)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range all {
		var f struct {
			Mutual   bool              `json:"use_mutual_tls_auth"`
			Keyless  bool              `json:"use_keyless"`
			Active   bool              `json:"active"`
			Client   []string          `json:"client_certificates"`
			Upstream map[string]string `json:"upstream_certificates"`
		}
		if err := json.Unmarshal(d.JSON, &f); err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimSpace(fmt.Sprintln(d.Slug, d.Tags, d.Domain, d.ListenPath, f.Mutual, f.Keyless, f.Active, f.Client, f.Upstream)))
		if d.Slug != "stray-mesh" && d.Slug != "stray-inbound" && strings.Contains(string(d.JSON), "orgstray") {
			t.Errorf("%s names the certificate of a caller that is denied", d.Slug)
		}
	}
	if want := `web-mesh-orders [web] mesh /orders false true true [] map[orders.shop:8080:orgweb]
orders-mesh [orders-closed] mesh /orders false true false [] map[]
orders-inbound [orders] orders.shop / true true true [web] map[]
stray-mesh [mesh] mesh /stray false true true [] map[]
stray-inbound [stray] stray.shop / false true true [] map[]
vault-mesh [vault-closed] mesh /vault false true false [] map[]
vault-inbound [vault] vault.shop / true true true [] map[]
web-mesh [mesh] mesh /web false true true [] map[]
web-inbound [web] web.shop / false true true [] map[]`; strings.Join(got, "\n") != want {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if _, err := m.APIs(Default(true), nil); err == nil || err.Error() != "no client certificate of web.shop" {
		t.Error(err)
	}
	if _, err := m.APIs(Default(false), ids); err == nil {
		t.Error("without TLS, nobody is asked for a certificate")
	}
}
