package migrate

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	meshconfig "istio.io/api/mesh/v1alpha1"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// listed are the lines of a file, but for comments.
func listed(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Split(strings.TrimSpace(string(data)), "\n"), func(line string) bool { return strings.HasPrefix(line, "#") })
}

func newestHelm(t *testing.T) mesh.Target {
	t.Helper()
	newest := mesh.Newest()
	return newest[len(newest)-1]
}

// migrateValues migrates what is set, and files.
func migrateValues(t *testing.T, values ...string) (*Result, error) {
	t.Helper()
	var layers []Values
	for _, one := range values {
		read := func() (Values, error) { return SetValues("--set", one, false) }
		if strings.Contains(one, ":") {
			read = func() (Values, error) { return ReadValues("values.yaml", []byte(one)) }
		}
		v, err := read()
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, v)
	}
	return Helm(layers, HelmOptions{To: newestHelm(t), Namespace: "istio-system"})
}

// examplesOf are values of a form.
func examplesOf(f form) []any {
	return map[form][]any{
		anything: {"some"}, onOff: {true, false}, number: {3}, text: {"some"},
		mapping:  {tree{"limits": tree{"cpu": "1"}}},
		sequence: {[]any{tree{"name": "a", "port": 8443, "secretName": "s", "mountPath": "/m", "configMapName": "c"}}},
	}[f]
}

// TestHelmKnowsEveryValue sets every value that the chart of 1.0 had, alone and with all that may be installed: each is told
// of, and what comes out are values that today's charts have, and settings of the mesh that istiod has.
func TestHelmKnowsEveryValue(t *testing.T) {
	charts := listed(t, "testdata/charts.txt")
	all := listed(t, "testdata/istio-1.0-values.txt")
	if len(all) < 260 || len(charts) < 180 {
		t.Fatalf("%d values of the old chart, %d of today's: more are listed", len(all), len(charts))
	}
	for _, path := range all {
		v, err := SetValues("--set", path+"=x", false)
		if err != nil {
			t.Fatal(err)
		}
		keys := onlyPath(v.Tree)
		s, known := findValue(keys)
		for n := len(keys); !known && n > 0; n-- { // some are parts of a map that is taken as it is
			if s, known = findValue(keys[:n]); known && !s.whole {
				known = false
				break
			}
		}
		if !known {
			t.Errorf("%s has no place", path)
			continue
		}
		if len(strings.Split(s.path, ".")) < len(keys) {
			s.is = anything
		}
		for _, value := range examplesOf(s.is) {
			for _, on := range []bool{false, true} {
				tree := nested(keys, value)
				if on {
					for _, chart := range []string{"ingress", "tracing", "gateways.custom-gateway", "gateways.istio-ingressgateway"} {
						if chart+".enabled" != path {
							set(tree, chart+".enabled", true)
						}
					}
				}
				known := Values{tree, map[string]bundle.Position{}}
				r, err := Helm([]Values{known}, HelmOptions{To: newestHelm(t), Namespace: "mesh"})
				if err != nil {
					t.Errorf("%s: %v", path, err)
					continue
				}
				told := slices.ContainsFunc(r.Entries, func(e Entry) bool {
					return e.Field == path || strings.HasPrefix(path, e.Field+".")
				})
				if !told {
					t.Errorf("%s=%v: nothing is told of it", path, value)
				}
				for _, e := range r.Entries {
					if e.Says == "" && e.Became == "" || e.Class == Decide && e.Do == "" {
						t.Errorf("%s=%v: %s of %s says too little: %+v", path, value, e.Class, e.Field, e)
					}
				}
				for _, one := range r.Releases {
					judgeValues(t, path, one, charts)
				}
			}
		}
	}
}

// onlyPath is the path of the one value of a tree.
func onlyPath(t tree) []string {
	for key, value := range t {
		if inner, ok := value.(tree); ok {
			return append([]string{key}, onlyPath(inner)...)
		}
		return []string{key}
	}
	return nil
}

func nested(keys []string, value any) tree {
	for _, key := range slices.Backward(keys) {
		value = tree{key: value}
	}
	return value.(tree)
}

