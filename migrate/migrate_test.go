package migrate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
)

const smcp = `
apiVersion: maistra.io/v2
kind: ServiceMeshControlPlane
metadata: {namespace: istio-system, name: basic}
spec: `

const members = `
---
apiVersion: maistra.io/v1
kind: ServiceMeshMemberRoll
metadata: {namespace: istio-system, name: default}
spec: {members: [shop]}
`

// workload is a Deployment with its Service; what is in the pod's metadata besides the label app is given.
func workload(name, metadata, container string) string {
	return strings.NewReplacer("NAME", name, "METADATA", metadata, "CONTAINER", container).Replace(`
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: shop, name: NAME}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {METADATA}
    spec: {containers: [{name: app, image: x, CONTAINER}]}
---
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: NAME}
spec: {selector: {app: NAME}, ports: [{name: http, port: 8080}]}
`)
}

func injected(name string) string {
	return `labels: {app: ` + name + `, sidecar.istio.io/inject: "true"}`
}

func calls(url string) string { return `env: [{name: URL, value: "` + url + `"}]` }

// TestMigrate migrates small meshes. Entries and differences are given as lines of what they begin with; objects as
// KIND NAMESPACE/NAME: PATH=VALUE, or !KIND NAMESPACE/NAME for one that is not to be there.
func TestMigrate(t *testing.T) {
	for _, tc := range []struct {
		name, text                    string
		entries, objects, differences []string
	}{
		{
			name: "a server that nobody verified",
			text: smcp + `{version: v2.6}` + members + workload("web", injected("web"), calls("http://api.example")) + `
---
apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata: {namespace: shop, name: api}
spec: {hosts: [api.example], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP, targetPort: 443}]}
---
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata: {namespace: shop, name: api}
spec: {host: api.example, trafficPolicy: {tls: {mode: SIMPLE}}}
`,
			entries: []string{
				"changed DestinationRule shop/api spec.trafficPolicy.tls: it names no CA",
				"changed DestinationRule shop/api spec.trafficPolicy.tls: it sets no sni",
				"mapped DestinationRule shop/api apiVersion → networking.istio.io/v1",
			},
			objects: []string{"DestinationRule shop/api: apiVersion=networking.istio.io/v1"},
			differences: []string{
				"http://api.example 2 verify.server.ca:  → system because DestinationRule shop/api",
				"http://api.example 2 verify.server.names:  → api.example because DestinationRule shop/api",
				"http://api.example 2 wire.sni:  → api.example because DestinationRule shop/api",
			},
		},
		{
			name: "a rule with CA and name is as it was",
			text: smcp + `{version: v2.6}` + members + `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {namespace: shop, name: api}
spec: {host: api.example, subsets: [{name: a, trafficPolicy: {portLevelSettings: [{port: {number: 443}, tls: {mode: MUTUAL, credentialName: c, sni: api.example}}]}}]}
`,
			entries: []string{"!changed DestinationRule shop/api", "!mapped DestinationRule shop/api"},
		},
		{
			name: "mutual TLS for the whole cluster domain",
			text: smcp + `{version: v2.6, security: {dataPlane: {mtls: true, automtls: false}}}` + members +
				workload("web", injected("web"), calls("http://old:8080")+`, args: ["http://new:8080"]`) + workload("old", "labels: {app: old}", "") + workload("new", injected("new"), ""),
			entries: []string{
				"mapped ServiceMeshControlPlane istio-system/basic spec.security.dataPlane.mtls → PeerAuthentication istio-system/default, spec.mtls.mode",
				"changed ServiceMeshControlPlane istio-system/basic spec.security.dataPlane.mtls: the operator also made a DestinationRule that sent mutual TLS to all of *.cluster.local",
				"changed ServiceMeshControlPlane istio-system/basic spec.security.dataPlane.automtls: it is on",
			},
			objects: []string{
				"PeerAuthentication istio-system/default: spec.mtls.mode=STRICT",
				"Istio default: spec.values.meshConfig.enableAutoMtls=<nil>", // or calls from sidecar to sidecar would fail
				"Namespace shop: metadata.labels.istio-discovery=enabled",
				"!DestinationRule",
			},
			differences: []string{
				"http://old:8080 2 wire.mode: istio-mutual → plaintext because ServiceMeshControlPlane istio-system/basic",
				"http://old:8080 0 outcome: tls-failure → arrives because ServiceMeshControlPlane istio-system/basic",
				"!http://new:8080",
			},
		},
		{
			name:    "neither way of mutual TLS",
			text:    smcp + `{version: v2.6, security: {dataPlane: {mtls: false, automtls: false}}}`,
			objects: []string{"PeerAuthentication istio-system/default: spec.mtls.mode=PERMISSIVE", "Istio default: spec.values.meshConfig.enableAutoMtls=false"},
		},
		{
			name: "pods ask by annotation, and a namespace's label had no effect",
			text: smcp + `{version: v2.6, security: {dataPlane: {mtls: true}}}` + members + workload("web", `annotations: {sidecar.istio.io/inject: "true"}, labels: {app: web}`, "") + workload("batch", "labels: {app: batch}", "") + `
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled, maistra.io/member-of: istio-system}}
`,
			entries: []string{
				`mapped Deployment shop/web spec.template.metadata.annotations["sidecar.istio.io/inject"] → the label`,
				"changed Namespace shop metadata.labels.istio-injection",
				`dropped Namespace shop metadata.labels["maistra.io/member-of"]`,
			},
			objects: []string{
				"Deployment shop/web: spec.template.metadata.labels.sidecar_istio_io/inject=true",
				"Deployment shop/web: spec.template.metadata.annotations=<nil>",
				"Deployment shop/batch: spec.template.metadata.labels.sidecar_istio_io/inject=<nil>",
				"Namespace shop: metadata.labels=map[istio-discovery:enabled]",
			},
		},
		{
			name: "two meshes",
			text: smcp + `{version: v2.6}` + members + "\n---" + strings.ReplaceAll(smcp, "istio-system", "other-system") + `{version: v2.6}` + `
---
apiVersion: maistra.io/v1
kind: ServiceMeshMember
metadata: {namespace: bank, name: default}
spec: {controlPlaneRef: {namespace: other-system, name: basic}}
` + workload("web", injected("web"), calls("http://api:8080")) + workload("api", injected("api"), ""),
			entries:     []string{"changed ServiceMeshControlPlane istio-system/basic spec.proxy: sidecars answered DNS", "mapped ServiceMeshMember bank/default → Namespace bank, label istio-discovery: other-system-basic"},
			differences: []string{"!http://api:8080"},
			objects: []string{
				"Istio istio-system-basic: spec.namespace=istio-system", "Istio other-system-basic: spec.namespace=other-system",
				"Namespace bank: metadata.labels.istio-discovery=other-system-basic", "Namespace shop: metadata.labels.istio-discovery=istio-system-basic",
				"Deployment shop/web: spec.template.metadata.labels.istio_io/rev=istio-system-basic",
				"Deployment other-system/istio-ingressgateway: spec.template.metadata.labels.istio_io/rev=other-system-basic",
			},
		},
		{
			name: "members by labels, and all of them",
			text: smcp + `{version: v2.6, mode: ClusterWide}` + `
---
apiVersion: maistra.io/v1
kind: ServiceMeshMemberRoll
metadata: {namespace: istio-system, name: default}
spec: {memberSelectors: [{matchLabels: {team: a}}]}
`,
			entries: []string{"mapped ServiceMeshMemberRoll istio-system/default spec.memberSelectors → Istio default, spec.values.meshConfig.discoverySelectors"},
			objects: []string{`Istio default: spec.values.meshConfig.discoverySelectors=[map[matchLabels:map[istio-discovery:enabled]] map[matchLabels:map[team:a]]]`},
		},
		{
			name: "everybody is a member",
			text: smcp + `{version: v2.6, mode: ClusterWide}` + strings.Replace(members, "[shop]", `["*"]`, 1),
			entries: []string{
				"changed ServiceMeshMemberRoll istio-system/default spec.members[0] → an Istio without discoverySelectors",
			},
			objects: []string{"Istio default: spec.values.meshConfig=<nil>", "!Namespace istio-system"},
		},
		{
			name:    "nobody says who the members are",
			text:    smcp + `{version: v2.6}` + workload("web", injected("web"), ""),
			entries: []string{"decide ServiceMeshControlPlane istio-system/basic → the label istio-discovery: enabled of namespaces: the files do not say who the members are; taken for them: shop"},
			objects: []string{"Namespace shop: metadata.labels.istio-discovery=enabled"},
		},
		{
			name: "what is written goes before what would be made",
			text: smcp + `{version: v2.6, security: {dataPlane: {mtls: true}}}` + members + `
---
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: {namespace: istio-system, name: default}
spec: {mtls: {mode: PERMISSIVE}}
`,
			entries: []string{"decide PeerAuthentication istio-system/default: the files hold it already"},
			objects: []string{"PeerAuthentication istio-system/default: spec.mtls.mode=PERMISSIVE"},
		},
		{
			name: "what no Istio takes",
			text: smcp + `{version: v2.6, techPreview: {meshConfig: {nonsense: 1, ingressService: mine}, global: {imagePullPolicy: Sometimes}, rateLimiting: {rls: {enabled: true}}}, unheardOf: 1}`,
			entries: []string{
				"decide ServiceMeshControlPlane istio-system/basic spec.techPreview.meshConfig.nonsense: an Istio of ossm-3.4 does not take",
				"decide ServiceMeshControlPlane istio-system/basic spec.techPreview.global.imagePullPolicy: an Istio of ossm-3.4 does not take",
				"!mapped ServiceMeshControlPlane istio-system/basic spec.techPreview.global.imagePullPolicy",
				"mapped ServiceMeshControlPlane istio-system/basic spec.techPreview.meshConfig.ingressService → Istio default, spec.values.meshConfig.ingressService",
				"decide ServiceMeshControlPlane istio-system/basic spec.techPreview.rateLimiting: no place in an Istio is known",
				"decide ServiceMeshControlPlane istio-system/basic spec.unheardOf: no place in an Istio is known",
			},
			objects: []string{"Istio default: spec.values.meshConfig.nonsense=<nil>", "Istio default: spec.values.meshConfig.ingressService=mine"},
		},
		{
			name: "policies that let members in",
			text: smcp + `{version: v2.6}` + members + `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: mesh}
spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {maistra.io/member-of: istio-system}}}, {namespaceSelector: {matchLabels: {maistra.io/member-of: gone}}}]}]}
`,
			entries: []string{
				"mapped NetworkPolicy shop/mesh spec.ingress[0].from[0]", "decide NetworkPolicy shop/mesh spec.ingress[0].from[1]",
				"changed ServiceMeshControlPlane istio-system/basic spec.security.manageNetworkPolicy: NetworkPolicies are made no longer",
			},
			objects: []string{"NetworkPolicy shop/mesh: spec.ingress=[map[from:[map[namespaceSelector:map[matchLabels:map[istio-discovery:enabled]]] map[namespaceSelector:map[matchLabels:map[maistra.io/member-of:gone]]]]]]"},
		},
		{
			name: "a host that only the mesh knows",
			text: smcp + `{version: v2.6}` + members + `
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {namespace: shop, name: db}
spec: {hosts: [db.partner.example], resolution: DNS, ports: [{number: 5432, name: tcp, protocol: TCP}]}
`,
			entries: []string{"mapped ServiceMeshControlPlane istio-system/basic spec.proxy → Istio default, spec.values.meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE: the old operator switched on that sidecars answer DNS for hosts of ServiceEntries, and ServiceEntry shop/db counts on it"},
			objects: []string{"Istio default: spec.values.meshConfig.defaultConfig.proxyMetadata=map[ISTIO_META_DNS_CAPTURE:true]"},
		},
		{
			name: "what the old operator made, as a cluster gives it",
			text: smcp + `{version: v2.6}` + members + `
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: istio-system, name: istio-ingressgateway, labels: {maistra.io/owner: istio-system}}
spec: {selector: {matchLabels: {old: "yes"}}, template: {metadata: {labels: {old: "yes"}}, spec: {containers: [{name: x, image: y}]}}}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {namespace: istio-system, name: shop-x, labels: {maistra.io/generated-by: ior, team: a}, annotations: {maistra.io/original-host: shop.example}}
spec: {host: shop.example, to: {kind: Service, name: istio-ingressgateway}, port: {targetPort: http2}}
`,
			entries: []string{"dropped Deployment istio-system/istio-ingressgateway: the old operator made it", "changed Route istio-system/shop-x → Route istio-system/shop-x"},
			objects: []string{
				"Deployment istio-system/istio-ingressgateway: spec.selector.matchLabels=map[app:istio-ingressgateway istio:ingressgateway]",
				"Route istio-system/shop-x: metadata.labels=map[team:a]", "Route istio-system/shop-x: metadata.annotations=<nil>",
			},
		},
		{
			name: "federation",
			text: smcp + `
  version: v2.6
  gateways:
    additionalIngress: {from-west: {enabled: true, routerMode: sni-dnat, service: {type: LoadBalancer, ports: [{name: tls, port: 15443}, {name: https-discovery, port: 8188}]}}}
    additionalEgress: {to-west: {enabled: true, requestedNetworkView: [network-west]}}
` + members + workload("web", injected("web"), calls("http://rates.bank.svc.west-imports.local:9080")) + `
---
apiVersion: federation.maistra.io/v1
kind: ServiceMeshPeer
metadata: {namespace: istio-system, name: west}
spec:
  gateways: {ingress: {name: from-west}, egress: {name: to-west}}
  remote: {addresses: [192.0.2.1], discoveryPort: 8188, servicePort: 31443}
  security: {trustDomain: west.local, clientID: west.local/ns/a/sa/b}
---
apiVersion: federation.maistra.io/v1
kind: ExportedServiceSet
metadata: {namespace: istio-system, name: west}
spec: {exportRules: [{type: NameSelector, nameSelector: {namespace: shop, name: web}}, {type: LabelSelector, labelSelector: {namespace: shop}}]}
---
apiVersion: federation.maistra.io/v1
kind: ImportedServiceSet
metadata: {namespace: istio-system, name: west}
spec: {importRules: [{type: NameSelector, nameSelector: {namespace: b, name: fx, alias: {namespace: bank, name: rates}}}, {type: NameSelector, nameSelector: {namespace: b, name: silent}}]}
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {namespace: shop, name: rates}
spec: {hosts: [rates], http: [{route: [{destination: {host: rates.bank.svc.west-imports.local, port: {number: 8080}}}]}]}
`,
			entries: []string{
				"decide ServiceMeshPeer istio-system/west: federation is no more", "dropped ServiceMeshPeer istio-system/west spec.security.clientID",
				"mapped ServiceMeshPeer istio-system/west spec.security.trustDomain → Istio default",
				"mapped ExportedServiceSet istio-system/west spec.exportRules[0] → Gateway istio-system/exports-west, host web.shop.svc.cluster.local",
				"decide ExportedServiceSet istio-system/west spec.exportRules[1]",
				"changed ImportedServiceSet istio-system/west spec.importRules[0] → ServiceEntry istio-system/import-fx.b: the service is called by its own name, fx.b.svc.cluster.local",
				"decide ImportedServiceSet istio-system/west spec.importRules[1]: nothing in the files calls silent.b.svc.west-imports.local",
				"changed ServiceMeshControlPlane istio-system/basic spec.gateways.additionalEgress.to-west: calls to mesh west went out by it",
			},
			objects: []string{
				"!ServiceMeshPeer", "!ImportedServiceSet", "!ExportedServiceSet", "!Deployment istio-system/to-west", "!Route istio-system/from-west",
				"Istio default: spec.values.meshConfig.trustDomainAliases=[west.local]",
				"Service istio-system/from-west: spec.ports=[map[name:status-port port:15021 targetPort:15021] map[name:tls port:15443]]",
				"Istio default: spec.values.meshConfig.defaultConfig.proxyMetadata=map[ISTIO_META_DNS_CAPTURE:true]",
				"VirtualService istio-system/import-fx.b: spec.hosts=[rates.bank.svc.west-imports.local]",
				"Gateway istio-system/exports-west: spec.selector.app=from-west",
				"ServiceEntry istio-system/import-fx.b: spec.ports=[map[name:http-8080 number:8080 protocol:HTTP] map[name:http-9080 number:9080 protocol:HTTP]]",
				"ServiceEntry istio-system/import-fx.b: spec.endpoints=[map[address:192.0.2.1 labels:map[security.istio.io/tlsMode:istio] ports:map[http-8080:31443 http-9080:31443]]]",
				"VirtualService shop/rates: spec.http=[map[route:[map[destination:map[host:fx.b.svc.cluster.local port:map[number:8080]]]]]]",
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := migrateText(t, tc.text)
			want(t, "entry", tc.entries, entryLines(r.Entries))
			want(t, "difference", tc.differences, differenceLines(r.Differences))
			for _, o := range tc.objects {
				wantObject(t, r.Bundle, o)
			}
			for _, d := range r.Differences {
				if d.Because == nil {
					t.Errorf("nothing tells why: %s", differenceLines([]Difference{d})[0])
				}
			}
		})
	}
}

