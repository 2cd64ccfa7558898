package migrate

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/schema"
)

func target(t *testing.T, name string) mesh.Target {
	t.Helper()
	target, ok := mesh.Lookup(name)
	if !ok {
		t.Fatalf("no target %s", name)
	}
	return target
}

// TestEveryField writes every field that the CRD of ServiceMeshControlPlane has, and demands that the report speaks of each:
// of the field itself, or of the block around it.
func TestEveryField(t *testing.T) {
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED does not say where the CRDs of Maistra are")
	}
	data, err := os.ReadFile(filepath.Join(shared, "crds/maistra/maistra.io_servicemeshcontrolplanes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var crd tree
	if err := yaml.Unmarshal(data, &crd); err != nil {
		t.Fatal(err)
	}
	for _, v := range get(crd, "spec", "versions").([]any) {
		if getText(v.(tree), "name") != "v2" {
			continue
		}
		spec := sample(getMap(v.(tree), "schema", "openAPIV3Schema", "properties", "spec")).(tree)
		spec["version"] = "v2.6"
		r := migrateSpec(t, spec)
		said := map[string]bool{}
		for _, e := range r.Entries {
			if e.Object.Kind == "ServiceMeshControlPlane" {
				said[e.Field] = true
			}
		}
		all := leaves([]string{"spec"}, spec)
		if len(all) < 500 {
			t.Fatalf("%d fields: the CRD has more", len(all))
		}
		for _, leaf := range all {
			if !slices.ContainsFunc(prefixes(leaf), func(f string) bool { return said[f] }) {
				t.Errorf("nothing is said of %s", fieldOf(leaf))
			}
		}
		for _, o := range r.Bundle.Objects {
			for _, p := range schema.Check(o, r.To) {
				if p.Severity == schema.Error && o.Kind != "Service" && o.Kind != "Deployment" { // whose samples are no good values
					t.Errorf("%s: %s: %s", o.ID, p.Field, p.Message)
				}
			}
		}
	}
}

// TestValues: each setting is where Istio's charts look for it, and in their form.
func TestValues(t *testing.T) {
	r := migrateText(t, smcp+`
  version: v2.6
  cluster: {name: east, network: n1}
  general: {validationMessages: true, logging: {logAsJSON: true, componentLevels: {default: warn, ads: info}}}
  meshConfig: {extensionProviders: [{name: otel, opentelemetry: {service: otel.obs.svc.cluster.local, port: 4317}}]}
  policy: {type: Istiod}
  telemetry: {type: None}
  tracing: {type: None, sampling: 100}
  addons: {kiali: {enabled: false}, grafana: {enabled: false}, prometheus: {enabled: false}}
  proxy:
    adminPort: 15001
    concurrency: 2
    logging: {level: WARN, componentLevels: {misc: error, http: debug}}
    accessLogging: {file: {name: /dev/stdout, encoding: JSON}, envoyService: {enabled: true, address: "als.obs:9000"}}
    envoyMetricsService: {enabled: false, address: "x:1"}
    networking:
      clusterDomain: cluster.local
      maxConnectionAge: 30m
      protocol: {autoDetect: {timeout: 100ms}}
      dns: {refreshRate: 300s, searchSuffixes: [global]}
      trafficControl:
        inbound: {interceptionMode: TPROXY, includedPorts: ["*"], excludedPorts: [8444, 8022]}
        outbound: {policy: ALLOW_ANY, includedIPRanges: [10.0.0.0/8, 192.0.2.0/24], excludedIPRanges: [10.1.0.0/16], excludedPorts: [3306]}
    injection: {neverInjectSelector: [{matchLabels: {a: b}}], injectedAnnotations: {k: v}}
    runtime:
      container: {resources: {limits: {cpu: 1}}, env: {LOG: "1"}}
      readiness: {statusPort: 15021, failureThreshold: 3, rewriteApplicationProbes: true}
  security:
    dataPlane: {automtls: false}
    trust: {domain: east.local, additionalDomains: [old.local]}
    jwksResolverCA: PEM
    identity: {type: ThirdParty, thirdParty: {issuer: i, audience: a}}
    controlPlane: {mtls: true, certProvider: Istiod, tls: {minProtocolVersion: TLSv1_3, cipherSuites: [X]}}
    certificateAuthority: {type: cert-manager, cert-manager: {address: "csr:443"}}
  runtime:
    defaults: {pod: {nodeSelector: {infra: ""}, priorityClassName: high}, container: {imagePullSecrets: [{name: pull}]}}
    components:
      pilot:
        deployment: {autoScaling: {enabled: true, minReplicas: 2, maxReplicas: 4, targetCPUUtilizationPercentage: 70}}
        container: {env: {PILOT_X: true}, resources: {requests: {memory: 1Gi}}}
        pod: {metadata: {labels: {l: x}}, tolerations: [{key: infra}]}
`)
	const want = `
global:
  caAddress: csr:443
  defaultNodeSelector: {infra: ""}
  imagePullSecrets: [pull]
  istiod: {enableAnalysis: true}
  logAsJson: true
  logging: {level: "ads:info,default:warn"}
  multiCluster: {clusterName: east}
  network: n1
  pilotCertProvider: istiod
  podDNSSearchNamespaces: [global]
  priorityClassName: high
  proxy:
    clusterDomain: cluster.local
    componentLogLevel: http:debug,misc:error
    excludeIPRanges: 10.1.0.0/16
    excludeInboundPorts: 8444,8022
    excludeOutboundPorts: "3306"
    includeIPRanges: 10.0.0.0/8,192.0.2.0/24
    includeInboundPorts: "*"
    logLevel: warn
    readinessFailureThreshold: 3
    resources: {limits: {cpu: 1}}
    statusPort: 15021
  sds: {token: {aud: a}}
meshConfig:
  accessLogEncoding: JSON
  accessLogFile: /dev/stdout
  defaultConfig:
    concurrency: 2
    envoyAccessLogService: {address: "als.obs:9000"}
    interceptionMode: TPROXY
    proxyAdminPort: 15001
    proxyMetadata: {LOG: "1"}
  discoverySelectors: [{matchLabels: {istio-discovery: enabled}}]
  dnsRefreshRate: 300s
  enableAutoMtls: false
  enableEnvoyAccessLogService: true
  enableTracing: false
  extensionProviders: [{name: otel, opentelemetry: {service: otel.obs.svc.cluster.local, port: 4317}}]
  meshMTLS: {minProtocolVersion: TLSV1_3, cipherSuites: [X]}
  outboundTrafficPolicy: {mode: ALLOW_ANY}
  protocolDetectionTimeout: 100ms
  tlsDefaults: {minProtocolVersion: TLSV1_3, cipherSuites: [X]}
  trustDomain: east.local
  trustDomainAliases: [old.local]
pilot:
  autoscaleEnabled: true
  autoscaleMax: 4
  autoscaleMin: 2
  cpu: {targetAverageUtilization: 70}
  env: {ENABLE_CA_SERVER: "false", PILOT_X: "true", TOKEN_ISSUER: i}
  jwksResolverExtraRootCA: PEM
  keepaliveMaxServerConnectionAge: 30m
  podLabels: {l: x}
  resources: {requests: {memory: 1Gi}}
  tolerations: [{key: infra}]
sidecarInjectorWebhook:
  injectedAnnotations: {k: v}
  neverInjectSelector: [{matchLabels: {a: b}}]
  rewriteAppHTTPProbe: true
telemetry: {enabled: false}
`
	for _, o := range r.Bundle.Objects {
		if o.Kind != "Istio" {
			continue
		}
		got, err := yaml.Marshal(get(o.Tree(), "spec", "values"))
		if err != nil {
			t.Fatal(err)
		}
		var wanted any
		if err := yaml.Unmarshal([]byte(want), &wanted); err != nil {
			t.Fatal(err)
		}
		canonical, err := yaml.Marshal(wanted)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(canonical) {
			t.Errorf("got\n%s\nwant\n%s", got, canonical)
		}
		return
	}
	t.Fatal("no Istio")
}

// migrateSpec migrates a control plane, read from text as a file is.
func migrateSpec(t *testing.T, spec tree) *Result {
	t.Helper()
	data, err := json.Marshal(tree{"apiVersion": "maistra.io/v2", "kind": "ServiceMeshControlPlane", "metadata": tree{"namespace": "istio-system", "name": "basic"}, "spec": spec})
	if err != nil {
		t.Fatal(err)
	}
	return migrateText(t, string(data))
}

func migrateText(t *testing.T, text string) *Result {
	t.Helper()
	b, err := bundle.Read("mesh.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(b, Options{From: target(t, "ossm-2.6"), To: target(t, "ossm-3.4")})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sample is a value of a schema.
func sample(s tree) any {
	switch {
	case s["enum"] != nil:
		return s["enum"].([]any)[0]
	case getMap(s, "properties") != nil:
		all := tree{}
		for key, inner := range getMap(s, "properties") {
			all[key] = sample(inner.(tree))
		}
		return all
	case getMap(s, "additionalProperties") != nil:
		return tree{"any": sample(getMap(s, "additionalProperties"))}
	}
	switch s["type"] {
	case "array":
		return []any{sample(getMap(s, "items"))}
	case "boolean":
		return true
	case "integer", "number":
		return 1
	case "object":
		return tree{"any": "1s"}
	}
	return "1s" // a name, and a duration
}

// leaves are the paths of all values but maps; a list is one value.
func leaves(path []string, v any) [][]string {
	inner, ok := v.(tree)
	if !ok {
		return [][]string{path}
	}
	var all [][]string
	for _, key := range sorted(inner) {
		all = append(all, leaves(append(slices.Clone(path), key), inner[key])...)
	}
	return all
}

// prefixes are a path and all around it but the spec as a whole.
func prefixes(path []string) []string {
	var all []string
	for n := 2; n <= len(path); n++ {
		all = append(all, fieldOf(path[:n]))
	}
	return all
}
