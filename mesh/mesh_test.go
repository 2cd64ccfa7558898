package mesh

import (
	"strings"
	"testing"
)

// TestGateTable: every gate once, with a sentence and a source.
func TestGateTable(t *testing.T) {
	seen := map[Gate]bool{}
	for _, row := range GateTable {
		if seen[row.Gate] {
			t.Errorf("%s: two rows", row.Gate)
		}
		seen[row.Gate] = true
		if row.Says == "" || row.Source == "" {
			t.Errorf("%s: no sentence or no source", row.Gate)
		}
		if row.istio == (minors{}) && row.maistra == nil {
			t.Errorf("%s: open nowhere", row.Gate)
		}
	}
	for _, target := range Targets {
		if facts := target.Facts()["gates"].(map[string]any); len(facts) != len(GateTable) {
			t.Errorf("%s: %d gates among the facts, want %d", target.Name, len(facts), len(GateTable))
		}
	}
}

// TestGates pins the verdicts on the versions at each edge.
func TestGates(t *testing.T) {
	for _, tc := range []struct {
		gate        Gate
		open, close string // targets, separated by spaces
	}{
		{DRCredentialOnSidecar, "ossm-2.3 ossm-2.6 ossm-3.0 istio-1.24", "ossm-2.1 ossm-2.2"},
		{VerifyByDefault, "ossm-3.0 istio-1.31", "ossm-2.6"},
		{NetworkingV1, "ossm-3.0 istio-1.24", "ossm-2.1 ossm-2.6"},
		{SniffOutbound, "ossm-2.6 ossm-3.0 istio-1.24", "ossm-2.1 ossm-2.5"},
		{CAOnlySecretNoRBAC, "ossm-3.1 istio-1.25", "ossm-2.6 ossm-3.0 istio-1.24"},
		{FederationCRs, "ossm-2.1 ossm-2.6", "ossm-3.0 istio-1.31"},
		{PodInjectionLabel, "ossm-2.2 ossm-2.6", "ossm-2.1"},
		{DynamicDNSOnSidecar, "ossm-3.4 istio-1.31", "ossm-3.3 istio-1.29"},
		{AutoSNIBeforeRewrite, "", "ossm-2.6 ossm-3.0 istio-1.31"},
		{RelativeWeights, "ossm-2.4 istio-1.24", "ossm-2.3"},
		{SystemCA, "ossm-2.2 ossm-3.4", "ossm-2.1"},
	} {
		for want, names := range map[bool]string{true: tc.open, false: tc.close} {
			for _, name := range strings.Fields(names) {
				target, ok := Lookup(name)
				if !ok {
					t.Fatalf("no target %s", name)
				}
				if got := target.Has(tc.gate); got != want {
					t.Errorf("%s on %s: %v, want %v", tc.gate, name, got, want)
				}
			}
		}
	}
}

func TestTargets(t *testing.T) {
	if len(Targets) != 19 {
		t.Errorf("%d targets, want 6 + 5 + 8", len(Targets))
	}
	if _, ok := Lookup(Default); !ok {
		t.Errorf("the default target %s does not exist", Default)
	}
	for name, want := range map[string]string{"ossm-2.4": "*.local", "ossm-2.5": "*.cluster.local", "ossm-3.0": "", "istio-1.31": ""} {
		if target, _ := Lookup(name); target.MeshWideMTLSHost() != want {
			t.Errorf("%s: mesh-wide host %q, want %q", name, target.MeshWideMTLSHost(), want)
		}
	}
	for want, names := range map[string]string{
		"every target":                    strings.Join(Names(), " "),
		"ossm-2.1 … ossm-2.3, istio-1.31": "ossm-2.1 ossm-2.2 ossm-2.3 istio-1.31",
		"ossm-2.6, ossm-3.0 … ossm-3.1":   "ossm-3.1 ossm-3.0 ossm-2.6",
		"ossm-2.2, ossm-2.4, istio-1.24":  "ossm-2.2 ossm-2.4 istio-1.24",
	} {
		if got := Ranges(strings.Fields(names)); got != want {
			t.Errorf("Ranges(%s) = %q, want %q", names, got, want)
		}
	}
}