// judgeValues holds the values of a release against those that its chart has.
func judgeValues(t *testing.T, path string, r Release, charts []string) {
	t.Helper()
	var walk func(at string, value any)
	walk = func(at string, value any) {
		inner, isMap := value.(tree)
		switch {
		case at == "meshConfig":
			data, err := json.Marshal(value)
			if err == nil {
				err = protojson.Unmarshal(data, &meshconfig.MeshConfig{})
			}
			if err != nil {
				t.Errorf("%s: %s, meshConfig: %v", path, r.Name, err)
			}
		case slices.Contains(charts, r.Chart+" "+at): // all below is free, or it is a leaf
		case isMap && slices.ContainsFunc(charts, func(c string) bool { return at == "" || strings.HasPrefix(c, r.Chart+" "+at+".") }):
			for key := range inner {
				walk(strings.TrimPrefix(at+"."+key, "."), inner[key])
			}
		case !isMap && freeBelow(at):
		default:
			t.Errorf("%s: release %s: chart %s has no value %s", path, r.Name, r.Chart, at)
		}
	}
	walk("", r.Values)
}

// freeBelow tells of maps for which the charts have entries of their own among which anybody may write others.
func freeBelow(at string) bool {
	return slices.ContainsFunc([]string{"resources.", "global.proxy.resources.", "global.defaultResources."}, func(p string) bool { return strings.HasPrefix(at, p) })
}

// TestHelmSeeds are the commands of the walk on EKS, and what became of each value.
func TestHelmSeeds(t *testing.T) {
	for _, tc := range []struct {
		set    string
		field  string
		class  Class
		became string
		value  string // of istiod, path=value
		object string
	}{
		{"galley.enabled=false", "galley.enabled", Changed, "", "", ""},
		{"sidecarInjectorWebhook.enabled=false", "sidecarInjectorWebhook.enabled", Changed, "istiod, global.proxy.autoInject", "global.proxy.autoInject=disabled", ""},
		{"global.mtls.enabled=true", "global.mtls.enabled", Changed, "PeerAuthentication istio-system/default, spec.mtls.mode: STRICT", "", `{"apiVersion":"security.istio.io/v1","kind":"PeerAuthentication","metadata":{"name":"default","namespace":"istio-system"},"spec":{"mtls":{"mode":"STRICT"}}}`},
		{"global.mtls.enabled=false", "global.mtls.enabled", Changed, "", "", ""},
		{"global.controlPlaneSecurityEnabled=true", "global.controlPlaneSecurityEnabled", Dropped, "", "", ""},
		{"global.proxy.accessLogFile=", "global.proxy.accessLogFile", Mapped, "istiod, meshConfig.accessLogFile", "meshConfig.accessLogFile=", ""},
		{"global.proxy.includeIPRanges=10.0.0.0/8\\,172.16.0.0/12", "global.proxy.includeIPRanges", Mapped, "istiod, global.proxy.includeIPRanges", "global.proxy.includeIPRanges=10.0.0.0/8,172.16.0.0/12", ""},
		{"pilot.env.PILOT_PUSH_THROTTLE_COUNT=50", "pilot.env.PILOT_PUSH_THROTTLE_COUNT", Changed, "istiod, env.PILOT_PUSH_THROTTLE", "env.PILOT_PUSH_THROTTLE=50", ""},
		{"tracing.enabled=true,pilot.traceSampling=10", "pilot.traceSampling", Mapped, "Telemetry istio-system/mesh-default, spec.tracing[0].randomSamplingPercentage", "meshConfig.enableTracing=true", `{"apiVersion":"telemetry.istio.io/v1","kind":"Telemetry","metadata":{"name":"mesh-default","namespace":"istio-system"},"spec":{"tracing":[{"providers":[{"name":"zipkin"}],"randomSamplingPercentage":10}]}}`},
		{"global.proxy.envoyStatsd.enabled=true,global.proxy.envoyStatsd.host=statsd,global.proxy.envoyStatsd.port=9125", "global.proxy.envoyStatsd.enabled", Mapped, "istiod, meshConfig.defaultConfig.statsdUdpAddress", "meshConfig.defaultConfig.statsdUdpAddress=statsd.istio-system:9125", ""},
		{"global.hub=registry.example/istio", "global.hub", Changed, "istiod, global.hub", "global.hub=registry.example/istio", ""},
		{"global.hub=docker.io/istio", "global.hub", Dropped, "", "", ""},
		{"global.proxy.proxyDomain=$(POD_NAMESPACE).svc.corp.example", "global.proxy.proxyDomain", Mapped, "istiod, global.proxy.clusterDomain", "global.proxy.clusterDomain=corp.example", ""},
	} {
		r, err := migrateValues(t, tc.set)
		if err != nil {
			t.Errorf("%s: %v", tc.set, err)
			continue
		}
		i := slices.IndexFunc(r.Entries, func(e Entry) bool { return e.Field == tc.field })
		if i < 0 || r.Entries[i].Class != tc.class || r.Entries[i].Became != tc.became || r.Entries[i].At.String() != "--set" {
			t.Errorf("%s: got %+v", tc.set, r.Entries[max(i, 0)])
		}
		if path, want, ok := strings.Cut(tc.value, "="); ok {
			if got := get(r.Releases[1].Values, strings.Split(path, ".")...); fmt.Sprint(got) != want {
				t.Errorf("%s: istiod has %s: %v", tc.set, path, got)
			}
		}
		var objects string
		for _, o := range r.Bundle.Objects {
			objects += string(o.JSON)
		}
		if objects != tc.object {
			t.Errorf("%s: the objects are %s", tc.set, objects)
		}
	}
}