func entryLines(all []Entry) []string {
	var lines []string
	for _, e := range all {
		line := strings.TrimSpace(string(e.Class) + " " + e.Object.String() + " " + e.Field)
		if e.Became != "" {
			line += " → " + e.Became
		}
		lines = append(lines, line+": "+e.Says)
	}
	return lines
}

func differenceLines(all []Difference) []string {
	var lines []string
	for _, d := range all {
		because := ""
		if d.Because != nil {
			because = d.Because.Object.String()
		}
		lines = append(lines, fmt.Sprintf("%s %d %s: %s → %s because %s", d.Request.To, d.Hop, d.What, d.Before, d.After, because))
	}
	return lines
}

// want demands a line that begins so, or with ! none.
func want(t *testing.T, what string, wanted, lines []string) {
	t.Helper()
	for _, w := range wanted {
		begin, absent := strings.CutPrefix(w, "!")
		if there := slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, begin) }); there == absent {
			t.Errorf("%s %q: there is %v; there are\n%s", what, begin, there, strings.Join(lines, "\n"))
		}
	}
}

// wantObject reads KIND NAMESPACE/NAME: PATH=VALUE, or !KIND NAMESPACE/NAME; a dot in a key is written _.
func wantObject(t *testing.T, b *bundle.Bundle, wanted string) {
	t.Helper()
	begin, absent := strings.CutPrefix(wanted, "!")
	id, rest, _ := strings.Cut(begin, ": ")
	i := slices.IndexFunc(b.Objects, func(o *bundle.Object) bool {
		return absent && strings.HasPrefix(o.ID.String(), id) || o.ID.String() == id
	})
	switch {
	case absent && i >= 0:
		t.Errorf("%s is there", b.Objects[i].ID)
	case !absent && i < 0:
		t.Errorf("no %s", id)
	case !absent:
		path, value, _ := strings.Cut(rest, "=")
		keys := strings.Split(path, ".")
		for i := range keys {
			keys[i] = strings.ReplaceAll(keys[i], "_", ".")
		}
		if got := fmt.Sprint(get(b.Objects[i].Tree(), keys...)); got != value {
			t.Errorf("%s: %s is %s, want %s", id, path, got, value)
		}
	}
}

