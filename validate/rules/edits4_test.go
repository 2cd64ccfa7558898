package rules

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

func runExample(t *testing.T, data []byte, o validate.Options) (*bundle.Bundle, validate.Result) {
	t.Helper()
	b, err := bundle.Read("example.yaml", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	result, err := validate.Run(b, o)
	if err != nil {
		t.Fatal(err)
	}
	return b, result
}

// TestRenamedEverywhere holds the edits for a wrong name of a gateway to every place where a VirtualService has it.
func TestRenamedEverywhere(t *testing.T) {
	a, err := Archive("MSH401")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse(a).Files {
		if f.Name != "bad.yaml" {
			continue
		}
		o, _ := readExample(t, exampleFiles{File: f})
		_, result := runExample(t, f.Data, o)
		i := slices.IndexFunc(result.Findings, func(one validate.Finding) bool { return one.Rule == "MSH401" })
		if i < 0 || len(result.Findings[i].Edits) != 2 {
			t.Errorf("want edits of spec.gateways and of one match, found %+v", result.Findings)
		}
	}
}

// TestPatchesOfVariants tries the patches of family 4 on variants of examples, for what the examples do not show.
func TestPatchesOfVariants(t *testing.T) {
	for _, v := range []struct {
		rule, example string
		replace       []string
	}{
		{"MSH402", "MSH402/bad.yaml", []string{"istio: egress}", "istio: egress, app: gateway}"}},
		{"MSH403", "MSH403/bad-unseen.yaml", []string{"[www.shop.example]", "[shop]"}},
		{"MSH405", "MSH405/bad.yaml", []string{"name: tls", "name: http"}},
		{"MSH407", "MSH407/bad-unseen.yaml", []string{"  tls: # want MSH407\n  - match: [{port: 443, sniHosts: [shop.example]}]\n    route", "  http:\n  - route"}},
		{"MSH410", "MSH410/bad.yaml", []string{
			"    hosts: [shop.example, team.example] # want MSH410\n    tls: {mode: SIMPLE, credentialName: new-cert}",
			"    hosts: [shop.example]\n    tls: {mode: SIMPLE, credentialName: new-cert}\n  - port: {number: 80, name: http, protocol: HTTP}\n    hosts: [team.example]",
		}},
		{"MSH411", "MSH411/bad-both.yaml", []string{"[www.shop.example] # want MSH411", "[www.shop.example]\n    - sniHosts: [api.shop.example]", "hosts: [www", "hosts: [api.shop.example, www", "host: two", "host: one"}},
		{"MSH415", "MSH411/bad.yaml", []string{"[www.shop.example, api.shop.example] # want MSH411", "[web.shop.example]", "api.shop.example]", "api.shop.example, web.shop.example]"}},
		{"MSH418", "MSH418/bad-tcp.yaml", []string{"gateways: [istio", "gateways: [mesh, istio"}},
		{"MSH419", "MSH419/bad-hidden.yaml", []string{"  exportTo: [.] # want MSH419\n", "", "- name: partner\n---", "- name: other\n---"}},
		{"MSH421", "MSH421/bad.yaml", []string{"number: 8080}}", "number: 80}}"}},
		{"MSH427", "MSH421/bad.yaml", []string{"host: api.partner.example, port: {number: 80}", "host: api.partner.exmple, port: {number: 80}"}},
		{"MSH427", "MSH421/bad.yaml", []string{"host: api.partner.example, port: {number: 80}", "host: stock.shop, port: {number: 80}"}},
		{"MSH430", "MSH430/bad.yaml", []string{"    tls: {httpsRedirect: true} # want MSH430\n", "", "    route:\n    - destination: {host: api.partner.example, port: {number: 80}}", "    redirect: {scheme: https}"}},
	} {
		id, name, _ := strings.Cut(v.example, "/")
		a, err := Archive(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(a).Files {
			if f.Name != name {
				continue
			}
			for i := 0; i < len(v.replace); i += 2 {
				if !bytes.Contains(f.Data, []byte(v.replace[i])) {
					t.Errorf("%s: has no %q", v.example, v.replace[i])
				}
			}
			f.Data = []byte(strings.NewReplacer(v.replace...).Replace(string(f.Data)))
			t.Run(v.rule, func(t *testing.T) {
				if !patch(t, v.rule, exampleFiles{File: f}) {
					t.Errorf("no edits of %s for\n%s", v.rule, f.Data)
				}
			})
		}
	}
}
