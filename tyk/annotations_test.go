package tyk

import "testing"

// TestEnabled is the table of what the injector takes for yes: held against mutationRequired of tyk-k8s, c3e3095.
func TestEnabled(t *testing.T) {
	for _, yes := range []string{"y", "yes", "true", "on", "Y", "YES", "True", "oN"} {
		if !Enabled(map[string]string{InjectKey: yes}) {
			t.Errorf("inject: %q is yes", yes)
		}
	}
	for _, no := range []string{"", "n", "no", "false", "off", "1", "t", "enabled", " true", "true ", "yes,"} {
		if Enabled(map[string]string{InjectKey: no}) {
			t.Errorf("inject: %q is no", no)
		}
	}
	for status, want := range map[string]bool{"injected": false, "Injected": false, "": true, "injected ": true, "pending": true} {
		if got := Enabled(map[string]string{InjectKey: "true", StatusKey: status}); got != want {
			t.Errorf("status: %q: %t", status, got)
		}
	}
	if Enabled(nil) {
		t.Error("no annotations")
	}
	for namespace, want := range map[string]bool{"kube-system": false, "kube-public": false, "kube-node-lease": true, "default": true, "": true} {
		if got := Meshed(namespace, map[string]string{InjectKey: "on"}); got != want {
			t.Errorf("namespace %q: %t", namespace, got)
		}
	}
}