// TestRefused: a control plane of the first API, and one that belongs nowhere.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{apiVersion: maistra.io/v1, kind: ServiceMeshControlPlane, metadata: {namespace: mesh, name: x}}": "mesh.yaml:1:2: ServiceMeshControlPlane mesh/x: maistra.io/v1 has the fields of OpenShift Service Mesh 1",
		"{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default}}":                  "mesh.yaml:1:54: ServiceMeshMember default: no metadata.namespace",
		smcp + "{proxy: {networking: {dns: {refreshRate: soon}}}}":                                         "a value of the old mesh is none that Istio takes: Istio default: mesh config",
		smcp + "{techPreview: {meshConfig: {accessLogEncoding: YAML}}}":                                    `mesh.yaml:2:1: ServiceMeshControlPlane istio-system/basic: mesh config: unknown value "\"YAML\""`,
	} {
		b, err := bundle.Read("mesh.yaml", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Run(b, Options{From: target(t, "ossm-2.6"), To: target(t, "ossm-3.4")})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestPure: the bundle that is given is left as it is, and what comes out is the same twice.
func TestPure(t *testing.T) {
	text := smcp + `{version: v2.6, techPreview: {meshConfig: {a: 1}}}` + members + workload("web", injected("web"), "")
	b, err := bundle.Read("mesh.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(b.Objects)
	var outs []string
	for range 2 {
		r, err := Run(b, Options{From: target(t, "ossm-2.6"), To: target(t, "ossm-3.4")})
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := r.Bundle.YAML(&out, true); err != nil {
			t.Fatal(err)
		}
		outs = append(outs, out.String()+strings.Join(entryLines(r.Entries), "\n"))
	}
	after, _ := json.Marshal(b.Objects)
	if string(before) != string(after) {
		t.Error("the bundle has changed")
	}
	if outs[0] != outs[1] {
		t.Error("another result the second time")
	}
}
