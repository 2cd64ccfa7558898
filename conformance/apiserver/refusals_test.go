package apiserver

import (
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

// A refusal is a good bundle with one thing made wrong, and the words that must come of it.
type refusal struct {
	name   string
	change func(objects []plane.Object) []plane.Object
	way    way
	want   string // "" when the bundle is good
}

// refusalsOf show that the judge sees what it is for, on the newest target and on the oldest, by their names.
func refusalsOf() map[string][]refusal {
	misspelt := func(objects []plane.Object) []plane.Object {
		spec(objects, "DestinationRule")["trafficPolicy"] = map[string]any{"conectionPool": map[string]any{}}
		return objects
	}
	quantity := func(objects []plane.Object) []plane.Object {
		template := spec(objects, "Deployment")["template"].(map[string]any)
		container := template["spec"].(map[string]any)["containers"].([]any)[0].(map[string]any)
		container["resources"] = map[string]any{"requests": map[string]any{"cpu": "0.05"}}
		return objects
	}
	workloads := func(objects []plane.Object) []plane.Object {
		spec(objects, "DestinationRule")["workloadSelector"] = map[string]any{"matchLabels": map[string]any{"app": "a"}}
		return objects
	}
	newest := []refusal{
		{name: "nothing wrong", way: serverSide},
		{name: "unknown field", way: serverSide, change: misspelt,
			want: ".spec.trafficPolicy.conectionPool: field not declared in schema"},
		{name: "unknown field, by the same request", way: byRequest, change: misspelt,
			want: ".spec.trafficPolicy.conectionPool: field not declared in schema"},
		{name: "unknown field, client-side", way: clientSide, change: misspelt,
			want: `strict decoding error: unknown field "spec.trafficPolicy.conectionPool"`},
		{name: "unknown field, dry run", way: dryRun, change: misspelt,
			want: `ValidationError(DestinationRule.spec.trafficPolicy): unknown field "conectionPool"`},
		{name: "unknown field, only warned of", way: with("--validate=warn"), change: misspelt,
			want: `Warning: unknown field "spec.trafficPolicy.conectionPool"`},
		{name: "field pruned silently", way: with("--validate=ignore"), change: misspelt,
			want: "read back: .spec.trafficPolicy.conectionPool is lost"},
		{name: "enum", way: serverSide, want: `spec.resolution: Unsupported value: "DSN"`,
			change: func(objects []plane.Object) []plane.Object {
				spec(objects, "ServiceEntry")["resolution"] = "DSN"
				return objects
			}},
		{name: "CEL rule", way: serverSide, want: "CIDR addresses are allowed only for NONE/STATIC resolution types",
			change: func(objects []plane.Object) []plane.Object {
				spec(objects, "ServiceEntry")["addresses"] = []any{"10.0.0.0/8"}
				return objects
			}},
		{name: "type", way: serverSide, want: ".spec.replicas: expected numeric",
			change: func(objects []plane.Object) []plane.Object {
				spec(objects, "Deployment")["replicas"] = "two"
				return objects
			}},
		{name: "objects before their namespaces", way: serverSide, want: `namespaces "greetings-client" not found`,
			change: func(objects []plane.Object) []plane.Object {
				slices.SortStableFunc(objects, func(a, b plane.Object) int { return rank(a) - rank(b) })
				return objects
			}},
		{name: "namespace that the bundle does not bring", way: serverSide, want: `namespaces "greetings-client" not found`,
			change: func(objects []plane.Object) []plane.Object {
				return slices.DeleteFunc(objects, func(o plane.Object) bool { return isNamespace(o) && o.Name() == "greetings-client" })
			}},
		{name: "base64", way: serverSide, want: "illegal base64 data",
			change: func(objects []plane.Object) []plane.Object {
				return append(objects, plane.Object{
					"apiVersion": "v1", "kind": "Secret", "data": map[string]any{"tls.crt": "?"},
					"metadata": map[string]any{"name": "a", "namespace": "greetings-client"},
				})
			}},
		{name: "version that is not served", way: serverSide, want: `no matches for kind "ServiceEntry" in version "networking.istio.io/v2"`,
			change: func(objects []plane.Object) []plane.Object {
				first(objects, "ServiceEntry")["apiVersion"] = "networking.istio.io/v2"
				return objects
			}},
		{name: "value that the server writes another way", way: serverSide, change: quantity,
			want: `.spec.template.spec.containers[0].resources.requests.cpu is "50m" instead of "0.05"`},
		{name: "applied again and changed again", way: clientSide, change: quantity,
			want: "applied once more: deployment.apps/istio-egressgateway configured"},
		{name: "field that came with a later Istio, on that Istio", way: serverSide, change: workloads},
	}
	oldest := []refusal{
		{name: "nothing wrong", way: serverSide},
		{name: "field that came with a later Istio", way: serverSide, change: workloads,
			want: ".spec.workloadSelector: field not declared in schema"},
	}
	return map[string][]refusal{targets[len(targets)-1].Name: newest, targets[0].Name: oldest}
}

// refuse tries refusals on a cluster of the target.
func refuse(t *testing.T, p *plane.Plane, target target, refusals []refusal) {
	include := "all"
	if !target.Newest { // whose control plane may have no CRDs here
		include = "traffic"
	}
	good, err := bundle{command: []string{"render", "1b", "--mtls", "--include", include, "--target", target.Name}, target: target}.render()
	if err != nil {
		t.Fatal(err)
	}
	if _, stderr, err := p.Kubectl("version"); err != nil || stderr != "" {
		t.Errorf("oc version: %v %s", err, stderr)
	}
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			faults, err := inEmptyCluster(p, change(t, good, c.change), c.way)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(faults, "\n")
			t.Log(got)
			if !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// with applies in a way that nobody should.
func with(option string) way {
	return func(p *plane.Plane, r rendered) []string {
		return applyAndRead(p, r, option)
	}
}

// change gives a changed copy.
func change(t *testing.T, good rendered, change func([]plane.Object) []plane.Object) rendered {
	t.Helper()
	if change == nil {
		return good
	}
	var r rendered
	for _, o := range good.objects {
		c, err := plane.Decode([]byte(asJSON(o)))
		if err != nil {
			t.Fatal(err)
		}
		r.objects = append(r.objects, c)
	}
	r.objects = change(r.objects)
	r.json = asJSON(map[string]any{"apiVersion": "v1", "kind": "List", "items": r.objects})
	for _, o := range r.objects {
		r.yaml += asJSON(o) + "\n---\n" // JSON is YAML
	}
	return r
}

// first finds the first object of a kind; a bundle without one is a mistake in the test.
func first(objects []plane.Object, kind string) plane.Object {
	return objects[slices.IndexFunc(objects, func(o plane.Object) bool { return o.Kind() == kind })]
}

func spec(objects []plane.Object, kind string) map[string]any {
	return first(objects, kind)["spec"].(map[string]any)
}