// TestHelmGateways are installed as the old chart would have, under their names.
func TestHelmGateways(t *testing.T) {
	for _, tc := range []struct{ values, want string }{
		{"gateways.enabled=false", "istio-base istiod"},
		{"gateways.istio-egressgateway.enabled=false", "istio-base istiod istio-ingressgateway:LoadBalancer/15021,80,443,31400"},
		{"gateways: {istio-egressgateway: {enabled: false}, own: {enabled: true, namespace: edge, type: NodePort, ports: [{name: tls, port: 8443, nodePort: 30443}, {name: pilot, port: 15011}]}}",
			"istio-base istiod istio-ingressgateway:LoadBalancer/15021,80,443,31400 edge/own:NodePort/15021,8443"},
		{"gateways.enabled=false,ingress.enabled=true", "istio-base istiod istio-ingress:LoadBalancer/15021,80,443"},
		{"gateways.istio-ilbgateway.enabled=true,gateways.istio-ingressgateway.enabled=false", "istio-base istiod istio-egressgateway:ClusterIP/15021,80,443"},
	} {
		r, err := migrateValues(t, tc.values)
		if err != nil {
			t.Errorf("%s: %v", tc.values, err)
			continue
		}
		var got []string
		for _, one := range r.Releases {
			name := one.Name
			if one.Namespace != "istio-system" {
				name = one.Namespace + "/" + name
			}
			if service, ok := one.Values["service"].(tree); ok {
				var ports []string
				for _, p := range service["ports"].([]any) {
					ports = append(ports, fmt.Sprint(p.(tree)["port"]))
				}
				name += fmt.Sprintf(":%v/%s", service["type"], strings.Join(ports, ","))
			}
			got = append(got, name)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.values, strings.Join(got, " "), tc.want)
		}
	}
}

// TestHelmAmounts are text, which is all that the schema of chart gateway takes.
func TestHelmAmounts(t *testing.T) {
	r, err := migrateValues(t, "gateways.istio-ingressgateway.resources.limits.cpu=2,gateways.istio-ingressgateway.loadBalancerIP=null")
	if err != nil {
		t.Fatal(err)
	}
	gateway := r.Releases[3].Values
	if got := get(gateway, "resources", "limits", "cpu"); got != "2" {
		t.Errorf("limits.cpu is %#v", got)
	}
	if _, written := getMap(gateway, "service")["loadBalancerIP"]; written {
		t.Error("what was taken away is written")
	}
}

// TestSetValuesRefuses what Helm passes over: a value without a key.
func TestSetValuesRefuses(t *testing.T) {
	if _, err := SetValues("--set", "=80", false); err == nil || err.Error() != "--set =80: it sets nothing: write KEY=VALUE" {
		t.Errorf("got %v", err)
	}
}

// TestHelmRefuses what the old chart did not know or took for another thing.
func TestHelmRefuses(t *testing.T) {
	for values, want := range map[string]string{
		"global: {mtls: {enable: true}}":                       "values.yaml:1:17: global.mtls.enable: the chart of Istio 1.0 has no such value; did you mean global.mtls.enabled?",
		"global.mtls.enabled=yes":                              "--set: global.mtls.enabled: \"yes\" is not true or false; any text but an empty one was true for the old chart: write the word without quotes, and give it to --set",
		"gateways.istio-ingressgateway.loadBalancerIp=1.2.3.4": "--set: gateways.istio-ingressgateway.loadBalancerIp: the chart of Istio 1.0 has no such value; did you mean gateways.istio-ingressgateway.loadBalancerIP?",
		"entirely.other=1":                                     "--set: entirely: the chart of Istio 1.0 has no such value",
		"global=1":                                             "--set: global: the chart of Istio 1.0 has no such value",
		"pilot.replicaCount=many":                              `--set: pilot.replicaCount: "many" is not a number`,
		"gateways.istio-ingressgateway.ports={80}":             "--set: gateways.istio-ingressgateway.ports: 80 is not a map with port and name",
	} {
		if _, err := migrateValues(t, values); err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", values, err, want)
		}
	}
}
