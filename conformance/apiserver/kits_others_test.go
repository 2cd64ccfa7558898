package apiserver

import (
	"maps"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

// TestKitsAmongOthers: what was there before a kit stays, whatever its scripts are told to do, and what others changed is
// told rather than taken over.
func TestKitsAmongOthers(t *testing.T) {
	t.Parallel()
	target := targetOf(t, "ossm-3.4")
	c := newKitCluster(t, newestCluster(t, target), target)
	dir := c.kit(t, "1a", "--mtls")
	theirs := plane.Object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "greetings-client", "labels": map[string]any{"team": "a"}}}
	service := plane.Object{
		"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"namespace": "greetings-client", "name": "rest-client-greeting"},
		"spec": map[string]any{"ports": []any{map[string]any{"port": 80}}},
	}
	secret := plane.Object{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"namespace": "greetings-client", "name": "greeting-client-secret"}, "type": "Opaque",
	}
	create := func(o plane.Object) {
		t.Helper()
		if err := c.Create(o); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(o plane.Object) {
		t.Helper()
		if err := c.Delete(o); err != nil {
			t.Fatal(err)
		}
	}
	oc := func(args ...string) string {
		t.Helper()
		out, _, err := c.Kubectl(args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}

	// Objects of others' are seen before anything is changed.
	create(theirs)
	before := c.all(t)
	create(service)
	empty := c.all(t)
	c.refuses(t, dir, "apply.sh", "what 60-service_greetings-client_rest-client-greeting.yaml makes is there, and not made by this kit")
	if after := c.all(t); !maps.Equal(empty, after) {
		t.Errorf("changed: %s", different(empty, after))
	}
	remove(service)
	create(secret)
	c.refuses(t, dir, "apply.sh", "Secret greetings-client/greeting-client-secret is there, and not made by this kit")
	remove(secret)
	c.must(t, dir, "apply.sh")
	if labels := oc("get", "namespace", "greetings-client", "-o", "jsonpath={.metadata.labels}"); !strings.Contains(labels, `"istio-injection":"enabled"`) || !strings.Contains(labels, `"team":"a"`) {
		t.Errorf("their namespace has the labels %s", labels)
	}

	// What others have set stays theirs, unless it is said.
	entry := []string{"serviceentry", "greeting-remote-com-ext", "-n", "greetings-client"}
	oc(append([]string{"patch", "--type=merge", "--field-manager=somebody", "-p", `{"spec":{"location":"MESH_INTERNAL"}}`}, entry...)...)
	c.refuses(t, dir, "apply.sh", "FORCE=1")
	c.must(t, dir, "apply.sh", "FORCE=1")
	if got := oc(append([]string{"get", "-o", "jsonpath={.spec.location}"}, entry...)...); got != "MESH_EXTERNAL" {
		t.Errorf("after FORCE=1 it is %s", got)
	}

	// Another kit in the same mesh comes and goes.
	applied := c.all(t)
	second := c.kit(t, "1a", "--mtls", "--host", "api.partner.example", "--set", "credentials.secret=partner", "--include", "traffic")
	c.must(t, second, "apply.sh")
	c.must(t, second, "undo.sh")
	if after := c.all(t); !maps.Equal(applied, after) {
		t.Errorf("the second kit leaves %s", different(applied, after))
	}

	// A namespace where others have come to live is left, and told of.
	service["metadata"] = map[string]any{"namespace": "greetings-service", "name": "theirs"}
	create(service)
	c.refuses(t, dir, "undo.sh", "left: Namespace greetings-service, which holds what this kit did not make: Service/theirs")
	remove(service)
	said := c.must(t, dir, "undo.sh")
	if !strings.Contains(said, "left: Namespace greetings-client, which this kit did not make") {
		t.Errorf("it does not say what it leaves:\n%s", said)
	}
	if after := c.all(t); !equalKeys(before, after) {
		t.Errorf("undo.sh leaves %s", different(keys(before), keys(after)))
	}
	if labels := oc("get", "namespace", "greetings-client", "-o", "jsonpath={.metadata.labels}"); labels != `{"kubernetes.io/metadata.name":"greetings-client","team":"a"}` {
		t.Errorf("their namespace is left with the labels %s", labels)
	}

	// Where nobody makes anything ready, WAIT=0 waits for nobody, and says so.
	c.alone()
	c.refuses(t, dir, "apply.sh", "istiocni.sailoperator.io default is not ready", "TIMEOUT=1")
	if said := c.must(t, dir, "apply.sh", "WAIT=0"); !strings.Contains(said, "not waited for: istio.sailoperator.io default (WAIT=0)") {
		t.Errorf("it does not say what it did not wait for:\n%s", said)
	}
	c.must(t, dir, "undo.sh", "WAIT=0")
}
